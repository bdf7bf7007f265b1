"""The visitor's place in the queue in front of the networks, shown while a page waits for one.

The page's own thread is the one that waits, often deep inside a cached function, so it is also the one that says so: it
writes in the context of the shell, where nothing is recorded for a cache, into a place that the shell has made.
"""

from __future__ import annotations

import html
import threading
import time
from contextvars import Context, copy_context
from dataclasses import dataclass, field

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.engine.turns import Place, Visitor
from core.ui import streamlit_internals
from core.ui.language import gettext as _
from core.ui.language import ngettext

GRACE = 0.4
"""Seconds of waiting that are not worth a notice."""

_KEY = "queue_notice"
_here = threading.local()


@dataclass(eq=False)
class _Notice:
    """Where the shell has left room, and the context it did so in."""

    slot: DeltaGenerator
    context: Context = field(default_factory=copy_context)

    def say(self, words: str) -> None:
        """Show ``words``, or nothing."""
        if words:
            self.context.run(self.slot.html, f'<div role="status">{html.escape(words)}</div>')
        else:
            self.context.run(self.slot.empty)


def words(place: Place) -> str:
    """What the visitor is told."""
    if place.seconds is None:
        return _("You are number {number} in the queue for the networks.").format(number=place.number)
    seconds = max(1, round(place.seconds))
    return ngettext(
        "You are number {number} in the queue for the networks: about {n} second.",
        "You are number {number} in the queue for the networks: about {n} seconds.",
        seconds,
    ).format(number=place.number, n=seconds)


def begin() -> None:
    """Leave room for the notice; once in every run of the shell."""
    with st.container(key="queue", gap=None):
        slot = st.empty()
    st.session_state[_KEY] = _Notice(slot)


def visitor() -> Visitor | None:
    """The run of the page that this thread works for; a new visitor for every run, fragments included.

    The server puts this function where :data:`core.engine.inference.who` is asked.
    """
    run = streamlit_internals.run()
    if run is None:
        return None
    mark = streamlit_internals.mark(run)
    known: tuple[object, Visitor] | None = getattr(_here, "visitor", None)
    if known is not None and known[0] is mark and mark is not None:
        return known[1]
    notice = st.session_state.get(_KEY)
    number, since = 0, 0.0

    def look_up(place: Place) -> None:
        nonlocal number, since
        streamlit_internals.leave_if_over(run)  # raises when the visitor has gone or the page is to run again
        since = since or time.monotonic()
        if not place.number:
            shown, number, since = number > 0, 0, 0.0
            if shown and isinstance(notice, _Notice):
                notice.say("")
        elif place.number != number and time.monotonic() - since >= GRACE and isinstance(notice, _Notice):
            number = place.number
            notice.say(words(place))

    found = Visitor(run.session_id, look_up)
    _here.visitor = (mark, found)
    return found
