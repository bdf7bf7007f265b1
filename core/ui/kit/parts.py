"""The parts of a decoder as live maps with switches, beside the picture, its mask and the classes of a pinned pixel."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.maths import geometry
from core.passes.without_parts import Answer
from core.pictures.images import encode_jpeg, encode_png
from core.ui import state
from core.ui.component import register
from core.ui.language import gettext as _
from core.viz import palettes
from core.viz.overlays import class_colours
from core.viz.sprites import SpriteSheet

_mount = register(__file__, room=(1610, 840))

Bytes = npt.NDArray[np.uint8]
Kind = Literal["point", "taps", "whole", "bins"]


@dataclass(frozen=True, eq=False)
class Part:
    """One part: a branch of ASPP or a level of the pyramid.

    Attributes:
        title: its name.
        note: a line below it.
        on: whether it speaks.
        sheet: its maps; the first is the mean over channels.
        kind: which places of the picture a cell hangs on: its own, nine taps, everything, or a bin.
        readout: what is said of a cell; fields ``row``, ``column``, ``value``, ``taps``, ``cells``, ``change``.
        rate: for taps, in cells.
        rows, columns: for bins, (first, behind last) cell of each along both axes.
        changes: for bins, ``(side, side)``: how the pinned pixel's probability changes without the bin.
    """

    title: str
    note: str
    on: bool
    sheet: SpriteSheet
    kind: Kind
    readout: str
    rate: int = 0
    rows: Sequence[tuple[int, int]] = ()
    columns: Sequence[tuple[int, int]] = ()
    changes: Sequence[Sequence[float]] = field(default=())


def data_url(pixels: Bytes, quality: int = 80) -> str:
    """A photo as a ``data:`` address."""
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(pixels, quality)).decode()


def reduced(pixels: Bytes) -> Bytes:
    """At most 560 pixels wide, as wide as it is shown."""
    photo = Image.fromarray(pixels)
    photo.thumbnail((560, 560), Image.Resampling.LANCZOS)
    return np.asarray(photo)


def ids_url(ids: Bytes) -> str:
    """Class ids as a grey PNG in a ``data:`` address: a byte stays the id that it is."""
    return "data:image/png;base64," + base64.b64encode(encode_png(ids, compress_level=6)).decode()


def packed_colours(count: int = 21) -> str:
    """The colours of the first ``count`` classes, three bytes each, in base64."""
    return base64.b64encode(class_colours()[:count].tobytes()).decode()


def bars(everything: Answer, now: Answer, pin: tuple[int, int], names: Sequence[str]) -> list[dict[str, Any]]:
    """The likeliest classes of the pinned pixel, with all parts and now: at most six, 0 to 1 each."""
    at = state.to_shares(pin)
    before, after = (answer.at(*at) for answer in (everything, now))
    order = np.argsort(-np.maximum(before, after), kind="stable")[:6]
    return [
        {"name": names[i], "all": round(float(before[i]), 4), "now": round(float(after[i]), 4)}
        for i in order
        if max(before[i], after[i]) >= 0.005
    ]


def parts(
    pixels: Bytes,
    ids: Bytes,
    input_size: tuple[int, int],
    stride: int,
    chosen: Sequence[Part],
    classes: Sequence[dict[str, Any]],
    pin: tuple[int, int],
    names: Sequence[str],
    *,
    key: str,
    active: int,
    on_switch: Callable[[], None],
    on_pin: Callable[[], None],
) -> None:
    """Draw them.

    Args:
        pixels: the photo, ``uint8 (H, W, 3)``.
        ids: its mask with the parts that are on, ``uint8 (H, W)``.
        input_size: (width, height) of the network's input in pixels.
        stride: input pixels from cell to cell.
        chosen: the parts.
        classes: see :func:`bars`.
        pin: the pinned pixel, in thousandths of width and height.
        names: of the classes.
        key: of the component; ``st.session_state[key].switch`` is the part that was pressed, ``.pin`` a new pin.
        active: the part whose places are shown first.
        on_switch, on_pin: called then.
    """
    data: dict[str, Any] = {
        "photo": data_url(reduced(pixels)),
        "mask": ids_url(ids),
        "size": [pixels.shape[1], pixels.shape[0]],
        "input": list(input_size),
        "stride": stride,
        "edges": [geometry.edges(side, stride) for side in reversed(input_size)],
        "colours": packed_colours(),
        "palette": base64.b64encode(palettes.magnitude().tobytes()).decode(),
        "names": list(names),
        "pin": list(pin),
        "bars": list(classes),
        "active": active,
        "parts": [
            {
                "title": part.title,
                "note": part.note,
                "on": part.on,
                "sheet": part.sheet.data(),
                "kind": part.kind,
                "readout": part.readout,
                "rate": part.rate,
                "rows": [list(edge) for edge in part.rows],
                "columns": [list(edge) for edge in part.columns],
                "changes": [[round(float(v), 4) for v in row] for row in part.changes],
            }
            for part in chosen
        ],
        "text": {
            "photo": _(
                "The picture under its mask. Click, or move with the arrow keys and press Enter, to pin a pixel."
            ),
            "opacity": _("Mask over the photo"),
            "on": _("on"),
            "off": _("off"),
            "maps": _("{title}: mean of all maps, then the most varied ones"),
            "mean": _("mean"),
            "channel": _("map {channel}"),
            "hint": _("Point at a map, or at the picture, to see what a cell hangs on: in the row whose name is blue."),
            "scale": _(
                "Each map has a scale of its own: dark is 0, bright its largest value. A map of one number shows it."
            ),
            "all": _("everything on"),
            "now": _("now"),
            "pinned": _("The pinned pixel"),
        },
    }
    _mount(key=key, data=data, on_switch_change=on_switch, on_pin_change=on_pin)
