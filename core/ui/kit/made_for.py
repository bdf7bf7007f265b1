"""Whether a network is shown a picture of the kind that it has learned from, in one sentence where it is not."""

from __future__ import annotations

import streamlit as st

from core.models.registry import spec
from core.pictures.samples import Sample
from core.ui import picker
from core.ui.language import gettext as _

MICROGRAPHS = ("nuclei", "cells")
"""Kinds of samples that no camera took."""
PHOTO = picker.DEFAULT


def sentence(name: str, sample: Sample | None) -> str:
    """Why the answer of network ``name`` to ``sample`` means nothing; empty where it may mean something.

    Of a picture that a visitor brought nobody here knows the kind, but for the network for electron micrographs: no
    sample is one, so it says what it is made for whatever is shown.
    """
    labels = spec(name).labels
    if labels == "em":
        return _(
            "This network was trained on electron micrographs of nerve tissue, and none of the sample pictures is one:"
            " what it marks on them means nothing. Bring a micrograph of your own, or watch how it works."
        )
    if sample is None:
        return ""
    if labels == "nuclei":
        return (
            ""
            if sample.kind == "nuclei"
            else _("This network was trained on microscope pictures of nuclei. Any other picture means nothing to it.")
        )
    if sample.kind in MICROGRAPHS:
        return _("The networks here were trained on photos. A micrograph means nothing to them: choose a photo.")
    return ""


def notice(name: str) -> None:
    """Say it, with a button that brings a photo to a network for photos."""
    sample = picker.current_sample()
    text = sentence(name, sample)
    if not text:
        return
    photos = spec(name).labels not in ("em", "nuclei")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(text)
        if photos:
            st.button(_("Choose a photo"), key="made-for", on_click=picker.choose, args=(PHOTO,))
