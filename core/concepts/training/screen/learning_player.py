"""The player of a run, or of two: masks of held-out pictures, loss and IoU, a pixel's probabilities; all that was
learned can be scrubbed through without the server."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from core.passes.learning import tasks
from core.pictures.images import encode_jpeg, encode_png
from core.pictures.samples import SAMPLES
from core.ui import takeaway
from core.ui.component import register
from core.ui.kit.grid import transport_texts
from core.ui.language import gettext as _
from core.viz.palettes import OKABE_ITO

if TYPE_CHECKING:
    from core.passes.learning.run import Frame  # imports PyTorch

_mount = register(__file__, room=(1010, 790))


class Row(NamedTuple):
    """A run as it is sent.

    Attributes:
        name: changes when it begins anew.
        title: what to call it.
        steps: of all frames.
        frames: those that the browser does not have yet.
    """

    name: str
    title: str
    steps: Sequence[int]
    frames: Sequence[Frame]


def _number(value: float, digits: int = 4) -> float | None:
    """For JSON, which has no word for what is not a number."""
    return round(value, digits) if math.isfinite(value) else None


def _png(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def packed(frame: Frame) -> dict[str, Any]:
    """A frame as the player wants it."""
    return {
        "step": frame.step,
        "loss": _number(frame.loss),
        "taught": _number(frame.taught),
        "iou": [_number(v) for v in frame.iou],
        "said": _png(frame.said),
    }


def learning_player(
    task: str,
    rows: Sequence[Row],
    *,
    running: bool,
    over: bool,
    slow: bool,
    news: str,
    ready: bool,
    key: str,
    **events: Callable[[], None],
) -> Any:
    """Draw it.

    Args:
        task: whose held-out pictures are shown.
        rows: the runs.
        running, over, slow, ready: what the buttons are to say and whether they can be pressed.
        news: a line that is announced.
        events: ``on_train_change``, ``on_pause_change``, ``on_step_change``, ``on_again_change``, ``on_slow_change``
            and ``on_missing_change``.
    """
    held, what = tasks.held_out(task), tasks.task(task)
    shown = slice(0, tasks.SHOWN)
    photo = np.concatenate(list(held.pixels[shown]), 1)  # (64, 384, 3)
    return _mount(
        key=key,
        data={
            "task": task,
            "photo": "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(photo, 92)).decode(),
            "credit": " ".join(takeaway.credit(each) for each in SAMPLES if each.instances and task == "nuclei"),
            "truth": _png(encode_png(np.concatenate(list(held.ids[shown]), 1))),
            "side": tasks.SIDE,
            "shown": tasks.SHOWN,
            "classes": [_(name) for name in what.classes],
            "colours": ["", *OKABE_ITO[1 : len(what.classes)]],
            "runs": [
                {"name": r.name, "title": r.title, "steps": list(r.steps), "frames": [packed(f) for f in r.frames]}
                for r in rows
            ],
            "running": running,
            "over": over,
            "slow": slow,
            "ready": ready,
            "news": news,
            "text": {
                **transport_texts(),
                "play": _("Replay"),
                "scrub": _("What was learned so far"),
                "step": _("step {step}"),
                "train": _("Train"),
                "pauseTraining": _("Pause"),
                "oneStep": _("One step"),
                "again": _("Start again"),
                "slow": _("Slowly"),
                "pictures": _("Held-out pictures: none of them teaches"),
                "truth": _("The truth"),
                "network": _("What the network says"),
                "maskAlt": _("{title}: arrow keys choose a pixel"),
                "chart": _("Loss and IoU over the steps"),
                "chartSaid": _("Step {step}: loss {loss}, IoU held out {iou}, on pictures that teach {taught}"),
                "loss": _("loss"),
                "held": _("IoU, held out"),
                "taught": _("IoU, pictures that teach"),
                "steps": _("steps"),
                "pixel": _("One pixel of picture {picture}, which is {name}"),
                "share": _("{name}: {share} %"),
                "notNumber": _("not a number"),
                "table": _("As a table"),
            },
        },
        **events,
    )
