"""Shapes drawn over a photo, corner by corner, each with a class: a reference mask for one's own picture."""

from __future__ import annotations

from collections.abc import Callable

from core.concepts.compare.screen.mask_grid import colours, photo_url
from core.pictures.images import Picture
from core.pictures.labels import VOC
from core.pictures.reference import MAX_CORNERS, MAX_SHAPES
from core.ui.component import register
from core.ui.language import gettext as _

KEY = "polygon_pen"
_mount = register(__file__)


def polygon_pen(picture: Picture, label: int, on_drawn: Callable[[], None]) -> None:
    """Draw the photo with a pen.

    Args:
        picture: what is drawn over.
        label: class id to begin with.
        on_drawn: called when the visitor hands the shapes over; ``st.session_state[KEY].drawn`` then holds them for
            :func:`core.pictures.reference.draw`.
    """
    height, width = picture.pixels.shape[:2]
    _mount(
        key=KEY,
        on_drawn_change=on_drawn,
        data={
            "subject": picture.digest,
            "photo": photo_url(picture.pixels),
            "width": width,
            "height": height,
            "names": [_(name) for name in VOC],
            "colours": colours(),
            "label": label,
            "corners": MAX_CORNERS,
            "shapes": MAX_SHAPES,
            "text": {
                "class": _("Class"),
                "photoAlt": _("The photo"),
                "stage": _(
                    "Drawing over the photo. Arrow keys move the pen, Enter sets a corner, Backspace takes the last"
                    " one away."
                ),
                "how": _(
                    "Click corner after corner around a thing, or move with the arrow keys and press Enter. Then close"
                    " the shape. Later shapes lie over earlier ones."
                ),
                "close": _("Close the shape"),
                "undo": _("Undo"),
                "clear": _("Clear"),
                "use": _("Use as reference"),
                "state": _("Shapes: {shapes}. Corners of the open one: {corners}."),
            },
        },
    )
