"""The map of every network and the curves of context and localisation over the window. Drawn in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.ui.component import register
from core.ui.kit.parts import Bytes, data_url, ids_url, packed_colours
from core.ui.language import gettext as _

_mount = register(__file__)


class Shown(NamedTuple):
    """A network's mask over the photo: a title, ``uint8 (h, w)`` ids, and a line below."""

    title: str
    ids: Bytes
    note: str


def trade_off(
    pixels: Bytes, maps: Sequence[Shown], ticks: Sequence[str], lines: Sequence[tuple[str, Sequence[float]]]
) -> None:
    """Draw them.

    Args:
        pixels: the photo at the networks' scale.
        maps: what is shown over it.
        ticks: below the curves; the last is not on a curve but beside them.
        lines: a title and shares from 0 to 1, one for each tick; at most three.
    """
    _mount(
        key="trade_off",
        data={
            "photo": data_url(pixels, 70),
            "colours": packed_colours(),
            "maps": [{"title": m.title, "ids": ids_url(m.ids), "note": m.note} for m in maps],
            "ticks": list(ticks),
            "lines": [{"title": title, "values": [round(v, 4) for v in values]} for title, values in lines],
            "text": {
                "across": _("side of the window in pixels"),
                "plot": _("Accuracy and boundary over the side of the window"),
            },
        },
    )
