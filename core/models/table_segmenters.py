"""The segmenters whose weights are bundled: rows of :mod:`core.models.table`. Does not import torch."""

from __future__ import annotations

from functools import partial

from core.errors import N_
from core.models.entry import MOBILENETV2, ModelSpec

_UNET = "Ronneberger, Fischer, Brox: U-Net: Convolutional Networks for Biomedical Image Segmentation (MICCAI 2015)"
_DECONVNET = "Noh, Hong, Han: Learning Deconvolution Network for Semantic Segmentation (ICCV 2015)"
_FCN = "Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation (CVPR 2015)"
_PSPNET = "Zhao, Shi, Qi, Wang, Jia: Pyramid Scene Parsing Network (CVPR 2017)"
_DEEPLABV3 = "Chen et al.: Rethinking Atrous Convolution for Semantic Image Segmentation (2017)"
_DEEPLABV3PLUS = (
    "Chen et al.: Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation (ECCV 2018)"
)
_FCN_DEPARTURES = (
    N_("MobileNetV2 instead of VGG16; fc6 keeps its 7x7 window, depthwise separable, and 512 maps instead of 4096."),
    N_("Sides are 32 n + 1, so nothing is padded by 100 pixels and nothing is cropped."),
    N_("The last enlargement is bilinear interpolation, not a transposed convolution that computes the same."),
)
_DEEPLAB_RATES = N_(
    "Atrous rates 4, 8, 12 instead of 6, 12, 18, because the shorter side is 321 pixels instead of 513."
)


_on_mobilenetv2 = partial(
    ModelSpec, kind="segmenter", labels="voc-21", encoder="mobilenetv2", preprocessing=MOBILENETV2
)
"""A network of VOC's classes on the shared encoder."""

SEGMENTERS: tuple[ModelSpec, ...] = (
    _on_mobilenetv2(
        name="fcn32s",
        title="FCN-32s",
        paper=_FCN,
        builder="core.models.fcn:fcn32s",
        output_stride=32,
        departures=_FCN_DEPARTURES,
    ),
    _on_mobilenetv2(
        name="fcn16s",
        title="FCN-16s",
        paper=_FCN,
        builder="core.models.fcn:fcn16s",
        output_stride=16,
        departures=_FCN_DEPARTURES,
    ),
    _on_mobilenetv2(
        name="fcn8s",
        title="FCN-8s",
        paper=_FCN,
        builder="core.models.fcn:fcn8s",
        output_stride=8,
        departures=_FCN_DEPARTURES,
    ),
    _on_mobilenetv2(
        name="pspnet",
        title="PSPNet",
        paper=_PSPNET,
        builder="core.models.pspnet:pspnet",
        output_stride=16,
        departures=(
            N_("MobileNetV2 at output stride 16 instead of a dilated ResNet at 8."),
            N_("128 filters behind the pyramid instead of 512, and no auxiliary loss."),
        ),
    ),
    _on_mobilenetv2(
        name="deeplabv3",
        title="DeepLabv3",
        paper=_DEEPLABV3,
        builder="core.models.deeplab:deeplabv3",
        output_stride=16,
        departures=(
            N_("MobileNetV2 instead of ResNet, and 128 filters instead of 256."),
            _DEEPLAB_RATES,
            N_("The 3x3 convolutions are depthwise separable."),
            N_("No multi-grid: the encoder’s last blocks have one rate."),
        ),
    ),
    _on_mobilenetv2(
        name="deeplabv3plus",
        title="DeepLabv3+",
        paper=_DEEPLABV3PLUS,
        builder="core.models.deeplab:deeplabv3plus",
        output_stride=16,
        departures=(
            N_("MobileNetV2 instead of ResNet or Xception, and 128 filters instead of 256."),
            _DEEPLAB_RATES,
        ),
    ),
    ModelSpec(
        name="unet",
        title="U-Net",
        paper=_UNET,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.unet:unet_photos",
        output_stride=1,
        input_side=128,
        short_side=128,  # its receptive field then covers a whole animal
        departures=(
            N_("A quarter of the width: 16 to 256 maps instead of 64 to 1024."),
            N_("Padded convolutions, so that the answer has the size of the picture."),
            N_("Batch normalisation; three colour channels and 21 classes."),
        ),
    ),
    ModelSpec(
        name="unet-em",
        title=N_("U-Net, unpadded (membranes)"),
        paper=_UNET,
        kind="segmenter",
        labels="em",
        builder="core.models.unet:unet_em",
        output_stride=1,
        input_side=572,  # 572 -> 388: core.passes.tiling brings any picture through it
        departures=(N_("A quarter of the width: 16 to 256 maps instead of 64 to 1024."),),
    ),
    ModelSpec(
        name="unet-nuclei",
        title=N_("U-Net, unpadded (nuclei)"),
        paper=_UNET,
        kind="segmenter",
        labels="nuclei",
        builder="core.models.unet:unet_nuclei",
        output_stride=1,
        input_side=444,  # 444 -> 260
        short_side=256,
        departures=(
            N_("A quarter of the width: 16 to 256 maps instead of 64 to 1024."),
            N_("Batch normalisation, and three colour channels."),
            N_(
                "Three classes instead of two: background, rim and core of a nucleus. Nuclei that touch share no gap "
                "to be learned, but their cores stay apart."
            ),
        ),
    ),
    _on_mobilenetv2(
        name="unet-mobilenetv2",
        title=N_("U-Net on MobileNetV2"),
        paper=_UNET,
        builder="core.models.unet:unet_mobilenetv2",
        output_stride=2,
        departures=(
            N_("The path down is MobileNetV2."),
            N_("Padded convolutions and batch normalisation."),
            N_("The last doubling, from half the picture's resolution, is bilinear."),
        ),
    ),
    ModelSpec(
        name="deconvnet",
        title="DeconvNet",
        paper=_DECONVNET,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.deconvnet:deconvnet_slim",
        output_stride=1,
        short_side=224,
        widest=1,  # fc6 sees one square of 224: the whole photo has to lie in it
        departures=(
            N_("8 to 144 maps instead of 64 to 512, and 160 instead of 4096 in the middle."),
            N_("Sees the whole picture once instead of fifty object proposals."),
        ),
    ),
    _on_mobilenetv2(
        name="deconvnet-mobilenetv2",
        title=N_("DeconvNet on MobileNetV2"),
        paper=_DECONVNET,
        builder="core.models.deconvnet:deconvnet_mobilenetv2",
        output_stride=2,
        departures=(
            N_("The path down is MobileNetV2, whose maps are max-pooled for their switches only."),
            N_("Two 3x3 convolutions at stride 32 in the middle, which see no whole picture."),
            N_("Two deconvolutions at each level, and a last doubling that is bilinear."),
        ),
    ),
    _on_mobilenetv2(
        name="deeplabv3-released",
        title=N_("DeepLabv3, as released"),
        paper=_DEEPLABV3,
        builder="core.models.deeplab:deeplabv3_released",
        output_stride=16,
        released="the DeepLab authors",
        departures=(
            N_("The authors' own mobile setting: MobileNetV2, and image pooling beside a 1x1 convolution only."),
            N_("Not trained here: its authors trained encoder and head on ImageNet, MS-COCO and VOC."),
        ),
    ),
)
"""In the order of the chapter."""
