"""Transposed convolution in numpy, in three equivalent ways, with the ordinary convolution that it is the transpose of.

(a) *Paint and add*: every input cell stamps the kernel, scaled by its value, on the output. (b) *Insert zeros and
convolve*: ``s - 1`` zeros between the cells, a border of ``d(k-1) - p``, then the flipped kernel slides with stride 1.
(c) *The matrix*: convolution is ``y = C x``, transposed convolution ``x = C^T y``. The tests compare all three with
PyTorch. Arrays keep their type, so integers stay exact.

Source: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.maths.arithmetic import Layer, SizeError, transposed_output_size

Array = npt.NDArray[Any]


class Link(NamedTuple):
    """Along one axis: cell ``input``, multiplied by kernel tap ``tap``, is one of the terms of cell ``output``."""

    output: int
    input: int
    tap: int


@dataclass(frozen=True)
class Axis:
    """A transposed convolution along one axis, with PyTorch's names and meanings.

    Attributes:
        size: cells that come in, at least 1.
        kernel: taps, at least 1.
        stride: output cells from one stamp to the next, at least 1.
        padding: output cells that are cut off on either side, at least 0.
        output_padding: further output cells at the end, fewer than ``max(stride, dilation)``.
        dilation: output cells between neighbouring taps of a stamp, at least 1.
    """

    size: int
    kernel: int
    stride: int = 1
    padding: int = 0
    output_padding: int = 0
    dilation: int = 1

    @cached_property
    def out(self) -> int:
        """Cells that come out. Raises :class:`core.maths.arithmetic.SizeError` where PyTorch refuses too."""
        return transposed_output_size(
            self.size, self.kernel, self.stride, self.padding, self.output_padding, self.dilation
        )

    @property
    def reach(self) -> int:
        """Distance from the first to the last tap of a stamp: ``d(k - 1)``."""
        return self.dilation * (self.kernel - 1)

    @property
    def added(self) -> int:
        """Cells by which the output is larger than ``size`` times the stride, less ``stride - 1`` for the last cell's
        missing successors: ``d(k-1) - 2p + o``. At stride 1 that is all the growth there is; it may be negative."""
        return self.reach - 2 * self.padding + self.output_padding

    @property
    def border(self) -> tuple[int, int]:
        """Zeros before and after the stretched input in way (b): ``d(k-1) - p``; negative ones are cells cut off."""
        before = self.reach - self.padding
        return before, before + self.output_padding

    @property
    def stretched(self) -> int:
        """Cells of the input with ``s - 1`` zeros between neighbours, without the border."""
        return (self.size - 1) * self.stride + 1

    @property
    def twin(self) -> Layer:
        """The ordinary convolution with the same kernel, stride, padding and dilation."""
        return Layer("conv", self.kernel, self.stride, self.padding, self.dilation)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Who contributes to whom: output ``i s + t d - p`` for input ``i`` and tap ``t``, where that lies inside."""
        return tuple(
            Link(output, i, tap)
            for i in range(self.size)
            for tap in range(self.kernel)
            if 0 <= (output := i * self.stride + tap * self.dilation - self.padding) < self.out
        )

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """How many stamps reach each output cell: ``int64 (out,)``."""
        return np.bincount([link.output for link in self.links], minlength=self.out).astype(np.int64)


def repaired(axis: Axis) -> tuple[Axis, SizeError | None]:
    """The nearest possible combination, and why the given one is impossible (``None`` when it is not).

    Output padding is lowered first, then padding, until at least one cell comes out.
    """
    try:
        _ = axis.out
    except SizeError as error:
        fixed = replace(axis, output_padding=min(axis.output_padding, max(axis.stride, axis.dilation) - 1))
        most = (fixed.stretched + fixed.reach + fixed.output_padding - 1) // 2
        return replace(fixed, padding=min(fixed.padding, most)), error
    return axis, None


def paint(x: Array, kernel: Array, rows: Axis, columns: Axis, first: int | None = None) -> Array:
    """Way (a): the output after the first ``first`` input cells, in reading order, have been stamped (all of them).

    ``x (H, W)``, ``kernel (k_h, k_w)`` -> ``(rows.out, columns.out)``.
    """
    if first is not None:
        x = np.where(np.arange(x.size).reshape(x.shape) < first, x, np.zeros_like(x))
    size = rows.out + 2 * rows.padding, columns.out + 2 * columns.padding
    canvas = np.zeros(size, np.result_type(x, kernel))  # before the padding is cut off
    for u, v in np.ndindex(*kernel.shape):
        top, left = u * rows.dilation, v * columns.dilation
        canvas[top : top + rows.stretched : rows.stride, left : left + columns.stretched : columns.stride] += (
            x * kernel[u, v]
        )
    return canvas[rows.padding : rows.padding + rows.out, columns.padding : columns.padding + columns.out]


def insert_zeros(x: Array, rows: Axis, columns: Axis) -> Array:
    """The input of way (b): zeros between the cells and around them, ``(rows.out + d(k-1), columns.out + d(k-1))``."""
    stretched = np.zeros((rows.stretched, columns.stretched), x.dtype)
    stretched[:: rows.stride, :: columns.stride] = x
    borders = [rows.border, columns.border]
    padded = np.pad(stretched, [(max(0, before), max(0, after)) for before, after in borders])
    cut = [
        slice(max(0, -before), size - max(0, -after))
        for size, (before, after) in zip(padded.shape, borders, strict=True)
    ]
    return padded[cut[0], cut[1]]


def slide(x: Array, kernel: Array, rows: Axis, columns: Axis) -> Array:
    """Way (b): an ordinary convolution of stride 1 over :func:`insert_zeros` with the kernel turned by 180 degrees."""
    wide, turned = insert_zeros(x, rows, columns), kernel[::-1, ::-1]
    out = np.zeros((rows.out, columns.out), np.result_type(x, kernel))
    for u, v in np.ndindex(*kernel.shape):
        top, left = u * rows.dilation, v * columns.dilation
        out += wide[top : top + rows.out, left : left + columns.out] * turned[u, v]
    return out


def matrix(kernel: Array, rows: Axis, columns: Axis) -> Array:
    """The ordinary convolution's matrix C, ``(H W, rows.out columns.out)``; way (c) multiplies by its transpose."""

    def places(axis: Axis) -> Array:
        out = np.zeros((axis.size, axis.out, axis.kernel), kernel.dtype)
        for link in axis.links:
            out[link.input, link.output, link.tap] = 1
        return out

    full = np.einsum("iau,jbv,uv->ijab", places(rows), places(columns), kernel, optimize=True)
    return full.reshape(rows.size * columns.size, rows.out * columns.out)


def overlap(rows: Axis, columns: Axis) -> npt.NDArray[np.int64]:
    """How many stamps every output cell receives: ``int64 (rows.out, columns.out)``."""
    return np.outer(rows.counts, columns.counts)


class Multiplications(NamedTuple):
    """Products that the sum needs, and products of way (b), which multiplies the inserted zeros as well."""

    needed: int
    with_zeros: int

    @property
    def wasted(self) -> int:
        """Products of which one factor is an inserted zero."""
        return self.with_zeros - self.needed


def multiplications(rows: Axis, columns: Axis) -> Multiplications:
    """Counts for one channel in and one out."""
    return Multiplications(int(overlap(rows, columns).sum()), rows.out * columns.out * rows.kernel * columns.kernel)


def convolve(x: Array, kernel: Array, rows: Layer, columns: Layer) -> Array:
    """The ordinary convolution (in the sense of neural networks: the kernel is not turned).

    ``x (H, W)`` -> ``(rows.output_size(H), columns.output_size(W))``; raises :class:`core.maths.arithmetic.SizeError`.
    """
    height, width = rows.output_size(x.shape[0]), columns.output_size(x.shape[1])
    padded = np.pad(x, ((rows.padding, rows.padding), (columns.padding, columns.padding)))
    out = np.zeros((height, width), np.result_type(x, kernel))
    for u, v in np.ndindex(*kernel.shape):
        top, left = u * rows.dilation, v * columns.dilation
        out += (
            padded[top : top + (height - 1) * rows.stride + 1 : rows.stride][
                :, left : left + (width - 1) * columns.stride + 1 : columns.stride
            ]
            * kernel[u, v]
        )
    return out


class RoundTrip(NamedTuple):
    """A map through the convolution and back through its transposed twin.

    Attributes:
        start: the map, ``(H, W)``.
        middle: after the convolution.
        back: after the transposed convolution, in the shape of ``start``.
        again: the axis of the way back; its output padding is the one that restores the shape.
    """

    start: Array
    middle: Array
    back: Array
    again: Axis

    @property
    def difference(self) -> Array:
        """What the way there and back changed: ``back - start``."""
        return np.asarray(self.back - self.start)


def round_trip(start: Array, kernel: Array, axis: Axis) -> RoundTrip:
    """Convolve the square map ``start`` and transpose back, with output padding ``(H + 2p - k_eff) mod s``."""
    layer = axis.twin
    middle = convolve(start, kernel, layer, layer)
    remainder = (start.shape[0] + layer.total_padding - layer.effective_kernel) % layer.stride
    again = replace(axis, size=middle.shape[0], output_padding=remainder)
    return RoundTrip(start, middle, paint(middle, kernel, again, again), again)
