"""Heat and classes over a photo."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.pictures import images
from core.viz.overlays import class_colours, classes_over, heat_over, spread
from core.viz.palettes import magnitude


@given(st.integers(1, 6), st.integers(1, 6), st.sampled_from([2, 4, 8, 32]), st.integers(0, 2**32 - 1))
def test_cells_that_tile_the_picture_are_pytorchs_bilinear_interpolation(
    r: int, c: int, stride: int, seed: int
) -> None:
    grid = np.random.default_rng(seed).random((r, c), np.float32)
    mine = spread(grid, (c * stride, r * stride), stride, stride / 2)
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(grid)[None, None], scale_factor=stride, mode="bilinear", align_corners=False
    )
    assert mine == pytest.approx(theirs[0, 0].numpy(), abs=1e-5)


def test_a_cell_is_brightest_in_the_middle_of_its_window() -> None:
    grid = np.zeros((4, 5), np.float32)
    grid[2, 3] = 1
    heat = spread(grid, (352, 320), 32, 112)  # windows of 224 every 32 pixels
    assert heat.shape == (320, 352)
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert abs(row + 0.5 - (2 * 32 + 112)) <= 0.5
    assert abs(column + 0.5 - (3 * 32 + 112)) <= 0.5
    assert heat.max() > 0.95


def test_heat_over_keeps_the_ends_of_the_scale() -> None:
    pixels = np.full((2, 2, 3), 90, np.uint8)
    out = heat_over(pixels, [[0, 1], [0.5, 0]], opacity=1)
    assert (out[0, 0] == magnitude()[0]).all()
    assert (out[0, 1] == magnitude()[255]).all()
    assert (heat_over(pixels, np.ones((2, 2)), opacity=0) == 90).all()


def test_classes_are_tinted_outlined_and_named() -> None:
    pixels = np.array(images.sample("cat").pixels)
    ids = np.zeros(pixels.shape[:2], np.uint8)
    ids[50:250, 100:300] = 1
    plain = classes_over(pixels, ids, ["background", ""])
    named = classes_over(pixels, ids, ["background", "cat"])
    outside = ids == 0
    outside[49, :] = outside[250, :] = outside[:, 99] = outside[:, 300] = False
    assert np.array_equal(plain[outside], pixels[outside])
    assert (plain[50, 100:300] == 255).all()  # white inside
    assert (plain[49, 100:300] == 0).all()  # black outside: one of the two shows on any ground
    expected = pixels[60, 110] * 0.55 + class_colours()[1] * 0.45
    assert np.abs(plain[60, 110] - expected).max() <= 0.5
    changed = (named != plain).any(-1)
    assert changed.any()
    assert not changed[:50].any()
    rows, columns = np.nonzero(changed)
    assert abs(rows.mean() - 150) < 12
    assert abs(columns.mean() - 200) < 12


def test_nothing_found_is_nothing_painted() -> None:
    pixels = np.array(images.sample("cat").pixels)
    assert np.array_equal(classes_over(pixels, np.zeros(pixels.shape[:2], np.uint8), ["background"]), pixels)


def test_without_outlines_every_pixel_keeps_its_tint() -> None:
    pixels = np.array(images.sample("cat").pixels)
    ids = np.random.default_rng(0).integers(0, 2, pixels.shape[:2]).astype(np.uint8)  # nothing but borders
    plain = classes_over(pixels, ids, ["background", ""], 0.5, outline=False)
    assert np.array_equal(plain[ids == 0], pixels[ids == 0])
    assert np.abs(plain[ids == 1] - (pixels * 0.5 + class_colours()[1] * 0.5)[ids == 1]).max() <= 0.5
