"""DeepLabv3 and DeepLabv3+: atrous convolution, atrous spatial pyramid pooling (ASPP), and a small decoder.

Sources: Chen, Papandreou, Schroff, Adam, "Rethinking Atrous Convolution for Semantic Image Segmentation" (2017), and
Chen, Zhu, Papandreou, Schroff, Adam, "Encoder-Decoder with Atrous Separable Convolution for Semantic Image
Segmentation" (ECCV 2018).

Departures of the networks on the shared encoder (:func:`deeplabv3`, :func:`deeplabv3plus`):

* MobileNetV2 instead of ResNet-101 or Xception, so 320 channels reach ASPP and not 2048; 128 filters, not 256.
* Rates 4, 8, 12 at output stride 16 instead of 6, 12, 18: the papers crop 513 pixels, which are 33 cells, here the
  shorter side is 321, which are 21. At rate 18 only 1.7 of nine taps would meet those on average; at rate 12 3.4 do, as
  many as at rate 18 on the papers' map.
* The 3x3 convolutions are depthwise separable (in v3+ that is the paper's own option).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.models.mobilenetv2 import PYRAMID_CHANNELS
from core.models.shared import VOC_CLASSES, ConvNormReLU, EncoderDecoder, resize

LITE_FILTERS = 128
LITE_RATES = (4, 8, 12)  # at output stride 16
LOW_LEVEL_CHANNELS = 48


class ImagePooling(nn.Module):
    """The fifth branch of ASPP: the mean of the whole map, one 1x1 convolution, spread over all positions again."""

    def __init__(self, inputs: int, filters: int) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.reduce = ConvNormReLU(inputs, filters, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, filters, H, W), constant over positions."""
        pooled: Tensor = self.reduce(self.pool(x))  # (B, filters, 1, 1)
        return pooled.expand(-1, -1, *x.shape[-2:])  # (B, filters, H, W)


class ASPP(nn.Module):
    """The same map seen at several atrous rates at once, concatenated and mixed by a 1x1 convolution.

    Args:
        inputs: channels of the map.
        filters: channels of each of the five branches and of the result.
        rates: atrous rates of the three 3x3 branches, in cells of the map.
        separable: whether those are depthwise separable.
        dropout: share of channels dropped after the mixing convolution.
    """

    def __init__(
        self, inputs: int, filters: int, rates: tuple[int, ...], separable: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.branches = nn.ModuleList([ConvNormReLU(inputs, filters, 1)])
        self.branches.extend(ConvNormReLU(inputs, filters, 3, rate, separable) for rate in rates)
        self.branches.append(ImagePooling(inputs, filters))
        self.project = ConvNormReLU(filters * len(self.branches), filters, 1)
        self.dropout = nn.Dropout(dropout)

    def set_rates(self, rates: tuple[int, ...]) -> None:
        """Give the 3x3 branches other atrous rates, in place; the weights stay as they are."""
        for branch, rate in zip(self.branches[1:-1], rates, strict=True):
            assert isinstance(branch, ConvNormReLU)
            spread = branch[0]  # separable or not, the 3x3 convolution is the first layer
            assert isinstance(spread, nn.Conv2d)
            spread.padding = spread.dilation = (rate, rate)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, filters, H, W)."""
        x = torch.cat([branch(x) for branch in self.branches], dim=1)  # (B, 5 filters, H, W)
        return self.dropout(self.project(x))  # (B, filters, H, W)


class DeepLabV3Decoder(nn.Module):
    """ASPP and a 1x1 classifier: the scores stay at the encoder's output stride."""

    def __init__(self, aspp: ASPP, filters: int, classes: int) -> None:
        super().__init__()
        self.aspp = aspp
        self.classifier = nn.Conv2d(filters, classes, 1)

    def set_output_stride(self, output_stride: int) -> None:
        """Let ASPP reach equally far, in pixels of the picture, on a map of another stride."""
        self.aspp.set_rates(lite_rates(output_stride))

    def forward(self, pyramid: list[Tensor]) -> Tensor:
        """Pyramid -> (B, classes, H/os, W/os)."""
        x = self.aspp(pyramid[-1])  # (B, filters, H/os, W/os)
        return self.classifier(x)  # (B, classes, H/os, W/os)


class DeepLabV3PlusDecoder(nn.Module):
    """ASPP, enlarged to stride 4, refined with the encoder's early map, then classified.

    Args:
        aspp: made for the last map.
        low_level: channels of the map at stride 4; a 1x1 convolution reduces them to 48, so that they do not
            outweigh the richer but coarser ASPP.
        filters: channels of ASPP and of the two refining convolutions.
        classes: channels of the result.
        separable: whether the refining convolutions are depthwise separable.
    """

    def __init__(self, aspp: ASPP, low_level: int, filters: int, classes: int, separable: bool = False) -> None:
        super().__init__()
        self.aspp = aspp
        self.reduce = ConvNormReLU(low_level, LOW_LEVEL_CHANNELS, 1)
        self.refine = nn.Sequential(
            ConvNormReLU(filters + LOW_LEVEL_CHANNELS, filters, 3, separable=separable),
            ConvNormReLU(filters, filters, 3, separable=separable),
            nn.Dropout(0.1),
        )
        self.classifier = nn.Conv2d(filters, classes, 1)

    def set_output_stride(self, output_stride: int) -> None:
        """Let ASPP reach equally far, in pixels of the picture, on a map of another stride."""
        self.aspp.set_rates(lite_rates(output_stride))

    def forward(self, pyramid: list[Tensor]) -> Tensor:
        """Pyramid -> (B, classes, H/4, W/4)."""
        low_level = self.reduce(pyramid[1])  # (B, 48, H/4, W/4)
        context = resize(self.aspp(pyramid[-1]), low_level)  # (B, filters, H/4, W/4)
        x = torch.cat([context, low_level], dim=1)  # (B, filters + 48, H/4, W/4)
        x = self.refine(x)  # (B, filters, H/4, W/4)
        return self.classifier(x)  # (B, classes, H/4, W/4)


class ReleasedHead(nn.Module):
    """The head of the authors' mobile release: no atrous branches, a 1x1 convolution beside image pooling.

    All four convolutions have biases, as batch normalisation is folded in.
    """

    def __init__(self, inputs: int, filters: int, classes: int) -> None:
        super().__init__()
        self.here = nn.Conv2d(inputs, filters, 1)
        self.whole = nn.Conv2d(inputs, filters, 1)
        self.project = nn.Conv2d(2 * filters, filters, 1)
        self.classifier = nn.Conv2d(filters, classes, 1)

    def forward(self, pyramid: list[Tensor]) -> Tensor:
        """Pyramid -> (B, classes, H/os, W/os)."""
        x = pyramid[-1]  # (B, inputs, H/os, W/os)
        here = self.here(x).relu()  # (B, filters, H/os, W/os)
        whole = self.whole(x.mean((2, 3), keepdim=True)).relu()  # (B, filters, 1, 1)
        joined = torch.cat([whole.expand_as(here), here], dim=1)  # (B, 2 filters, H/os, W/os), pooled first as released
        x = self.project(joined).relu()  # (B, filters, H/os, W/os)
        return self.classifier(x)  # (B, classes, H/os, W/os)


def lite_rates(output_stride: int) -> tuple[int, ...]:
    """The rates of the shared-encoder networks: the same reach in pixels at every output stride."""
    return tuple(rate * 16 // output_stride for rate in LITE_RATES)


def _lite_aspp(output_stride: int, dropout: float) -> ASPP:
    return ASPP(PYRAMID_CHANNELS[-1], LITE_FILTERS, lite_rates(output_stride), separable=True, dropout=dropout)


def deeplabv3(output_stride: int = 16, classes: int = VOC_CLASSES) -> EncoderDecoder:
    """DeepLabv3 on the shared encoder; output stride 8, 16 or 32 share the same weights."""
    decoder = DeepLabV3Decoder(_lite_aspp(output_stride, dropout=0.1), LITE_FILTERS, classes)
    return EncoderDecoder(decoder, output_stride)


def deeplabv3plus(output_stride: int = 16, classes: int = VOC_CLASSES) -> EncoderDecoder:
    """DeepLabv3+ on the shared encoder; output stride 8, 16 or 32 share the same weights."""
    decoder = DeepLabV3PlusDecoder(
        _lite_aspp(output_stride, dropout=0.0), PYRAMID_CHANNELS[1], LITE_FILTERS, classes, separable=True
    )
    return EncoderDecoder(decoder, output_stride)


def deeplabv3_released(output_stride: int = 16, classes: int = VOC_CLASSES) -> EncoderDecoder:
    """DeepLabv3 on MobileNetV2 as its authors released it: the encoder that the others share, with its own head."""
    return EncoderDecoder(ReleasedHead(PYRAMID_CHANNELS[-1], 256, classes), output_stride)
