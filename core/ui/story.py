"""The pages and their order, in one place."""

from __future__ import annotations

from copy import copy
from functools import cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from core.errors import N_
from core.ui import language

_FOLDER = Path(__file__).parents[2] / "pages"


class Entry(NamedTuple):
    """A page in the navigation: its file ``pages/<name>.py``, whose name is its address too, and its title.

    ``picture`` is the sample that the page opens with as long as the visitor has chosen none; empty for the usual one.
    """

    name: str
    title: str
    picture: str = ""

    @property
    def file(self) -> Path:
        """The script that draws the page."""
        return _FOLDER / f"{self.name}.py"


STORY = (
    Entry("home", N_("Overview")),
    Entry("fcn", N_("FCN")),
    Entry("transposed", N_("Transposed convolution")),
    Entry("deconvnet", N_("DeconvNet")),
    Entry("unet", N_("U-Net"), "nuclei"),
    Entry("sliding_window", N_("Sliding window")),
    Entry("localization", N_("Localization")),
    Entry("pspnet", N_("PSPNet")),
    Entry("deeplab", N_("DeepLab")),
    Entry("compare", N_("Compare")),
    Entry("training", N_("Training")),
)
"""Every page in the order of the story; the first is the one at ``/``."""


@cache
def available() -> tuple[Entry, ...]:
    """The entries whose page exists; a page that is still being written stays out of the navigation. Looked up once."""
    return tuple(entry for entry in STORY if entry.file.is_file())


def opening(address: str) -> str:
    """The sample that the page at ``address`` opens with, or nothing for the usual one."""
    return next((entry.picture for entry in available() if entry.name == address), "")


def pages() -> dict[str, st.Page]:
    """The entries as what ``st.navigation`` and ``st.page_link`` take, by name, titled in the reader's language."""
    return {name: copy(page) for name, page in _made(available(), language.current()).items()}


@cache
def _made(entries: tuple[Entry, ...], code: str) -> dict[str, st.Page]:
    """Templates for the language ``code``: making a page looks its file up on the disk, a tenth of a short rerun for
    all of them. What a run gets is a copy, because Streamlit notes in a page whether it may be run."""
    return {
        entry.name: st.Page(
            entry.file,
            title=language.catalogue(code).gettext(entry.title),
            url_path=entry.name,
            default=entry is entries[0],
        )
        for entry in entries
    }
