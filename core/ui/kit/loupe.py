"""The same picture enlarged in several ways, with a loupe that looks at the same place of all of them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import NamedTuple

from core.maths.transposed import Array
from core.pictures.images import encode_jpeg
from core.ui.component import register
from core.ui.language import gettext as _

_mount = register(__file__, room=(750, 430))


class Enlarged(NamedTuple):
    """One version: what it is called, a sentence below it, its pixels ``uint8 (H, W, 3)``; and words that lie over the
    picture but not over what the loupe magnifies: (x, y, word), in pixels."""

    title: str
    note: str
    pixels: Array
    words: Sequence[tuple[int, int, str]] = ()


def loupe(versions: Sequence[Enlarged], key: str = "loupe", at: tuple[float, float] | None = None) -> None:
    """Draw the versions, all of one size, side by side.

    Args:
        versions: what to draw.
        key: of the component.
        at: where the loupe looks as long as nobody has moved it, as shares of width and height; near the middle for
            ``None``.
    """
    height, width = versions[0].pixels.shape[:2]
    _mount(
        key=key,
        data={
            "width": width,
            "height": height,
            "at": list(at) if at else None,
            "versions": [
                {
                    "title": v.title,
                    "note": v.note,
                    "words": [[x, y, word] for x, y, word in v.words],
                    "image": "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(v.pixels, quality=92)).decode(),
                }
                for v in versions
            ],
            "label": _("Loupe: point at a picture, or move with the arrow keys."),
        },
    )
