"""Connections that ask for nothing: a handshake, half a request, an answer that nobody reads.

uvicorn gives an idle connection five seconds, but only after its first answer: before that, and in the middle of a
request, it waits for ever. Here a clock closes what takes too long, and what has been idle for the longest where there
are too many of them. Websockets are not counted: :class:`core.server.guards.Places` does that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from typing import Any

from core import telemetry
from core.settings import SETTINGS, Settings
from core.ui import streamlit_internals

INTERVAL = 2.0
"""Seconds between two looks."""
HEADERS = 15.0
"""Seconds in which a request has to be there, from the first byte or from the handshake."""
SPARE = 30.0
"""Seconds that an answer may take beside the file that it waits for."""


class Idle:
    """Which connections wait for a request, and which for the end of an answer, and since when. For the server's event
    loop only."""

    def __init__(self, limits: Settings = SETTINGS, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = limits.idle_connections
        self.longest = limits.upload_wait_seconds + limits.upload_seconds + SPARE
        self._clock = clock
        self._since: dict[Any, tuple[Any, float]] = {}  # connection -> the request that it is in, and since when

    def look(self, connections: Collection[Any]) -> int:
        """Close what takes too long or is too much. Returns how many were closed."""
        now, since = self._clock(), {}
        for connection in list(connections):
            if not hasattr(connection, "cycle"):
                continue  # a websocket
            cycle = connection.cycle
            request = None if cycle is None or cycle.response_complete else cycle
            known = self._since.get(connection)
            since[connection] = (request, now) if known is None or known[0] is not request else known
        self._since = since
        idle = sorted((began, id(c), c) for c, (request, began) in since.items() if request is None)
        over = [c for began, _, c in idle if now - began >= HEADERS]
        over += [c for _, _, c in idle[len(over) :][: max(0, len(idle) - len(over) - self.most)]]
        over += [c for c, (request, began) in since.items() if request is not None and now - began >= self.longest]
        for connection in over:
            del self._since[connection]
            connection.transport.abort()
        return len(over)


async def watch() -> None:
    """Look again and again, for as long as the server runs."""
    idle = Idle()
    while True:
        await asyncio.sleep(INTERVAL)
        if closed := idle.look(streamlit_internals.connections()):
            telemetry.event("idle", connections=closed)
