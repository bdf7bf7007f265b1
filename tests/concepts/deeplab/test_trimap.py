"""Bands around boundaries and the score within them, against counting pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.concepts.deeplab import trimap
from core.maths import metrics


def touching(ids: np.ndarray) -> np.ndarray:
    height, width = ids.shape
    out = np.zeros(ids.shape, bool)
    for y in range(height):
        for x in range(width):
            for down, across in ((0, 1), (1, 0), (0, -1), (-1, 0)):
                v, u = y + down, x + across
                if 0 <= v < height and 0 <= u < width and ids[v, u] != ids[y, x]:
                    out[y, x] = True
    return out


def brute(reference: np.ndarray, prediction: np.ndarray, width: int, classes: int) -> float:
    """Mean IoU over the pixels whose distance to a boundary pixel is below ``width``, one pixel after another."""
    rim = np.argwhere(touching(reference))
    inside: dict[int, int] = {}
    union: dict[int, int] = {}
    for y, x in np.ndindex(reference.shape):
        true, found = int(reference[y, x]), int(prediction[y, x])
        near = len(rim) and np.abs(rim - (y, x)).max(axis=1).min() < width
        if true == metrics.VOID or not near:
            continue
        for label in {true, found}:
            union[label] = union.get(label, 0) + 1
        if true == found:
            inside[true] = inside.get(true, 0) + 1
    return float(np.mean([inside.get(label, 0) / n for label, n in union.items()])) if union else float("nan")


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 999), st.booleans())
def test_equals_brute_force(height: int, width: int, seed: int, void: bool) -> None:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 3, (3, 3)).repeat(4, 0).repeat(4, 1)[:height, :width].astype(np.uint8)
    prediction = np.roll(coarse, 1, axis=1)
    if void:
        coarse[rng.random(coarse.shape) < 0.2] = metrics.VOID
    assert np.array_equal(trimap.boundary(coarse), touching(coarse))
    found = trimap.trimap_iou(coarse, prediction, 3, 6)
    expected = [brute(coarse, prediction, d, 3) for d in range(1, 7)]
    assert found == pytest.approx(expected, nan_ok=True)


def test_distance_is_the_square_neighbourhood() -> None:
    ids = np.zeros((40, 50), np.uint8)
    ids[12:25, 20:33] = 7
    far = trimap.distance(ids, 9)
    for d in range(1, 10):
        assert np.array_equal(far <= d, metrics.near(trimap.boundary(ids), d - 1))


def test_the_reference_agrees_with_itself_and_a_plain_picture_has_no_boundary() -> None:
    ids = np.zeros((30, 30), np.uint8)
    ids[5:20, 5:20] = 3
    assert np.array_equal(trimap.trimap_iou(ids, ids), np.ones(trimap.WIDEST))
    assert np.isnan(trimap.trimap_iou(np.zeros_like(ids), ids)).all()


def test_an_error_at_the_outline_weighs_less_in_a_wider_band() -> None:
    ids = np.zeros((60, 60), np.uint8)
    ids[10:50, 10:50] = 1
    grown = metrics.near(ids > 0, 2).astype(np.uint8)
    scores = trimap.trimap_iou(ids, grown, 2)
    assert scores[0] < scores[-1] < 1


@pytest.mark.parametrize("seed", range(4))
def test_the_busiest_place_is_the_one_found_by_trying_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    reference, one, other = rng.integers(0, 3, (3, 19, 23)).astype(np.uint8)
    reference[:, :12] = 1
    near, side = trimap.distance(reference), 6
    found = {}
    for row, column in zip(*np.nonzero(near == 1), strict=True):
        top, left = min(max(0, row - 3), 19 - side), min(max(0, column - 3), 23 - side)
        window = np.s_[top : top + side, left : left + side]
        found[int(column), int(row)] = int((one[window] != other[window]).sum())
    assert found[trimap.busiest(near, one, other, side)] == max(found.values())


def test_without_a_boundary_the_busiest_place_is_the_middle() -> None:
    flat = np.zeros((6, 8), np.uint8)
    assert trimap.busiest(trimap.distance(flat), flat, flat + 1, 4) == (4, 3)
