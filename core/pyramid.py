"""The bins of pyramid pooling: which cells of a map each of them averages, and the picture seen at that coarseness.

Source: Zhao, Shi, Qi, Wang, Jia, "Pyramid Scene Parsing Network" (CVPR 2017), section 3.2. The borders are those of
PyTorch's adaptive average pooling, which is the oracle of the tests. Nothing here needs PyTorch.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LEVELS = (1, 2, 3, 6)
"""Bins per side at each level, coarse to fine; a test compares them with the network's."""

Bytes = npt.NDArray[np.uint8]


def edges(size: int, side: int) -> list[tuple[int, int]]:
    """First cell and the one behind the last of each of ``side`` bins along an axis of ``size`` cells.

    Bin i runs from ``floor(i size / side)`` to ``ceil((i + 1) size / side)``: where ``side`` does not divide ``size``,
    neighbours share cells, and where it is larger, they repeat them.
    """
    return [(i * size // side, -(-(i + 1) * size // side)) for i in range(side)]


def shared(size: int, side: int) -> int:
    """How many cells along an axis belong to more than one bin."""
    counts = np.zeros(size, np.int64)
    for first, behind in edges(size, side):
        counts[first:behind] += 1
    return int((counts > 1).sum())


def averaged(pixels: Bytes, cells: tuple[int, int], side: int) -> Bytes:
    """The picture as one colour per bin, at its own size: the mean over each bin's part of it.

    Args:
        pixels: ``uint8 (H, W, 3)``.
        cells: (rows, columns) of the map whose bins these are; it lies over the whole picture.
        side: bins per side.
    """
    height, width = pixels.shape[:2]
    out = np.empty_like(pixels)

    def spans(length: int, count: int) -> list[tuple[int, int]]:
        return [(a * length // count, max(a * length // count + 1, b * length // count)) for a, b in edges(count, side)]

    for row, (top, bottom) in enumerate(spans(height, cells[0])):
        for column, (left, right) in enumerate(spans(width, cells[1])):
            mean = pixels[top:bottom, left:right].reshape(-1, 3).mean(0)
            ys, xs = (
                slice(row * height // side, (row + 1) * height // side),
                slice(column * width // side, (column + 1) * width // side),
            )
            out[ys, xs] = mean.round().astype(np.uint8)
    return out
