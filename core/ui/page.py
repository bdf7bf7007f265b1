"""Furniture that every page uses, so that they read alike: header, boxes, code to copy, the wait for PyTorch."""

from __future__ import annotations

import zlib

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.engine import inference
from core.ui import state
from core.ui.language import gettext as _


def header(title: str, question: str) -> None:
    """The page's name, and the one question that it answers."""
    st.title(title, anchor=False)
    with st.container(key="page-question"):
        st.markdown(question)


def _box(key: str, heading: str, paragraphs: tuple[str, ...]) -> DeltaGenerator:
    """A bordered container that begins with a small heading. ``document.css`` gives it its look by the key's beginning.

    Heading and paragraphs are one element: each costs the server a fifth of a millisecond in every run.
    """
    box = st.container(border=True, key=key)
    box.markdown("\n\n".join((f"### {heading}", *paragraphs)))
    return box


def honest_box(*paragraphs: str) -> DeltaGenerator:
    """Where the textbook's sentence is inexact, with the measured difference; once on a page. Use it as ``with`` or
    give text."""
    return _box("honest-box", _("To be exact"), paragraphs)


def predict_box(*paragraphs: str) -> DeltaGenerator:
    """A guess to make before the answer is shown; ungraded, and nothing waits for it."""
    return _box(f"predict-box-{zlib.crc32(''.join(paragraphs).encode()):08x}", _("Predict first"), paragraphs)


@st.fragment
def copy_as_pytorch(code: str, name: str = "snippet") -> None:
    """Runnable code for what is on screen, folded away, with Streamlit's own copy button.

    It is sent when it is unfolded: the browser needs a sixth of a page's first second for colouring code.

    Args:
        code: Python.
        name: tells several on one page apart.
    """
    with st.expander(_("Copy as PyTorch"), key=state.key(name), on_change="rerun") as box:
        if box.open:
            st.code(code, language="python")


@st.fragment(run_every=0.5)
def _watch_torch() -> None:
    if inference.ready() or inference.failed():
        st.rerun()
    st.info(_("PyTorch is still loading. This part fills in by itself in a few seconds."))


def waiting_for_torch() -> bool:
    """``True`` while PyTorch loads; a notice stands here then and runs the page again as soon as it is there.

    Use: ``if not page.waiting_for_torch(): draw()``. Everything that needs no network goes outside.
    """
    if inference.ready():
        return False
    if inference.failed():
        st.error(_(inference.BROKEN))
        return True
    inference.warm_up()
    _watch_torch()
    return True
