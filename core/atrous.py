"""Atrous convolution in whole numbers: which taps meet the map, what a stack of layers reaches, and what it skips.

A 3x3 kernel at atrous rate r has its taps r cells apart. Everything here is along one axis, of which both are alike;
maps over two axes are outer products. Nothing needs PyTorch, which is the oracle of the tests.

Sources: Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation" (2017), figures 1, 2 and 4;
Wang et al., "Understanding Convolution for Semantic Segmentation" (WACV 2018), section 3.2, for gridding and its cure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.arithmetic import Layer, receptive_field
from core.transposed import Link

Integers = npt.NDArray[np.int64]

TAPS = 3
"""Taps along one axis; nine in all."""
STACKS = ((2, 2, 2), (1, 2, 3), (1, 2, 4), (2, 4, 8), (4, 4, 4))
"""Three layers, one after the other: gridding, its cure, DeepLabv3's multi-grid alone and doubled, gridding again."""


def links(size: int, rate: int) -> tuple[Link, ...]:
    """Who contributes to whom along one axis when the size is kept: output ``o`` reads input ``o + (t - 1) rate``."""
    return tuple(
        Link(output, i, tap)
        for output in range(size)
        for tap in range(TAPS)
        if 0 <= (i := output + (tap - TAPS // 2) * rate) < size
    )


def convolve(x: Integers, kernel: Integers, rate: int) -> Integers:
    """Atrous convolution of ``(n, n)`` with a ``(3, 3)`` kernel; ``rate`` zeros on every side keep the size.

    As in PyTorch the kernel is not turned. Integers stay exact.
    """
    side = x.shape[0]
    padded = np.pad(x, rate)
    out = np.zeros_like(x)
    for row in range(TAPS):
        for column in range(TAPS):
            top, left = row * rate, column * rate
            out += kernel[row, column] * padded[top : top + side, left : left + side]
    return out


def inside(size: int, rate: int) -> Integers:
    """How many of the three taps fall inside the map at each position along one axis: ``int64 (size,)``, 1 to 3."""
    return np.bincount([link.output for link in links(size, rate)], minlength=size).astype(np.int64)


def tap_map(size: int, rate: int) -> Integers:
    """How many of the nine taps fall inside a square map, at each position: ``int64 (size, size)``."""
    along = inside(size, rate)
    return np.multiply.outer(along, along)


def shares(size: int, rate: int) -> dict[int, float]:
    """Share of the positions that use so many of their nine taps, most first: taps -> 0 to 1 (figure 4 of the paper)."""
    counts = np.bincount(tap_map(size, rate).ravel(), minlength=TAPS**2 + 1)
    return {taps: float(counts[taps] / size**2) for taps in range(TAPS**2, 0, -1) if counts[taps]}


def share(height: int, width: int, rate: int, taps: int = TAPS**2) -> float:
    """Share of the positions of a ``height x width`` map that use exactly ``taps`` of the nine taps, 0 to 1."""
    counts = np.multiply.outer(inside(height, rate), inside(width, rate))
    return float((counts == taps).mean())


def mean_taps(height: int, width: int, rate: int) -> float:
    """How many of the nine taps fall inside a ``height x width`` map, on average over its positions: 1 to 9."""
    return float(inside(height, rate).mean() * inside(width, rate).mean())


def first_without_nine(size: int) -> int:
    """The smallest rate at which no position of a ``size x size`` map uses all nine taps."""
    return (size + 1) // 2


def field(rates: Sequence[int]) -> int:
    """Receptive field in cells along one axis of 3x3 layers with these rates, one after the other."""
    return receptive_field(Layer("atrous", TAPS, 1, 0, rate) for rate in rates).size


def paths(rates: Sequence[int]) -> Integers:
    """On how many ways one output cell hangs on each input cell of its field, along one axis: ``int64 (field,)``.

    Zero means that the cell is skipped: no weight of any layer ever joins the two. Layers act from first to last, the
    order does not matter.
    """
    ways = np.ones(1, np.int64)
    for rate in rates:
        comb = np.zeros(2 * rate + 1, np.int64)
        comb[[0, rate, 2 * rate]] = 1
        ways = np.convolve(ways, comb)
    return ways


def used(rates: Sequence[int]) -> float:
    """Share of the square receptive field that a stack of layers reads at all, 0 to 1; below 1 it is gridding."""
    return float((paths(rates) > 0).mean() ** 2)
