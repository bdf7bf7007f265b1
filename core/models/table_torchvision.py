"""The segmenters whose weights torchvision offers: rows of :mod:`core.models.table`. Does not import torch.

All four see a photo as torchvision's evaluation does, the shorter side at 520 pixels: it is the middle of the scales of
their training (half to twice that, in crops of 480), and the only side at which the figures that torchvision states for
the weights hold. A photo more than twice as wide as high is made smaller than that: with 520 x 1040 pixels DeepLabv3 on
ResNet-50 brings a process to a gigabyte already.
"""

from __future__ import annotations

from core.errors import N_
from core.models.entry import IMAGENET, ModelSpec

_FCN = "Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation (CVPR 2015)"
_DEEPLABV3 = "Chen et al.: Rethinking Atrous Convolution for Semantic Image Segmentation (2017)"
_MOBILENETV3 = "Howard et al.: Searching for MobileNetV3 (ICCV 2019)"
_EXTRA = N_("One more 3x3 convolution behind ASPP, and no multi-grid.")
_COCO = N_("Trained by torchvision on COCO's pictures of VOC's classes.")


def _entry(
    name: str, title: str, paper: str, function: str, stride: int, megabytes: int, *departures: str
) -> ModelSpec:
    return ModelSpec(
        name=name,
        title=title,
        paper=paper,
        kind="segmenter",
        labels="voc-21",
        builder=f"core.models.torchvision_segmenters:{function}",
        output_stride=stride,
        input_side=480,
        short_side=520,
        widest=2.0,
        preprocessing=IMAGENET,
        weights="torchvision",
        download_mb=megabytes,
        departures=(*departures, _COCO),
    )


TORCHVISION: tuple[ModelSpec, ...] = (
    _entry(
        "fcn-resnet50", N_("FCN on ResNet-50"), _FCN, "fcn_resnet50", 8, 135,
        N_("A dilated ResNet-50 at output stride 8 instead of VGG16 at 32, and no finer map is scored."),
        N_("A head of a 3x3 and a 1x1 convolution."),
    ),
    _entry(
        "deeplabv3-resnet50", N_("DeepLabv3 on ResNet-50"), _DEEPLABV3, "deeplabv3_resnet50", 8, 161,
        _EXTRA,
    ),
    _entry(
        "deeplabv3-mobilenetv3", N_("DeepLabv3 on MobileNetV3"), _DEEPLABV3, "deeplabv3_mobilenetv3", 16, 42,
        N_("MobileNetV3-Large instead of ResNet."),
        N_("Atrous rates 12, 24, 36 at output stride 16, where the paper has 6, 12, 18."),
        _EXTRA,
    ),
    _entry(
        "lraspp-mobilenetv3", N_("LR-ASPP on MobileNetV3"), _MOBILENETV3, "lraspp_mobilenetv3", 16, 12,
        N_("The attention is the mean over the whole map, not over windows of 49 x 49 cells."),
    ),
)  # fmt: skip
"""In the order in which a page offers them."""
