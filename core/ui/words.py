"""The words of a page, each with one sentence, folded away until a reader asks."""

from __future__ import annotations

import streamlit as st

from core.locale import glossary
from core.locale.korean import no_break
from core.ui import state
from core.ui.kit.two_shapes import two_shapes
from core.ui.language import current
from core.ui.language import gettext as _

_PAGE = "page_name"


def begin(page: str) -> None:
    """Note which page is open, for :func:`draw`."""
    state.remember(_PAGE, page)


def line(term: glossary.Term, code: str) -> str:
    """One term as Markdown in the language ``code``; in Korean with the English word beside it."""
    if code != "ko":
        return f"**{term.english}**: {term.meaning}"
    both = "" if term.english.split(" (")[0] in term.korean else f" · {term.english}"
    return no_break(f"**{term.korean}**{both}: {term.sense}")


@st.fragment
def draw() -> None:
    """The popover; its terms are sent when it is opened."""
    terms = glossary.of_page(state.recall(_PAGE, ""))
    if not terms:
        return
    label, icon = _("Words of this page"), ":material/menu_book:"
    with st.popover(label, type="tertiary", icon=icon, key="words", on_change="rerun") as box:
        if box.open:
            _terms(terms)


def _terms(terms: tuple[glossary.Term, ...]) -> None:
    """Their lines, and behind the last that can be played the player of all of those."""
    modes = tuple(dict.fromkeys(term.plays for term in terms if term.plays))
    behind = max((i + 1 for i, term in enumerate(terms) if term.plays), default=len(terms))
    lines = [line(term, current()) for term in terms]
    st.markdown("\n\n".join(lines[:behind]))
    if modes:
        two_shapes(modes, key="two_shapes-of-words")
    if rest := lines[behind:]:
        st.markdown("\n\n".join(rest))
