"""The second step: other ways to ask the same, among them the slow, honest one that hides square after square."""

from __future__ import annotations

import streamlit as st

from core.concepts.why.screen import board, results
from core.concepts.why.screen.results import Asked, Slow
from core.passes.attribution import gradients, removal
from core.pictures.images import Picture
from core.ui.kit import errands, panes
from core.ui.kit.panes import Pane
from core.ui.language import gettext as _

ERRAND = "why-slow"


def found(asked: Asked) -> Slow | None:
    """The slow maps of this question, as far as they are."""
    errand = errands.of(ERRAND, asked)
    return errand.latest if errand else None


def draw(picture: Picture) -> None:
    """A button, a bar, and the maps as they grow."""
    asked = board.asked(picture, board.chosen())
    st.markdown(
        _(
            "**Integrated gradients** add the gradient up on the way from an empty picture to the photo, in {steps}"
            " steps, so that the map’s sum is what the photo adds to the score. **Occlusion** asks no gradient: it"
            " hides a square of {side} pixels at every place and sees how far the score falls."
        ).format(steps=gradients.STEPS, side=removal.PATCH)
    )
    errands.panel(
        ERRAND,
        asked,
        lambda: results.slow(asked, picture),
        lambda latest, running: _maps(picture, asked, latest, running),
        start=_("Compute both"),
        works=_("{done} of {steps} passes"),
        always=True,
    )


def _maps(picture: Picture, asked: Asked, latest: Slow | None, running: bool) -> None:
    here, cams = results.subject(asked.network, picture), results.cams(asked, picture)
    at = board.depth(len(cams.depths))
    shown = [
        Pane("Seg-Grad-CAM", [board.layer(cams.depths[at], here.size)], note=cams.depths[at].path + ":"),
        Pane(_("Gradient × input"), [panes.signed(cams.at_input)]),
    ]
    maps = latest.maps if latest else {}
    if results.INTEGRATED in maps and latest is not None:
        note = (
            ""
            if running and results.OCCLUSION not in maps
            else _("Its sum misses what the photo adds by {share:.1%}.").format(share=latest.missing)
        )
        shown.append(Pane(_("Integrated gradients"), [panes.signed(maps[results.INTEGRATED])], note=note))
    if results.OCCLUSION in maps:
        shown.append(
            Pane(
                _("Occlusion"),
                [panes.signed(maps[results.OCCLUSION])],
                note=_("By how much the score falls, on average, when a square over the pixel is hidden."),
            )
        )
    panes.panes([here.pixels], shown, key="panes-of-ways", pin=asked.pin)
