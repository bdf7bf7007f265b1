"""Scores against definitions written out pixel by pixel."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from core.maths import metrics

CLASSES = 4
_IDS = st.sampled_from([0, 1, 2, 3, 255])
_SHAPE = npst.array_shapes(min_dims=2, max_dims=2, max_side=9)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(_SHAPE)
    truth = draw(npst.arrays(np.uint8, shape, elements=_IDS))
    return truth, draw(npst.arrays(np.uint8, shape, elements=st.integers(0, CLASSES - 1)))


@given(pairs())
def test_iou_is_intersection_over_union_of_pixel_sets(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, prediction = pair
    valid = {tuple(p) for p in np.argwhere(truth != 255)}
    each = metrics.iou(metrics.confusion(truth, prediction, CLASSES))
    wanted = []
    for c in range(CLASSES):
        there = {p for p in valid if truth[p] == c}
        said = {p for p in valid if prediction[p] == c}
        wanted.append(len(there & said) / len(there | said) if there | said else math.nan)
    np.testing.assert_allclose(each, wanted)
    known = [w for w in wanted if not math.isnan(w)]
    mean = metrics.mean_iou(metrics.confusion(truth, prediction, CLASSES))
    assert mean == pytest.approx(sum(known) / len(known)) if known else math.isnan(mean)


@given(pairs())
def test_confusion_adds_up_over_halves_and_gives_pixel_accuracy(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, prediction = pair
    whole = metrics.confusion(truth, prediction, CLASSES)
    middle = len(truth) // 2
    halves = [metrics.confusion(t, p, CLASSES) for t, p in zip(*(np.split(a, [middle]) for a in pair), strict=True)]
    np.testing.assert_array_equal(whole, sum(halves))
    valid = truth != 255
    if valid.any():
        assert metrics.pixel_accuracy(whole) == pytest.approx((truth == prediction)[valid].mean())
    else:
        assert math.isnan(metrics.pixel_accuracy(whole))


@given(npst.arrays(bool, _SHAPE), st.integers(0, 3))
def test_near_is_every_pixel_within_the_square(mask: np.ndarray, distance: int) -> None:
    found = metrics.near(mask, distance)
    places = np.argwhere(mask)
    for here in np.ndindex(mask.shape):
        wanted = len(places) > 0 and np.abs(places - here).max(axis=1).min() <= distance
        assert found[here] == wanted


@given(npst.arrays(bool, _SHAPE))
def test_outline_is_the_mask_beside_an_outside_pixel(mask: np.ndarray) -> None:
    found = metrics.outline(mask)
    height, width = mask.shape
    for y, x in np.ndindex(mask.shape):
        beside = [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
        outside = any(0 <= a < height and 0 <= b < width and not mask[a, b] for a, b in beside)
        assert found[y, x] == (mask[y, x] and outside)


@given(pairs())
def test_boundary_score_is_one_for_the_truth_itself(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, prediction = pair
    assert metrics.boundary_score(truth, np.where(truth == 255, prediction, truth)) == 1.0
    assert 0.0 <= metrics.boundary_score(truth, prediction) <= 1.0


def test_boundary_score_forgives_the_tolerance_and_no_more() -> None:
    truth = np.zeros((40, 40), np.uint8)
    truth[10:30, 10:30] = 1
    assert metrics.boundary_score(truth, np.roll(truth, 2, 1), distance=2) == 1.0
    assert metrics.boundary_score(truth, np.roll(truth, 5, 1), distance=2) < 0.8
    assert metrics.boundary_score(truth, np.zeros_like(truth)) == 0.0


@given(npst.arrays(bool, _SHAPE), npst.arrays(bool, _SHAPE), st.integers(0, 2))
def test_outlines_are_counted_pixel_by_pixel(truth: np.ndarray, prediction: np.ndarray, distance: int) -> None:
    prediction = np.resize(prediction, truth.shape)
    lines = [np.argwhere(metrics.outline(mask)) for mask in (prediction, truth)]
    near = [
        sum(len(other) > 0 and np.abs(other - pixel).max(axis=1).min() <= distance for pixel in line)
        for line, other in (lines, lines[::-1])
    ]
    found = metrics.outlines(truth.astype(np.uint8), prediction.astype(np.uint8), distance)
    assert found == (near[0], len(lines[0]), near[1], len(lines[1]))
    if near[0] and near[1]:
        assert found.f1 == pytest.approx(2 / (len(lines[0]) / near[0] + len(lines[1]) / near[1]))
    else:
        assert found.f1 == (not found.true and not found.predicted)


def test_void_rim_forgives_an_outline_inside_it() -> None:
    truth = np.zeros((40, 40), np.uint8)
    truth[8:32, 8:32] = 255
    truth[14:26, 14:26] = 1
    inside_rim = np.zeros_like(truth)
    inside_rim[10:30, 10:30] = 1
    assert metrics.boundary_score(truth, inside_rim, distance=0) == 1.0
    beyond = np.zeros_like(truth)
    beyond[2:38, 2:38] = 1
    assert metrics.boundary_score(truth, beyond, distance=2) == 0.0


def test_peak_is_looked_up_at_the_middle_of_its_cell() -> None:
    mask = np.zeros((8, 8), bool)
    mask[0:4, 4:8] = True
    scores = np.array([[0.0, 1.0], [0.0, 0.0]])
    assert metrics.peak_inside(mask, scores, (8, 8), 4, 4)
    assert not metrics.peak_inside(mask, scores[:, ::-1], (8, 8), 4, 4)
    assert metrics.peak_inside(mask, scores, (16, 16), 8, 8), "the input may be larger than the mask"
    assert metrics.peak_inside(mask, scores, (8, 8), 6, 2), "windows that overlap: the middle lies at (3, 5)"
    mask[3] = False
    assert not metrics.peak_inside(mask, scores, (8, 8), 6, 2)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        metrics.confusion(np.zeros((2, 2), int), np.zeros((2, 3), int), 2)
    with pytest.raises(ValueError, match="outside 0 to 1"):
        metrics.confusion(np.zeros((2, 2), int), np.full((2, 2), 5), 2)
