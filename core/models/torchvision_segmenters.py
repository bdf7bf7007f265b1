"""torchvision's networks for segmentation, for its weights: FCN and DeepLabv3 on ResNet-50, DeepLabv3 and LR-ASPP on
MobileNetV3-Large.

Sources: Long, Shelhamer, Darrell, "Fully Convolutional Networks for Semantic Segmentation" (CVPR 2015); Chen et al.,
"Rethinking Atrous Convolution for Semantic Image Segmentation" (2017); Howard et al., "Searching for MobileNetV3"
(ICCV 2019), section 6.4.

The layers are torchvision's, key for key, without the auxiliary classifier, which serves training only. Departures from
the papers:

* FCN: ResNet-50 with its last two stages dilated, and no finer map is scored. Its head is a 3x3 and a 1x1 convolution.
* DeepLabv3: the first block of a dilated stage keeps the rate of the stage before; no multi-grid; one more 3x3
  convolution behind ASPP. The rates are 12, 24, 36, which the paper has at output stride 8, on MobileNetV3 too, where
  the output stride is 16.
* LR-ASPP: the attention is the mean over the whole map, not over windows of 49 x 49 cells.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

import core.models.torchvision_compat  # noqa: F401  (before torchvision, beside a CPU-only torch)
from core.models.shared import VOC_CLASSES

from torchvision.models import segmentation as _theirs  # isort: skip


class TorchvisionSegmenter(nn.Module):
    """A network of torchvision's that answers with logits and not with a dictionary of them.

    Args:
        network: torchvision's ``FCN``, ``DeepLabV3`` or ``LRASPP``; its parts become this one's, with their keys.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.backbone: nn.Module = network.backbone  # type: ignore[assignment]
        self.classifier: nn.Module = network.classifier  # type: ignore[assignment]

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) normalised, any H and W -> (B, classes, H, W) logits."""
        maps = self.backbone(x)  # "out": (B, C, H/8, W/8) or /16; of LR-ASPP "low": (B, 40, H/8, W/8), "high": /16
        scores = self.classifier(maps.get("out", maps))  # (B, classes, H/8, W/8) or /16
        return F.interpolate(scores, size=x.shape[-2:], mode="bilinear", align_corners=False)  # (B, classes, H, W)


def _without_weights(name: str, classes: int) -> TorchvisionSegmenter:
    return TorchvisionSegmenter(getattr(_theirs, name)(weights=None, weights_backbone=None, num_classes=classes))


def fcn_resnet50(classes: int = VOC_CLASSES) -> TorchvisionSegmenter:
    """FCN on a dilated ResNet-50, output stride 8: 32,957,013 parameters."""
    return _without_weights("fcn_resnet50", classes)


def deeplabv3_resnet50(classes: int = VOC_CLASSES) -> TorchvisionSegmenter:
    """DeepLabv3 on a dilated ResNet-50, output stride 8: 39,638,869 parameters."""
    return _without_weights("deeplabv3_resnet50", classes)


def deeplabv3_mobilenetv3(classes: int = VOC_CLASSES) -> TorchvisionSegmenter:
    """DeepLabv3 on a dilated MobileNetV3-Large, output stride 16: 11,025,477 parameters."""
    return _without_weights("deeplabv3_mobilenet_v3_large", classes)


def lraspp_mobilenetv3(classes: int = VOC_CLASSES) -> TorchvisionSegmenter:
    """LR-ASPP on a dilated MobileNetV3-Large, output stride 16: 3,221,538 parameters."""
    return _without_weights("lraspp_mobilenet_v3_large", classes)
