"""The chapter as a story, in the order of the pages: each is the answer to a problem that the one before it left."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from core.errors import N_
from core.ui import guesses
from core.ui.chapters import CHAPTERS
from core.ui.language import gettext as _
from core.ui.story import CHAPTER, Entry, available, pages


class Between(NamedTuple):
    """A page that is about no network of its own: the problem and the idea."""

    problem: str
    idea: str


BETWEEN = {
    "transposed": Between(
        N_("FCN and U-Net enlarge a map with a convolution. How can that be?"),
        N_("Every cell stamps the kernel on a larger map; stamps add up."),
    ),
    "sliding_window": Between(
        N_("A window around every pixel, classified one after the other, takes long."),
        N_("Neighbouring windows share work: one pass does it once."),
    ),
    "localization": Between(
        N_("To name a thing a network must see much of it; to outline it, it must know the place exactly."),
        N_("Measure both: what a wider window knows, and what a larger stride loses."),
    ),
    "compare": Between(
        N_("Which idea draws which outline, and at what price?"),
        N_("All networks on one photo, with scores and costs."),
    ),
    "training": Between(
        N_("Nobody writes such weights down. Where do they come from?"),
        N_("From examples: measure how wrong a mask is, and move every weight a little so that it gets better."),
    ),
}


def _row(name: str) -> str:
    networks = [chapter for chapter in CHAPTERS if chapter.page == name]
    if not networks:
        return f"{_(BETWEEN[name].problem)}  \n→ {_(BETWEEN[name].idea)}"
    several = len(networks) > 1
    return "\n\n".join(
        (f"**{c.name}** {c.source.venue} {c.source.year}: " if several else "") + f"{_(c.problem)}  \n→ {_(c.idea)}"
        for c in networks
    )


def chapter() -> list[Entry]:
    """The pages of the chapter but the first, in their order."""
    return [entry for entry in available()[1:] if entry.group == CHAPTER]


def draw() -> None:
    """Every page with its problem and its idea, the count of the guesses, and the papers."""
    there = pages()
    with st.container(border=True, key="chapters"):  # a grid of two columns, made by document.css
        for number, entry in enumerate(chapter(), start=1):
            year = [f" {c.source.venue} {c.source.year}" for c in CHAPTERS if c.page == entry.name]
            name = f"**{number}. {_(entry.title)}**" + (year[0] if len(year) == 1 else "")
            st.page_link(there[entry.name], label=name, icon=":material/arrow_forward:", icon_position="right")
            st.markdown(_row(entry.name))
    counted()
    st.caption(" · ".join(f"{c.name}: {c.source}" for c in CHAPTERS))


def counted() -> None:
    """How many guesses of this visit were right, and a small file of them for a teacher; nothing before the first."""
    made, right = guesses.count()
    if not made:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="guesses-of-this-visit"):
        st.markdown(_("Guesses in this visit: **{right} of {made}** right").format(right=right, made=made))
        st.download_button(
            _("Save as a file"),
            guesses.as_json(),
            "segscope-guesses.json",
            "application/json",
            key="save-guesses",
            on_click="ignore",
            icon=":material/download:",
            help=_("For a teacher: which guesses were made and whether they were right. Nothing is kept here."),
        )
