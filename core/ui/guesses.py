"""The guesses of a visit: which were made, which were right. They end with the tab; a small file can be taken along."""

from __future__ import annotations

import json
from typing import NamedTuple

import streamlit as st

from core.ui import state

_KEY = "guesses"


class Count(NamedTuple):
    """How many guesses were made in this visit, and how many of them were right at once."""

    made: int
    right: int


def note(name: str, right: bool) -> None:
    """The guess called ``name`` (``page/question``) was answered; the first answer counts."""
    kept: dict[str, bool] = st.session_state.get(_KEY, {})
    if name not in kept:
        state.remember(_KEY, {**kept, name: right})


def answered(name: str) -> bool | None:
    """Whether the first answer to the guess was right; ``None`` as long as there is none."""
    kept: dict[str, bool] = st.session_state.get(_KEY, {})
    return kept.get(name)


def count() -> Count:
    """Of this visit."""
    kept: dict[str, bool] = st.session_state.get(_KEY, {})
    return Count(len(kept), sum(kept.values()))


def as_json() -> str:
    """All of them, for a teacher: ``{"made": 3, "right": 2, "guesses": {"fcn/cells": true, ...}}``."""
    kept: dict[str, bool] = st.session_state.get(_KEY, {})
    return json.dumps({**count()._asdict(), "guesses": kept}, indent=2) + "\n"
