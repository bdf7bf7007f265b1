"""An own photo outlives a reload where the visitor says so: the browser keeps a copy for as long as its tab is open.

The server keeps nothing for it. After a reload the browser hands the copy in again by itself, through the uploader that
stands where the photo is missed, so that it is counted, limited and decoded like any other file. The copy is a PNG of
the very pixels that were shown: every number comes out the same.
"""

from __future__ import annotations

import base64

import streamlit as st

from core.errors import N_, SegScopeError
from core.pictures import images
from core.pictures.images import Picture
from core.ui import kept
from core.ui.component import register
from core.ui.language import gettext as _
from core.ui.language import translate_error

COPY = "kept-in-this-tab "
"""Stands before the name of a file that the browser's half hands in from its store."""
_KEY = "photo_keeper"
_WANTED = "photo_wanted"
_HELD = "photo_held"
"""Digest of the photo of which the browser has a copy; empty where it could not keep one."""

_mount = register(__file__)


class PhotoKeeperError(SegScopeError):
    """The browser keeps nothing."""

    def __init__(self) -> None:
        super().__init__(N_("Your browser keeps no copy of this photo: choose a smaller one."))


def ask(photo: Picture) -> None:
    """Whether the browser may keep ``photo``: one click, taken back with another."""
    # As its default: a browser that opens the popover later has missed a value that was set once.
    st.checkbox(
        _("Keep it in this tab, so that a reload does not lose it. Your browser forgets it when the tab is closed."),
        value=_wanted(),
        key="photo_keep",
        on_change=_on_wish,
    )
    if _wanted() and st.session_state.get(_HELD) == "":
        st.error(translate_error(PhotoKeeperError()))


def _wanted() -> bool:
    return bool(st.session_state.get(_WANTED))


def _on_wish() -> None:
    st.session_state[_WANTED] = bool(st.session_state["photo_keep"])
    st.session_state.pop(_HELD, None)


def _on_held() -> None:
    held = kept.sent(_KEY, "held")
    if isinstance(held, str):
        st.session_state[_HELD] = held


def name_of(name: str) -> str:
    """The name of a photo that has come as a file called ``name``. Where the file is the browser's copy from before a
    reload, the consent that it was kept with goes on."""
    if name.startswith(COPY):
        st.session_state[_WANTED] = True
    return name.removeprefix(COPY)


def draw(photo: Picture | None, uploader: str) -> None:
    """The browser's part, which nobody sees: stores ``photo`` where that is wanted, and hands it in where it is missed.

    Args:
        photo: the visitor's own, if there is one.
        uploader: what the key of the uploader begins with that takes a photo which is missed; empty where none is.
    """
    if not uploader and _WANTED not in st.session_state:
        return
    fresh = photo is not None and _wanted() and st.session_state.get(_HELD) not in ("", photo.digest)
    _mount(
        key=_KEY,
        data={
            "keep": _wanted() or bool(uploader),
            "uploader": uploader,
            "digest": photo.digest if fresh and photo else "",
            "name": photo.name if fresh and photo else "",
            "photo": base64.b64encode(images.encode_png(photo.pixels, 6)).decode() if fresh and photo else "",
        },
        on_held_change=_on_held,
    )
