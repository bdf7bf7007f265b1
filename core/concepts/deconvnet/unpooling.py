"""Pooling that remembers and unpooling that puts back, on small maps of numbers and on whole pictures, in numpy.

Max pooling keeps the largest value of each 2x2 window. Its *switch* says which of the four cells that was. Unpooling
makes the map large again: with switches each value returns to the cell that it came from; without them it can only go
to a fixed corner. Three quarters of the cells stay empty either way, until a transposed convolution with stride 1
fills them in. Arrays keep their type, so integers stay exact; the tests compare everything with PyTorch.

An odd side has a last window of a single row or column, as in the network on the shared encoder: 2 n + 1 -> n + 1 and
back. Where every window must be whole, that is refused.

Source: Noh, Hong, Han, "Learning Deconvolution Network for Semantic Segmentation", ICCV 2015, section 3.2 and figure 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import N_, SegScopeError
from core.maths.transposed import Axis, paint

Array = npt.NDArray[Any]
Integers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

WINDOW = 2
"""Cells along the side of a pooling window, and how far the next window is."""
POOLINGS = 5
"""In VGG16 and in its mirror, 224 -> 7; as often the shared encoder halves, 321 -> 11."""


class UnpoolingError(SegScopeError):
    """A map that 2x2 windows do not tile."""


def windows(x: Array) -> Array:
    """The four cells of each window, in reading order: ``(..., h, w)`` -> ``(..., h/2, w/2, 4)``.

    Raises:
        UnpoolingError: a side is odd.
    """
    height, width = x.shape[-2:]
    if height % WINDOW or width % WINDOW:
        raise UnpoolingError(
            N_("Windows of {window} × {window} do not tile a map of {height} × {width}: choose even sides."),
            window=WINDOW, height=height, width=width,
        )  # fmt: skip
    tiles = x.reshape(*x.shape[:-2], height // WINDOW, WINDOW, width // WINDOW, WINDOW)
    return tiles.swapaxes(-3, -2).reshape(*x.shape[:-2], height // WINDOW, width // WINDOW, WINDOW**2)


def pool(x: Array, ceil: bool = False) -> tuple[Array, Bytes]:
    """2x2 max pooling that remembers.

    Args:
        x: ``(..., h, w)``.
        ceil: whether a last, incomplete window counts; otherwise the sides have to be even.

    Returns:
        The maxima ``(..., h/2, w/2)``, rounded up, and their switches ``uint8`` of the same shape: 0 top left, 1 top
        right, 2 bottom left, 3 bottom right. Of equal values the first in reading order wins, as in PyTorch.

    Raises:
        UnpoolingError: a side is odd, without ``ceil``.
    """
    if ceil and any(side % WINDOW for side in x.shape[-2:]):
        lowest = np.iinfo(x.dtype).min if np.issubdtype(x.dtype, np.integer) else -np.inf  # real cells come first
        behind = [(0, 0)] * (x.ndim - 2) + [(0, -side % WINDOW) for side in x.shape[-2:]]
        x = np.pad(x, behind, constant_values=lowest)
    tiles = windows(x)
    switches = tiles.argmax(-1)
    return np.take_along_axis(tiles, switches[..., None], -1)[..., 0], switches.astype(np.uint8)


def unpool(values: Array, switches: Bytes | None = None, size: tuple[int, int] | None = None) -> Array:
    """Each value of ``(..., h, w)`` at its switch in a map of ``(..., 2h, 2w)``; zeros everywhere else.

    Args:
        values: what is put back.
        switches: of the same shape; without them every value goes to the top left cell of its window.
        size: (height, width) of the map where a side is odd: a row or column less.
    """
    if switches is None:
        switches = np.zeros(values.shape, np.uint8)
    tiles = np.where(np.arange(WINDOW**2) == switches[..., None], values[..., None], values.dtype.type(0))
    height, width = values.shape[-2:]
    tiles = tiles.reshape(*values.shape, WINDOW, WINDOW).swapaxes(-3, -2)
    large = tiles.reshape(*values.shape[:-2], height * WINDOW, width * WINDOW)
    return large if size is None else large[..., : size[0], : size[1]]


def sizes(height: int, width: int, times: int = POOLINGS) -> list[tuple[int, int]]:
    """(height, width) of a map before each of ``times`` poolings, finest first; odd sides are rounded up."""
    out = []
    for _ in range(times):
        out.append((height, width))
        height, width = -(-height // WINDOW), -(-width // WINDOW)
    return out


def memory(x: Array, times: int = POOLINGS, ceil: bool = False) -> list[Bytes]:
    """The switches of ``times`` poolings of ``x (h, w)``, one after the other, finest first."""
    out = []
    for _ in range(times):
        x, switches = pool(x, ceil)
        out.append(switches)
    return out


def enlarge(
    values: Array,
    switches: Sequence[Bytes] | None = None,
    times: int = POOLINGS,
    size: tuple[int, int] | None = None,
) -> Array:
    """Unpool ``(h, w)`` repeatedly.

    Args:
        values: the small map.
        switches: of :func:`memory`; without them every value goes to a corner, ``times`` times.
        times: where there are no switches.
        size: (height, width) of the result where it is not ``2 ** times`` times as large, because sides were odd.
    """
    levels: list[Bytes | None] = [*switches] if switches is not None else [None] * times
    scale = WINDOW ** len(levels)
    whole = size or (values.shape[-2] * scale, values.shape[-1] * scale)
    for level, large in zip(reversed(levels), reversed(sizes(whole[0], whole[1], len(levels))), strict=True):
        values = unpool(values, level, large)
    return values


def empty_share(x: Array) -> float:
    """Share of the cells that are exactly zero, 0 to 1."""
    return float((x == 0).mean())


def kept_size(side: int) -> Axis:
    """The network's "deconvolution" along one axis: a 3x3 transposed convolution, stride 1, padding 1, same size."""
    return Axis(side, 3, 1, 1)


@dataclass(frozen=True, eq=False)
class Round:
    """One pooling and what undoes it, on a map of integers.

    Attributes:
        x: the map, ``(h, w)``.
        pooled: its maxima, ``(h/2, w/2)``.
        switches: where they stood, as :func:`pool` says.
        unpooled: the maxima put back, ``(h, w)``.
        dense: after the transposed convolution, in units of the kernel's denominator, ``(h, w)``.
    """

    x: Integers
    pooled: Integers
    switches: Bytes
    unpooled: Integers
    dense: Integers


def there_and_back(x: Integers, kernel: Integers, remember: bool = True) -> Round:
    """Pool ``x (h, w)``, unpool, and fill in with the ``kernel (3, 3)`` at stride 1.

    ``remember`` puts the maxima back at their switches, otherwise into the corners of their windows.
    """
    pooled, switches = pool(x)
    unpooled = unpool(pooled, switches if remember else None)
    dense = paint(unpooled, kernel, kept_size(x.shape[0]), kept_size(x.shape[1]))
    return Round(x, pooled, switches, unpooled, dense)


def brightness(pixels: Bytes) -> Bytes:
    """A picture ``uint8 (h, w, 3)`` as brightness ``uint8 (h, w)``: luma of ITU-R BT.601."""
    return np.rint(pixels.astype(np.float64) @ (0.299, 0.587, 0.114)).astype(np.uint8)
