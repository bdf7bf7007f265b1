"""Votes, areas, labels and scores of masks, against counts pixel by pixel."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.concepts.compare import votes as comparison
from core.maths import metrics
from core.models import segmenters, weights
from core.models.registry import SPECS
from core.pictures.labels import CLASSES, VOC


@st.composite
def stacks(draw: st.DrawFn, least: int = 1) -> list[np.ndarray]:
    """Up to six small masks of one shape with few classes, so that they often agree."""
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    some = draw(st.lists(st.integers(0, 20), min_size=1, max_size=4))
    pixel = st.sampled_from(some)
    mask = st.lists(pixel, min_size=height * width, max_size=height * width)
    count = draw(st.integers(least, 6))
    return [np.array(draw(mask), np.uint8).reshape(height, width) for _ in range(count)]


def by_pixel(masks: list[np.ndarray]) -> list[list[int]]:
    """The answers at each pixel, row after row."""
    return [[int(v) for v in votes] for votes in np.stack(masks).reshape(len(masks), -1).T]


def test_titles_are_the_classes_of_training() -> None:
    assert [t.replace(" ", "").lower() for t in VOC] == list(CLASSES)


def test_networks_are_the_bundled_segmenters_of_photos() -> None:
    found = segmenters.networks()
    assert found
    assert set(found) == {
        n for n, s in SPECS.items() if s.kind == "segmenter" and s.labels == "voc-21" and weights.present(n)
    }


def test_downloads_are_offered_and_not_compared_by_themselves() -> None:
    offered = segmenters.optional()
    assert offered
    assert not set(offered) & set(segmenters.networks())
    assert all(SPECS[name].labels == "voc-21" and SPECS[name].download_mb for name in offered)


@given(stacks())
def test_votes_are_those_of_a_count(masks: list[np.ndarray]) -> None:
    pixels = by_pixel(masks)
    assert comparison.answers(masks).ravel().tolist() == [len(set(votes)) for votes in pixels]
    shannon = [-sum(c / len(v) * math.log2(c / len(v)) for c in Counter(v).values()) for v in pixels]
    assert comparison.entropy(masks).ravel().tolist() == pytest.approx(shannon, abs=1e-5)
    assert comparison.agreement(masks) == pytest.approx(sum(len(set(v)) == 1 for v in pixels) / len(pixels))


@given(stacks())
def test_disputed_classes_are_those_of_a_count(masks: list[np.ndarray]) -> None:
    pixels = by_pixel(masks)
    found = comparison.disputed(masks)
    assert set(found) == {i for votes in pixels for i in votes}
    for i, share in found.items():
        assert share == pytest.approx(sum(0 < v.count(i) < len(v) for v in pixels) / len(pixels))
    assert list(found.values()) == sorted(found.values(), reverse=True)


@given(stacks(least=2))
def test_dissent_is_the_mean_difference_from_the_others(masks: list[np.ndarray]) -> None:
    for i, found in enumerate(comparison.dissent(masks)):
        others = [m for j, m in enumerate(masks) if j != i]
        assert found == pytest.approx(sum((masks[i] != m).mean() for m in others) / len(others))


def test_one_mask_alone_agrees_with_itself() -> None:
    mask = np.array([[0, 3]], np.uint8)
    assert comparison.dissent([mask]) == [0.0]
    assert comparison.agreement([mask]) == 1.0


@given(stacks())
def test_areas_are_those_of_a_count(masks: list[np.ndarray]) -> None:
    found = comparison.areas(masks)
    assert found.shape == (len(masks), len(VOC))
    for mask, row in zip(masks, found, strict=True):
        assert row.tolist() == pytest.approx([float((mask == i).mean()) for i in range(len(VOC))])
        assert row.sum() == pytest.approx(1)


def test_void_takes_no_area() -> None:
    assert comparison.areas([np.array([[255, 8, 8, 0]], np.uint8)])[0, 8] == pytest.approx(2 / 3)
    assert comparison.areas([np.full((2, 2), 255, np.uint8)]).sum() == 0


@given(stacks())
def test_labels_stand_on_their_class(masks: list[np.ndarray]) -> None:
    for mask in masks:
        found = comparison.labels(mask)
        assert {e.id for e in found} == {int(i) for i in np.unique(mask) if i}  # every pixel is large on these
        for label in found:
            assert mask[label.y, label.x] == label.id
            assert label.share == pytest.approx((mask == label.id).mean())


def test_small_regions_have_no_label_and_void_has_none() -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[0, :7], mask[1, :9], mask[10:20] = 3, 4, 255
    assert [e.id for e in comparison.labels(mask)] == [4]


@given(stacks(least=2))
def test_score_is_that_of_a_count(masks: list[np.ndarray]) -> None:
    truth, mask = masks[0].copy(), masks[1]
    truth[0, 0] = 255
    found = comparison.score(truth, mask)
    pairs = [(t, m) for t, m in zip(truth.ravel().tolist(), mask.ravel().tolist(), strict=True) if t != 255]
    each = {}
    for i in {i for pair in pairs for i in pair}:
        both = sum(t == m == i for t, m in pairs)
        each[i] = both / sum(i in pair for pair in pairs)
    assert found.iou == pytest.approx(each)
    if pairs:
        assert found.miou == pytest.approx(sum(each.values()) / len(each))
        assert found.accuracy == pytest.approx(sum(t == m for t, m in pairs) / len(pairs))
    assert found.boundary == metrics.boundary_score(truth, mask)
