"""The fourth step: where the answer and a reference differ, and what decided there."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.concepts.why import asking
from core.concepts.why.screen import board, results
from core.concepts.why.screen.results import Asked
from core.maths.metrics import VOID
from core.pictures.images import Picture
from core.ui import kept, own_mask, state
from core.ui.kit import panes
from core.ui.kit.panes import Layer, Pane
from core.ui.language import gettext as _

KEY = "panes-of-errs"


def _on_pin() -> None:
    if new := kept.taken(KEY, "pin", 2, 0, state.THOUSAND):
        kept.put_pin(new, board.PIN)


def draw(picture: Picture) -> None:
    """The mistakes by kind, the places, and the map of what decided at the pinned one."""
    reference = own_mask.current(picture)
    if reference is None:
        st.info(
            _(
                "This needs a reference mask. The sample photos of animals have one; for a photo of your own, add it on"
                " the page Compare."
            )
        )
        return
    name = board.chosen()
    here = results.subject(name, picture)
    truth = asking.brought(reference.ids, here.size)
    kinds = asking.mistakes(here.ids, truth)
    if not kinds:
        st.success(_("The answer and the reference agree everywhere."))
        return
    with st.container(horizontal=True):
        for i, kind in enumerate(kinds):
            words = _("{said} for {truth}, {share:.1%}").format(
                said=board.title(kind.said), truth=board.title(kind.truth), share=kind.share
            )
            st.button(words, key=f"mistake-{i}", on_click=kept.put_pin, args=(kind.pin, board.PIN))
    pin = board.pin()
    found = asking.verdict(here, *state.to_shares(pin), reference.ids)
    st.markdown(board.sentence(name, found))
    wrong = ((truth != VOID) & (here.ids != truth)).astype(np.uint8)
    shown = [
        Pane(_("The reference"), [Layer("ids", truth)]),
        Pane(_("The answer"), [Layer("ids", here.ids)]),
        Pane(_("Where they differ"), [Layer("marks", wrong)]),
    ]
    if found.truth is not None and found.truth != found.label:
        shown.append(_decided(picture, name, pin, found.label, found.truth))
    else:
        st.caption(_("Click where they differ: then a fourth picture shows what decided."))
    panes.panes([here.pixels], shown, key=KEY, pin=pin, on_pin=_on_pin)


def _decided(picture: Picture, name: str, pin: tuple[int, int], said: int, truth: int) -> Pane:
    """Seg-Grad-CAM of the one score less the other, at the depth that the slider of the first step has."""
    asked = Asked(name, picture.digest, pin, said, False, False)
    here, cams = results.subject(name, picture), results.against(asked, truth, picture)
    cam = cams.depths[board.depth(len(cams.depths))]
    title = _("What spoke for {said} and against {truth}").format(said=board.title(said), truth=board.title(truth))
    return Pane(title, [board.layer(cam, here.size)], note=cam.path + ":")
