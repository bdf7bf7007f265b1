"""When a visitor has left: what the server still knows of them is forgotten in time.

Streamlit keeps the session of a closed tab for ``server.disconnectedSessionTTL`` seconds, in case the connection was
only interrupted. It drops it the next time that somebody else leaves, which on a quiet server may be never, and then
relies on garbage collection, which does not reach a session that was there when PyTorch's objects were set aside for
good (``gc.freeze``). Here a clock ends it: the uploaded file, the decoded picture, every widget's value, the work in
the background and every result that only those who left have asked for go.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from streamlit import config, runtime
from streamlit.runtime import Runtime

from core import telemetry
from core.engine import memory, worker
from core.ui import budget, streamlit_internals

INTERVAL = 5.0
"""Seconds between two looks, unless sessions are kept for less than four of them."""


class _Left(NamedTuple):
    since: float
    session: Any


class Departures:
    """Which sessions have no browser, and since when. For the server's event loop only."""

    def __init__(self, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.patience = patience
        self._clock = clock
        self._left: dict[str, _Left] = {}

    def look(self, server: Runtime) -> int:
        """End every session whose browser has been away for ``patience`` seconds. Returns how many were ended."""
        now, sessions = self._clock(), streamlit_internals.sessions(server)
        if sessions is None:  # a Streamlit that does not say who is here: it forgets in its own time
            return 0
        for name, session in sessions.items():
            if server.is_active_session(name):
                self._left.pop(name, None)
            else:
                self._left.setdefault(name, _Left(now, session))
        # Streamlit may have given one up itself, for lack of room; it is ended all the same.
        over = [n for n, left in self._left.items() if n not in sessions or now - left.since >= self.patience]
        for name in over:
            streamlit_internals.end_session(server, name, self._left.pop(name).session)
        streamlit_internals.forget_too_old(server)
        streamlit_internals.remove_files_of_others(server, sessions)
        here = sessions.keys() - over
        worker.keep_for(here)
        budget.keep_for(here)
        return len(over)


async def watch() -> None:
    """Look again and again, for as long as the server runs."""
    patience = config.get_option("server.disconnectedSessionTTL")
    departures = Departures(patience)
    recently = False
    while True:
        await asyncio.sleep(min(INTERVAL, patience / 4))
        if not runtime.exists():
            continue
        if ended := departures.look(runtime.get_instance()):
            telemetry.event("forgotten", sessions=ended)
        # Once more at the next look: a session's thread ends a moment after the session. And after large passes.
        if ended or recently or memory.grown():
            await asyncio.to_thread(memory.give_back)
        recently = bool(ended)
