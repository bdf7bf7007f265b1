"""Sentences and places of the page, made from numbers."""

from __future__ import annotations

import numpy as np
import pytest

from core.concepts.why.asking import Verdict
from core.concepts.why.screen import board, results, truth
from core.concepts.why.screen.results import Asked, Trials
from core.passes.attribution.depths import Place
from core.passes.attribution.gradients import Cam
from core.passes.attribution.removal import Curve, Trial
from core.pictures import images
from core.ui.budget import weigh


def trial(deletion: float, insertion: float) -> Trial:
    flat = [Curve((0.0, 1.0), (area, area)) for area in (deletion, insertion)]
    return Trial(flat[0], flat[1], 4, 4)


def test_the_truest_map_is_that_of_the_smallest_and_the_largest_area() -> None:
    found = {
        results.CAM: trial(0.2, 0.6),
        results.TIMES: trial(0.1, 0.5),
        results.INTEGRATED: trial(0.5, 0.3),
        results.CHANCE: trial(0.4, 0.4),
    }
    said = truth.verdict(Trials(found, 4, 4))
    assert "By deletion **Gradient × input** is the truest here, by insertion **Seg-Grad-CAM**." in said
    assert said.endswith("No better than a random order in either: Integrated gradients.")
    del found[results.INTEGRATED]
    assert "random" not in truth.verdict(Trials(found, 4, 4))


def test_a_pixel_is_described_with_its_reference() -> None:
    found = Verdict(12, 8, 0.588, 0.113, 1.65)
    said = board.sentence("unet", found)
    assert said == "**U-Net** says **dog** here (59%); next comes cat (11%), 1.6 points of score behind."
    wrong = board.sentence("unet", found._replace(truth=13, rank=5, behind=2.58))
    assert wrong.endswith("The reference says **horse**: number 5 here, 2.6 points behind.")
    assert board.sentence("unet", found._replace(truth=12, rank=1)).endswith("The reference says so too.")


def test_a_map_lies_where_its_cells_stand() -> None:
    """Cells of stride 16 on a picture of 321 x 161: the map reaches half a cell beyond all four sides."""
    cam = Cam("there", np.zeros((11, 21), np.float32), 1, (Place(0.5, 16), Place(0.5, 16)))
    left, top, width, height = board.place(cam, (161, 321))
    assert (left * 321, top * 161) == pytest.approx((-7.5, -7.5))
    assert (width * 321, height * 161) == pytest.approx((336, 176))


@pytest.mark.usefixtures("torch_loaded")
def test_what_a_visitor_leaves_in_memory_is_small() -> None:
    """What is remembered about a photo stands in the budget; one question of one network takes less than a tenth."""
    picture = images.sample("kitten")
    asked = Asked("unet", picture.digest, (420, 330), 8, False, False)
    here, cams = results.subject("unet", picture), results.cams(asked, picture)
    assert weigh(here) < 4_000_000
    assert weigh(cams) < 2_000_000
