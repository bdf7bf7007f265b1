"""The convolution and deconvolution network: a mirror of VGG16 that remembers where each maximum came from.

Source: Noh, Hong, Han, "Learning Deconvolution Network for Semantic Segmentation", ICCV 2015, figure 2, and the
authors' released definition for what the paper leaves open. 251,805,653 parameters at full width and 21 classes.

Max pooling keeps the largest of four values and forgets where it stood. Here the position is kept, as a *switch*, and
unpooling puts each value back there, leaving zeros around it: a map of twice the side, three quarters of it empty.
The "deconvolutions" that follow are transposed convolutions with stride 1, so they keep the size and fill the gaps.
Unpooling is what enlarges; deconvolution is what makes dense.

Between the two halves stand fc6 (7x7 -> 1x1) and fc7, which see the whole 224x224 picture, and a 7x7 deconvolution.

Differences: none in the layers. The paper's two-stage training on object proposals and its aggregation of 50
proposals are left out; the network sees the whole picture once, fitted into its square of 224 x 224 (a larger input
gives fc6 several cells, whose 7x7 deconvolutions overlap and add up: none of that was trained).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from core.models.classifiers import SLIM_VGG16
from core.models.mobilenetv2 import PYRAMID_CHANNELS
from core.models.shared import VOC_CLASSES, EncoderDecoder

WINDOW = 7
"""Cells per side that fc6 sees: 224 pixels at stride 32."""
STRIDE = 32


class Pooled(NamedTuple):
    """A pooled map, and what is needed to undo the pooling.

    Attributes:
        values: ``(B, C, h/2, w/2)``, the largest of each 2x2 window.
        switches: int64 of the same shape, where it stood: ``row * w + column`` in the map before the pooling.
        size: ``(h, w)`` of that map.
    """

    values: Tensor
    switches: Tensor
    size: tuple[int, int]


def pool(x: Tensor) -> Pooled:
    """2x2 max pooling of ``(B, C, h, w)`` that remembers; at an odd side the last window holds one row or column."""
    values, switches = F.max_pool2d(x, 2, ceil_mode=True, return_indices=True)  # (B, C, h/2, w/2) both
    return Pooled(values, switches, (x.shape[-2], x.shape[-1]))


def unpool(x: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Each value of ``(B, C, h/2, w/2)`` at its switch in a map of ``size``; zeros everywhere else."""
    batch, channels = x.shape[:2]
    flat = x.new_zeros(batch, channels, size[0] * size[1])  # (B, C, h w)
    flat = flat.scatter(2, switches.flatten(2), x.flatten(2))
    return flat.view(batch, channels, *size)  # (B, C, h, w)


def _unit(layer: nn.Conv2d | nn.ConvTranspose2d) -> nn.Sequential:
    """The layer, BatchNorm, ReLU: the unit that everything except the last layer consists of."""
    return nn.Sequential(layer, nn.BatchNorm2d(layer.out_channels), nn.ReLU(inplace=True))


def _mirror(channels: Sequence[int]) -> list[list[int]]:
    """Widths of the deconvolutions, from the coarsest block to the finest, each ending in the next block's width.

    For VGG16: [512, 512, 512], [512, 512, 256], [256, 256, 128], [128, 64], [64, 64].
    """
    blocks = []
    for index in reversed(range(5)):
        repeats = 2 if index < 2 else 3
        blocks.append([channels[index]] * (repeats - 1) + [channels[max(index - 1, 0)]])
    return blocks


class DeconvNet(nn.Module):
    """VGG16 down, its mirror up.

    Args:
        classes: of the answer.
        channels: of VGG16's five blocks.
        hidden: channels of fc6 and fc7.
    """

    def __init__(
        self, classes: int = 21, channels: Sequence[int] = (64, 128, 256, 512, 512), hidden: int = 4096
    ) -> None:
        super().__init__()
        self.down = nn.ModuleList()
        inputs = 3
        for outputs, convolutions in zip(channels, (2, 2, 3, 3, 3), strict=True):
            block = nn.Sequential()
            for _ in range(convolutions):
                block.append(_unit(nn.Conv2d(inputs, outputs, 3, padding=1)))
                inputs = outputs
            self.down.append(block)
        self.fc6 = _unit(nn.Conv2d(inputs, hidden, WINDOW))
        self.fc7 = _unit(nn.Conv2d(hidden, hidden, 1))
        self.deconv_fc6 = _unit(nn.ConvTranspose2d(hidden, inputs, WINDOW))
        self.up = nn.ModuleList()
        for widths in _mirror(channels):
            block = nn.Sequential()
            for outputs in widths:
                block.append(_unit(nn.ConvTranspose2d(inputs, outputs, 3, padding=1)))
                inputs = outputs
            self.up.append(block)
        self.score = nn.Conv2d(inputs, classes, 1)
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def contract(self, x: Tensor) -> list[Pooled]:
        """VGG16's convolutions: ``(B, 3, H, W)`` -> the five poolings, finest first."""
        poolings: list[Pooled] = []
        for block in self.down:
            poolings.append(pool(block(x)))
            x = poolings[-1].values  # (B, C1, H/2, W/2), then H/4 ... (B, C5, H/32, W/32)
        return poolings

    def encode(self, x: Tensor) -> tuple[Tensor, list[Pooled]]:
        """Down to fc7: ``(B, 3, H, W)`` -> ``(B, hidden, H/32 - 6, W/32 - 6)`` and the five poolings, finest first."""
        poolings = self.contract(x)
        x = self.fc6(poolings[-1].values)  # (B, hidden, H/32 - 6, W/32 - 6)
        return self.fc7(x), poolings

    def expand(self, x: Tensor, poolings: Sequence[Pooled]) -> Tensor:
        """The mirror: ``(B, C5, H/32, W/32)`` and the poolings -> ``(B, classes, H, W)`` scores."""
        for block, pooling in zip(self.up, reversed(poolings), strict=True):
            x = unpool(x, pooling.switches, pooling.size)  # (B, C5, H/16, W/16), then H/8 ... (B, C1, H, W)
            x = block(x)  # (B, C4, H/16, W/16), then H/8 ... (B, C1, H, W)
        scores: Tensor = self.score(x)  # (B, classes, H, W)
        return scores

    def decode(self, x: Tensor, poolings: Sequence[Pooled]) -> Tensor:
        """Up again: fc7's map and the poolings -> ``(B, classes, H, W)`` scores."""
        x = self.deconv_fc6(x)  # (B, C5, H/32, W/32)
        return self.expand(x, poolings)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, H, W)`` -> ``(B, classes, H, W)``. Native size 224x224.

        Other sizes are filled up to a multiple of 32, at least 224, by repeating the outermost rows and columns: the
        picture stays in the middle, where fc6 has learned to expect what matters.
        """
        height, width = x.shape[-2:]
        down, across = (max(-side % STRIDE, WINDOW * STRIDE - side) for side in (height, width))
        top, left = down // 2, across // 2
        x = F.pad(x, (left, across - left, top, down - top), mode="replicate")  # (B, 3, 32 n, 32 m), at least 224
        scores = self.decode(*self.encode(x))  # (B, classes, 32 n, 32 m)
        return scores[..., top : top + height, left : left + width]  # (B, classes, H, W)


class SwitchDecoder(nn.Module):
    """DeconvNet's path up, for the shared encoder: places come from switches alone, values from the bottom alone.

    Departures from the paper: the encoder halves its maps by strides, so the switches are those of a 2x2 max pooling of
    its last map at each stride, which nothing but the path up reads; where the path up is wider than that map, its
    channels share switches in turn. Two 3x3 convolutions at stride 32 stand for fc6 and fc7. Two deconvolutions at each
    level instead of three or two, and a last bilinear step, since the encoder's finest map has half the resolution.

    Args:
        classes: of the answer.
        bottom: channels at stride 32.
        shares: by how much the path up is wider than the encoder's map at strides 16, 8, 4 and 2.
    """

    def __init__(self, classes: int = VOC_CLASSES, bottom: int = 160, shares: Sequence[int] = (1, 3, 2, 2)) -> None:
        super().__init__()
        self.shares = tuple(shares)
        *finer, deepest = PYRAMID_CHANNELS
        widths = [channels * share for channels, share in zip(reversed(finer), shares, strict=True)]
        self.bottom = nn.Sequential(
            _unit(nn.Conv2d(deepest, bottom, 3, padding=1)), _unit(nn.Conv2d(bottom, widths[0], 3, padding=1))
        )
        self.up = nn.ModuleList(
            nn.Sequential(
                _unit(nn.ConvTranspose2d(width, width, 3, padding=1)),
                _unit(nn.ConvTranspose2d(width, following, 3, padding=1)),
            )
            for width, following in zip(widths, [*widths[1:], widths[-1]], strict=True)
        )
        self.dropout = nn.Dropout(0.1)
        self.score = nn.Conv2d(widths[-1], classes, 1)
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def poolings(self, pyramid: Sequence[Tensor]) -> list[Pooled]:
        """The max poolings of the encoder's maps at strides 2, 4, 8 and 16, as wide as the path up is there."""
        shares = reversed(self.shares)
        return [pool(maps.repeat(1, share, 1, 1)) for maps, share in zip(pyramid[:-1], shares, strict=True)]

    def climb(self, pyramid: Sequence[Tensor]) -> list[Tensor]:
        """Five maps at strides 2 to 32, finest first -> the bottom's map and the four levels', coarsest first."""
        levels = [self.bottom(pyramid[-1])]  # (B, 96, H/32, W/32)
        for block, pooling in zip(self.up, reversed(self.poolings(pyramid)), strict=True):
            x = unpool(levels[-1], pooling.switches, pooling.size)  # (B, 96, H/16, W/16), then H/8 ... H/2
            levels.append(block(x))  # (B, 96, H/16, W/16), (B, 48, H/8, W/8), (B, 32, H/4, W/4), (B, 32, H/2, W/2)
        return levels

    def forward(self, pyramid: Sequence[Tensor]) -> Tensor:
        """Five maps at strides 2 to 32, finest first -> ``(B, classes, H/2, W/2)``."""
        finest = self.climb(pyramid)[-1]  # (B, 32, H/2, W/2)
        scores: Tensor = self.score(self.dropout(finest))  # (B, classes, H/2, W/2)
        return scores


def deconvnet_mobilenetv2(classes: int = VOC_CLASSES) -> EncoderDecoder:
    """DeconvNet's path up on the shared encoder."""
    return EncoderDecoder(SwitchDecoder(classes), output_stride=32)


def deconvnet(classes: int = 21) -> DeconvNet:
    """The network as published, full width."""
    return DeconvNet(classes)


def deconvnet_slim(classes: int = 21) -> DeconvNet:
    """The same layers with the channels of the slim VGG16, and 160 in the middle."""
    return DeconvNet(classes, channels=SLIM_VGG16, hidden=160)
