"""Atrous convolution in whole numbers: which taps meet the map, what a stack of layers reaches, and what it skips.

A 3x3 kernel at atrous rate r has its taps r cells apart. Everything here is along one axis, of which both are alike;
maps over two axes are outer products. Nothing needs PyTorch, which is the oracle of the tests.

Sources: Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation" (2017), figures 1, 2 and 4;
Wang et al., "Understanding Convolution for Semantic Segmentation" (WACV 2018), section 3.2, for gridding and its cure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.maths.arithmetic import Layer, receptive_field
from core.maths.transposed import Link

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

TAPS = 3
"""Taps along one axis; nine in all."""
STACKS = ((2, 2, 2), (1, 2, 3), (1, 2, 4), (1, 2, 9), (2, 4, 8), (4, 4, 4))
"""Three layers, one after the other: gridding, its cure, DeepLabv3's multi-grid alone, a stack whose rates have no
common factor and that has holes all the same, the multi-grid doubled, gridding again."""


def links(size: int, rate: int) -> tuple[Link, ...]:
    """Who contributes to whom along one axis when the size is kept: output ``o`` reads input ``o + (t - 1) rate``."""
    return tuple(
        Link(output, i, tap)
        for output in range(size)
        for tap in range(TAPS)
        if 0 <= (i := output + (tap - TAPS // 2) * rate) < size
    )


def convolve(x: npt.NDArray[Any], kernel: Integers, rate: int) -> npt.NDArray[Any]:
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
    """Share of the positions that use so many of their nine taps, most first: taps -> 0 to 1 (the paper's figure 4)."""
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


def first_hole(rates: Sequence[int]) -> tuple[int, int] | None:
    """Why a stack leaves holes: the first rate, smallest first, that is more than what the smaller ones reach.

    A layer lays three copies of what lies before it beside each other, ``rate`` cells apart. Copies of a line of cells
    without a gap leave none as long as the rate is at most the length of that line; a rate beyond it leaves cells that
    no larger rate fills. So the rule holds both ways: without such a rate there is no hole, with it there is.

    Returns:
        (rate, reach) in cells, or ``None`` where every cell of the field is read.
    """
    ordered = sorted(rates)
    for index, rate in enumerate(ordered):
        if rate > (reach := field(ordered[:index]) if index else 1):
            return rate, reach
    return None


class Versus(NamedTuple):
    """The same nine weights in three ways, (n, n) responses each, over the same n x n places.

    Attributes:
        narrow: rate 1 at full resolution.
        atrous: the larger rate at full resolution.
        strided: every ``rate``-th cell is kept, convolved at rate 1, and enlarged again bilinearly.
        cells: how many cells each of them computed, without the rim that is cut off.
    """

    narrow: Floats
    atrous: Floats
    strided: Floats
    cells: tuple[int, int, int]


def most_off(one: Floats, other: Floats, side: int) -> tuple[float, float]:
    """The middle of the square of ``side`` cells in which two ``(n, n)`` responses differ most on average.

    Returns:
        (x, y) as shares of width and height, 0 to 1; the middle of everything where ``side`` is not below n.
    """
    off = np.pad(np.abs(one - other).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    side = min(side, one.shape[0])
    sums = off[side:, side:] - off[:-side, side:] - off[side:, :-side] + off[:-side, :-side]
    row, column = np.unravel_index(int(sums.argmax()), sums.shape)
    return float(column + side / 2) / one.shape[1], float(row + side / 2) / one.shape[0]


def versus(x: Floats, kernel: Integers, rate: int) -> Versus:
    """Atrous convolution against stride and enlargement.

    At every ``rate``-th cell, where the strided way computes at all, both give the same number: an atrous convolution
    is the convolution of the thinned-out map, for every way of thinning it out. Between those cells the strided way
    has to guess.

    Args:
        x: ``(n + 3 rate, n + 3 rate)`` with n a multiple of ``rate``; the rim, ``rate`` cells before and twice as many
            behind, serves as surroundings.
        kernel: ``(3, 3)``.
        rate: at least 1.
    """
    side = x.shape[0] - 3 * rate
    inner = np.s_[rate : rate + side]
    thin = convolve(x[::rate, ::rate], kernel, 1)
    at = np.arange(x.shape[0]) / rate
    low = np.minimum(at.astype(int), thin.shape[0] - 1)
    high = np.minimum(low + 1, thin.shape[0] - 1)
    part = at - low
    tall = thin[low] * (1 - part)[:, None] + thin[high] * part[:, None]
    wide = tall[:, low] * (1 - part) + tall[:, high] * part
    cells = (side**2, side**2, (side // rate) ** 2)
    narrow, spread = convolve(x, kernel, 1), convolve(x, kernel, rate)
    return Versus(narrow[inner, inner], spread[inner, inner], wide[inner, inner], cells)
