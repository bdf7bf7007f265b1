"""Many masks of one photo: a grid of them, two under a swipe, one pinned pixel, all of it in the browser.

Masks travel as grey PNGs of class ids and are coloured where they are shown. What is hovered, swiped or faded sends
nothing; what is settled (a pinned pixel, the two networks, the opacity) is told to the server once, for the URL.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.concepts.compare.answers import Answer, Votes
from core.pictures.images import Picture, encode_jpeg
from core.pictures.labels import VOC
from core.ui.component import register
from core.ui.language import gettext as _
from core.viz import palettes
from core.viz.overlays import class_colours

KEY = "mask_grid"
LONGEST = 768
"""Longer side of the photo that is sent, in pixels; the masks keep their own size."""
_mount = register(__file__, room=(1350, 1300))


class Setting(NamedTuple):
    """What the URL says: the pin (to be drawn, a pixel of the photo), the tint in percent, the two masks under the
    swipe."""

    pin: tuple[int, int]
    opacity: int
    left: str
    right: str


class Question(NamedTuple):
    """A guess to make: its text, the value of each network, whether the largest wins, and what to say afterwards."""

    text: str
    values: Mapping[str, float]
    hit: str
    miss: str


def _png(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def photo_url(pixels: npt.NDArray[np.uint8]) -> str:
    """The photo as a ``data:`` address, its longer side at most :data:`LONGEST`."""
    image = Image.fromarray(pixels)
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS, reducing_gap=2)
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(np.asarray(image), quality=78)).decode()


def colours() -> str:
    """RGB of the 256 class ids, packed."""
    return base64.b64encode(class_colours().tobytes()).decode()


def _mask(name: str, title: str, note: str, answer: Answer | None) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "note": note,
        "mask": _png(answer.png) if answer else "",
        "labels": [[e.id, e.x, e.y, round(e.share, 4)] for e in answer.labels] if answer else [],
    }


def mask_grid(
    picture: Picture,
    networks: Sequence[tuple[str, str, str]],
    answers: Mapping[str, Answer],
    votes: Votes | None,
    setting: Setting,
    questions: Sequence[Question],
    reference: tuple[str, Answer] | None = None,
    serial: int = 0,
    on_setting: Callable[[], None] | None = None,
) -> None:
    """Draw the grid.

    Args:
        picture: the photo.
        networks: name, title and a note (why there is no mask) of each, in order.
        answers: the masks that are there.
        votes: where they differ, once all are there.
        setting: what was settled last; a grid that is on the page already keeps its own.
        questions: guesses that can be made once all masks are there.
        reference: title and mask of the reference, the first in the grid.
        serial: another number when ``setting`` is to replace what was settled in the browser.
        on_setting: called after something was settled; ``st.session_state[KEY].setting`` then says what.
    """
    height, width = picture.pixels.shape[:2]
    masks = [_mask(name, title, note, answers.get(name)) for name, title, note in networks]
    if reference is not None:
        masks.insert(0, _mask("reference", reference[0], "", reference[1]) | {"kind": "reference"})
    _mount(
        key=KEY,
        on_setting_change=on_setting or (lambda: None),
        data={
            "subject": picture.digest,
            "photo": photo_url(picture.pixels),
            "width": width,
            "height": height,
            "names": [_(name) for name in VOC],
            "colours": colours(),
            "palette": base64.b64encode(palettes.magnitude().tobytes()).decode(),
            "masks": masks,
            "votes": {
                "answers": _png(votes.answers),
                "entropy": _png(votes.entropy),
                "most": votes.most,
                "bits": round(votes.bits, 3),
                "agreement": round(votes.agreement, 4),
            }
            if votes
            else None,
            "setting": setting._asdict() | {"serial": serial},
            "questions": [{"text": q.text, "values": dict(q.values), "hit": q.hit, "miss": q.miss} for q in questions],
            "text": {
                "opacity": _("Tint"),
                "left": _("Left"),
                "right": _("Right"),
                "divider": _("Divider between the two masks. Arrow keys move it."),
                "stage": _("Photo under two masks. Arrow keys move the pinned pixel."),
                "tile": _("{title}: mask over the photo. Click to pin a pixel."),
                "photoAlt": _("The photo"),
                "waiting": _("not computed yet"),
                "void": _("not counted"),
                "pixel": _("x {x}, y {y}"),
                "vote": _("{name}: {count} of {all} ({who})"),
                "differ": _("Where they differ"),
                "answers": _("answers"),
                "entropy": _("entropy"),
                "answersHere": _("different answers: {value}"),
                "entropyHere": _("entropy: {value} bits"),
                "agreement": _("All agree on {share} of the picture."),
                "guess": _("Guess first"),
                "stopGuess": _("Show the masks"),
                "another": _("Another question"),
            },
        },
    )
