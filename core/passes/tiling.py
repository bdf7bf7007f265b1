"""Large pictures through an unpadded network: tile by tile, or in one pass.

The overlap-tile strategy of Ronneberger, Fischer, Brox 2015 (figure 2): the answer for a square of pixels needs a
larger square of picture around it; what lies outside the picture is its mirror image. Tiles side by side then cover a
picture of any size with the memory of one tile.

Tiles repeat the one-pass answer exactly only if they start at multiples of 16 pixels, because four 2x2 poolings group
the pixels in sixteens counted from the tile's corner. The paper's tile gives 388 pixels, and 388 = 24 * 16 + 4: side
by side without overlap, tile n begins ``4 n mod 16`` pixels beside such a group, so only every fourth tile
groups the pixels as one pass does (:attr:`Tiling.shifts`). The seams have full context, but the numbers differ; with a
stride of 384 they are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import gcd

import torch
from torch import Tensor

from core.errors import N_, SegScopeError
from core.models.unet import MARGIN, STEP, input_side, output_side


class SlidingError(SegScopeError):
    """Tiles that would leave gaps."""


def mirror(x: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
    """A window into the plane that ``x`` tiles by reflection: ``(..., H, W) -> (..., height, width)``.

    Args:
        x: the picture. Its border rows and columns are not doubled, and it repeats as often as it takes, so that the
            window may be larger than the picture.
        top: first row of the window, in the picture's coordinates; negative above it.
        left: first column.
    """

    def reflected(start: int, length: int, side: int) -> Tensor:
        position = torch.arange(start, start + length, device=x.device)
        period = max(2 * (side - 1), 1)
        position = position % period  # Python's sign: never negative
        return torch.minimum(position, period - position) if side > 1 else torch.zeros_like(position)

    rows, columns = reflected(top, height, x.shape[-2]), reflected(left, width, x.shape[-1])
    return x[..., rows[:, None], columns[None, :]]


@dataclass(frozen=True)
class Tiling:
    """Where the tiles lie, and what they cost.

    Attributes:
        height: of the picture.
        width: of the picture.
        tile: side of a tile's input, of the form 16 b + 124 (572 in the paper).
        stride: pixels from one tile to the next; at most the output's side, or gaps would stay.

    Raises:
        UNetError: a tile size that the network cannot take.
        SlidingError: a stride that leaves gaps.
    """

    height: int
    width: int
    tile: int = 572
    stride: int = 384

    def __post_init__(self) -> None:
        if not 1 <= self.stride <= self.output:
            raise SlidingError(
                N_("Tiles of {tile} pixels answer for {output}: choose a stride from 1 to {output}."),
                tile=self.tile,
                output=self.output,
            )

    @property
    def output(self) -> int:
        """Side of the square that one tile answers for: 388 for 572."""
        return output_side(self.tile)

    def corners(self) -> Iterator[tuple[int, int]]:
        """Top and left of each tile's answer in the picture, row by row."""
        for top in self._starts(self.height):
            for left in self._starts(self.width):
                yield top, left

    def _starts(self, side: int) -> range:
        return range(0, max(side - self.output + self.stride, 1), self.stride)  # the last one reaches the edge

    def __len__(self) -> int:
        return len(self._starts(self.height)) * len(self._starts(self.width))

    @property
    def shifts(self) -> tuple[int, ...]:
        """By how many pixels the tiles of a row stand beside the groups of sixteen of one pass, until it begins anew:
        (0,) for 384, (0, 4, 8, 12) for 388."""
        step = self.stride % STEP
        return tuple(n * step % STEP for n in range(STEP // gcd(step, STEP)))

    @property
    def repetition(self) -> float:
        """Input pixels per answered pixel of a tile: ``(tile / output) ** 2``, 2.17 for the paper's."""
        return (self.tile / self.output) ** 2


def overlap_tile(network: Callable[[Tensor], Tensor], x: Tensor, tile: int = 572, stride: int = 384) -> Tensor:
    """Scores for every pixel of a picture of any size, tile by tile, mirrored at its borders.

    Args:
        network: unpadded, ``(B, C, tile, tile) -> (B, classes, tile - 184, tile - 184)``.
        x: ``(B, C, H, W)``.
        tile: side of a tile's input; see :class:`Tiling`.
        stride: pixels between tiles; multiples of 16 give exactly what :func:`one_pass` gives.

    Returns:
        ``(B, classes, H, W)``. Where tiles overlap, the later one counts.
    """
    height, width = x.shape[-2:]
    tiling = Tiling(height, width, tile, stride)
    scores: Tensor | None = None
    for top, left in tiling.corners():
        answer = network(mirror(x, top - MARGIN, left - MARGIN, tile, tile))  # (B, classes, output, output)
        if scores is None:
            scores = answer.new_empty(*answer.shape[:2], height, width)
        region = scores[..., top : top + tiling.output, left : left + tiling.output]
        region.copy_(answer[..., : region.shape[-2], : region.shape[-1]])  # the last tiles hang over the edge
    assert scores is not None  # there is always a first tile
    return scores


def one_pass(network: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """The same scores from the whole picture at once, mirrored by 92 pixels and up to the next valid size."""
    height, width = x.shape[-2:]
    scores = network(mirror(x, -MARGIN, -MARGIN, input_side(height), input_side(width)))
    return scores[..., :height, :width]
