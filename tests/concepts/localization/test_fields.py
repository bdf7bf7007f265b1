"""A receptive field drawn over a photo, pixel by pixel."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.concepts.localization import fields
from core.viz import palettes

WHITE, ORANGE = (255, 255, 255), (230, 159, 0)


def outline(left: int, top: int, side: int, width: int, height: int) -> np.ndarray:
    """Where the border of a square lies, asked of every pixel."""
    mask = np.zeros((height, width), bool)
    for y in range(height):
        for x in range(width):
            dx, dy = x - left, y - top
            mask[y, x] = max(dx, dy) < side and min(dx, dy) >= 0 and (dx in (0, side - 1) or dy in (0, side - 1))
    return mask


@given(st.integers(-9, 14), st.integers(-9, 14), st.integers(1, 25), st.integers(0, 11), st.integers(0, 8))
def test_frames_lie_where_the_fields_end(left: int, top: int, side: int, x: int, y: int) -> None:
    photo, flat = np.full((9, 12, 3), 100, np.uint8), np.zeros((9, 12), np.float32)
    image = fields.over(photo, flat, (left, top, side), (x, y, 3))
    orange = outline(x - 1, y - 1, 3, 12, 9)
    white = outline(left, top, side, 12, 9) & ~orange
    assert ((image == ORANGE).all(-1) == orange).all()
    assert ((image == WHITE).all(-1) == white).all()
    assert (image[~orange & ~white] == 100).all()  # 0.6 * 100 + 40


def test_gradient_is_viridis_by_its_root_over_grey() -> None:
    photo = np.zeros((4, 5, 3), np.uint8)
    photo[..., 0] = 200
    gradient = np.zeros((4, 5), np.float32)
    gradient[1, 2], gradient[2, 3] = 1, 0.25
    image = fields.over(photo, gradient, (-9, -9, 30), (0, 0, 1))
    grey = 0.6 * 0.299 * 200 + 40
    assert (image[1, 2] == palettes.magnitude()[255]).all()
    half = 0.5 * palettes.magnitude()[palettes.quantise(np.array([0.5]), 0, 1)[0]] + 0.5 * grey
    assert np.abs(image[2, 3] - half).max() <= 1
    assert np.abs(image[3, 0] - grey).max() <= 1
    assert (image[0, 0] == ORANGE).all()
