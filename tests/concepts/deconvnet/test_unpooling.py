"""Pooling that remembers and unpooling, against PyTorch and against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from core.concepts.deconvnet import unpooling
from core.concepts.deconvnet.screen.grid import FILLERS
from core.concepts.deconvnet.unpooling import UnpoolingError
from core.models import kernels

SIDES = st.tuples(st.integers(1, 5), st.integers(1, 5)).map(lambda halves: (2 * halves[0], 2 * halves[1]))


def numbers(shape: tuple[int, ...], seed: int, ties: bool) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(-2, 3, shape).astype(float) if ties else rng.normal(size=shape)


def indices(switches: np.ndarray, columns: int) -> torch.Tensor:
    """Switches 0 to 3 as PyTorch counts: row * columns + column of the large map."""
    r, c = np.indices(switches.shape[-2:])
    return torch.from_numpy((2 * r + switches // 2) * columns + 2 * c + switches % 2)


@given(SIDES, st.integers(1, 3), st.integers(0, 99), st.booleans())
def test_pool_and_unpool_are_pytorchs(size: tuple[int, int], channels: int, seed: int, ties: bool) -> None:
    x = numbers((channels, *size), seed, ties)
    values, switches = unpooling.pool(x)
    theirs, places = F.max_pool2d(torch.from_numpy(x)[None], 2, return_indices=True)
    assert np.array_equal(values, theirs[0].numpy())
    assert torch.equal(indices(switches, size[1]), places[0]), "of equal values the same one wins"
    other = numbers(values.shape, seed + 1, ties=False)
    back = F.max_unpool2d(torch.from_numpy(other)[None], places, 2)[0]
    assert np.array_equal(unpooling.unpool(other, switches), back.numpy())


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 99), st.booleans(), st.sampled_from([float, np.uint8]))
def test_incomplete_windows_count_as_pytorchs_do(h: int, w: int, seed: int, ties: bool, kind: type) -> None:
    x = np.abs(numbers((2, h, w), seed, ties)).astype(kind) if kind is np.uint8 else numbers((2, h, w), seed, ties)
    values, switches = unpooling.pool(x, ceil=True)
    theirs, places = F.max_pool2d(torch.from_numpy(x.astype(float))[None], 2, ceil_mode=True, return_indices=True)
    assert values.dtype == x.dtype
    assert np.array_equal(values, theirs[0].numpy())
    assert torch.equal(indices(switches, w), places[0])
    other = numbers(values.shape, seed + 1, ties=False)
    back = F.max_unpool2d(torch.from_numpy(other)[None], places, 2, output_size=(h, w))[0]
    assert np.array_equal(unpooling.unpool(other, switches, (h, w)), back.numpy())


@given(st.integers(1, 80), st.integers(1, 80), st.integers(1, 5), st.integers(0, 9))
def test_odd_sides_are_enlarged_as_they_were_pooled(h: int, w: int, times: int, seed: int) -> None:
    picture = np.random.default_rng(seed).permutation(h * w).reshape(h, w)
    switches = unpooling.memory(picture, times, ceil=True)
    x = torch.from_numpy(picture)[None, None].double()
    places = []
    for _ in range(times):
        x, place = F.max_pool2d(x, 2, ceil_mode=True, return_indices=True)
        places.append(place)
    values = np.random.default_rng(seed).normal(size=x.shape[2:])
    for size, place in zip(reversed(unpooling.sizes(h, w, times)), reversed(places), strict=True):
        x = F.max_unpool2d(torch.from_numpy(values)[None, None] if place is places[-1] else x, place, 2, 2, 0, size)
    assert np.array_equal(unpooling.enlarge(values, switches, size=(h, w)), x[0, 0].numpy())
    corners = unpooling.enlarge(values, times=times, size=(h, w))
    assert np.array_equal(corners[:: 2**times, :: 2**times], values)
    assert np.count_nonzero(corners) == values.size


@given(SIDES, st.integers(0, 99))
def test_without_switches_values_go_to_the_corner(size: tuple[int, int], seed: int) -> None:
    values = numbers(size, seed, ties=False)
    expected = np.zeros((2 * size[0], 2 * size[1]))
    for (row, column), value in np.ndenumerate(values):
        expected[2 * row, 2 * column] = value
    assert np.array_equal(unpooling.unpool(values), expected)


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 4), st.integers(0, 99))
def test_repeated_unpooling_puts_values_at_the_largest_of_their_square(h: int, w: int, times: int, seed: int) -> None:
    cell = 2**times
    picture = np.random.default_rng(seed).permutation(h * w * cell**2).reshape(h * cell, w * cell)
    values = numbers((h, w), seed, ties=False)
    with_switches, without = np.zeros(picture.shape), np.zeros(picture.shape)
    for (row, column), value in np.ndenumerate(values):
        block = picture[row * cell : (row + 1) * cell, column * cell : (column + 1) * cell]
        y, x = np.unravel_index(block.argmax(), block.shape)
        with_switches[row * cell + y, column * cell + x] = value
        without[row * cell, column * cell] = value
    switches = unpooling.memory(picture, times)
    assert [s.shape for s in switches] == [(h * cell >> i + 1, w * cell >> i + 1) for i in range(times)]
    assert np.array_equal(unpooling.enlarge(values, switches), with_switches)
    assert np.array_equal(unpooling.enlarge(values, times=times), without)


@given(st.sampled_from([4, 6]), st.integers(0, 99), st.sampled_from(FILLERS), st.booleans())
def test_there_and_back_is_pytorchs(side: int, seed: int, name: str, remember: bool) -> None:
    x, kernel = kernels.pattern("random", side, seed), kernels.named(name, 3, seed)
    way = unpooling.there_and_back(x, kernel.numerators, remember)
    values, places = F.max_pool2d(torch.from_numpy(x)[None, None].double(), 2, return_indices=True)
    if not remember:
        places = indices(np.zeros(values.shape[2:], int), side)[None, None]
    large = F.max_unpool2d(values, places, 2)
    dense = F.conv_transpose2d(large, torch.from_numpy(kernel.values)[None, None], stride=1, padding=1)
    assert np.array_equal(way.pooled, values[0, 0].numpy())
    assert np.array_equal(way.unpooled, large[0, 0].numpy())
    assert way.dense.shape == x.shape, "the deconvolution keeps the size"
    np.testing.assert_allclose(way.dense / kernel.denominator, dense[0, 0].numpy(), atol=1e-12)


def test_three_quarters_are_empty() -> None:
    large = unpooling.unpool(np.ones((3, 5)), np.full((3, 5), 2, np.uint8))
    assert unpooling.empty_share(large) == 0.75


def test_odd_sides_are_a_sentence() -> None:
    with pytest.raises(UnpoolingError, match="3 × 4"):
        unpooling.pool(np.zeros((3, 4)))


def test_brightness_is_pillows() -> None:
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    theirs = np.asarray(Image.fromarray(pixels).convert("L")).astype(int)
    assert np.abs(unpooling.brightness(pixels) - theirs).max() <= 1  # Pillow rounds in fixed point


@given(st.sampled_from([1, 2, 7, 112, 224]))
def test_the_networks_deconvolution_keeps_the_size(side: int) -> None:
    assert unpooling.kept_size(side).out == side
