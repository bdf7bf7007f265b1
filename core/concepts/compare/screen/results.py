"""What the page that compares networks has found about a picture, remembered for everybody who looks at the same one.

The work itself, and with it the way to stop it, is the visitor's own and lies in the session; a mask that one visitor's
work has drawn need not be drawn for another's.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.concepts.compare import steps
from core.concepts.compare.answers import Answer, Votes
from core.concepts.compare.steps import Looked, Ways
from core.concepts.compare.work import Comparing
from core.pictures.images import Picture
from core.ui import budget
from core.ui.budget import remembered

_WORK = "compare_work"
"""Not of the page's own keys: a reset and a visit to another page lose nothing."""


@remembered
def _look(digest: str, network: str, _picture: Picture) -> Looked:
    return steps.look(network, _picture)


@remembered
def _timed(digest: str, network: str, number: int, _picture: Picture) -> float:
    return steps.timed(network, _picture, number)


@remembered
def _vote(digest: str, names: tuple[str, ...], _picture: Picture, _answers: Mapping[str, Answer]) -> Votes:
    return steps.vote(names, _picture, _answers)


def _ways() -> Ways:
    """Steps that remember what they find for this session, though a thread of their own takes them."""
    session = budget.asker()

    def look(name: str, picture: Picture) -> Looked:
        with budget.asking_for(session):
            return _look(picture.digest, name, picture)

    def timed(name: str, picture: Picture, number: int) -> float:
        with budget.asking_for(session):
            return _timed(picture.digest, name, number, picture)

    def vote(names: tuple[str, ...], picture: Picture, answers: Mapping[str, Answer]) -> Votes:
        with budget.asking_for(session):
            return _vote(picture.digest, names, picture, answers)

    return Ways(look, timed, vote)


def job(picture: Picture, names: tuple[str, ...]) -> Comparing:
    """This visitor's comparison of ``names`` on ``picture``. There is one at a time: another one stops it."""
    known: tuple[str, Comparing] | None = st.session_state.get(_WORK)
    if known is not None and known[0] == picture.digest and known[1].names == names:
        return known[1]
    if known is not None:
        known[1].stop()
    before = known[1] if known is not None and known[0] == picture.digest else None
    work = Comparing(names, before, _ways())
    st.session_state[_WORK] = (picture.digest, work)
    return work
