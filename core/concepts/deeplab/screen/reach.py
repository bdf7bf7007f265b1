"""What a stack of atrous layers reaches and what it skips: gridding, replayed layer by layer, and its cure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from core.concepts.deeplab import atrous
from core.ui.component import register
from core.ui.kit.grid import transport_texts
from core.ui.language import gettext as _

_mount = register(__file__, room=(671, 615))

KEY = "reach"


def code(rates: tuple[int, ...]) -> str:
    """A stack's name in the URL."""
    return "-".join(map(str, rates))


def reach(chosen: str, on_stack: Callable[[], None]) -> None:
    """Draw the replay; stacks are switched in the browser.

    Args:
        chosen: :func:`code` of the stack to begin with.
        on_stack: called when another one was chosen; ``st.session_state[KEY].stack`` is its code.
    """
    notes = {
        (2, 2, 2): _("equal rates: gridding"),
        (1, 2, 3): _("each rate within reach of those before: the cure"),
        (1, 2, 4): _("DeepLabv3’s multi-grid"),
        (1, 2, 9): _("no common factor, and a hole"),
        (2, 4, 8): _("the multi-grid doubled: a common factor again"),
        (4, 4, 4): _("equal rates, larger: wider holes"),
    }
    data: dict[str, Any] = {
        "stacks": [
            {
                "code": code(rates),
                "title": ", ".join(map(str, rates)),
                "note": notes[rates],
                "layers": [
                    {
                        "ways": atrous.paths(rates[len(rates) - depth :]).tolist(),
                        "rate": rates[len(rates) - depth] if depth else 0,
                        "field": atrous.field(rates[len(rates) - depth :]) if depth else 1,
                        "used": atrous.used(rates[len(rates) - depth :]) if depth else 1.0,
                    }
                    for depth in range(len(rates) + 1)
                ],
            }
            for rates in atrous.STACKS
        ],
        "text": {
            "label": _("Replay of gridding. Space plays, arrow keys step back through the layers."),
            "stacks": _("Rates of the three layers"),
            "grid": _("Cells on which one output cell hangs"),
            "cell": _("Row {row}, column {column}: {ways} ways"),
            "hole": _("Row {row}, column {column}: skipped"),
            "start": _("One output cell. Step back through the layers to see which cells it hangs on."),
            "sum": _(
                "Back through {depth} layers, the last with rate {rate}: a field of {field} × {field} cells,"
                " of which {used} are read."
            ),
            **transport_texts(),
        },
    }
    data["id"] = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
    _mount(key=KEY, data=data | {"chosen": chosen}, on_stack_change=on_stack)
