"""The guess of the first page: can a semantic mask count?"""

from __future__ import annotations

from core.concepts.home import tasks
from core.ui.kit.guess import guess
from core.ui.language import gettext as _


def answers() -> None:
    """Into how many pieces does the semantic mask of the picture fall?"""
    found = tasks.answers()
    horses, pieces = len(found.kinds), found.pieces()
    told = {"fewer": _("fewer"), "same": _("as many"), "more": _("more")}
    truth = "fewer" if pieces < horses else "same" if pieces == horses else "more"
    reason = _(
        "The mask falls into {pieces} connected pieces, {off} off: where horses of one class touch, nothing separates"
        " them. Instance segmentation gives each its own mask."
    ).format(pieces=pieces, off=abs(pieces - horses))
    guess(
        "home/pieces",
        _(
            "There are {horses} horses. Count the connected pieces of the **semantic** mask: are they fewer, as many or"
            " more?"
        ).format(horses=horses),
        told,
        truth,
        _("Right.") + " " + reason,
        _("Not quite.") + " " + reason,
    )
