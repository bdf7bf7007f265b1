"""Sprite sheets hold the maps they were made from, to half a step of a byte."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.viz import sprites

SIZES = st.tuples(st.integers(1, 12), st.integers(1, 9), st.integers(1, 9))


@given(SIZES, st.integers(0, 10**6), st.integers(0, 5))
def test_maps_come_back(size: tuple[int, int, int], seed: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    maps = (rng.normal(size=size) * rng.uniform(0.01, 100)).astype(np.float32)
    order = rng.permutation(len(maps))[: rng.integers(1, len(maps) + 1)]
    sheet = sprites.sheet(maps, order, columns)
    assert sheet.count == len(order)
    assert sheet.pixels.shape[1] == sheet.columns * size[2]
    for place, channel in enumerate(order):
        span = maps[channel].max() - maps[channel].min()
        assert np.abs(sheet.map(place) - maps[channel]).max() <= span / 510 * 1.001 + 1e-6
        assert sheet.channels[place] == channel


def test_the_picture_in_the_data_is_the_sheet() -> None:
    maps = np.random.default_rng(0).normal(size=(7, 4, 6)).astype(np.float32)
    sheet = sprites.sheet(maps)
    data = sheet.data()
    raw = base64.b64decode(str(data["image"]).partition(",")[2])
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(raw))), sheet.pixels)
    assert data["low"] == pytest.approx(maps.min(axis=(1, 2)).tolist(), rel=1e-4)


def test_a_constant_map_has_no_range() -> None:
    sheet = sprites.sheet(np.full((1, 3, 3), 2.5, np.float32))
    assert not sheet.pixels.any()
    assert np.array_equal(sheet.map(0), np.full((3, 3), 2.5))


def test_orders() -> None:
    maps = np.stack([np.full((2, 2), -3.0), np.array([[0.0, 2.0], [2.0, 0.0]]), np.zeros((2, 2))])
    assert sprites.strength(maps).tolist() == [3, 1, 0]
    assert sprites.variance(maps).tolist() == [0, 1, 0]
