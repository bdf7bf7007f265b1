"""PSPNet: what is here depends on what surrounds it, so every position sees means over quarters, ninths and the whole.

Source: Zhao, Shi, Qi, Wang, Jia, "Pyramid Scene Parsing Network" (CVPR 2017).

Departures of the network on the shared encoder (:func:`pspnet`):

* MobileNetV2 at output stride 16 instead of a dilated ResNet at 8, so 320 channels reach the pyramid, a quarter
  of which (80) is kept at each of the four bin sizes, and the mixing convolution has 128 filters instead of 512.
* No auxiliary loss: the other networks that are trained beside it on the same encoder do its work.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.models.mobilenetv2 import PYRAMID_CHANNELS
from core.models.shared import VOC_CLASSES, ConvNormReLU, EncoderDecoder, resize

BINS = (1, 2, 3, 6)
LITE_FILTERS = 128


class PyramidPooling(nn.Module):
    """The map beside its own averages over 1x1, 2x2, 3x3 and 6x6 parts, each reduced and enlarged again.

    Args:
        inputs: channels of the map; each of the four levels keeps a quarter of them.
        bins: parts per side at each level.
    """

    def __init__(self, inputs: int, bins: tuple[int, ...] = BINS) -> None:
        super().__init__()
        self.levels = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(side), ConvNormReLU(inputs, inputs // len(bins), 1)) for side in bins
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, 2C, H, W): the map itself, then the levels from coarse to fine."""
        levels = [resize(level(x), x) for level in self.levels]  # (B, C/4, side, side) each -> (B, C/4, H, W)
        return torch.cat([x, *levels], dim=1)  # (B, 2C, H, W)


class PSPDecoder(nn.Module):
    """Pyramid pooling, one 3x3 convolution that mixes the levels, dropout, and a 1x1 classifier.

    Args:
        inputs: channels of the last map.
        filters: channels of the mixing convolution.
        classes: channels of the result.
    """

    def __init__(self, inputs: int, filters: int, classes: int) -> None:
        super().__init__()
        self.pool = PyramidPooling(inputs)
        self.mix = ConvNormReLU(2 * inputs, filters, 3)
        self.dropout = nn.Dropout2d(0.1)
        self.classifier = nn.Conv2d(filters, classes, 1)

    def forward(self, pyramid: list[Tensor]) -> Tensor:
        """Pyramid -> (B, classes, H/os, W/os)."""
        x = self.pool(pyramid[-1])  # (B, 2 inputs, H/os, W/os)
        x = self.dropout(self.mix(x))  # (B, filters, H/os, W/os)
        return self.classifier(x)  # (B, classes, H/os, W/os)


def pspnet(output_stride: int = 16, classes: int = VOC_CLASSES) -> EncoderDecoder:
    """PSPNet on the shared encoder."""
    return EncoderDecoder(PSPDecoder(PYRAMID_CHANNELS[-1], LITE_FILTERS, classes), output_stride)
