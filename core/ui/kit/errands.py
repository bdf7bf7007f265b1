"""A visitor's long computation on a page: a button begins it, a bar shows how far it is, another button stops it.

It belongs to the session and ends with it. Another question stops it; what it has found so far is drawn all the while.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress
from typing import Any

import streamlit as st

from core.engine.errand import Errand
from core.errors import SegScopeError
from core.ui import budget
from core.ui.language import gettext as _
from core.ui.language import ngettext, translate_error

POLL = 0.5
"""Seconds between two looks at work that is going on."""


def _key(name: str) -> str:
    return f"errand-{name}"


def of(name: str, question: Hashable) -> Errand[Any] | None:
    """This visitor's errand ``name`` if it answers ``question``; one that answers another question is stopped."""
    known: tuple[Hashable, Errand[Any]] | None = st.session_state.get(_key(name))
    if known is None:
        return None
    if known[0] != question:
        known[1].stop()
        del st.session_state[_key(name)]
        return None
    known[1].watch()
    return known[1]


def begin(name: str, question: Hashable, make: Callable[[], Iterator[Any]]) -> None:
    """Begin it, in the place of one before."""
    before: tuple[Hashable, Errand[Any]] | None = st.session_state.get(_key(name))
    if before is not None:
        before[1].stop()
    session = budget.asker()

    def asked() -> Iterator[Any]:
        steps = iter(make())
        while True:
            with budget.asking_for(session):
                try:
                    step = next(steps)
                except StopIteration:
                    return
            yield step

    errand: Errand[Any] = Errand(asked)
    st.session_state[_key(name)] = (question, errand)
    with suppress(SegScopeError):  # the panel says it
        errand.start()


def _stop(name: str) -> None:
    known = st.session_state.get(_key(name))
    if known is not None:
        known[1].stop()


def panel(
    name: str,
    question: Hashable,
    make: Callable[[], Iterator[Any]],
    draw: Callable[[Any, bool], None],
    start: str,
    works: str,
    always: bool = False,
) -> None:
    """The button, the bar, and what is there so far.

    Args:
        name: tells several on one page apart.
        question: what is asked; another one drops what was found.
        make: begins the computation, which yields results with ``done`` and ``steps``.
        draw: draws the latest result; the second argument says whether work goes on.
        start: the button's words.
        works: what stands in the bar, with fields ``done`` and ``steps``.
        always: draw also where nothing has been found yet, with ``None``.
    """
    errand = of(name, question)
    running = errand is not None and errand.running
    fragment = st.fragment(run_every=POLL if running else None)(_panel)
    fragment(name, question, make, draw, start, works, always, running)


def _panel(
    name: str,
    question: Hashable,
    make: Callable[[], Iterator[Any]],
    draw: Callable[[Any, bool], None],
    start: str,
    works: str,
    always: bool,
    was_running: bool,
) -> None:
    errand = of(name, question)
    running = errand is not None and errand.running
    if running is not was_running:
        st.rerun()
    latest = errand.latest if errand else None
    if errand is not None and errand.error is not None:
        st.error(translate_error(errand.error))
    left, right = st.columns([5, 1.6], vertical_alignment="center")
    if running and errand is not None:
        if place := errand.slots.place(errand):
            words = ngettext(
                "Others are computing: {n} computation before yours.",
                "Others are computing: {n} computations before yours.",
                place,
            ).format(n=place)
        else:
            words = works.format(done=latest.done if latest else 0, steps=latest.steps if latest else "…")
        left.progress(latest.done / latest.steps if latest else 0.0, words)
        right.button(_("Stop"), key=f"{name}-stop", on_click=_stop, args=(name,), width="stretch")
    else:
        if latest is not None and not errand.complete:  # type: ignore[union-attr]
            left.caption(_("Stopped: {done} of {total} steps.").format(done=latest.done, total=latest.steps))
        if latest is None or not errand.complete:  # type: ignore[union-attr]
            right.button(
                start if latest is None else _("Begin again"),
                key=f"{name}-start",
                on_click=begin,
                args=(name, question, make),
                width="stretch",
            )
    if latest is not None or always:
        draw(latest, running)
