"""The three ways of transposed convolution, and the ordinary one, against PyTorch in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.maths import transposed as tr
from core.maths.arithmetic import SizeError
from core.maths.transposed import Axis
from tests.support.sums import contributors

F = torch.nn.functional


def axes() -> st.SearchStrategy[Axis]:
    return st.builds(
        Axis,
        size=st.integers(1, 6),
        kernel=st.integers(1, 5),
        stride=st.integers(1, 4),
        padding=st.integers(0, 4),
        output_padding=st.integers(0, 3),
        dilation=st.integers(1, 3),
    )


def possible(axis: Axis) -> bool:
    return tr.repaired(axis)[1] is None


pairs = st.tuples(axes().filter(possible), axes().filter(possible))


def numbers(shape: tuple[int, int], seed: int) -> tr.Array:
    return np.random.default_rng(seed).normal(size=shape)


def case(rows: Axis, columns: Axis, seed: int) -> tuple[tr.Array, tr.Array, tr.Array]:
    """An input, a kernel, and PyTorch's answer."""
    x, w = numbers((rows.size, columns.size), seed), numbers((rows.kernel, columns.kernel), seed + 1)
    both: dict[str, Any] = {
        name: (getattr(rows, name), getattr(columns, name))
        for name in ("stride", "padding", "output_padding", "dilation")
    }
    theirs = F.conv_transpose2d(torch.from_numpy(x)[None, None], torch.from_numpy(w)[None, None], **both)
    return x, w, theirs[0, 0].numpy()


@given(pairs, st.integers(0, 99))
@settings(max_examples=300)
def test_three_ways_are_pytorchs(both: tuple[Axis, Axis], seed: int) -> None:
    x, w, theirs = case(*both, seed)
    assert tr.paint(x, w, *both).shape == theirs.shape
    np.testing.assert_allclose(tr.paint(x, w, *both), theirs, atol=1e-12)
    np.testing.assert_allclose(tr.slide(x, w, *both), theirs, atol=1e-12)
    np.testing.assert_allclose((tr.matrix(w, *both).T @ x.ravel()).reshape(theirs.shape), theirs, atol=1e-12)


@given(pairs, st.integers(0, 99), st.data())
def test_every_sum_written_out_is_pytorchs_value(both: tuple[Axis, Axis], seed: int, data: st.DataObject) -> None:
    x, w, theirs = case(*both, seed)
    row, column = (data.draw(st.integers(0, axis.out - 1)) for axis in both)
    terms = contributors(*both, row, column)
    assert sum(w[t.tap] * x[t.input] for t in terms) == pytest.approx(theirs[row, column], abs=1e-12)
    assert len(terms) == tr.overlap(*both)[row, column]
    assert [t.input for t in terms] == sorted(t.input for t in terms)


@given(pairs)
def test_overlap_is_a_transposed_convolution_of_ones(both: tuple[Axis, Axis]) -> None:
    rows, columns = both
    ones = np.ones((rows.size, columns.size)), np.ones((rows.kernel, columns.kernel))
    _, _, theirs = case(rows, columns, 0)
    painted = F.conv_transpose2d(
        torch.from_numpy(ones[0])[None, None],
        torch.from_numpy(ones[1])[None, None],
        stride=(rows.stride, columns.stride),
        padding=(rows.padding, columns.padding),
        output_padding=(rows.output_padding, columns.output_padding),
        dilation=(rows.dilation, columns.dilation),
    )[0, 0]
    assert tr.overlap(rows, columns).tolist() == painted.long().tolist()
    assert tr.overlap(rows, columns).shape == theirs.shape


@given(pairs, st.integers(0, 99), st.data())
def test_stamps_add_up_one_by_one(both: tuple[Axis, Axis], seed: int, data: st.DataObject) -> None:
    x, w, theirs = case(*both, seed)
    first = data.draw(st.integers(0, x.size))
    kept = x * (np.arange(x.size).reshape(x.shape) < first)
    rest = tr.paint(x - kept, w, *both)
    np.testing.assert_allclose(tr.paint(x, w, *both, first=first) + rest, theirs, atol=1e-12)
    np.testing.assert_allclose(tr.paint(x, w, *both, first=first), tr.paint(kept, w, *both), atol=1e-12)


@given(pairs, st.integers(0, 99))
def test_zeros_lie_between_and_around(both: tuple[Axis, Axis], seed: int) -> None:
    rows, columns = both
    x, w, theirs = case(rows, columns, seed)
    wide = tr.insert_zeros(x, rows, columns)
    assert wide.shape == (rows.out + rows.reach, columns.out + columns.reach)
    turned = torch.from_numpy(w[::-1, ::-1].copy())
    dilation = (rows.dilation, columns.dilation)
    again = F.conv2d(torch.from_numpy(wide.copy())[None, None], turned[None, None], dilation=dilation)
    np.testing.assert_allclose(again[0, 0].numpy(), theirs, atol=1e-12)
    if min(rows.border) >= 0 and min(columns.border) >= 0:
        assert sorted(wide[wide != 0]) == sorted(x[x != 0])


@given(pairs, st.integers(0, 99))
def test_needed_products_are_those_without_an_inserted_zero(both: tuple[Axis, Axis], seed: int) -> None:
    rows, columns = both
    x = np.ones((rows.size, columns.size))
    cost = tr.multiplications(rows, columns)
    windows = tr.slide(x, np.ones((rows.kernel, columns.kernel)), rows, columns)
    assert cost.needed == windows.sum()
    assert cost.with_zeros == windows.size * rows.kernel * columns.kernel
    assert cost.wasted >= 0


@given(axes(), axes(), st.integers(0, 99))
@settings(max_examples=200)
def test_convolution_and_its_matrix_are_pytorchs(rows: Axis, columns: Axis, seed: int) -> None:
    x, w = numbers((9, 11), seed), numbers((rows.kernel, columns.kernel), seed)
    try:
        ours = tr.convolve(x, w, rows.twin, columns.twin)
    except SizeError:
        with pytest.raises(RuntimeError, match="Kernel size can't be greater"):
            theirs_of(x, w, rows, columns)
        return
    theirs = theirs_of(x, w, rows, columns)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def theirs_of(x: tr.Array, w: tr.Array, rows: Axis, columns: Axis) -> tr.Array:
    return F.conv2d(
        torch.from_numpy(x)[None, None],
        torch.from_numpy(w)[None, None],
        stride=(rows.stride, columns.stride),
        padding=(rows.padding, columns.padding),
        dilation=(rows.dilation, columns.dilation),
    )[0, 0].numpy()


@given(pairs, st.integers(0, 99))
def test_matrix_is_the_ordinary_convolutions(both: tuple[Axis, Axis], seed: int) -> None:
    """C itself maps the large grid to the small one, wherever output padding leaves the twin's size alone."""
    rows, columns = both
    assume(rows.output_padding < rows.stride and columns.output_padding < columns.stride)
    large, w = numbers((rows.out, columns.out), seed), numbers((rows.kernel, columns.kernel), seed)
    small = tr.convolve(large, w, rows.twin, columns.twin)
    assert small.shape == (rows.size, columns.size)
    np.testing.assert_allclose(tr.matrix(w, rows, columns) @ large.ravel(), small.ravel(), atol=1e-12)


@given(axes().filter(possible), st.integers(0, 99))
def test_round_trip_returns_the_shape(axis: Axis, seed: int) -> None:
    start, w = numbers((axis.out, axis.out), seed), numbers((axis.kernel, axis.kernel), seed)
    trip = tr.round_trip(start, w, axis)
    assert trip.back.shape == start.shape
    p, s, d = axis.padding, axis.stride, axis.dilation
    weight = torch.from_numpy(w)[None, None]
    there = F.conv2d(torch.from_numpy(start)[None, None], weight, stride=s, padding=p, dilation=d)
    back = F.conv_transpose2d(there, weight, stride=s, padding=p, output_padding=trip.again.output_padding, dilation=d)
    np.testing.assert_allclose(trip.middle, there[0, 0].numpy(), atol=1e-12)
    np.testing.assert_allclose(trip.back, back[0, 0].numpy(), atol=1e-11)


@given(axes())
def test_repair_is_possible_and_leaves_the_possible_alone(axis: Axis) -> None:
    fixed, error = tr.repaired(axis)
    assert fixed.out >= 1
    if error is None:
        assert fixed == axis
    else:
        assert fixed != axis
        with pytest.raises(SizeError):
            _ = axis.out
        assert (fixed.size, fixed.kernel, fixed.stride, fixed.dilation) == (
            axis.size,
            axis.kernel,
            axis.stride,
            axis.dilation,
        )


def test_integers_stay_integers() -> None:
    axis = Axis(3, 3, 2)
    x, w = np.arange(9).reshape(3, 3), np.ones((3, 3), np.int64)
    for out in (tr.paint(x, w, axis, axis), tr.slide(x, w, axis, axis), tr.matrix(w, axis, axis)):
        assert out.dtype == np.int64


@given(st.integers(1, 9), st.integers(1, 5), st.integers(0, 4), st.integers(0, 2), st.integers(1, 3))
def test_stride_1_adds_and_never_multiplies(size: int, kernel: int, padding: int, more: int, dilation: int) -> None:
    """The page's sentence: at stride 1 the output has d (k - 1) - 2 p + o cells more than the input, whatever its size.
    Dumoulin and Visin's first transposed figure, 3 x 3 without padding, enlarges."""
    axis = Axis(size, kernel, 1, padding, more, dilation)
    assume(more < dilation and size + axis.added >= 1)
    layer = torch.nn.ConvTranspose2d(1, 1, kernel, 1, padding, more, dilation=dilation)
    assert layer(torch.zeros(1, 1, size, size)).shape[-1] == size + axis.added == axis.out
    assert axis.added == dilation * (kernel - 1) - 2 * padding + more


def test_a_kernel_of_3_at_stride_1_without_padding_enlarges() -> None:
    assert torch.nn.ConvTranspose2d(1, 1, 3, 1, 0)(torch.zeros(1, 1, 3, 3)).shape[-2:] == (5, 5)
    assert Axis(3, 3).out == 5
    assert Axis(3, 3).added == 2
    assert Axis(4, 3, 1, 1).added == 0
