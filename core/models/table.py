"""The networks, one entry each; :mod:`core.models.registry` looks them up.

This file is a table. It does not import torch, so a page can list the networks before torch is there.
"""

from __future__ import annotations

from core.errors import N_
from core.models.entry import IMAGENET, MOBILENETV2, ModelSpec, Preprocessing
from core.models.table_torchvision import TORCHVISION

_ALEXNET = "Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks (NIPS 2012)"
_VGG = "Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition (ICLR 2015)"
_GOOGLENET = "Szegedy et al.: Going Deeper with Convolutions (CVPR 2015)"
_EFFICIENTNET = "Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (ICML 2019)"

_UNET = "Ronneberger, Fischer, Brox: U-Net: Convolutional Networks for Biomedical Image Segmentation (MICCAI 2015)"
_DECONVNET = "Noh, Hong, Han: Learning Deconvolution Network for Semantic Segmentation (ICCV 2015)"

_CIRESAN = "Ciresan et al.: Deep Neural Networks Segment Neuronal Membranes in Electron Microscopy Images (NIPS 2012)"

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
_DEEPLAB_DEPARTURES = (
    N_("MobileNetV2 instead of ResNet or Xception, and 128 filters instead of 256."),
    N_("Atrous rates 4, 8, 12 instead of 6, 12, 18, because the shorter side is 321 pixels instead of 513."),
    N_("The 3x3 convolutions are depthwise separable."),
)

_NETWORKS: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="efficientnet-lite0",
        title="EfficientNet-Lite0",
        paper=_EFFICIENTNET,
        kind="classifier",
        labels="imagenet-1k",
        builder="core.models.efficientnet:efficientnet_lite0",
        weights="package",
        departures=(
            N_("The authors' Lite variant: no squeeze-and-excitation, ReLU6 instead of Swish."),
            N_("No stochastic depth."),
        ),
    ),
    ModelSpec(
        name="googlenet",
        title="GoogLeNet",
        paper=_GOOGLENET,
        kind="classifier",
        labels="imagenet-1k",
        builder="core.models.googlenet:googlenet",
        preprocessing=Preprocessing((123.0, 117.0, 104.0), (1.0,) * 3),  # Caffe's: the mean goes, the scale stays
        released="BVLC (S. Guadarrama)",
        departures=(
            N_("Built without the two auxiliary classifiers, which serve training only."),
            N_("Trained by BVLC without the paper's changes of a picture's scale, proportions and lighting."),
        ),
    ),
    ModelSpec(
        name="alexnet",
        title="AlexNet",
        paper=_ALEXNET,
        kind="classifier",
        labels="imagenet-1k",
        builder="core.models.classifiers:alexnet",
        preprocessing=IMAGENET,
        weights="torchvision",
        download_mb=233,
        departures=(
            N_("One tower of 64, 192, 384, 256 and 256 maps without groups, as in the authors' 2014 report."),
            N_("No local response normalisation."),
        ),
    ),
    ModelSpec(
        name="vgg16",
        title="VGG16",
        paper=_VGG,
        kind="classifier",
        labels="imagenet-1k",
        builder="core.models.classifiers:vgg16",
        preprocessing=IMAGENET,
        weights="torchvision",
        download_mb=528,
    ),
    ModelSpec(
        name="fcn32s",
        title="FCN-32s",
        paper=_FCN,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.fcn:fcn32s",
        output_stride=32,
        encoder="mobilenetv2",
        preprocessing=MOBILENETV2,
        departures=_FCN_DEPARTURES,
    ),
    ModelSpec(
        name="fcn16s",
        title="FCN-16s",
        paper=_FCN,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.fcn:fcn16s",
        output_stride=16,
        encoder="mobilenetv2",
        preprocessing=MOBILENETV2,
        departures=_FCN_DEPARTURES,
    ),
    ModelSpec(
        name="fcn8s",
        title="FCN-8s",
        paper=_FCN,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.fcn:fcn8s",
        output_stride=8,
        encoder="mobilenetv2",
        preprocessing=MOBILENETV2,
        departures=_FCN_DEPARTURES,
    ),
    ModelSpec(
        name="pspnet",
        title="PSPNet",
        paper=_PSPNET,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.pspnet:pspnet",
        output_stride=16,
        encoder="mobilenetv2",
        preprocessing=MOBILENETV2,
        departures=(
            N_("MobileNetV2 at output stride 16 instead of a dilated ResNet at 8."),
            N_("128 filters behind the pyramid instead of 512, and no auxiliary loss."),
        ),
    ),
    ModelSpec(
        name="deeplabv3",
        title="DeepLabv3",
        paper=_DEEPLABV3,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.deeplab:deeplabv3",
        output_stride=16,
        encoder="mobilenetv2",
        preprocessing=MOBILENETV2,
        departures=_DEEPLAB_DEPARTURES,
    ),
    ModelSpec(
        name="deeplabv3plus",
        title="DeepLabv3+",
        paper=_DEEPLABV3PLUS,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.deeplab:deeplabv3plus",
        output_stride=16,
        encoder="mobilenetv2",
        preprocessing=MOBILENETV2,
        departures=_DEEPLAB_DEPARTURES,
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
    ModelSpec(
        name="unet-mobilenetv2",
        title=N_("U-Net on MobileNetV2"),
        paper=_UNET,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.unet:unet_mobilenetv2",
        output_stride=2,
        encoder="mobilenetv2",
        preprocessing=MOBILENETV2,
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
    ModelSpec(
        name="deconvnet-mobilenetv2",
        title=N_("DeconvNet on MobileNetV2"),
        paper=_DECONVNET,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.deconvnet:deconvnet_mobilenetv2",
        output_stride=2,
        encoder="mobilenetv2",
        preprocessing=MOBILENETV2,
        departures=(
            N_("The path down is MobileNetV2, whose maps are max-pooled for their switches only."),
            N_("Two 3x3 convolutions at stride 32 in the middle, which see no whole picture."),
            N_("Two deconvolutions at each level, and a last doubling that is bilinear."),
        ),
    ),
    ModelSpec(
        name="deeplabv3-released",
        title=N_("DeepLabv3, as released"),
        paper=_DEEPLABV3,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.deeplab:deeplabv3_released",
        output_stride=16,
        encoder="mobilenetv2",
        preprocessing=MOBILENETV2,
        released="the DeepLab authors",
        departures=(
            N_("The authors' own mobile setting: MobileNetV2, and image pooling beside a 1x1 convolution only."),
            N_("Not trained here: its authors trained encoder and head on ImageNet, MS-COCO and VOC."),
        ),
    ),
    ModelSpec(
        name="alexnet-slim",
        title=N_("AlexNet, slim"),
        paper=_ALEXNET,
        kind="classifier",
        labels="voc-21",
        builder="core.models.classifiers:alexnet_slim",
        departures=(
            N_("Half the maps, and 384 instead of 4096 values in the fully connected layers."),
            N_("Batch normalisation instead of local response normalisation, and no groups."),
        ),
    ),
    ModelSpec(
        name="vgg16-slim",
        title=N_("VGG16, slim"),
        paper=_VGG,
        kind="classifier",
        labels="voc-21",
        builder="core.models.classifiers:vgg16_slim",
        departures=(
            N_("8 to 144 maps instead of 64 to 512, and 256 instead of 4096 values in the fully connected layers."),
            N_("Batch normalisation."),
        ),
    ),
)

_PATCHES = tuple(
    ModelSpec(
        name=f"patch-{size}",
        title=title,
        paper=_CIRESAN,
        kind="patch",
        labels="voc-21",
        builder="core.models.patches:patch_net",
        options={"size": size},
        output_stride=stride,
        input_side=256,
        encoder="lite0",
        departures=(
            N_("The first blocks of EfficientNet-Lite0, and a head of two 1x1 convolutions."),
            N_("Read at every place in one pass; the windows lie as far apart as the output stride."),
        ),
    )
    for size, stride, title in (
        (35, 8, N_("Patch classifier, 35 pixels")),
        (67, 8, N_("Patch classifier, 67 pixels")),
        (115, 16, N_("Patch classifier, 115 pixels")),
        (211, 16, N_("Patch classifier, 211 pixels")),
    )
)

TABLE: tuple[ModelSpec, ...] = (*_NETWORKS, *_PATCHES, *TORCHVISION)
"""All of them, in the order in which they are listed."""
