"""The race in the browser: a bet, three lanes that fill while the server computes, and the replay of the record."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.concepts.sliding_window.race import Lane
from core.concepts.sliding_window.track import Cells
from core.concepts.sliding_window.windows import Windows
from core.pictures.images import encode_jpeg
from core.ui.component import register
from core.ui.language import gettext as _
from core.viz import palettes

_mount = register(__file__, room=(620, 430))

Mode = Literal["idle", "running", "done"]
_EMPTY = 255
"""A cell without a value yet; computed cells are 0 to 254."""


def packed_heat(heat: npt.NDArray[np.float32], top: float) -> str:
    """Cells as bytes, 254 for ``top``, 255 where nothing is computed yet."""
    shares = np.clip(np.nan_to_num(heat, nan=0.0) / (top or 1.0), 0, 1)
    values = np.where(np.isnan(heat), _EMPTY, (shares * 254).round()).astype(np.uint8)
    return base64.b64encode(values.tobytes()).decode()


def _small(photo: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The photo as wide as a lane at most: it travels with every report of a running race."""
    image = Image.fromarray(photo)
    image.thumbnail((400, 400))
    return np.asarray(image)


def _titles(tiles: bool, batch: int) -> dict[str, tuple[str, str]]:
    if tiles:
        return {
            "single": (_("One tile at a time"), _("Every tile goes through the whole network, margins included.")),
            "batched": (
                _("Tiles in batches"),
                _("The same tiles, {batch} to a pass: fewer calls, the same arithmetic.").format(batch=batch),
            ),
            "once": (_("One pass"), _("The whole picture at once: margins are computed once.")),
        }
    return {
        "single": (_("One window at a time"), _("Every window is cut out and goes through the whole network.")),
        "batched": (
            _("Windows in batches"),
            _("The same windows, {batch} to a pass: fewer calls, the same arithmetic.").format(batch=batch),
        ),
        "once": (
            _("One fully convolutional pass"),
            _("The whole picture at once: what windows share is computed once."),
        ),
    }


def race_lanes(
    lanes: Sequence[Lane],
    windows: Windows,
    cells: Cells,
    *,
    photo: npt.NDArray[np.uint8],
    mode: Mode,
    subject: str,
    news: str = "",
    bet: float = 0,
    batch: int = 16,
    on_start: Callable[[], None],
    on_stop: Callable[[], None],
    key: str = "race",
) -> Any:
    """Draw the lanes.

    Args:
        lanes: as they stand, or as they ended.
        windows, cells: where they look and what they paint.
        photo: the input, ``uint8 (H, W, 3)``.
        mode: before, during or after a race.
        subject: changes whenever photo, windows or language change.
        news: the sentence that is announced.
        bet: the visitor's bet, 0 without one.
        batch: windows in a batch.
        on_start, on_stop: called when the visitor presses the buttons; the result's ``start`` is the bet.
    """
    titles = _titles(bool(windows.margin), batch)
    seen = [float(np.nanmax(lane.heat)) for lane in lanes if lane.heat.size and not np.isnan(lane.heat).all()]
    top = max(seen, default=0.0)
    unit = _("{done} of {total} tiles") if windows.margin else _("{done} of {total} windows")
    return _mount(
        key=key,
        data={
            "mode": mode,
            "subject": subject,
            "run": f"{subject}/{[round(lane.seconds, 6) for lane in lanes]}",
            "news": news,
            "bet": bet,
            "photo": "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(_small(photo), quality=70)).decode(),
            "width": windows.width,
            "height": windows.height,
            "side": windows.side,
            "stride": windows.stride,
            "margin": windows.margin,
            "across": windows.columns,
            "cells": {
                "rows": cells.rows,
                "columns": cells.columns,
                "size": cells.size,
                "first": cells.first,
                "block": cells.block,
            },
            "palette": base64.b64encode(palettes.magnitude().tobytes()).decode(),
            "lanes": [
                {
                    "way": lane.way,
                    "title": titles[lane.way][0],
                    "how": titles[lane.way][1],
                    "unit": _("{done} of {total} layers") if lane.way == "once" else unit,
                    "total": lane.total,
                    "done": lane.done,
                    "seconds": round(lane.seconds, 4),
                    "left": None if lane.left is None else round(lane.left, 2),
                    "state": lane.state,
                    "marks": [[round(t, 4), n] for t, n in lane.marks] if mode == "done" else [],
                    "heat": packed_heat(lane.heat, top),
                }
                for lane in lanes
            ],
            "text": {
                "bet": _("My bet: one pass is"),
                "times": _("times as fast as single windows."),
                "betNote": _("The bet is optional."),
                "start": _("Start the race"),
                "again": _("Race again"),
                "stop": _("Stop"),
                "replay": _("Replay side by side"),
                "pause": _("Pause"),
                "recorded": _("Recorded: the lanes ran one after another, so that none slowed another down."),
                "scrub": _("Moment of the replay"),
                "speed": _("Speed of the replay"),
                "waiting": _("waits for its turn"),
                "warming": _("warms up, unmeasured"),
                "stopped": _("stopped"),
                "seconds": _("{seconds} s"),
                "left": _("{seconds} s, about {left} s left"),
                "alt": _("The photo under the heatmap of this lane: {lane}"),
            },
        },
        on_start_change=on_start,
        on_stop_change=on_stop,
    )
