"""What the page about sliding windows says: which networks race, what they paint, why seconds differ from counts."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from cachetools import TTLCache

from core import facts
from core.concepts.sliding_window.bill import bill
from core.concepts.sliding_window.curve import Curve, Key, Point
from core.concepts.sliding_window.race import Course, Lane, Race, Result
from core.concepts.sliding_window.screen import curve as race_curve
from core.concepts.sliding_window.screen import lanes as race
from core.concepts.sliding_window.screen import story
from core.concepts.sliding_window.screen.race import packed_heat
from core.concepts.sliding_window.windows import sliding
from core.models import imagenet, weights
from core.passes.heatmaps import View
from core.pictures import images
from core.ui import budget, guesses


def result(single: float, batched: float, once: float) -> Result:
    course = Course("efficientnet-lite0", "", View(), 32, 1, (0,))
    lanes = tuple(
        Lane(way, 1, 1, seconds, "done")  # type: ignore[arg-type]
        for way, seconds in (("single", single), ("batched", batched), ("once", once))
    )
    return Result(course, lanes, 0.0, np.zeros((1, 1), np.float32), 1.0)


def test_networks_appear_with_their_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    assert race.networks() == ["efficientnet-lite0"]
    (tmp_path / "vgg16-slim.safetensors").write_bytes(b"")
    assert race.networks() == ["efficientnet-lite0", "vgg16-slim"]
    (tmp_path / "googlenet.safetensors").write_bytes(b"")
    assert race.networks() == ["efficientnet-lite0", "googlenet", "vgg16-slim"]


def test_what_is_painted_is_what_the_sample_shows() -> None:
    by_key = {sample.key: sample for sample in images.SAMPLES}
    assert race.painted("efficientnet-lite0", by_key["dog"], None).ids == imagenet.resolve("dog")
    assert race.painted("googlenet", by_key["dog"], None).ids == imagenet.resolve("dog")
    assert race.painted("vgg16-slim", by_key["dog"], None) == ((12,), "dog")
    assert race.painted("vgg16-slim", by_key["people"], None) == ((15,), "person")
    assert race.painted("unet-em", by_key["dog"], None).ids == (0,)


@pytest.mark.parametrize(
    ("single", "batched", "words"),
    [
        (20.0, 10.0, ("lose more", "share each read")),
        (5.0, 9.0, ("gains less", "no help")),
        (10.0, 10.0, ("agree", "about as long")),
    ],
)
def test_the_comparison_says_what_was_measured(single: float, batched: float, words: tuple[str, ...]) -> None:
    said = story._comparison(10.0, result(single, batched, 1.0))
    assert f"measured are {single:.1f} and {batched:.1f} times" in said
    assert all(word in said for word in words)


def test_the_verdict_compares_the_bet_with_the_slowest_lane() -> None:
    assert "right, within a quarter" in race._news(result(10.0, 5.0, 1.0), 9.0, running=False)
    assert "too high, 2.0 times off" in race._news(result(10.0, 5.0, 1.0), 20.0, running=False)
    assert "too low, 5.0 times off" in race._news(result(10.0, 5.0, 1.0), 2.0, running=False)
    assert "bet" not in race._news(result(10.0, 5.0, 1.0), 0, running=False)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The state of a visitor called ann, and nothing remembered."""
    state: dict[str, Any] = {}
    monkeypatch.setattr("streamlit.session_state", state)
    budget.clear()
    with budget.asking_for("ann"):
        yield state
    budget.clear()


def test_a_result_moves_from_the_session_into_the_budget_and_goes_with_its_visitor(session: dict[str, Any]) -> None:
    found = result(10.0, 5.0, 1.0)
    runner = Race(found.course, images.sample("cat"))
    runner.result = found
    session["race_now"] = runner
    assert race.result(found.course) is None  # its thread has not ended
    runner.finished.set()
    assert race.result(found.course) is found
    assert session == {}
    assert budget.size() > 0
    with budget.asking_for("bob"):  # who looks at the same picture
        assert race.result(found.course) is found
    budget.keep_for({"bob"})
    assert race.result(found.course) is found
    budget.keep_for(set())
    assert race.result(found.course) is None
    assert budget.size() == 0


def test_nobody_is_told_before_they_start(session: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    found = result(10.0, 5.0, 1.0)
    budget.put(("race", found.course), found)  # another visitor's race with the same picture and settings
    assert race.told(found.course) is None
    session["race"] = SimpleNamespace(start=12.0)
    monkeypatch.setattr(Race, "start", lambda self: pytest.fail("what is known is not computed again"))
    race._start(found.course, images.sample("cat"))
    assert race.told(found.course) is found
    assert session["race_bet"] == 12.0
    race._note(found)
    assert guesses.answered("sliding_window/speed-up") is True
    started = []
    monkeypatch.setattr(Race, "start", lambda self: started.append(self))
    race._start(found.course, images.sample("cat"))  # again is a race
    assert started


def test_a_result_without_room_in_the_budget_stays_with_its_visitor(
    session: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "_results", TTLCache(10, 3600, getsizeof=budget.weigh))
    found = result(10.0, 5.0, 1.0)
    runner = session["race_now"] = Race(found.course, images.sample("cat"))
    runner.result = found
    runner.finished.set()
    assert race.result(found.course) is found
    assert session == {"race_now": runner}


def test_a_curve_moves_from_the_session_into_the_budget_and_goes_with_its_visitor(session: dict[str, Any]) -> None:
    key = Key("alexnet-slim", "photo", 1)
    curve = session["curve_now"] = Curve(key, images.sample("cat"))
    curve._seconds = {("once", 4): [1.0, 2.0]}
    curve.finished.set()
    assert race_curve._measured(key) == ()  # it was stopped
    curve.complete = True
    assert race_curve._measured(key) == (Point("once", 4, (1.0, 2.0)),)
    assert session == {}
    budget.keep_for(set())
    assert race_curve._measured(key) == ()


def test_heat_is_packed_with_a_place_for_nothing() -> None:
    heat = np.array([[0.0, 0.25, 0.5, np.nan]], np.float32)
    assert list(base64.b64decode(packed_heat(heat, 0.5))) == [0, 127, 254, 255]
    assert packed_heat(np.empty((0, 0), np.float32), 0.0) == ""


def test_published_marks_are_the_papers_figures() -> None:
    alone, batched, once = race_curve.published()
    crops = facts.FCN_GRID_SIDE.value**2
    assert {p.answers for p in (alone, batched, once)} == {crops} == {100}
    assert batched.seconds == pytest.approx(crops * facts.FCN_CROP_MS.value / 1000)
    assert alone.seconds / once.seconds == pytest.approx(540 / 22)
    assert facts.FCN_SINGLE_MS.text in alone.says


def test_a_race_gives_the_chart_its_first_marks() -> None:
    found = result(10.0, 5.0, 1.0)
    assert race_curve.of_race(None) == race_curve.of_race(found) == ()  # no lane has painted anything
    lanes = tuple(replace(lane, heat=np.zeros((3, 4), np.float32)) for lane in found.lanes)
    points = race_curve.of_race(replace(found, lanes=lanes))
    assert points == (Point("single", 12, (10.0,)), Point("batched", 12, (5.0,)), Point("once", 12, (1.0,)))


def test_time_left_follows_the_pace() -> None:
    lane = Lane("single", 10)
    assert lane.left is None
    assert replace(lane, done=4, seconds=2.0).left == pytest.approx(3.0)


@pytest.mark.usefixtures("torch_loaded")
def test_the_box_says_what_windows_without_overlap_cost_on_this_input() -> None:
    windows = sliding(448, 608, 32)
    counted = bill("efficientnet-lite0", sliding(448, 608, 224))
    said = story._apart("efficientnet-lite0", windows)
    assert story.giga(counted.windows) in said
    assert story.giga(counted.once) in said
    assert "4 such windows" in said
    assert f"{len(windows)} answers" in said
    assert story._apart("unet-em", sliding(256, 256, 64, tiles=True)) == ""
