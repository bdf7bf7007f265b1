"""Windows sliding over a picture: where they lie, and how often they look at the same place.

A classifier that answers for a ``native x native`` window is asked again every ``stride`` pixels. Neighbouring windows
overlap, so a pixel is read, and every activation of the first layer is computed, once per window that contains it:
``ceil(native / stride)`` times along each axis far from the border, 7 * 7 = 49 times for 224 and 32. One fully
convolutional pass reads and computes each of them once. Nothing is checked or skipped in it: the sums that the windows
have in common are simply not repeated.

Pure integers; nothing here needs PyTorch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import N_, SegScopeError

Counts = npt.NDArray[np.int32]

NATIVE = 224
"""Side of a classifier's window in pixels."""
MARGIN = 92
"""Pixels that the unpadded U-Net loses on each side."""


def tile_for(stride: int) -> int:
    """Side of the smallest tile of the unpadded U-Net that answers for ``stride`` pixels: ``16 b + 124``."""
    return 16 * max(4, -(-(stride + 60) // 16)) + 124


class WindowsError(SegScopeError):
    """Windows that do not fit or would leave nothing to compare."""


def covered(length: int, starts: range, reach: int) -> Counts:
    """How many of the intervals ``[start, start + reach)`` contain each of ``length`` places: ``int32 (length,)``.

    Parts of an interval before 0 or behind ``length`` count nowhere.
    """
    steps = np.zeros(length + 1, np.int64)
    for start in starts:
        steps[min(max(start, 0), length)] += 1
        steps[min(max(start + reach, 0), length)] -= 1
    return np.asarray(np.cumsum(steps[:-1]), np.int32)


@dataclass(frozen=True)
class Windows:
    """Square windows on a picture, row by row from the upper left corner.

    Attributes:
        height, width: of the picture in pixels.
        side: of a window in pixels.
        stride: pixels from one window to the next.
        margin: how far the first window begins outside the picture, which is mirrored there; 0 for a classifier,
            92 for tiles of the unpadded U-Net, whose windows also end outside.
    """

    height: int
    width: int
    side: int = NATIVE
    stride: int = 32
    margin: int = 0

    def __post_init__(self) -> None:
        if self.stride < 1 or self.side < 1 or (not self.margin and min(self.height, self.width) < self.side):
            raise WindowsError(
                N_("Windows of {side} pixels do not fit into {width} × {height}: enlarge the input."),
                side=self.side,
                width=self.width,
                height=self.height,
            )

    def _starts(self, length: int) -> range:
        if self.margin:  # tiles answer for `stride` pixels each, the last one to the edge
            return range(-self.margin, length - self.margin, self.stride)
        return range(0, length - self.side + 1, self.stride)

    @property
    def rows(self) -> int:
        """Windows from top to bottom."""
        return len(self._starts(self.height))

    @property
    def columns(self) -> int:
        """Windows from left to right."""
        return len(self._starts(self.width))

    def __len__(self) -> int:
        return self.rows * self.columns

    def corners(self) -> Iterator[tuple[int, int]]:
        """Top and left of every window in the picture's pixels, row by row; negative in the mirrored margin."""
        for top in self._starts(self.height):
            for left in self._starts(self.width):
                yield top, left

    def reads(self) -> tuple[Counts, Counts]:
        """How many windows contain each row and each column of pixels.

        Their outer product is the count of every pixel: pixel ``(y, x)`` is read ``rows[y] * columns[x]`` times.
        """
        return (
            covered(self.height, self._starts(self.height), self.side),
            covered(self.width, self._starts(self.width), self.side),
        )

    def recomputed(self, stride: int, cells: int, whole: tuple[int, int]) -> tuple[Counts, Counts]:
        """How many windows compute each row and each column of the first layer's activations.

        Args:
            stride: of the first layer; it must divide the windows' stride, or no two windows would compute the same.
            cells: activations along one side of a window.
            whole: (rows, columns) of activations in one pass over the whole picture.
        """
        if self.stride % stride:
            raise WindowsError(
                N_("Windows every {windows} pixels share no activations of a layer with stride {layer}."),
                windows=self.stride,
                layer=stride,
            )

        def starts(length: int) -> range:
            # a margin lies outside the picture but inside the whole pass, whose first activation is the margin's
            return range(0, len(self._starts(length)) * self.stride // stride, self.stride // stride)

        return covered(whole[0], starts(self.height), cells), covered(whole[1], starts(self.width), cells)

    @property
    def most(self) -> int:
        """Reads of the pixel that is read most."""
        rows, columns = self.reads()
        return int(rows.max()) * int(columns.max())

    @property
    def repetition(self) -> float:
        """Pixels that all windows read together, per pixel of the picture."""
        return len(self) * self.side**2 / (self.height * self.width)


def sliding(height: int, width: int, stride: int, tiles: bool = False) -> Windows:
    """The windows of a race: a classifier's 224 pixels, or U-Net's tiles that answer for ``stride`` pixels each."""
    if tiles:
        return Windows(height, width, tile_for(stride), stride, MARGIN)
    return Windows(height, width, NATIVE, stride)
