"""The resolution meter against PyTorch's pooling and counted pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from core.concepts.deconvnet import resolution
from core.concepts.deconvnet.resolution import Dot

SIDE = 32


def vanishes(readings: list[resolution.Reading]) -> int | None:
    """The first depth at which the pooled map has no trace of the dot, ``None`` if it lasts to the end."""
    return next((depth for depth, reading in enumerate(readings) if not reading.changed), None)


@st.composite
def dots(draw: st.DrawFn) -> Dot:
    side = draw(st.integers(1, SIDE))
    return Dot(*(draw(st.integers(0, SIDE - side)) for _ in range(2)), side, draw(st.integers(0, 255)))


@given(dots(), st.integers(0, 99), st.booleans())
def test_readings_are_counted(dot: Dot, seed: int, flat: bool) -> None:
    grey = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE)).astype(np.uint8)
    if flat:
        grey[:] = 128
    mask = np.zeros((SIDE, SIDE))
    mask[dot.row : dot.row + dot.side, dot.column : dot.column + dot.side] = 1
    after = np.where(mask > 0, dot.value, grey)
    readings = resolution.read(grey, dot)
    for depth, reading in enumerate(readings):
        cell = 2**depth
        maps = [F.max_pool2d(torch.from_numpy(m.astype(float))[None], cell) for m in (grey, after)]
        share = F.avg_pool2d(torch.from_numpy(mask)[None], cell).max()
        assert reading.cell == cell
        assert reading.changed == int((maps[0] != maps[1]).sum())
        assert reading.cover == pytest.approx(float(share), abs=1e-12)
        assert reading.voted == bool(share >= 0.5)
    gone = [depth for depth, reading in enumerate(readings) if not reading.changed]
    assert vanishes(readings) == (gone[0] if gone else None)
    if gone:
        assert gone == list(range(gone[0], len(readings))), "what has vanished does not come back"


@pytest.mark.parametrize("depth", range(6))
def test_smallest_dots_are_those_found_by_trying(depth: int) -> None:
    cell = 2**depth

    def shown(side: int, row: int, column: int) -> bool:
        mask = np.zeros((4 * cell, 4 * cell))
        mask[row : row + side, column : column + side] = 1
        return bool((mask.reshape(4, cell, 4, cell).mean(axis=(1, 3)) >= 0.5).any())

    places = [(row, column) for row in range(cell) for column in range(cell)]
    best, anywhere = resolution.smallest(depth)
    assert any(shown(best, *place) for place in places)
    assert best == 1 or not any(shown(best - 1, *place) for place in places)
    assert all(shown(anywhere, *place) for place in places)
    assert anywhere == 1 or not all(shown(anywhere - 1, *place) for place in places)


def test_a_white_dot_lasts_and_a_dark_one_does_not() -> None:
    grey = np.full((SIDE, SIDE), 100, np.uint8)
    assert vanishes(resolution.read(grey, Dot(5, 5, 1, 255))) is None
    assert vanishes(resolution.read(grey, Dot(5, 5, 1, 0))) == 1
    assert vanishes(resolution.read(grey, Dot(4, 4, 4, 0))) == 3
    assert vanishes(resolution.read(grey, Dot(5, 5, 9, 100))) == 0, "the picture's own brightness"


def test_contrast() -> None:
    grey = np.array([[0, 127, 128, 255]], np.uint8)
    assert [resolution.contrasting(grey, 0, i) for i in range(4)] == [255, 255, 0, 0]
