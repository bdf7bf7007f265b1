"""The shapes with which scores are tried out, and what the player says of them."""

from __future__ import annotations

import numpy as np
import pytest

from core.maths import metrics, shapes


def scores(kind: str, grow: int) -> tuple[float, float]:
    """IoU and boundary score of a shape that lies over the reference and is larger by ``grow``."""
    truth, prediction = (shapes.shape(kind, grow=each).astype(np.uint8) for each in (0, grow))
    return float(metrics.iou(metrics.confusion(truth, prediction, 2))[1]), metrics.boundary_score(truth, prediction)


@pytest.mark.parametrize("kind", shapes.HALVES)
@pytest.mark.parametrize("middle", [shapes.MIDDLE, (0, 0), (135, 95), (100, 3)])
@pytest.mark.parametrize("grow", [-1, 0, 8])
def test_a_shape_is_the_pixels_within_its_reach(kind: str, middle: tuple[int, int], grow: int) -> None:
    found, (across, down) = shapes.shape(kind, middle, grow), (half + grow for half in shapes.HALVES[kind])
    assert found.shape == shapes.SIZE
    for y, x in np.ndindex(found.shape):
        dx, dy = abs(x - middle[0]), abs(y - middle[1])
        wanted = np.hypot(dx, dy) <= across + 0.5 if kind == "disc" else dx <= across and dy <= down
        assert found[y, x] == wanted


@pytest.mark.parametrize("kind", shapes.HALVES)
def test_no_setting_is_empty_and_the_reference_lies_inside_the_frame(kind: str) -> None:
    corners = [(x, y) for x in (0, shapes.SIZE[1] - 1) for y in (0, shapes.SIZE[0] - 1)]
    for grow in range(shapes.least(kind), shapes.MOST + 1):
        assert all(metrics.outline(shapes.shape(kind, at, grow)).any() for at in corners)
    reference = shapes.shape(kind)
    assert not any(edge.any() for edge in (reference[0], reference[-1], reference[:, 0], reference[:, -1]))


@pytest.mark.parametrize("kind", ["disc", "square"])
def test_four_pixels_cost_a_large_shape_its_boundary_score_and_little_of_its_iou(kind: str) -> None:
    iou, boundary = scores(kind, 4)
    assert iou > 0.75
    assert boundary == 0
    iou, boundary = scores(kind, 2)
    assert iou > 0.85
    assert boundary == 1


def test_two_pixels_cost_a_thin_bar_most_of_its_iou_and_nothing_of_its_boundary_score() -> None:
    iou, boundary = scores("bar", 2)
    assert iou < 0.5
    assert boundary == 1


def test_an_unknown_shape_is_refused() -> None:
    with pytest.raises(KeyError, match="star"):
        shapes.shape("star")


def test_nothing_is_left_of_what_shrinks_too_far() -> None:
    assert not shapes.shape("disc", grow=-35).any()
    assert not shapes.shape("bar", grow=-2).any()
    assert shapes.shape("bar", grow=shapes.least("bar")).any()
