"""The page about training: pressing its buttons on the server's side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.concepts.training.screen import lab as labs
from core.concepts.training.screen import learning_player, watch
from core.concepts.training.screen.lab import Lab
from core.passes.learning.run import Options, Training
from core.passes.learning.trainer import Trainer

pytestmark = pytest.mark.usefixtures("torch_loaded")


@pytest.fixture
def lab() -> Iterator[Lab]:
    made = Lab((Options(pictures=4),))
    made.begin()
    yield made
    made.pause()


def test_it_begins_with_what_random_weights_say(lab: Lab) -> None:
    ((steps, new),) = lab.news()
    assert steps == (0,)
    assert [frame.step for frame in new] == [0]
    assert lab.news() == [((0,), ())], "what the browser has is not sent again"
    lab.forget_sent()
    assert len(lab.news()[0][1]) == 1


def test_one_step_is_one_step_and_starting_again_is_another_run(lab: Lab) -> None:
    taken, name = Trainer.slots.taken, lab.name
    lab.learn(1)
    assert lab.worker is not None
    assert lab.worker.finished.wait(60)
    assert lab.runs[0].step == 1
    assert Trainer.slots.taken == taken
    lab.begin()
    assert lab.runs[0].step == 0
    assert lab.name != name


def test_a_pause_frees_the_slot(lab: Lab) -> None:
    taken = Trainer.slots.taken
    lab.learn()
    assert lab.running
    assert lab.worker is not None
    lab.pause()
    assert lab.worker.finished.wait(60)
    assert not lab.running
    assert Trainer.slots.taken == taken
    assert not lab.over


def test_what_is_said(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "random numbers" in watch.news(lab)
    lab.learn()
    monkeypatch.setattr("core.passes.learning.trainer.training", lambda: 3)
    assert "3 people are training: each has 1/3 of the speed" in watch.news(lab)
    lab.pause()
    lab.runs[0].exploded = True
    assert "not a number any more" in watch.news(lab)
    assert "the end" not in watch.news(lab)


def test_a_frame_travels_as_json_and_small() -> None:
    run = Training(Options(pictures=4))
    sent: dict[str, Any] = learning_player.packed(run.look())
    assert sent["loss"] is None, "before the first step there is none"
    assert len(sent["said"]) < 30_000
    assert len(sent["iou"]) == 4


def test_labs_of_other_options_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(labs.st, "session_state", kept)
    one = labs.of("a", (Options(pictures=4),))
    assert labs.of("a", (Options(pictures=4),)) is one
    one.learn()
    other = labs.of("a", (Options(pictures=4, depth=1),))
    assert other is not one
    assert one.worker is not None
    assert one.worker.finished.wait(60)
    other.learn()
    labs.only("b")
    assert other.worker is not None
    assert other.worker.finished.wait(60), "one trains at a time"
