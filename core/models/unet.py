"""U-Net: a path down that sees more and more context, a path up that finds the places again.

Source: Ronneberger, Fischer, Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015,
figure 1 and section 2. The defaults are the paper's network: 1 -> 2 channels, 31,030,658 parameters, 23 convolutional
layers, nothing padded (572 -> 388), no BatchNorm, dropout only at the end of the contracting path.

Because no convolution is padded, every output pixel has seen real picture on all sides, and the picture shrinks by
92 pixels per side. Sizes at which every 2x2 pooling meets an even side: ``16 b + 124 -> 16 b - 60``, where ``b`` is
the side of the map at the bottom (28 for 572).

What many later versions change is an option here: padded convolutions, BatchNorm, dropout *between* the two
convolutions of every block. :class:`UNetDecoder` is the path up alone, on a pretrained encoder.

The paper does not fix the order of the concatenation, whether the up-convolution has an activation and where exactly
the dropout layers stand; here: upsampled map first, no activation, after the last two blocks of the contracting path.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import N_, SegScopeError
from core.models.mobilenetv2 import PYRAMID_CHANNELS
from core.models.shared import VOC_CLASSES, EncoderDecoder

LEVELS = 4
"""Poolings on the way down, up-convolutions on the way up."""
STEP = 1 << LEVELS
"""Valid sides are this many pixels apart; also the grid on which shifted inputs give shifted outputs."""
MARGIN = 92
"""Pixels that the unpadded network loses on each side."""

Dropout = Literal["contracting-end", "blocks", "none"]


class UNetError(SegScopeError):
    """A picture of a size that the unpadded network cannot take."""


def output_side(side: int) -> int:
    """Output pixels for ``side`` input pixels of the unpadded network: ``16 b + 124 -> 16 b - 60``.

    Raises:
        UNetError: a pooling would meet an odd side, or nothing would be left; the sentence names the next valid side.
    """
    if side < 188 or (side - 124) % STEP:
        raise UNetError(
            N_("The unpadded U-Net takes sides of 188, 204, 220 pixels and so on, not {side}: use {valid}."),
            side=side,
            valid=input_side(side - 2 * MARGIN),
        )
    return side - 2 * MARGIN


def input_side(least: int) -> int:
    """The smallest valid input side whose output covers ``least`` pixels."""
    b = max(4, math.ceil((least + 60) / STEP))
    return STEP * b + 124


def crop_centre(x: Tensor, height: int, width: int) -> Tensor:
    """The middle ``height x width`` of ``(B, C, H, W)``; the odd pixel is lost at the bottom or right."""
    top, left = (x.shape[-2] - height) // 2, (x.shape[-1] - width) // 2
    return x[..., top : top + height, left : left + width]


class Block(nn.Sequential):
    """Two 3x3 convolutions with ReLU. Unpadded, each takes one pixel off every side.

    Args:
        dropout: probability of a dropout *between* the two convolutions; 0 for none, as in the paper.
    """

    def __init__(self, inputs: int, outputs: int, padded: bool, batch_norm: bool, dropout: float = 0.0) -> None:
        super().__init__()
        for index, channels in enumerate((inputs, outputs), start=1):
            self.add_module(f"conv{index}", nn.Conv2d(channels, outputs, 3, padding=int(padded), bias=not batch_norm))
            if batch_norm:
                self.add_module(f"norm{index}", nn.BatchNorm2d(outputs))
            self.add_module(f"relu{index}", nn.ReLU(inplace=True))
            if index == 1 and dropout:
                self.add_module("dropout", nn.Dropout(dropout))


def initialise(network: nn.Module) -> None:
    """Gaussian weights with standard deviation ``sqrt(2 / N)`` for N incoming values, as in the paper's section 3."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_in", nonlinearity="relu")
        elif isinstance(layer, nn.ConvTranspose2d):  # stride = kernel: one incoming value per input channel
            nn.init.normal_(layer.weight, 0, math.sqrt(2 / layer.in_channels))
        else:
            continue
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


def cropped(x: Tensor, like: Tensor) -> Tensor:
    """The middle of ``x`` where it is larger than ``like``: ``(B, C, H, W)`` -> ``(B, C, min(H, h), min(W, w))``."""
    return crop_centre(x, min(x.shape[-2], like.shape[-2]), min(x.shape[-1], like.shape[-1]))


def climb(ups: nn.ModuleList, blocks: nn.ModuleList, maps: Sequence[Tensor], gains: Sequence[float]) -> list[Tensor]:
    """The path up: enlarge, lay the map from the way down beside it, two convolutions; once per level.

    The larger of the two is cropped: without padding that is the map from the way down; on the shared encoder, whose
    sides go from n + 1 to 2 n + 1, it is the last row and column of the enlarged one.

    Returns:
        What each level gave, coarsest first.
    """
    *skips, x = maps  # finest first; x is the bottom, (B, C, h, w)
    levels = []
    for up, block, skip, gain in zip(ups, blocks, reversed(skips), reversed(gains), strict=True):
        x = up(x)  # (B, C/2, 2h, 2w); the widths of UNetDecoder do not halve
        x, skip = cropped(x, skip), cropped(skip, x)  # (B, C/2, 2h, 2w) twice; 2h - 1 on the shared encoder
        x = torch.cat((x, skip if gain == 1 else gain * skip), 1)  # (B, C, 2h, 2w)
        x = block(x)  # (B, C/2, 2h - 4, 2w - 4), or 2h and 2w when padded
        levels.append(x)
    return levels


class UNet(nn.Module):
    """The network of figure 1.

    Args:
        channels: of the picture; with one channel, a colour picture is taken as the mean of its channels.
        classes: of the answer.
        width: channels of the first block; they double at every level (64 in the paper).
        padded: keep the size; any picture is accepted, its sides are filled up to a multiple of 16 inside.
        batch_norm: after every 3x3 convolution.
        dropout: ``contracting-end`` (the paper), ``blocks`` (between the two convolutions of each) or ``none``.
        rate: probability with which dropout clears a value.
    """

    def __init__(
        self,
        channels: int = 1,
        classes: int = 2,
        width: int = 64,
        padded: bool = False,
        batch_norm: bool = False,
        dropout: Dropout = "contracting-end",
        rate: float = 0.5,
    ) -> None:
        super().__init__()
        self.channels, self.padded = channels, padded
        inside = rate if dropout == "blocks" else 0.0
        widths = [width * 2**level for level in range(LEVELS + 1)]

        def block(inputs: int, outputs: int) -> Block:
            return Block(inputs, outputs, padded, batch_norm, inside)

        self.contracting = nn.ModuleList(
            block(i, o) for i, o in zip([channels, *widths[:-2]], widths[:-1], strict=True)
        )
        self.pool = nn.MaxPool2d(2)
        self.bottom = block(widths[-2], widths[-1])
        self.dropout = nn.Dropout(rate if dropout == "contracting-end" else 0.0)
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * o, o, 2, stride=2) for o in reversed(widths[:-1]))
        self.expanding = nn.ModuleList(block(2 * o, o) for o in reversed(widths[:-1]))
        self.head = nn.Conv2d(width, classes, 1)
        initialise(self)

    def encode(self, x: Tensor) -> list[Tensor]:
        """The contracting path: what each block gave, finest first, the bottom last.

        ``(B, channels, H, W)`` -> widths w, 2w, 4w, 8w, 16w; for 572: sides 568, 280, 136, 64, 28.
        """
        if self.channels == 1 and x.shape[1] > 1:  # the grey network and a picture in colour
            x = x.mean(1, keepdim=True)  # (B, 1, H, W)
        maps = []
        for level, block in enumerate(self.contracting):
            x = block(x)  # (B, 2^level w, H - 4, W - 4), or H and W when padded
            if level == LEVELS - 1:
                x = self.dropout(x)
            maps.append(x)
            x = self.pool(x)  # (B, 2^level w, H/2, W/2)
        return [*maps, self.dropout(self.bottom(x))]  # bottom: (B, 16w, (H - 124)/16, ...), padded H/16

    def decode(self, maps: Sequence[Tensor], gains: Sequence[float] = (1.0,) * LEVELS) -> Tensor:
        """The expanding path: from the maps of :meth:`encode` to ``(B, classes, h, w)`` scores.

        Args:
            maps: finest first, the bottom last.
            gains: factor on each skip connection, finest first; 1 is the network as trained, 0 cuts the connection.
        """
        finest = climb(self.up, self.expanding, maps, gains)[-1]  # (B, w, h, w)
        scores: Tensor = self.head(finest)  # (B, classes, h, w)
        return scores

    def forward(self, x: Tensor) -> Tensor:
        """``(B, channels, H, W)`` -> ``(B, classes, H - 184, W - 184)``, or ``(B, classes, H, W)`` when padded.

        Raises:
            UNetError: unpadded, and a side is not of the form 16 b + 124.
        """
        height, width = x.shape[-2:]
        if self.padded:
            x = F.pad(x, (0, -width % STEP, 0, -height % STEP), mode="replicate")  # (B, channels, 16 n, 16 m)
            return self.decode(self.encode(x))[..., :height, :width]  # (B, classes, H, W)
        output_side(height), output_side(width)  # refuses sides that a pooling cannot halve
        return self.decode(self.encode(x))  # (B, classes, H - 184, W - 184)


class UNetDecoder(nn.Module):
    """U-Net's block at the bottom and its path up, for the shared encoder.

    Departures from the paper: another contracting path, padded convolutions, BatchNorm, its own widths, dropout before
    the head, and a last bilinear step, since the encoder's finest map has half the picture's resolution.

    Args:
        classes: of the answer.
        bottom: channels of the block at the bottom, at stride 32.
        widths: channels of the path up, coarsest first, at strides 16, 8, 4 and 2.
    """

    def __init__(
        self, classes: int = VOC_CLASSES, bottom: int = 160, widths: Sequence[int] = (128, 96, 64, 32)
    ) -> None:
        super().__init__()
        *skips, deepest = PYRAMID_CHANNELS
        self.bottom = Block(deepest, bottom, padded=True, batch_norm=True)
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(i, o, 2, stride=2) for i, o in zip([bottom, *widths[:-1]], widths, strict=True)
        )
        self.expanding = nn.ModuleList(
            Block(o + skip, o, padded=True, batch_norm=True) for o, skip in zip(widths, reversed(skips), strict=True)
        )
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Conv2d(widths[-1], classes, 1)
        initialise(self)

    def climb(self, pyramid: Sequence[Tensor], gains: Sequence[float] = (1.0,) * LEVELS) -> list[Tensor]:
        """Five maps at strides 2 to 32, finest first -> the bottom's map and the four levels', coarsest first."""
        lowest = self.bottom(pyramid[-1])  # (B, bottom, H/32, W/32)
        return [lowest, *climb(self.up, self.expanding, [*pyramid[:-1], lowest], gains)]

    def forward(self, pyramid: Sequence[Tensor], gains: Sequence[float] = (1.0,) * LEVELS) -> Tensor:
        """Five maps at strides 2 to 32, finest first -> ``(B, classes, H/2, W/2)``; gains as in :meth:`UNet.decode`."""
        finest = self.climb(pyramid, gains)[-1]  # (B, 32, H/2, W/2)
        scores: Tensor = self.head(self.dropout(finest))  # (B, classes, H/2, W/2)
        return scores


def unet() -> UNet:
    """U-Net as published, full width: one grey channel, two classes."""
    return UNet()


def unet_photos(classes: int = VOC_CLASSES) -> UNet:
    """Slim U-Net for colour photographs: a quarter of the width, padded, with BatchNorm."""
    return UNet(channels=3, classes=classes, width=16, padded=True, batch_norm=True, rate=0.2)


def unet_em() -> UNet:
    """Slim U-Net in the paper's own form for membranes in electron micrographs: a quarter of the width."""
    return UNet(width=16)


def unet_nuclei() -> UNet:
    """Slim U-Net in the paper's unpadded form for nuclei: a quarter of the width, colour, BatchNorm, three classes."""
    return UNet(channels=3, classes=3, width=16, batch_norm=True, rate=0.2)


def unet_mobilenetv2(classes: int = VOC_CLASSES) -> EncoderDecoder:
    """U-Net's path up on the shared encoder."""
    return EncoderDecoder(UNetDecoder(classes), output_stride=32)
