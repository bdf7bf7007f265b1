"""Every way is measured on every size as often as promised, and a stopped measurement leaves nothing."""

from __future__ import annotations

import pytest

from core.concepts.sliding_window import curve as race_curve
from core.concepts.sliding_window.curve import Curve, Key, Point
from core.concepts.sliding_window.race import WAYS
from core.engine import inference
from core.pictures import images
from tests.concepts.sliding_window.test_race import small


@pytest.fixture(autouse=True)
def networks(monkeypatch: pytest.MonkeyPatch) -> None:
    inference.wait_until_ready(120)
    monkeypatch.setitem(inference._models, "alexnet-slim", small("alexnet-slim"))


def measured(key: Key, steps: tuple[int, ...], runs: int) -> Curve:
    curve = Curve(key, images.sample("cat"), steps, runs)
    curve.start()
    assert curve.finished.wait(120)
    assert curve.error is None
    return curve


@pytest.mark.parametrize("model", ["alexnet-slim", "unet-em"])
def test_every_way_and_size(model: str) -> None:
    key = Key(model, images.sample("cat").digest, 1)
    curve = measured(key, (1, 2), 2)
    points = curve.points()
    assert {(p.way, p.answers) for p in points} == {(way, n) for way in WAYS for n in (1, 4)}
    assert all(len(p.seconds) == 2 and min(p.seconds) > 0 for p in points)
    assert curve.share == 1.0
    assert curve.complete


def test_a_stopped_measurement_is_not_complete() -> None:
    key = Key("alexnet-slim", "another", 1)
    curve = Curve(key, images.sample("cat"))
    curve.start()
    curve.stop()
    assert curve.finished.wait(60)
    assert not curve.complete


def test_median_and_sides() -> None:
    assert Point("once", 4, (3.0, 1.0, 9.0)).median == 3.0
    assert race_curve.side_for("efficientnet-lite0", 10) == 512
    assert race_curve.side_for("unet-em", 10) == 320
    assert race_curve.square(images.sample("cat"), 64).shape == (64, 64, 3)
