"""A brush over a photo: strokes of several classes by mouse, finger or keys, and the mask that they have taught."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.passes.learning.strokes import MOST_STROKES, Stroke
from core.pictures.images import Picture, encode_jpeg, encode_png
from core.ui import kept_pictures
from core.ui.component import register
from core.ui.language import gettext as _
from core.viz.palettes import OKABE_ITO

KEY = "stroke_brush"
_mount = register(__file__, room=(480, 640))


def colours(count: int) -> list[str]:
    """Of the classes: none for background, then those that stay apart for everybody."""
    order = (OKABE_ITO[6], OKABE_ITO[2], OKABE_ITO[4], OKABE_ITO[3], OKABE_ITO[7])
    return ["", *order[: count - 1]]


def names(count: int) -> list[str]:
    """Of the classes."""
    if count == 2:
        return [_("background"), _("object")]
    return [_("background"), *(_("object {number}").format(number=number) for number in range(1, count))]


def _photo(picture: Picture) -> str:
    def made() -> str:
        return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(pixels, 85)).decode()

    pixels = picture.pixels
    return kept_pictures.of(picture, "stroke-brush", made)


def sent(strokes: Sequence[Stroke]) -> list[dict[str, Any]]:
    """Strokes as the browser has them."""
    return [{"label": s.label, "radius": s.radius, "points": [[x, y] for x, y in s.points]} for s in strokes]


def stroke_brush(
    picture: Picture,
    strokes: Sequence[Stroke],
    classes: int,
    mask: npt.NDArray[np.uint8] | None,
    news: str,
    on_strokes: Callable[[], None],
) -> None:
    """Draw the photo with the brush.

    Args:
        picture: what is drawn over.
        strokes: those that there are.
        classes: how many there are, background included.
        mask: what they have taught, ``uint8 (H, W)``; ``None`` for nothing yet.
        news: a line that is announced.
        on_strokes: called when a stroke is finished, taken back or erased; ``st.session_state[KEY].strokes`` then
            holds all of them for :func:`core.passes.learning.strokes.read`.
    """
    height, width = picture.pixels.shape[:2]
    _mount(
        key=KEY,
        on_strokes_change=on_strokes,
        data={
            "subject": picture.digest,
            "photo": _photo(picture),
            "width": width,
            "height": height,
            "strokes": sent(strokes),
            "most": MOST_STROKES,
            "names": names(classes),
            "colours": colours(classes),
            "mask": "" if mask is None else "data:image/png;base64," + base64.b64encode(encode_png(mask)).decode(),
            "news": news,
            "text": {
                "brush": _("Brush"),
                "erase": _("Erase"),
                "size": _("Width"),
                "undo": _("Undo"),
                "redo": _("Redo"),
                "clear": _("Clear"),
                "photoAlt": _("The photo"),
                "stage": _(
                    "Drawing over the photo. Arrow keys move the brush, Enter puts it down and lifts it, digits choose"
                    " the class, E erases."
                ),
                "fade": _("Mask"),
                "down": _("The brush is down."),
                "full": _("There are {count} strokes: draw at most {most}.").format(
                    count=MOST_STROKES, most=MOST_STROKES
                ),
            },
        },
    )
