"""The page about training: pressing its buttons on the server's side."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.concepts.training.screen import lab as labs
from core.concepts.training.screen import learning_player, pixel_picker, watch
from core.concepts.training.screen.lab import Lab
from core.engine import inference
from core.passes.learning import tasks
from core.passes.learning.run import Options, Training
from core.passes.learning.trainer import Trainer
from core.ui import kept
from tests.support.paths import ROOT

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


def page(step: str, **session: Any) -> AppTest:
    """The page with one step in sight."""
    test = AppTest.from_file(str(ROOT / "core" / "ui" / "shell.py"), default_timeout=120).run()
    test.query_params["step"] = step
    for key, value in session.items():
        test.session_state[key.replace("__", "/")] = value
    return test.switch_page("../../pages/training.py").run()


def sent(test: AppTest, name: str) -> dict[str, Any]:
    """What the component ``name`` was given."""
    (found,) = [node for node in test.get("bidi_component") if node.proto.component_name == f"segscope-{name}"]
    data: dict[str, Any] = json.loads(found.proto.bytes)
    return data


def picture(address: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))))


def test_the_pixel_is_chosen_in_the_picture_and_by_sliders() -> None:
    test = page("glass")
    assert not test.exception
    data = sent(test, "pixel-picker")
    assert data["at"] == [18, 5]
    held = tasks.held_out("shapes")
    assert (picture(data["photo"]) == held.pixels[0]).all()
    assert (picture(data["truth"]) == held.ids[0]).all()
    assert picture(data["said"]).shape == (64, 64)
    (row,) = [slider for slider in test.slider if slider.label == "Row"]
    row.set_value(40).run()
    assert sent(test, "pixel-picker")["at"] == [40, 5]


def test_a_chosen_pixel_moves_the_sliders_and_nonsense_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, Any, Any]] = []
    monkeypatch.setattr(kept, "put", lambda *each: told.append(each))
    chosen: dict[str, Any] = {}
    monkeypatch.setattr(kept.st, "session_state", chosen)
    for nonsense in ([64, 2], [1], "here", None, [True, 2], [-1, 0]):
        chosen[pixel_picker.KEY] = type("Sent", (), {"pixel": nonsense})
        pixel_picker._on_pixel()
    assert told == []
    chosen[pixel_picker.KEY] = type("Sent", (), {"pixel": [63, 0]})
    pixel_picker._on_pixel()
    assert told == [("row", 63, 18), ("column", 0, 5)]


def test_pictures_and_masks_stand_before_pytorch_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "ready", lambda: False)
    monkeypatch.setattr(inference, "warm_up", lambda: None)
    test = page("watch")
    assert not test.exception
    data = sent(test, "learning-player")
    assert not data["ready"]
    assert (picture(data["truth"]) == np.concatenate(list(tasks.held_out("shapes").ids[:6]), 1)).all()
    assert any("PyTorch" in info.value for info in test.info)
    brush = sent(page("teach"), "stroke-brush")
    assert brush["photo"]
    assert brush["strokes"]
    assert brush["mask"] == ""


def test_the_first_view_imports_no_pytorch() -> None:
    code = (
        "import sys; from core.concepts.training.screen import teach, watch; from core.passes.learning import tasks;"
        "tasks.held_out('shapes'); sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
