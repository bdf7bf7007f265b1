"""The photo that a page opens with is one on which the part that it is about matters."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine import inference
from core.passes import without_parts
from core.passes.without_parts import Answer
from core.pictures import images
from core.ui import picker, state, story
from core.ui.kit import looks, which_part

pytestmark = pytest.mark.usefixtures("torch_loaded")


@pytest.mark.parametrize("key", [picker.DEFAULT, story.opening("pspnet")])
def test_without_its_pyramid_pspnet_changes_most_of_the_photo_that_its_page_opens_with(key: str) -> None:
    seen = without_parts.look(inference.load("pspnet"), images.sample(key))
    share = without_parts.changed(without_parts.pspnet(seen), without_parts.pspnet(seen, (False,) * 4))
    assert share > 0.5 if key == story.opening("pspnet") else share < 0.1


@pytest.mark.parametrize("key", [picker.DEFAULT, story.opening("deeplab")])
def test_without_image_pooling_deeplab_changes_most_of_the_photo_that_its_page_opens_with(key: str) -> None:
    seen = without_parts.look(inference.load("deeplabv3"), images.sample(key))
    on = (True,) * 4 + (False,)
    share = without_parts.changed(without_parts.deeplab(seen), without_parts.deeplab(seen, on))
    assert share > 0.5 if key == story.opening("deeplab") else share < 0.1


def test_the_first_pin_lies_on_what_the_photo_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks.kept, "pin", lambda: state.NOWHERE)
    ids, probabilities = np.zeros((20, 40), np.uint8), np.zeros((21, 10, 20), np.float16)
    answer = Answer(ids, probabilities)
    assert looks.pinned(answer) == looks.MIDDLE, "nothing is there"
    ids[2:6, 30:36], probabilities[7, 2, 16] = 7, 0.9
    x, y = looks.pinned(answer)
    right, down = state.to_shares((x, y))
    assert ids[int(down * 20), int(right * 40)] == 7
    ids[8:12, 18:22] = 3
    assert looks.pinned(answer) == looks.MIDDLE, "the middle shows something, if not the largest"
    monkeypatch.setattr(looks.kept, "pin", lambda: (10, 20))
    assert looks.pinned(answer) == (10, 20)


def test_a_guess_about_parts_is_judged_with_its_distance() -> None:
    names, single = ["a", "b", "c"], [0.1, 0.5, 0.5]
    assert which_part.verdict("1", names, single) == "**Right.** Most pixels change without b: 50.0%."
    assert which_part.verdict("2", names, single).startswith("**Right.**"), "as many pixels change without it"
    assert "Without a 10.0% of the pixels change, without b 50.0%" in which_part.verdict("0", names, single)
    assert which_part.verdict(which_part.SHOW, names, single) == "Most pixels change without b: 50.0%."
