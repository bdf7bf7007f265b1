"""Palettes: monotone lightness, a neutral middle, and quantisation that can be undone to half a step."""

from __future__ import annotations

import numpy as np
import plotly.express as px
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.viz import palettes

floats = st.floats(-1e6, 1e6, width=32)


def lightness(colours: np.ndarray) -> np.ndarray:
    return colours.astype(float) @ [0.2126, 0.7152, 0.0722]


def test_magnitude_is_viridis_and_grows_lighter() -> None:
    lut = palettes.magnitude()
    assert lut.shape == (256, 3)
    assert (np.diff(lightness(lut)) > -0.5).all()  # half a grey level is rounding
    anchors = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in px.colors.sequential.Viridis]
    at = np.linspace(0, 255, len(anchors)).round().astype(int)
    assert np.abs(lut[at].astype(int) - anchors).max() <= 3


def test_signed_is_lightest_in_the_middle_and_differs_at_the_ends() -> None:
    light = lightness(palettes.signed())
    assert (np.diff(light[:128]) > -0.5).all()
    assert (np.diff(light[128:]) < 0.5).all()
    assert palettes.signed()[0, 2] > palettes.signed()[0, 0]  # blue below zero
    assert palettes.signed()[255, 0] > palettes.signed()[255, 2]  # orange above


@given(hnp.arrays(np.float32, hnp.array_shapes(max_side=5), elements=floats))
def test_quantisation_is_off_by_half_a_step_at_most(values: np.ndarray) -> None:
    low, high = float(values.min()), float(values.max())
    steps = palettes.quantise(values, low, high)
    assert steps.dtype == np.uint8
    if high > low:
        back = low + steps / 255 * (high - low)
        assert np.abs(back - values).max() <= (high - low) / 255 * 0.5 * 1.001
    else:
        assert not steps.any()


def test_quantise_clips() -> None:
    assert palettes.quantise([-1, 0, 1, 2], 0, 1).tolist() == [0, 0, 255, 255]
