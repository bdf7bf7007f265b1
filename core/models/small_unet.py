"""A U-Net small enough to learn while somebody watches: one to four poolings, a few channels, padded.

It is :mod:`core.models.unet`'s path down and up (Ronneberger, Fischer, Brox, 2015), with its blocks and first weights.
Departures from the paper: as many levels as are asked for, channels that double up to :data:`MOST` and no further,
padded convolutions, BatchNorm, no dropout. Skip connections can be cut: the map from the way down is then zeros, so
that both networks have the same parameters and begin with the same numbers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.models.unet import Block, climb, initialise

MOST = 64
"""Channels at most; more would learn nothing more on 64 x 64 pixels and cost a visitor's patience."""


class SmallUNet(nn.Module):
    """See the module.

    Args:
        classes: of the answer.
        depth: poolings on the way down, 1 to 4.
        width: channels of the first block.
        skips: whether the maps of the way down are laid beside those of the way up.
    """

    def __init__(self, classes: int, depth: int = 2, width: int = 8, skips: bool = True) -> None:
        super().__init__()
        self.depth, self.skips = depth, skips
        widths = [min(width * 2**level, MOST) for level in range(depth + 1)]
        down = zip([3, *widths[:-2]], widths[:-1], strict=True)
        self.contracting = nn.ModuleList(Block(i, o, padded=True, batch_norm=True) for i, o in down)
        self.pool = nn.MaxPool2d(2)
        self.bottom = Block(widths[-2], widths[-1], padded=True, batch_norm=True)
        up = list(zip(reversed(widths[1:]), reversed(widths[:-1]), strict=True))
        self.up = nn.ModuleList(nn.ConvTranspose2d(i, o, 2, stride=2) for i, o in up)
        self.expanding = nn.ModuleList(Block(2 * o, o, padded=True, batch_norm=True) for _, o in up)
        self.head = nn.Conv2d(widths[0], classes, 1)
        initialise(self)

    def features(self, x: Tensor) -> Tensor:
        """What the head reads: ``(B, 3, H, W)`` -> ``(B, width, H, W)``; sides are multiples of ``2^depth``."""
        maps = []
        for block in self.contracting:
            x = block(x)  # (B, 2^level w, H, W) of this level
            maps.append(x)
            x = self.pool(x)  # (B, 2^level w, H/2, W/2)
        maps.append(self.bottom(x))  # (B, 2^depth w, H/2^depth, W/2^depth)
        return climb(self.up, self.expanding, maps, [float(self.skips)] * self.depth)[-1]  # (B, w, H, W)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, H, W)``, -1 to 1 -> scores ``(B, classes, H, W)``."""
        scores: Tensor = self.head(self.features(x))  # (B, classes, H, W)
        return scores


def normalised(pixels: Tensor) -> Tensor:
    """``uint8 (B, H, W, 3)`` -> ``float32 (B, 3, H, W)`` from -1 to 1."""
    return pixels.permute(0, 3, 1, 2).to(torch.float32).div_(127.5).sub_(1)  # (B, 3, H, W)
