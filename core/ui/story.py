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


CHAPTER, LAB = N_("Chapter"), N_("Lab")
"""The two groups of pages: what is to be learned in order, and instruments to take to any photo."""


class Entry(NamedTuple):
    """A page in the navigation: its file ``pages/<name>.py``, whose name is its address too, and its title.

    ``picture`` is the sample that the page opens with as long as the visitor has chosen none; empty for the usual one.
    ``thread`` says in one line what comes before it in the story and what after.
    ``group`` is where the navigation has it: :data:`CHAPTER` or :data:`LAB`.
    """

    name: str
    title: str
    picture: str = ""
    thread: str = ""
    group: str = CHAPTER

    @property
    def file(self) -> Path:
        """The script that draws the page."""
        return _FOLDER / f"{self.name}.py"


STORY = (
    Entry("home", N_("Overview")),
    Entry(
        "fcn",
        N_("FCN"),
        thread=N_("Before: a classifier names a whole picture. Next: DeconvNet learns the way up that FCN leaps."),
    ),
    Entry(
        "deconvnet",
        N_("DeconvNet"),
        thread=N_("Before: FCN enlarges a coarse map in one leap. Next: what enlarges a map, number by number."),
    ),
    Entry(
        "transposed",
        N_("Transposed convolution"),
        thread=N_(
            "Before: unpooling enlarges, and DeconvNet’s deconvolutions keep the size. With a stride they enlarge by"
            " themselves. Next: where U-Net began, the sliding window."
        ),
    ),
    Entry(
        "sliding_window",
        N_("Sliding window"),
        thread=N_(
            "Before: how a map is enlarged. Next: what a larger window gains and what it costs, context against"
            " localization."
        ),
    ),
    Entry(
        "localization",
        N_("Localization"),
        thread=N_("Before: a window at every place costs time. Next: U-Net, which keeps context and place."),
    ),
    Entry(
        "unet",
        N_("U-Net"),
        "nuclei",
        N_("Before: context against localization. Next: PSPNet hands every place a summary of the whole picture."),
    ),
    Entry(
        "pspnet",
        N_("PSPNet"),
        "coffee",
        thread=N_("Before: U-Net brings places back. Next: DeepLab sees far without shrinking its map."),
    ),
    Entry(
        "deeplab",
        N_("DeepLab"),
        "coffee",
        thread=N_("Before: PSPNet pools context in four sizes. Next: all networks side by side on one photo."),
    ),
    Entry(
        "compare",
        N_("Compare"),
        thread=N_("Before: each network alone. Here they answer the same photo. Next: one learns while you watch."),
    ),
    Entry(
        "training",
        N_("Training"),
        thread=N_("Before: networks that have learned already. Here one learns while you watch, and one from you."),
    ),
    Entry(
        "why",
        N_("Why this pixel?"),
        group=LAB,
        thread=N_(
            "Here: which parts of a photo decided an answer, and whether such a map is true. Next: when a network"
            " breaks."
        ),
    ),
    Entry(
        "stress",
        N_("Stress"),
        group=LAB,
        thread=N_("Before: why a network answers as it does. Here: how far a photo may change before the answer does."),
    ),
)
"""Every page in the order of the chapter, group after group; the first is the one at ``/``."""


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


def groups() -> dict[str, list[st.Page]]:
    """The same in their groups, as ``st.navigation`` takes them, by the groups' names in the reader's language."""
    made = pages()
    return {
        language.gettext(group): [made[entry.name] for entry in available() if entry.group == group]
        for group in dict.fromkeys(entry.group for entry in available())
    }


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
