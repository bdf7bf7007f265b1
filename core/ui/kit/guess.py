"""One question with a few answers to choose from, judged where it was asked; the visit's count hears of it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.ui import guesses, page, state


def _key(name: str) -> str:
    return state.key("guess-" + name.partition("/")[2])


def made(name: str) -> bool:
    """Whether something is chosen now: for a figure above the question that holds its answer back."""
    return st.session_state.get(_key(name)) is not None


def guess(name: str, question: str, answers: Mapping[str, str], truth: str, right: str, wrong: str) -> bool:
    """Ask; nothing is chosen before, nothing waits for it, and the answer is on no screen before.

    Args:
        name: ``page/question``.
        question: one or two sentences.
        answers: what can be chosen, by a short code.
        truth: the code of the right one, from the code that computes the figure.
        right: what to say then, with the reason.
        wrong: what to say otherwise: that it is wrong, by how much and why.

    Returns:
        Whether there is an answer, so that the figure may show what was asked.
    """
    with page.predict_box(question):
        chosen = st.radio(
            question,
            list(answers),
            index=None,
            format_func=answers.__getitem__,
            horizontal=True,
            label_visibility="collapsed",
            key=_key(name),
        )
        if chosen is None:
            return False
        guesses.note(name, chosen == truth)
        st.markdown(right if chosen == truth else wrong)
    return True
