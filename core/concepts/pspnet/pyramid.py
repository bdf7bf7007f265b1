"""The bins of pyramid pooling: which cells of a map each of them averages, and the picture seen at that coarseness.

Source: Zhao, Shi, Qi, Wang, Jia, "Pyramid Scene Parsing Network" (CVPR 2017), section 3.2. The borders are those of
PyTorch's adaptive average pooling, which is the oracle of the tests. Nothing here needs PyTorch.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.maths import geometry

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


def averaged(pixels: Bytes, size: tuple[int, int], stride: int, side: int) -> Bytes:
    """The picture as one colour per bin, at its own size: the mean over the pixels that the bin's cells own.

    Where two bins share cells, the border between their colours runs through the middle of what they share.

    Args:
        pixels: ``uint8 (H, W, 3)``.
        size: (height, width) of the network's input, to which the picture would be brought.
        stride: input pixels from cell to cell of the map whose bins these are.
        side: bins per side.
    """
    out = np.empty_like(pixels)
    down, across = (
        _strips(length, input_length, stride, side) for length, input_length in zip(pixels.shape[:2], size, strict=True)
    )
    for seen_rows, rows in down:
        for seen_columns, columns in across:
            out[rows, columns] = pixels[seen_rows, seen_columns].reshape(-1, 3).mean(0).round().astype(np.uint8)
    return out


def _strips(length: int, input_length: int, stride: int, side: int) -> list[tuple[slice, slice]]:
    """For each bin along an axis of ``length`` pixels: the pixels that it averages, and those that it is drawn on."""
    owned = np.array(geometry.edges(input_length, stride)) * length / input_length
    ends = np.array([(owned[first], owned[behind]) for first, behind in edges(len(owned) - 1, side)])
    borders = [0, *((ends[:-1, 1] + ends[1:, 0]) / 2).round().astype(int).tolist(), length]
    seen = []
    for start, end in ends.round().astype(int).tolist():
        start = min(start, length - 1)  # a bin beyond the picture gets the colour of its rim
        seen.append(slice(start, max(start + 1, end)))
    return list(zip(seen, (slice(a, b) for a, b in pairwise(borders)), strict=True))
