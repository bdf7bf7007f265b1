"""From a pin to a question, and what is said of a pixel, against counting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.concepts.why import asking, snippet
from core.engine import inference
from core.passes.attribution import question as questions
from core.passes.attribution.gradients import seg_grad_cam
from core.passes.attribution.question import Subject
from core.pictures import images
from tests.support.printed import output

SCORES = np.zeros((21, 4, 6), np.float32)
SCORES[8], SCORES[12, :, 3:], SCORES[0, 0] = 2, 5, 9


def subject() -> Subject:
    return Subject(None, np.zeros((4, 6, 3), np.uint8), SCORES, 0.0)  # type: ignore[arg-type]


def test_a_question_is_about_the_pixel_or_all_of_the_class() -> None:
    here = subject()
    one = asking.ask(here, 0.1, 0.5, 8)
    assert np.argwhere(one.region).tolist() == [[2, 0]]
    assert one.against is None
    whole = asking.ask(here, 0.1, 0.5, 8, whole=True)
    assert np.array_equal(whole.region, here.ids == 8)
    assert whole.region.sum() == 9
    nowhere = asking.ask(here, 0.1, 0.5, 3, whole=True)
    assert nowhere.region.sum() == 1, "a class that is nowhere: the pixel itself"


def test_the_best_other_class_stands_against() -> None:
    here = subject()
    assert asking.ask(here, 0.9, 0.9, 12, contrast=True).against == 8
    assert asking.ask(here, 0.9, 0.9, 8, contrast=True).against == 12


def test_a_verdict_counts_scores_and_places() -> None:
    here = subject()
    reference = np.full((8, 12), 8, np.uint8)
    found = asking.verdict(here, 0.9, 0.9, reference)
    assert (found.label, found.second, found.margin) == (12, 8, 3)
    assert (found.truth, found.rank, found.behind) == (8, 2, 3)
    raised = np.exp(SCORES[:, 3, 5].astype(np.float64))
    assert found.chance == pytest.approx(raised[12] / raised.sum())
    assert asking.verdict(here, 0.9, 0.9).truth is None
    assert asking.verdict(here, 0.9, 0.9, np.full((8, 12), 255, np.uint8)).truth is None


@given(st.integers(0, 2**32 - 1))
def test_mistakes_are_all_pixels_that_differ_and_each_pin_shows_one(seed: int) -> None:
    dice = np.random.default_rng(seed)
    reference = dice.choice(np.array([0, 3, 8, 255], np.uint8), (7, 11))
    ids = dice.choice(np.array([0, 3, 8], np.uint8), (7, 11))
    found = asking.mistakes(ids, reference, most=99)
    counted = reference != 255
    assert sum(m.share for m in found) == pytest.approx(((ids != reference) & counted).sum() / max(counted.sum(), 1))
    assert [m.share for m in found] == sorted((m.share for m in found), reverse=True)
    for mistake in found:
        row, column = mistake.pin[1] * 7 // 1000, mistake.pin[0] * 11 // 1000
        assert (reference[row, column], ids[row, column]) == (mistake.truth, mistake.said)


def test_a_reference_is_brought_to_the_networks_size_without_mixing() -> None:
    reference = np.repeat(np.repeat(np.array([[0, 8], [255, 12]], np.uint8), 5, 0), 7, 1)
    small = asking.brought(reference, (4, 6))
    assert small.shape == (4, 6)
    assert small[0, 0] == 0
    assert small[0, 5] == 8
    assert small[3, 0] == 255
    assert small[3, 5] == 12
    assert set(np.unique(small)) <= set(np.unique(reference))


def test_the_code_prints_the_map_on_screen(torch_loaded: None) -> None:
    picture, name = images.sample("kitten"), "unet"
    path = next(str(sample.path) for sample in images.SAMPLES if sample.key == "kitten")
    here = questions.look(inference.load(name), picture)
    row, column = here.place(0.42, 0.33)
    asked = asking.ask(here, 0.42, 0.33, here.ranking(row, column)[0])
    cam = seg_grad_cam(here, asked, ["expanding.0"]).depths[0]
    said = output(snippet.seg_grad_cam(picture, path, name, "expanding.0", asked.label, row, column))
    top, left = divmod(int(cam.heat.argmax()), cam.heat.shape[1])
    rows, columns = cam.heat.shape
    assert said == f"{rows} x {columns} cells, hottest {cam.heat.max():.4f} in row {top}, column {left}\n"
