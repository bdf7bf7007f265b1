"""The resolution meter: a dot drawn on the picture, followed down to 7 x 7 in the browser."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

from core.concepts.deconvnet.resolution import Dot, smallest
from core.concepts.deconvnet.unpooling import POOLINGS, Bytes
from core.pictures.images import encode_png
from core.ui.component import register
from core.ui.language import gettext as _

_mount = register(__file__, room=(1430, 1000))

KEY = "dot_meter"
LARGEST = 64
"""Side of the largest dot in pixels."""


def dot_meter(grey: Bytes, dot: Dot, on_dot: Callable[[], None]) -> None:
    """Draw the meter; what it computes is what :func:`core.concepts.deconvnet.resolution.read` computes.

    Args:
        grey: brightness of the picture, ``uint8 (224, 224)``.
        dot: where it is, as far as the server knows.
        on_dot: called when the dot has come to rest elsewhere; ``st.session_state[KEY].dot`` says where.
    """
    image = base64.b64encode(encode_png(grey)).decode()
    texts = _texts()
    _mount(
        key=KEY,
        data={
            "id": hashlib.sha256(f"{image}{texts['label']}".encode()).hexdigest()[:16],
            "grey": "data:image/png;base64," + image,
            "dot": {"row": dot.row, "column": dot.column, "side": dot.side, "value": dot.value},
            "smallest": [smallest(depth) for depth in range(POOLINGS + 1)],
            "text": texts,
        },
        on_dot_change=on_dot,
    )


def _texts() -> dict[str, str]:
    return {
        "label": _("Resolution meter"),
        "stage": _(
            "The picture with the dot. Click or drag to move it; arrow keys move it by a pixel, with Shift by eight."
        ),
        "side": _("Size of the dot"),
        "shade": _("Brightness of the dot, 0 black to 255 white"),
        "pixels": _("{n} × {n} pixels"),
        "title": _("Depth {depth}: {side} × {side}"),
        "kept": _("map: cells that differ by the dot: {changed}"),
        "gone": _("map: no cell differs"),
        "voted": _("mask: shown, {share}% of a cell"),
        "outvoted": _("mask: lost, {share}% of a cell"),
        "limit": _("a mask still shows {best} pixels in the best place, {anywhere} pixels in any"),
        "invisible": _("Nobody can see this dot: the picture has its brightness there."),
        "lasts": _("Max pooling keeps a trace of the dot down to the last map, but only as one large cell."),
        "vanishes": _(
            "In the max-pooled map the dot vanishes at depth {depth}: at {side} × {side} every window holds something"
            " as bright."
        ),
        "maskLasts": _("A mask shows it at every depth."),
        "maskLoses": _("A mask with one class per cell loses it from depth {depth} on, {side} × {side}."),
    }
