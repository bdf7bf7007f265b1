"""Which of the nine taps of an atrous kernel meet the map, at every position, for every rate."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from core.concepts.deeplab import atrous
from core.ui.component import register
from core.ui.language import gettext as _
from core.viz import palettes

_mount = register(__file__, room=(825, 491))

KEY = "tap_map"


@cache
def _counts(size: int) -> tuple[list[str], list[list[list[float]]]]:
    """For the rates 1 to ``size - 1``: valid taps along one axis as digits, and the shares of :func:`atrous.shares`."""
    along = ["".join(map(str, atrous.inside(size, rate))) for rate in range(1, size)]
    shares = [[[taps, round(share, 5)] for taps, share in atrous.shares(size, rate).items()] for rate in range(1, size)]
    return along, shares


def tap_map(size: int, rate: int, marks: Sequence[int], on_rate: Callable[[], None]) -> None:
    """Draw the map with its slider; rates change in the browser.

    Args:
        size: cells along one side of the map.
        rate: the rate to begin with.
        marks: rates that get a button.
        on_rate: called when a rate was chosen; ``st.session_state[KEY].rate`` is it.
    """
    along, shares = _counts(size)
    data: dict[str, Any] = {
        "size": size,
        "rate": rate,
        "marks": list(marks),
        "along": along,
        "shares": shares,
        "palette": base64.b64encode(palettes.magnitude().tobytes()).decode(),
        "text": {
            "rate": _("Atrous rate on this map"),
            "map": _("Map of {size} × {size} positions, coloured by how many of the nine taps meet the map").format(
                size=size
            ),
            "headline": _("Rate {rate}: {share} of the positions use all nine taps."),
            "field": _("The kernel spans {span} × {span} cells with 9 weights."),
            "row": _("{taps} of 9 taps"),
            "spot": _("Row {row}, column {column}: {taps} of 9 taps meet the map."),
            "curve": _("Share of positions with all nine taps, over the rate"),
        },
    }
    _mount(key=KEY, data=data, on_rate_change=on_rate)
