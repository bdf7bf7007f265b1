"""One question with a few answers to choose from, judged where it was asked; the visit's count hears of it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.ui import guesses, page, state
from core.ui.language import gettext as _


def _key(name: str) -> str:
    return state.key("guess-" + name.partition("/")[2])


def made(name: str) -> bool:
    """Whether something is chosen now: for a figure above the question that holds its answer back."""
    return st.session_state.get(_key(name)) is not None


def _chosen(name: str, question: str, answers: Mapping[str, str]) -> str | None:
    chosen: str | None = st.radio(
        question,
        list(answers),
        index=None,
        format_func=answers.__getitem__,
        horizontal=True,
        label_visibility="collapsed",
        key=_key(name),
    )
    return chosen


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
        chosen = _chosen(name, question, answers)
        if chosen is None:
            return False
        guesses.note(name, chosen == truth)
        st.markdown(right if chosen == truth else wrong)
    return True


def ask(name: str, question: str, answers: Mapping[str, str]) -> str | None:
    """Ask before anything is measured: the code of what is chosen, ``None`` as long as nothing is. :func:`judge` says
    later what became of it. Arguments as for :func:`guess`."""
    with page.predict_box(question):
        return _chosen(name, question, answers)


def judge(name: str, answers: Mapping[str, str], truth: str) -> str:
    """What became of a guess that :func:`ask` took, in a sentence; empty without one."""
    chosen = str(st.session_state.get(_key(name), ""))
    if chosen not in answers:
        return ""
    guesses.note(name, chosen == truth)
    return _("Your guess was right.") if chosen == truth else _("You had guessed: {name}.").format(name=answers[chosen])
