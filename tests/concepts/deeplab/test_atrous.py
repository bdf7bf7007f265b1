"""Atrous arithmetic against PyTorch and against counting one by one."""

from __future__ import annotations

from itertools import product
from math import gcd
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from core import facts
from core.concepts.deeplab import atrous
from core.concepts.deeplab.atrous import TAPS
from core.concepts.deeplab.screen import atrous as screen
from core.concepts.deeplab.screen import reach

SIZES = st.integers(1, 14)
RATES = st.integers(1, 16)


def counted(height: int, width: int, rate: int) -> np.ndarray:
    """Valid taps at each position, tap by tap."""
    out = np.zeros((height, width), int)
    for y in range(height):
        for x in range(width):
            for down in (-rate, 0, rate):
                for across in (-rate, 0, rate):
                    out[y, x] += 0 <= y + down < height and 0 <= x + across < width
    return out


@given(SIZES, RATES, st.integers(0, 99))
def test_convolution_is_pytorchs(size: int, rate: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, kernel = rng.integers(-9, 10, (size, size)), rng.integers(-3, 4, (3, 3))
    theirs = F.conv2d(
        torch.tensor(x, dtype=torch.float64)[None, None],
        torch.tensor(kernel, dtype=torch.float64)[None, None],
        padding=rate,
        dilation=rate,
    )[0, 0]
    assert np.array_equal(atrous.convolve(x, kernel, rate), theirs.numpy())
    by_links = np.zeros((size, size), int)
    along = atrous.links(size, rate)
    for r in along:
        for c in along:
            by_links[r.output, c.output] += kernel[r.tap, c.tap] * x[r.input, c.input]
    assert np.array_equal(by_links, theirs.numpy())


@given(SIZES, RATES)
def test_tap_map_equals_counting_one_by_one(size: int, rate: int) -> None:
    expected = counted(size, size, rate)
    assert np.array_equal(atrous.tap_map(size, rate), expected)
    found = atrous.shares(size, rate)
    assert found == {n: (expected == n).mean() for n in found}
    assert sum(found.values()) == pytest.approx(1)
    assert list(found) == sorted(found, reverse=True)
    assert (rate >= atrous.first_without_nine(size)) == (9 not in found)


@given(SIZES, SIZES, RATES)
def test_shares_of_oblong_maps(height: int, width: int, rate: int) -> None:
    expected = counted(height, width, rate)
    assert atrous.share(height, width, rate) == (expected == 9).mean()
    assert atrous.share(height, width, rate, 1) == (expected == 1).mean()
    assert atrous.mean_taps(height, width, rate) == pytest.approx(expected.mean())


@pytest.mark.parametrize(("rate", "percent"), [(1, 94), (6, 66), (12, 40), (18, 20), (24, 7), (36, 0)])
def test_shares_of_the_papers_map(rate: int, percent: int) -> None:
    expected = counted(65, 65, rate)
    found = atrous.shares(int(facts.DEEPLABV3_NINE_TAPS_MAP.value), rate).get(9, 0.0)
    assert found == (expected == 9).mean()
    assert round(100 * found) == percent


def test_at_rate_64_the_kernel_is_one_tap() -> None:
    assert round(100 * atrous.shares(65, 64)[1]) == 94


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_paths_are_the_gradient_of_a_stack_of_ones(rates: list[int]) -> None:
    """With all weights one, the derivative of an output cell after an input cell counts the ways between them."""
    field = atrous.field(rates)
    assert field == 1 + sum((TAPS - 1) * rate for rate in rates)
    x = torch.zeros(1, 1, field, field, dtype=torch.float64, requires_grad=True)
    y = x
    for rate in rates:
        y = F.conv2d(y, torch.ones(1, 1, 3, 3, dtype=torch.float64), dilation=rate)
    assert y.shape == (1, 1, 1, 1)
    y.backward()
    assert x.grad is not None
    ways = atrous.paths(rates)
    assert np.array_equal(np.multiply.outer(ways, ways), x.grad[0, 0].numpy())
    assert atrous.used(rates) == pytest.approx(float((x.grad > 0).double().mean()))


def test_equal_rates_leave_holes_and_ones_within_reach_do_not() -> None:
    assert atrous.used((2, 2, 2)) == pytest.approx((7 / 13) ** 2)
    assert atrous.used((1, 2, 3)) == atrous.used((1, 2, 4)) == 1
    assert atrous.used((2, 4, 8)) < 1
    assert all(len(stack) == 3 for stack in atrous.STACKS)


def test_no_common_factor_is_not_enough() -> None:
    """Wang et al.'s counter-example, which the page shows: 21 of 25 cells along one axis."""
    paths = atrous.paths(screen.COPRIME)
    assert gcd(*screen.COPRIME) == 1
    assert screen.COPRIME in atrous.STACKS
    assert (int((paths > 0).sum()), len(paths)) == (21, 25)
    assert atrous.first_hole(screen.COPRIME) == (9, 7)


def test_a_stack_has_holes_exactly_where_a_rate_is_beyond_the_reach_of_the_smaller_ones() -> None:
    """The page's rule, against counting, for every order of every stack of up to four layers with rates to 8."""
    for layers in range(1, 5):
        for rates in product(range(1, 9), repeat=layers):
            whole = bool((atrous.paths(rates) > 0).all())
            assert (atrous.first_hole(rates) is None) is whole, rates


def test_notes_of_the_stacks_agree_with_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: dict[str, Any] = {}
    monkeypatch.setattr(reach, "_mount", lambda **given: sent.update(given["data"]))
    reach.reach("1-2-9", lambda: None)
    for stack in sent["stacks"]:
        rates = tuple(map(int, stack["code"].split("-")))
        holes = any(word in stack["note"] for word in ("hole", "gridding", "common factor again"))
        assert holes is (atrous.used(rates) < 1), stack["note"]


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 99))
def test_stride_agrees_with_atrous_wherever_it_computes(rate: int, cells: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    side = rate * cells
    x, kernel = rng.normal(size=(side + 3 * rate,) * 2), rng.integers(-3, 4, (3, 3))
    found = atrous.versus(x, kernel, rate)
    assert found.narrow.shape == found.atrous.shape == found.strided.shape == (side, side)
    assert np.allclose(found.strided[::rate, ::rate], found.atrous[::rate, ::rate])
    theirs = F.conv2d(torch.tensor(x)[None, None], torch.tensor(kernel)[None, None].double(), dilation=rate)[0, 0]
    assert np.allclose(found.atrous, theirs.numpy()[:side, :side])
    thin = F.conv2d(torch.tensor(x[::rate, ::rate].copy())[None, None], torch.tensor(kernel)[None, None].double())
    assert np.allclose(found.strided[::rate, ::rate], thin[0, 0].numpy()[:cells, :cells])
    up = F.interpolate(thin, size=rate * cells + 1, mode="bilinear", align_corners=True)[0, 0, :side, :side]
    assert np.allclose(found.strided, up.numpy())
    assert found.cells == (side**2, side**2, cells**2)


def test_equal_rates_of_2_show_neighbours_different_cells() -> None:
    """All offsets are even: the cells that one output cell hangs on are none that its neighbour hangs on."""
    paths = atrous.paths((2, 2, 2))
    read = {int(i) for i in np.flatnonzero(paths)}
    assert read.isdisjoint({i + 1 for i in read})


def test_layers_of_rate_1_before_the_doubled_multi_grid_fill_its_holes() -> None:
    assert atrous.first_hole((2, 4, 8)) is not None
    assert atrous.used((1, 2, 4, 8)) == 1


@pytest.mark.parametrize(("rows", "columns"), [(21, 28), (5, 9), (9, 5)])
def test_rates_too_large_for_a_map(rows: int, columns: int) -> None:
    """The page's two sentences: from one rate on nobody has nine taps, from another on every kernel is a 1 x 1."""
    last, alone = atrous.first_without_nine(min(rows, columns)), max(rows, columns)
    assert atrous.share(rows, columns, last) == 0
    assert atrous.share(rows, columns, last - 1) > 0
    assert atrous.mean_taps(rows, columns, alone) == 1
    assert atrous.mean_taps(rows, columns, alone - 1) > 1


@pytest.mark.parametrize("stride", [16, 8])
def test_a_stride_that_is_avoided_costs_about_four_times_the_cells(stride: int) -> None:
    from core.maths import geometry

    times = geometry.cells(321, stride) ** 2 / geometry.cells(321, 2 * stride) ** 2
    assert 3.5 < times < 4.1


def test_most_off_is_the_square_found_by_trying_all() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 17, 17))
    sums = {
        ((column + 2.5) / 17, (row + 2.5) / 17): np.abs(one - other)[row : row + 5, column : column + 5].sum()
        for row in range(13)
        for column in range(13)
    }
    assert atrous.most_off(one, other, 5) == max(sums, key=lambda at: sums[at])
    assert atrous.most_off(one, other, 40) == (0.5, 0.5)
