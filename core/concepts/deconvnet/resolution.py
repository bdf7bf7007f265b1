"""The resolution meter: a square dot on a picture, and the depth at which pooling and coarse masks lose it.

Two things are lost on the way down, and they are lost for different reasons:

* **A map under max pooling.** A cell keeps the largest value of its window. A bright dot lasts until something
  brighter stands in the same window; a dark one until its window holds a single brighter pixel of the picture. The dot
  has *vanished* at a depth where the pooled map with the dot equals the one without it: exactly, not by a threshold.
* **A mask at that depth.** With one class per cell a cell goes to the dot when the dot fills at least half of it. How
  large a dot must be depends on where it lies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from core.concepts.deconvnet.unpooling import POOLINGS, Bytes, pool


@dataclass(frozen=True)
class Dot:
    """A square of ``side`` pixels with brightness ``value`` (0 to 255), its first pixel at (``row``, ``column``)."""

    row: int
    column: int
    side: int
    value: int


class Reading(NamedTuple):
    """What one depth still knows of a dot.

    Attributes:
        cell: pixels along the side of a cell, ``2 ** depth``.
        changed: cells of the pooled map that the dot changes; 0 where it has vanished.
        cover: the largest share of a cell that the dot covers, 0 to 1.
    """

    cell: int
    changed: int
    cover: float

    @property
    def voted(self) -> bool:
        """Whether a mask with one class per cell shows the dot."""
        return self.cover >= 0.5


def painted(grey: Bytes, dot: Dot) -> Bytes:
    """The picture ``uint8 (h, w)`` with the dot on it; what lies outside the picture is cut off."""
    out = grey.copy()
    out[max(dot.row, 0) : dot.row + dot.side, max(dot.column, 0) : dot.column + dot.side] = dot.value
    return out


def read(grey: Bytes, dot: Dot, depths: int = POOLINGS) -> list[Reading]:
    """The meter's reading before any pooling and after each of ``depths``.

    Args:
        grey: brightness, ``uint8 (h, w)``; sides are multiples of ``2 ** depths``.
        dot: lies inside the picture.
    """
    before, after = grey, painted(grey, dot)
    out = []
    for depth in range(depths + 1):
        cell = 2**depth
        cover = _overlap(dot.row, dot.side, cell) * _overlap(dot.column, dot.side, cell) / cell**2
        out.append(Reading(cell, int((before != after).sum()), cover))
        if depth < depths:
            before, after = pool(before)[0], pool(after)[0]
    return out


def _overlap(start: int, side: int, cell: int) -> int:
    """Pixels that ``side`` pixels from ``start`` share with the cell along one axis that they share most with."""
    first, end = start // cell, start + side
    return max(min(end, (i + 1) * cell) - max(start, i * cell) for i in range(first, (end - 1) // cell + 1))


def smallest(depth: int) -> tuple[int, int]:
    """Sides in pixels of the smallest dots that a mask at ``depth`` shows: where they lie best, and wherever they lie.

    Best is a dot inside one cell: its area is half of the cell's, ``side**2 >= cell**2 / 2``. At worst a corner of the
    grid is in its middle, and a cell gets a quarter: ``ceil(side / 2)**2 >= cell**2 / 2``.
    """
    half = 2 ** (2 * depth) / 2
    best = math.ceil(math.sqrt(half))
    return best, 1 if depth == 0 else 2 * best - 1


def contrasting(grey: Bytes, row: int, column: int) -> int:
    """Brightness that stands out at a place: white on dark, black on bright."""
    return 255 if int(np.asarray(grey)[row, column]) < 128 else 0
