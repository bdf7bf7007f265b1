"""Two masks of one photo on either side of a divider, a loupe on both, and their score in a band along the outlines."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from core.pictures.images import encode_png
from core.ui.component import register
from core.ui.kit.parts import Bytes, data_url, ids_url, packed_colours
from core.ui.language import gettext as _

_mount = register(__file__, room=(1115, 640))

KEY = "divider"
DETAIL = 48
"""Pixels of the photo that a loupe shows."""


@dataclass(frozen=True, eq=False)
class Version:
    """A mask to compare.

    Attributes:
        code: its name in the URL.
        title: its name.
        ids: ``uint8 (H, W)``.
        scores: mean IoU within 1, 2 ... pixels of the reference's boundary; ``nan`` where there is none.
        yardstick: whether its own outline is the reference: its scores are 100% by definition and say nothing.
    """

    code: str
    title: str
    ids: Bytes
    scores: npt.NDArray[Any]
    yardstick: bool = False


def divider(
    pixels: Bytes,
    versions: Sequence[Version],
    shown: tuple[str, str],
    distance: Bytes,
    at: tuple[int, int],
    reference: str,
    names: Sequence[str],
    on_shown: Callable[[], None],
) -> None:
    """Draw it.

    Args:
        pixels: the photo, ``uint8 (H, W, 3)``.
        versions: what can be put on either side.
        shown: codes of the versions left and right.
        distance: see :func:`core.concepts.deeplab.trimap.distance`.
        at: the pixel (x, y) around which the loupe looks first.
        reference: whose boundary the band follows, a sentence.
        names: of the classes.
        on_shown: called when another pair was chosen; ``st.session_state[KEY].shown`` is it.
    """
    data: dict[str, Any] = {
        "photo": data_url(pixels, 85),
        "size": [pixels.shape[1], pixels.shape[0]],
        "colours": packed_colours(),
        "names": list(names),
        "at": list(at),
        "detail": DETAIL,
        "shown": list(shown),
        "reference": reference,
        "distance": "data:image/png;base64," + base64.b64encode(encode_png(distance, compress_level=6)).decode(),
        "versions": [
            {
                "code": version.code,
                "title": version.title,
                "mask": ids_url(version.ids),
                "yardstick": version.yardstick,
                "scores": [None if math.isnan(score) else round(float(score), 4) for score in version.scores],
            }
            for version in versions
        ],
        "text": {
            "stage": _("The photo with one mask on either side of the divider"),
            "split": _("Divider"),
            "left": _("Left"),
            "right": _("Right"),
            "opacity": _("Masks over the photo"),
            "band": _("Band along the outline, in pixels"),
            "whole": _("not drawn"),
            "chart": _("Mean IoU within the band, over its width in pixels"),
            "axis": _("The axis begins at {low}%."),
            "score": _("{title}: {score} within {width} px"),
            "yardstick": _("{title}: its outline is the yardstick"),
            "none": _("There is no outline in the reference: no band, no score."),
            "loupe": _("Loupe: point at the picture, or move with the arrow keys."),
        },
    }
    _mount(key=KEY, data=data, on_shown_change=on_shown)
