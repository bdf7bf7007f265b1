"""The unpooling player: a small map pooled, its switches, the way back with or without them, and the filling in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from core.concepts.deconvnet.unpooling import kept_size, there_and_back
from core.models.kernels import Integers, Kernel
from core.ui import guesses, kept
from core.ui.component import register
from core.ui.kit.grid import links, packed, transport_texts
from core.ui.language import gettext as _

_mount = register(__file__, room=(795, 401))

KEY = "unpool_player"
LARGEST = 99
"""Magnitude of an edited value."""


def unpool_player(x: Integers, kernel: Kernel, remember: bool, on_edit: Callable[[], None]) -> None:
    """Draw the player; what it shows are the numbers of :func:`core.concepts.deconvnet.unpooling.there_and_back`.

    Args:
        x: the map, square with even sides.
        kernel: ``(3, 3)`` weights of the transposed convolution.
        remember: unpool with the switches, or into a fixed corner.
        on_edit: called when a cell was edited; ``st.session_state[KEY].edit`` says which.
    """
    way = there_and_back(x, kernel.numerators, remember)
    output, wide = packed(way.dense)
    size, half = f"{x.shape[0]} × {x.shape[1]}", f"{way.pooled.shape[0]} × {way.pooled.shape[1]}"
    data: dict[str, Any] = {
        "rows": links(kept_size(x.shape[0])),
        "taps": 3,
        "input0": x.ravel().tolist(),
        "pooled": way.pooled.ravel().tolist(),
        "switches": way.switches.ravel().tolist(),
        "remember": remember,
        "input": way.unpooled.ravel().tolist(),
        "kernel": kernel.numerators.ravel().tolist(),
        "denominator": kernel.denominator,
        "output": output,
        "wide": wide,
        "text": _texts(size, half, remember),
    }
    data["id"] = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
    _mount(key=KEY, data=data, on_edit_change=on_edit, on_guess_change=_guessed)


def _guessed() -> None:
    if (right := kept.flag(KEY, "guess")) is not None:
        guesses.note("deconvnet/returns", right)


def _texts(size: str, half: str, remember: bool) -> dict[str, Any]:
    back = _("unpooled with switches {size}") if remember else _("unpooled without switches {size}")
    return {
        "label": _(
            "Player of pooling and unpooling. Space plays, arrow keys step, Home and End jump;"
            " inside a grid, arrow keys move between cells and Enter edits one."
        ),
        "mapTitle": _("the map {size}").format(size=size),
        "pooledTitle": _("pooled {size}, arrows: switches").format(size=half),
        "unpooledTitle": back.format(size=size),
        "kernelTitle": _("kernel 3 × 3, stride 1"),
        "denseTitle": _("filled in {size}").format(size=size),
        **transport_texts(),
        "mapCell": _("Map, row {row}, column {column}: {value}"),
        "pooledCell": _("Pooled, row {row}, column {column}: {value}"),
        "unpooledCell": _("Unpooled, row {row}, column {column}: {value}"),
        "emptyCell": _("Unpooled, row {row}, column {column}: not shown yet"),
        "kernelCell": _("Kernel, row {row}, column {column}: {value}"),
        "denseCell": _("Filled in, row {row}, column {column}: {value}"),
        "notYet": _("not computed yet"),
        "hint": _("Point at any cell to see where its number comes from. Click a cell of the map to change it."),
        "corners": [_("top left"), _("top right"), _("bottom left"), _("bottom right")],
        "wins": _("{own} is the largest of {four}: it goes on, and its switch remembers “{corner}”."),
        "loses": _("{own} is not the largest of {four}: pooling drops it, and no switch brings it back."),
        "pools": _("The largest of {four} is {value}. Its switch: {corner}."),
        "returns": _("{value} returns to the cell that it came from: its switch says “{corner}”."),
        "zero": _("Zero: the largest of this window, {value}, stood {corner}. What was here is forgotten."),
        "cornered": _("{value} goes to the top left corner, because nothing says that it stood {corner}."),
        "zeroCorner": _("Zero: without switches every value goes to the top left corner of its window."),
        "denseSum": _("Filled in, row {row}, column {column} ="),
        "empties": _("({empty} of {all} cells under the kernel are empty)"),
        "ask": _("Predict: where do the values return?"),
        "stopGuess": _("Back to the player"),
        "reveal": _("Reveal"),
        "guessHow": _(
            "Which cells of the unpooled map will be filled? Click them (or press Enter on them), then reveal."
        ),
        "verdictHit": _("Exactly: all {all} places."),
        "verdictMiss": _("{right} of {all} found, {wrong} too many."),
    }
