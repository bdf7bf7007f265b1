"""One pixel of a held-out picture, chosen by click, finger or arrow keys: in the photo, the truth, or the answer."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np

from core.passes.learning import tasks
from core.pictures.images import encode_png
from core.ui import kept
from core.ui.component import register
from core.ui.language import gettext as _
from core.viz.palettes import OKABE_ITO

if TYPE_CHECKING:
    from core.passes.learning.run import Frame  # imports PyTorch

KEY = "pixel_picker"
DEFAULT = (18, 5)
"""Row and column of the pixel that the page opens with."""
_mount = register(__file__, room=(620, 310))


def _png(array: tasks.Bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(encode_png(np.ascontiguousarray(array))).decode()


def pixel_picker(task: str, picture: int, at: tuple[int, int], frame: Frame) -> None:
    """Draw it; what is chosen goes to the sliders ``row`` and ``column`` of the page.

    Args:
        task: whose held-out pictures these are.
        picture: which, counted from 0.
        at: row and column of the pixel now.
        frame: what the network says.
    """
    held = tasks.held_out(task)
    _mount(
        key=KEY,
        on_pixel_change=_on_pixel,
        data={
            "subject": f"{task} {picture}",
            "photo": _png(held.pixels[picture]),
            "truth": _png(held.ids[picture]),
            "said": _png(np.split(frame.masks(), tasks.SHOWN, 1)[picture]),
            "side": tasks.SIDE,
            "at": list(at),
            "colours": ["", *OKABE_ITO[1 : len(tasks.task(task).classes)]],
            "text": {
                "stage": _("Choosing a pixel: click on it, or go there by arrow keys, by eight pixels with Shift."),
                "photo": _("The picture"),
                "truth": _("The truth"),
                "said": _("What the network says"),
                "at": _("Row {row}, column {column}"),
            },
        },
    )


def _on_pixel() -> None:
    found = kept.taken(KEY, "pixel", 2, 0, tasks.SIDE - 1)
    if found is not None:
        for name, number, default in zip(("row", "column"), found, DEFAULT, strict=True):
            kept.put(name, number, default)
