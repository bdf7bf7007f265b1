"""The chapter as a story: each network is the answer to a problem that the one before it left."""

from __future__ import annotations

import streamlit as st

from core.ui.chapters import CHAPTERS
from core.ui.language import gettext as _
from core.ui.story import pages


def draw() -> None:
    """The six networks in the order of their papers, each linked to its page where there is one."""
    there = pages()
    with st.container(border=True, key="chapters"):  # a grid of two columns, made by document.css
        for number, chapter in enumerate(CHAPTERS, start=1):
            name = f"**{number}. {chapter.name}** {chapter.source.venue} {chapter.source.year}"
            if chapter.page in there:
                st.page_link(there[chapter.page], label=name, icon=":material/arrow_forward:", icon_position="right")
            else:
                st.markdown(name)
            st.markdown(f"{_(chapter.problem)}  \n→ {_(chapter.idea)}")
    st.caption(" · ".join(f"{c.name}: {c.source}" for c in CHAPTERS))
