"""Fully convolutional networks: FCN-32s, FCN-16s and FCN-8s.

Source: Long, Shelhamer, Darrell, "Fully Convolutional Networks for Semantic Segmentation" (CVPR 2015).

Departures of the networks on the shared encoder (:func:`fcn32s`, :func:`fcn16s`, :func:`fcn8s`):

* MobileNetV2 instead of VGG16. fc6 keeps its window of 7x7 cells, as a convolution of each channel alone and a 1x1
  across channels; it and fc7 have 512 maps instead of 4096. The last maps at strides 16 and 8 take the place of pool4
  and pool3.
* Sides are 32 n + 1 and padding keeps corners where they are, so nothing is padded by 100 pixels and nothing is
  cropped. A doubling from n + 1 to 2 n + 1 cells that starts as bilinear interpolation has a kernel of 3, not 4.
* The last enlargement is bilinear interpolation, which is what the paper's fixed transposed convolution computes
  inside the picture.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.models.mobilenetv2 import PYRAMID_CHANNELS
from core.models.shared import VOC_CLASSES, ConvNormReLU, EncoderDecoder

HEAD_CHANNELS = 512
WINDOW = 7
"""Cells per side that fc6 sees."""


def bilinear_kernel(side: int) -> Tensor:
    """(side, side) weights with which a transposed convolution of stride ``(side + 1) // 2`` interpolates bilinearly.

    A tent of height 1 whose middle is the middle of the kernel: the paper's initial value of every enlargement.
    """
    factor = (side + 1) // 2
    centre = factor - 1 if side % 2 else factor - 0.5
    tent = 1 - (torch.arange(side, dtype=torch.float64) - centre).abs() / factor
    return torch.outer(tent, tent).float()


def bilinear_upsampling(channels: int, factor: int, padding: int, kernel: int | None = None) -> nn.ConvTranspose2d:
    """A learnable transposed convolution that begins as bilinear interpolation of each channel alone.

    Args:
        channels: in and out.
        factor: stride.
        padding: cells cut off on each side.
        kernel: ``2 factor - factor % 2`` as in the paper if ``None``; ``2 factor - 1`` leaves every cell at its place
            (corners aligned).
    """
    kernel = kernel or 2 * factor - factor % 2
    layer = nn.ConvTranspose2d(channels, channels, kernel, factor, padding, bias=False)
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[range(channels), range(channels)] = bilinear_kernel(layer.kernel_size[0])
    return layer


class FCNDecoder(nn.Module):
    """Score the coarsest map, then repeatedly double the scores and add those of a finer map.

    Args:
        skips: channels of the finer maps that are scored too, coarse to fine: () is 32s, (96,) 16s, (96, 32) 8s.
        classes: channels of the result.
    """

    def __init__(self, skips: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.fc6 = ConvNormReLU(PYRAMID_CHANNELS[-1], HEAD_CHANNELS, WINDOW, separable=True)
        self.fc7 = ConvNormReLU(HEAD_CHANNELS, HEAD_CHANNELS, 1)
        self.dropout = nn.Dropout2d(0.2)
        self.score = nn.Conv2d(HEAD_CHANNELS, classes, 1)
        self.skip_scores = nn.ModuleList(nn.Conv2d(channels, classes, 1) for channels in skips)
        self.doublings = nn.ModuleList(bilinear_upsampling(classes, factor=2, padding=1, kernel=3) for _ in skips)
        for layer in (self.score, *self.skip_scores):
            nn.init.zeros_(layer.weight)  # as in the paper: a new skip starts by changing nothing
            nn.init.zeros_(layer.bias)

    def forward(self, pyramid: list[Tensor]) -> Tensor:
        """Pyramid at output stride 32 -> (B, classes, H/32, W/32); every skip doubles n + 1 cells to 2 n + 1."""
        x = self.fc7(self.fc6(pyramid[-1]))  # (B, 512, H/32, W/32)
        scores = self.score(self.dropout(x))  # (B, classes, H/32, W/32)
        for finer, score, double in zip(pyramid[-2::-1], self.skip_scores, self.doublings, strict=False):
            scores = double(scores) + score(finer)  # (B, classes, H/16, W/16), then H/8
        return scores


def fcn32s(classes: int = VOC_CLASSES) -> EncoderDecoder:
    """FCN-32s on the shared encoder: no skip."""
    return EncoderDecoder(FCNDecoder((), classes), output_stride=32)


def fcn16s(classes: int = VOC_CLASSES) -> EncoderDecoder:
    """FCN-16s on the shared encoder: one skip, from stride 16."""
    return EncoderDecoder(FCNDecoder((PYRAMID_CHANNELS[3],), classes), output_stride=32)


def fcn8s(classes: int = VOC_CLASSES) -> EncoderDecoder:
    """FCN-8s on the shared encoder: two skips, from strides 16 and 8."""
    return EncoderDecoder(FCNDecoder((PYRAMID_CHANNELS[3], PYRAMID_CHANNELS[2]), classes), output_stride=32)


_VGG16 = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
_CROPS = {32: (), 16: (5,), 8: (5, 9)}  # where the finer scores begin: pool4, then pool3
_LAST_CROP = {32: 19, 16: 27, 8: 31}


class FCNVGG16(nn.Module):
    """The paper's own network: VGG16 without its head, fc6 and fc7 as convolutions, and summed scores.

    The picture is padded by 100 pixels, so that the 7x7 convolution fc6 meets a map of at least 7x7 whatever the size;
    all the crops that follow undo that.

    Args:
        stride: 32, 16 or 8: of the finest map that is scored.
        classes: channels of the result.
    """

    def __init__(self, stride: int, classes: int = VOC_CLASSES) -> None:
        super().__init__()
        self.stride = stride
        self.blocks = nn.ModuleList()
        channels = 3
        for widths in _VGG16:
            layers: list[nn.Module] = []
            for width in widths:
                padding = 100 if channels == 3 else 1
                layers += [nn.Conv2d(channels, width, 3, padding=padding), nn.ReLU(inplace=True)]
                channels = width
            self.blocks.append(nn.Sequential(*layers, nn.MaxPool2d(2, 2, ceil_mode=True)))
        self.fc6, self.fc7 = nn.Conv2d(512, 4096, 7), nn.Conv2d(4096, 4096, 1)
        self.relu, self.dropout = nn.ReLU(inplace=True), nn.Dropout2d()
        self.score = nn.Conv2d(4096, classes, 1)
        skips = (512, 256)[: len(_CROPS[stride])]
        self.skip_scores = nn.ModuleList(nn.Conv2d(width, classes, 1) for width in skips)
        self.doublings = nn.ModuleList(bilinear_upsampling(classes, factor=2, padding=0) for _ in skips)
        self.enlarge = bilinear_upsampling(classes, factor=stride, padding=0)
        self.enlarge.requires_grad_(False)  # "the final layer is fixed to bilinear interpolation"
        for layer in (self.score, *self.skip_scores):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) normalised, any H and W -> (B, classes, H, W) logits."""
        height, width = x.shape[-2:]
        pools = []
        for block in self.blocks:
            x = block(x)  # (B, 64, (H + 198) / 2, ...), (B, 128, / 4), (B, 256, / 8), (B, 512, / 16), (B, 512, / 32)
            pools.append(x)
        x = self.dropout(self.relu(self.fc6(x)))  # (B, 4096, h, w), h = (H + 198) / 32 - 6
        x = self.dropout(self.relu(self.fc7(x)))  # (B, 4096, h, w)
        scores = self.score(x)  # (B, classes, h, w)
        crops = _CROPS[self.stride]
        for crop, pool, score, double in zip(crops, pools[-2::-1], self.skip_scores, self.doublings, strict=False):
            scores = double(scores)  # (B, classes, 2 h + 2, 2 w + 2)
            rows, columns = scores.shape[-2:]
            scores = scores + score(pool)[..., crop : crop + rows, crop : crop + columns]  # (B, classes, 2 h + 2, ...)
        first = _LAST_CROP[self.stride]
        scores = self.enlarge(scores)  # (B, classes, H + 2 first, ...) or a little more
        return scores[..., first : first + height, first : first + width]  # (B, classes, H, W)


def fcn32s_vgg16(classes: int = VOC_CLASSES) -> FCNVGG16:
    """FCN-32s as published: 136,152,917 parameters."""
    return FCNVGG16(32, classes)


def fcn16s_vgg16(classes: int = VOC_CLASSES) -> FCNVGG16:
    """FCN-16s as published: 134,815,994 parameters."""
    return FCNVGG16(16, classes)


def fcn8s_vgg16(classes: int = VOC_CLASSES) -> FCNVGG16:
    """FCN-8s as published: 134,489,759 parameters."""
    return FCNVGG16(8, classes)
