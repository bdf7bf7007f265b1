"""From a heatmap to boxes: the visitor draws first, then drags the threshold. Runs in the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from core.maths.boxes import Box
from core.ui.component import register
from core.ui.kit.parts import Bytes, data_url, ids_url
from core.ui.language import gettext as _

_mount = register(__file__, room=(411, 599))

KEY = "box_finder"


class Source(NamedTuple):
    """A heatmap: its name in the URL, its title, and ``uint8 (h, w)``."""

    code: str
    title: str
    heat: Bytes


class Given(NamedTuple):
    """The box that counts as right, and where it comes from."""

    title: str
    box: Box


def box_finder(
    pixels: Bytes,
    subject: str,
    sources: Sequence[Source],
    chosen: tuple[str, int],
    given: Given | None,
    on_level: Callable[[], None],
    on_source: Callable[[], None],
) -> None:
    """Draw it.

    Args:
        pixels: the photo at the networks' scale.
        subject: changes with photo and class; a box drawn for another one is forgotten.
        sources: the heatmaps.
        chosen: code of the heatmap and threshold (1 to 255) to begin with.
        given: the reference, where there is one.
        on_level, on_source: called after a change; ``st.session_state[KEY].level``, ``.source``.
    """
    _mount(
        key=KEY,
        data={
            "photo": data_url(pixels, 85),
            "size": [pixels.shape[1], pixels.shape[0]],
            "subject": subject,
            "sources": [{"code": s.code, "title": s.title, "heat": ids_url(s.heat)} for s in sources],
            "source": chosen[0],
            "level": chosen[1],
            "given": list(given.box) if given else None,
            "text": {
                "hint": _("First draw your own box around the largest object: drag, or use the arrow keys."),
                "drag": _("Drag the threshold: the box follows the heat."),
                "close": _("Your box lies well: its IoU with “{name}” is {iou}. Now drag the threshold."),
                "apart": _(
                    "Your box differs: its IoU with “{name}” is {iou}, the area of both divided by the area that either"
                    " covers. Now drag the threshold."
                ),
                "stage": _(
                    "The photo. Arrow keys move your box, with Shift its lower right corner; Enter shows the networks’."
                ),
                "threshold": _("Threshold"),
                "all": _("Boxes of all components, not only of the largest"),
                "skip": _("Show the networks’ boxes"),
                "clear": _("Draw again"),
                "ready": _("Your box is there. Let go, press Enter or the button to see the networks’ boxes."),
                "found": _(
                    "Largest component: (left, top) = ({left}, {top}), (right, bottom) = ({right}, {bottom}), {area}"
                    " pixels; components: {count}."
                ),
                "none": _("Nothing is above this threshold."),
                "heatmap": _("Heatmap"),
                "box": _("Box, xyxy"),
                "mine": _("Your box"),
                "given": given.title if given else "",
                "copy": _("Copy"),
                "normalised": _("normalised"),
                "copied": _("Copied: {text}"),
            },
        },
        on_level_change=on_level,
        on_source_change=on_source,
    )
