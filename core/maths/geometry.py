"""Where the cells of a map stand on a picture: the geometry of the shared encoder along one axis, in whole numbers.

A side is first extended to 32 n + 1 pixels, to the right and below. Then every stride up to 32 meets an odd side, cell
``i`` of a map of stride ``s`` stands **at** pixel ``i s``, its first cell at the first pixel and its last one at the
last, and enlarging with aligned corners leaves every cell where it stands. Between two cells a pixel belongs to the
nearer one: that is the cell whose answer weighs most there. So the outermost cells own half as many pixels as the
others.

Nothing here needs PyTorch, whose bilinear interpolation is the oracle of the tests.
"""

from __future__ import annotations

COARSEST = 32
"""Sides are a multiple of this, plus one: then every stride up to it meets an odd side."""


def extended(side: int) -> int:
    """The smallest 32 n + 1, n >= 1, that is not less than ``side`` pixels."""
    return max(COARSEST + 1, side + (1 - side) % COARSEST)


def cells(side: int, stride: int) -> int:
    """Cells of a map of ``stride``, a divisor of 32, over ``side`` pixels, extended: 21 over 321 at stride 16."""
    return (extended(side) - 1) // stride + 1


def inside(side: int, stride: int) -> int:
    """How many of those cells stand in the picture itself, not in what it was extended by."""
    return (side - 1) // stride + 1


def place(cell: int, stride: int) -> int:
    """The pixel at which ``cell`` stands; beyond the picture where the picture was extended to it."""
    return cell * stride


def cell_at(pixel: int, stride: int) -> int:
    """The cell that stands nearest to ``pixel``; of two that are as near, the later one."""
    return (2 * pixel + stride) // (2 * stride)


def edges(side: int, stride: int) -> list[int]:
    """First pixel of every cell's share of ``side`` pixels, and ``side`` itself: one number more than there are cells.

    Cell ``i`` owns pixels ``edges[i] <= p < edges[i + 1]``, those of which :func:`cell_at` says ``i``. A cell that
    stands beyond the picture may own none.
    """
    count = cells(side, stride)
    return [min(side, -(-(2 * i - 1) * stride // 2)) if i else 0 for i in range(count)] + [side]


def pixel_at(share: float, side: int) -> int:
    """The pixel that lies at ``share`` (0 to 1) of a side of ``side`` pixels."""
    return min(side - 1, int(share * side))
