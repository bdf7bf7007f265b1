"""What a reader may do with any page, at the same place on all of them: copy its link, take a figure of it away, reset
it, look its keys up."""

from __future__ import annotations

import streamlit as st

from core.settings import SETTINGS
from core.ui import picker, state, takeaway
from core.ui.component import register
from core.ui.language import gettext as _

KEY = "tools"
_RESET = "tools_reset"

_mount = register(__file__)


def _reset() -> None:
    state.reset()
    st.session_state[_RESET] = st.session_state.get(_RESET, 0) + 1


def keys() -> list[tuple[str, str]]:
    """The keys that mean the same everywhere, and what each does."""
    return [
        ("N, B", _("next step, back one step")),
        ("Space", _("play or pause, in a player")),
        ("← → ↑ ↓", _("one step, one cell, one pixel")),
        ("Home, End", _("first and last")),
        ("Enter", _("pin, open, choose")),
        ("Esc", _("close")),
        ("?", _("this list")),
    ]


def draw() -> None:
    """Copy link, Take this figure, Reset, and the list of keys under ``?``."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content", key="page-tools"):
        _mount(
            key=KEY,
            data={
                "copy": _("Copy link"),
                "copied": _("Copied: the link opens this view."),
                "own": picker.current_sample() is None,
                "stays": _(
                    "The link opens this view, but your photo does not travel with it: who follows it is told that it"
                    " is not there, and sees a sample."
                ),
                "anyway": _("Copy it all the same"),
                "by_hand": _("This browser does not let a page copy. The address is selected: copy it from here."),
                "take": _("Take this figure"),
                "what": _(
                    "One HTML file with what the figure shows now. It opens in any browser, from a disk and without a"
                    " network."
                ),
                "taken": _("Saved: {file}"),
                "none": _("This step has no figure that can be taken."),
                "lost": _("The file could not be made. Reload the page and try again."),
                "embed": _("Copy code for an iframe") if SETTINGS.frame_ancestors != "'self'" else "",
                "embedded": _("Copied: the code shows this figure alone, inside a page of yours."),
                "credit": takeaway.credit(picker.current_sample()),
                "close": _("Close"),
                "keys": _("Keys"),
                "list": keys(),
                "resets": st.session_state.get(_RESET, 0),
                "reset": _("This page is as it was at first. Picture and language stay."),
            },
            width="content",
            height="content",
        )
        st.button(_("Reset"), key="reset", on_click=_reset, type="tertiary", icon=":material/restart_alt:")
