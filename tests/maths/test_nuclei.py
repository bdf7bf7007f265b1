"""Rims and cores, cutting nuclei apart, and the score of a match, against slower ways to say the same."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.maths import nuclei
from core.maths.boxes import components
from core.maths.nuclei import BACKGROUND, CORE, RIM

LABELS = arrays(np.int32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 5))


def discs(shape: tuple[int, int], *where: tuple[float, float, float]) -> np.ndarray:
    """``(row, column, radius)`` each; where two overlap, a pixel belongs to the nearer centre: they touch."""
    rows, columns = np.indices(shape)
    far = np.stack([np.hypot(rows - r, columns - c) - radius for r, c, radius in where])
    return np.where(far.min(0) <= 0, far.argmin(0) + 1, 0).astype(np.int32)


def taught(labels: np.ndarray, sure: float = 0.9) -> np.ndarray:
    """Probabilities of a network that has learned its lesson: ``(3, H, W)``."""
    ids = nuclei.rims_and_cores(labels)
    return np.stack([np.where(ids == c, sure, (1 - sure) / 2) for c in range(3)]).astype(np.float32)


# ----------------------------------------------------------------------------------------------------- what is taught


@given(LABELS)
def test_rims_and_cores_together_are_the_nuclei(labels: np.ndarray) -> None:
    ids = nuclei.rims_and_cores(labels)
    assert np.array_equal(ids > 0, labels > 0)
    for label in np.unique(labels[labels > 0]):
        assert (ids[labels == label] == CORE).any(), "each keeps a core"


@given(LABELS, st.integers(1, 1000))
def test_numbers_of_nuclei_do_not_matter(labels: np.ndarray, more: int) -> None:
    other = np.where(labels > 0, 7 * labels + more, 0)
    assert np.array_equal(nuclei.rims_and_cores(labels), nuclei.rims_and_cores(other))


@pytest.mark.parametrize(("radius", "width"), [(3, 1), (8, 2), (12, 3), (30, 4)])
def test_the_rim_of_a_disc_is_a_quarter_of_its_radius_and_no_wider_than_four(radius: int, width: int) -> None:
    side = 2 * radius + 11
    ids = nuclei.rims_and_cores(discs((side, side), (side // 2, side // 2, radius + 0.4)))
    row = ids[side // 2]
    assert (row == RIM).sum() == 2 * width
    assert (row == CORE).sum() == 2 * radius + 1 - 2 * width


def test_touching_discs_get_two_cores_and_a_cut_one_goes_on_beyond_the_picture() -> None:
    labels = discs((60, 60), (30, 15, 12), (30, 38, 12), (59, 59, 10))
    ids = nuclei.rims_and_cores(labels)
    assert components(labels > 0).max() == 2
    assert components(ids == CORE).max() == 3
    assert ids[59, 59] == CORE, "the picture's edge is no rim"


def test_a_long_thin_nucleus_stays_in_one_piece() -> None:
    labels = np.zeros((20, 90), np.int32)
    labels[8:13, 5:85] = 1
    assert components(nuclei.rims_and_cores(labels) == CORE).max() == 1


# ------------------------------------------------------------------------------------------------------- cutting apart


@pytest.mark.parametrize("gap", [-6.0, -2.0, 0.0, 3.0])
def test_touching_discs_are_found_as_they_are(gap: float) -> None:
    radius = 9
    labels = discs((70, 90), (20, 20, radius), (20, 20 + 2 * radius + gap, radius), (50, 60, 12))
    found = nuclei.cut(taught(labels))
    assert found.max() == 3
    assert np.array_equal(found > 0, labels > 0)
    assert nuclei.agreement(labels, found) == (3, 3, 3)
    assert (found != nuclei.numbered(labels)).mean() < 0.02, "only where rims meet"


def test_specks_are_dropped_and_a_piece_without_a_core_counts() -> None:
    probabilities = taught(discs((40, 40), (12, 12, 8)))
    probabilities[:, 30:32, 30:32] = np.array([0.1, 0.1, 0.8])[:, None, None]  # 4 pixels
    probabilities[:, 30:35, 5:10] = np.array([0.1, 0.8, 0.1])[:, None, None]  # 25 pixels of rim
    probabilities[:, 11:13, 12:14] = np.array([0.1, 0.8, 0.1])[:, None, None]  # a hole in the core
    probabilities[:, 12, 5] = np.array([0.1, 0.1, 0.8])  # and a core of one pixel beside it
    found = nuclei.cut(probabilities)
    assert found.max() == 2
    assert not found[30:32, 30:32].any()
    assert (found[30:35, 5:10] == 2).all()
    assert nuclei.cut(probabilities, smallest=26).max() == 1


def test_nothing_is_found_where_nothing_is() -> None:
    assert nuclei.cut(np.full((3, 5, 6), 1 / 3, np.float32)).shape == (5, 6)
    empty = np.zeros((3, 5, 6), np.float32)
    empty[BACKGROUND] = 1
    assert not nuclei.cut(empty).any()


@given(LABELS, arrays(np.bool_, (12, 12)))
@settings(max_examples=200)
def test_growing_is_a_breadth_first_search(seeds: np.ndarray, mask: np.ndarray) -> None:
    mask = mask[: seeds.shape[0], : seeds.shape[1]]
    height, width = seeds.shape
    steps, owner = np.where(seeds > 0, 0, 10**6), seeds.copy()
    queue = deque(zip(*np.nonzero(seeds), strict=True))
    while queue:
        y, x = queue.popleft()
        for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if not (0 <= v < height and 0 <= u < width and mask[v, u]) or seeds[v, u]:
                continue
            if steps[y, x] + 1 < steps[v, u]:
                steps[v, u], owner[v, u] = steps[y, x] + 1, owner[y, x]
                queue.append((v, u))
            elif steps[y, x] + 1 == steps[v, u] and owner[y, x] < owner[v, u]:
                owner[v, u] = owner[y, x]
    assert np.array_equal(nuclei.grown(seeds, mask), owner)


@given(LABELS)
def test_numbering_keeps_regions_and_reads_like_a_page(labels: np.ndarray) -> None:
    found = nuclei.numbered(labels)
    order = [int(v) for v in dict.fromkeys(labels.ravel().tolist()) if v]
    expected = np.zeros_like(labels)
    for number, label in enumerate(order, start=1):
        expected[labels == label] = number
    assert np.array_equal(found, expected)


# ------------------------------------------------------------------------------------------------------------- scoring


def slow_agreement(truth: np.ndarray, found: np.ndarray) -> tuple[int, int, int]:
    """Every pair, one by one; no found nucleus is used twice."""
    true, seen = set(truth[truth > 0].tolist()), set(found[found > 0].tolist())
    free, matched = set(seen), 0
    for t in true:
        for f in sorted(free):
            a, b = truth == t, found == f
            if (a & b).sum() / (a | b).sum() > 0.5:
                free.remove(f)
                matched += 1
                break
    return matched, len(seen), len(true)


@given(st.data())
def test_matches_are_those_of_all_pairs(data: st.DataObject) -> None:
    truth = data.draw(LABELS)
    noise = data.draw(arrays(np.int32, truth.shape, elements=st.integers(0, 5)))
    where = data.draw(arrays(np.bool_, truth.shape))
    found = np.where(where, noise, truth)
    pairs = nuclei.agreement(truth, found)
    assert pairs == slow_agreement(truth, found)
    assert 0 <= pairs.score <= 1
    back = nuclei.agreement(found, truth)
    assert (back.matched, back.score) == (pairs.matched, pairs.score)


def test_scores_of_perfect_merged_missed_and_empty_answers() -> None:
    truth = discs((60, 60), (15, 15, 8), (15, 40, 8), (45, 30, 8))
    assert nuclei.agreement(truth, truth).score == 1
    merged = nuclei.agreement(truth, np.where(truth == 2, 1, truth))
    assert merged == (1, 2, 3), "two as one: neither overlaps by more than half"
    assert merged.score == pytest.approx(1 / 4)
    assert merged.count_error == pytest.approx(1 / 3)
    missed = nuclei.agreement(truth, np.where(truth == 3, 0, truth))
    assert missed.score == pytest.approx(2 / 3)
    nothing = nuclei.agreement(np.zeros_like(truth), np.zeros_like(truth))
    assert (nothing.score, nothing.count_error) == (1.0, 0.0)
    assert nuclei.agreement(np.zeros_like(truth), truth).count_error == 3


def test_a_stricter_threshold_matches_less() -> None:
    truth = discs((40, 40), (20, 20, 10))
    found = discs((40, 40), (20, 20, 8))
    assert nuclei.agreement(truth, found).matched == 1
    assert nuclei.agreement(truth, found, 0.9).matched == 0


# ------------------------------------------------------------------------------------------------------------ contrast


def test_contrast_is_stretched_by_one_line_for_all_channels() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(10, 60, (40, 50, 3)).astype(np.uint8)
    out = nuclei.stretched(pixels)
    grey = pixels.mean(axis=2)
    low, high = np.percentile(grey, (0.5, 99.5))
    expected = np.clip((pixels - low) * 255 / (high - low), 0, 255)
    assert np.abs(out - expected).max() <= 0.51
    assert out.dtype == np.uint8


def test_a_picture_without_contrast_is_not_blown_up_to_noise() -> None:
    pixels = np.full((20, 20, 3), 90, np.uint8)
    pixels[::2] += 4
    out = nuclei.stretched(pixels)
    assert int(out.max()) - int(out.min()) <= 4 * 255 / nuclei.FAINTEST + 1
