"""Many visitors on the comparison: all finish, each stops their own, and what is found is shared and forgotten."""

from __future__ import annotations

import time
from collections import Counter

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.concepts.compare import work as comparing
from core.engine import inference, worker
from core.passes import segmentation
from core.passes.segmentation import Segmentation
from core.pictures import images
from core.ui import budget

NAMES = ("fcn32s", "fcn8s", "deeplabv3")
pytestmark = pytest.mark.usefixtures("torch_loaded")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """Tiny networks, and how often each was asked about each picture."""
    worker.end()  # a page of another test may still be at work
    budget.clear()
    found: Counter[tuple[str, str]] = Counter()

    def segment(model: str, picture: images.Picture) -> Segmentation:
        found[model, picture.digest] += 1
        ids = np.zeros(picture.pixels.shape[:2], np.uint8)
        ids[:, : len(model)] = len(model)
        return Segmentation(ids, (64, 48), 0.25)

    monkeypatch.setattr(inference, "load", lambda name: name)
    monkeypatch.setattr(segmentation, "segment", segment)
    monkeypatch.setattr("core.models.segmenters.networks", lambda: NAMES)
    return found


def page() -> None:
    """What the page does with its work, on a picture that the number in the session gives."""
    import numpy as np
    import streamlit as st

    from core.concepts.compare.screen import live
    from core.pictures import images

    number = st.session_state.get("number", 0)
    pixels = np.random.default_rng(number).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    picture = images.decode(images.encode_png(pixels))
    work = live.begin(picture)
    progress = work.progress()
    live.status(picture, progress)
    st.session_state["report"] = progress


def visitor(number: int) -> AppTest:
    test = AppTest.from_function(page, default_timeout=60)
    test.session_state["number"] = number
    return test.run()


def finish(tests: list[AppTest]) -> None:
    """Let every page look again and again, as a browser does."""
    give_up = time.monotonic() + 240
    while any(test.session_state["report"].running for test in tests):
        assert time.monotonic() < give_up
        for test in tests:
            if test.session_state["report"].running:
                test.run()
                assert not test.exception


def test_twenty_visitors_with_their_own_photos_all_finish(asked: Counter[tuple[str, str]]) -> None:
    tests = [visitor(number) for number in range(20)]
    finish(tests)
    for test in tests:
        progress = test.session_state["report"]
        assert progress.done == progress.total
        assert list(progress.answers) == list(NAMES)
        assert "Every network has answered" in test.caption[0].value
    assert len(asked) == 20 * len(NAMES)
    assert set(asked.values()) == {1 + comparing.ROUNDS}, "nothing is computed twice"
    works = [test.session_state["compare_work"][1] for test in tests]
    for test in tests:
        test.run()
    assert [test.session_state["compare_work"][1] for test in tests] == works
    assert set(asked.values()) == {1 + comparing.ROUNDS}


def test_two_visitors_of_one_picture_share_masks_and_each_stops_alone(asked: Counter[tuple[str, str]]) -> None:
    first = visitor(1)
    first.button(key="compare-stop").click().run() if first.session_state["report"].running else None
    second = visitor(1)
    finish([second])
    progress = second.session_state["report"]
    assert progress.done == progress.total
    assert max(asked.values()) <= 1 + comparing.ROUNDS
    before = asked.total()
    again = [b for b in first.run().button if b.key == "compare-go-on"]
    if again:
        again[0].click().run()
        finish([first])
    assert first.session_state["report"].votes is progress.votes or asked.total() == before
    assert asked.total() == before  # all of it was found by the other
    second.button(key="compare-again").click().run()
    assert not first.run().session_state["report"].running


def test_a_photos_masks_are_in_the_budget_and_go_with_the_visitor(asked: Counter[tuple[str, str]]) -> None:
    test = visitor(2)
    finish([test])
    assert budget.size() > 1000
    budget.keep_for(set())
    assert budget.size() == 0


def test_another_picture_stops_the_work_on_the_one_before(asked: Counter[tuple[str, str]]) -> None:
    test = visitor(3)
    before = test.session_state["compare_work"][1]
    test.session_state["number"] = 4
    test.run()
    assert test.session_state["compare_work"][1] is not before
    assert before._spell is None or before._spell.stopped
    finish([test])


def test_work_that_broke_is_said_and_begun_again_by_its_button(
    asked: Counter[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    able = comparing.Comparing._times
    monkeypatch.setattr(comparing.Comparing, "_times", lambda self, picture: [][1])
    test = visitor(5)
    finish([test])
    test.run()
    assert "failed on the server" in test.error[0].value
    monkeypatch.setattr(comparing.Comparing, "_times", able)
    assert not test.run().session_state["report"].running
    test.button(key="compare-go-on").click().run()
    finish([test])
    assert not test.run().error
    assert test.session_state["report"].done == test.session_state["report"].total
