"""Room for uploaded files in memory: who gets how much of it, who waits, and what has to go.

A picture is read the moment its page runs, and its bytes are dropped then. So a file that stays is one that nobody
reads, and makes way: within seconds in any case, at once where somebody waits. An address may fill half of the room, so
that whatever one machine sends, others find the other half.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from core import telemetry
from core.errors import N_, SegScopeError
from core.settings import SETTINGS, Settings
from core.ui import streamlit_internals

MB = 2**20
UNREAD = 10.0
"""Seconds that a file stays whose page does not run: a browser asks for the run as soon as the file has arrived."""
IN_THE_WAY = 4.0
"""The same while somebody waits for room; a server that is this full may take a second or two to hear of the run."""
LONGEST = 120.0
"""Seconds that a file stays however long its page runs: a pass of a network may be waiting for its turn."""
CROWDED_AFTER = 15.0
"""Seconds on its way after which an upload may be cut off in favour of one that waits."""
AT_ONCE = 2
"""Uploads of a session on their way or waiting, a photo and a mask; the newest stay."""
LOOK = 0.25
"""Seconds between two looks of whoever waits: pages that read files do not tell."""

TOO_MUCH = N_("This page holds too many uploads: reload it and try again.")
CROWDED = N_("Too many people are uploading at the moment: try again in a minute.")
TOO_SLOW = N_("This upload took too long: try again, or choose a smaller file.")


class RoomError(SegScopeError):
    """No room, or no longer; ``reason`` is its name in logs and metrics."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(eq=False)
class Way:
    """One file on its way.

    Attributes:
        session, address: who sends it.
        size: bytes that it may bring, which are kept free for it from when it is let in.
        arrived: bytes that have come.
        since: when it was let in.
    """

    session: str
    address: str
    size: int
    arrived: int = 0
    since: float = 0.0
    over: RoomError | None = None
    _clock: asyncio.Timeout | None = field(default=None, repr=False)

    def end(self, error: RoomError) -> None:
        """Cut it off, now and in whatever it is waiting for."""
        self.over = self.over or error
        if self._clock is not None:
            self._clock.reschedule(asyncio.get_running_loop().time())

    def check(self) -> None:
        """Raise what has ended it."""
        if self.over is not None:
            raise self.over

    def until(self, seconds: float) -> asyncio.Timeout:
        """A limit of time for one wait, which :meth:`end` shortens."""
        self._clock = asyncio.timeout(max(0.0, seconds))
        return self._clock


class Room:
    """The memory that uploaded files may take. For one thread: the server's event loop."""

    def __init__(self, limits: Settings = SETTINGS, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self.ways: list[Way] = []
        """Uploads that have been let in, in that order."""
        self.waiting: defaultdict[str, deque[Way]] = defaultdict(deque)
        """The others, by their address, in the order in which they came."""
        self._files: dict[tuple[str, str], tuple[str, float]] = {}  # session and name -> address and when it came
        self._timer: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------------------------------------------- coming and going

    async def enter(self, way: Way) -> None:
        """Wait until there is room for ``way`` and its turn.

        Raises:
            RoomError: there can be none, has been none for too long, or a newer file of its session came.
        """
        limits = self.limits
        if way.size > MB * min(limits.session_upload_mb, limits.address_upload_mb, limits.total_upload_mb):
            raise RoomError("session_bytes", TOO_MUCH)
        self._keep_the_newest(way.session)
        queue, until = self.waiting[way.address], self._clock() + limits.upload_wait_seconds
        queue.append(way)
        try:
            while not (queue[0] is way and self._fits(way)):
                way.check()
                if (left := until - self._clock()) <= 0:
                    raise RoomError("total_bytes", CROWDED)
                if queue[0] is way:
                    self._make_room(way)
                    if self._fits(way):
                        break
                await asyncio.sleep(min(LOOK, left))
            way.check()
        finally:
            queue.remove(way)
            if not queue:
                self.waiting.pop(way.address, None)
        way.since = self._clock()
        self.ways.append(way)

    def grow(self, way: Way, more: int) -> None:
        """``more`` bytes of ``way`` have come.

        Raises:
            RoomError: it brings more than it has said, and there is no room for that; it has been cut off; or it comes
                so slowly that it cannot be here in time.
        """
        way.check()
        way.arrived += more
        if way.arrived > way.size:
            way.size = way.arrived
            if not self._fits(way):
                raise RoomError("session_bytes", TOO_MUCH)
        late = self._clock() - way.since - self.limits.upload_stall_seconds
        if way.arrived < way.size * late / self.limits.upload_seconds:
            raise RoomError("slow", TOO_SLOW)

    def leave(self, way: Way, name: str = "") -> None:
        """``way`` is over; what came of it is kept under ``name``, if anything."""
        if way in self.ways:
            self.ways.remove(way)
        if name:
            self._files[way.session, name] = way.address, self._clock()
            self._look_later()

    def tidy(self, unread: float = UNREAD) -> None:
        """Remove the files that nobody reads, and forget those that have gone."""
        kept, now = streamlit_internals.files(), self._clock()
        for (session, name), (_address, came) in list(self._files.items()):
            age = now - came
            if name not in kept.get(session, ()):
                del self._files[session, name]
            elif age >= LONGEST or (age >= unread and not streamlit_internals.is_busy(session)):
                del self._files[session, name]
                streamlit_internals.remove_file(session, name)
                telemetry.event("unread", seconds=round(age, 1))
        self._look_later()

    def _look_later(self) -> None:
        """One clock for all files, while there are any."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(UNREAD / 4, self.tidy) if self._files else None

    # ------------------------------------------------------------------------------------------------------ how much is

    def _fits(self, way: Way) -> bool:
        """Whether all of ``way`` has room beside what is kept and what is on its way."""
        kept = streamlit_internals.files()
        neighbours = {session for (session, _name), (address, _came) in self._files.items() if address == way.address}
        session = address = total = way.size
        for other, files in kept.items():
            size = sum(files.values())
            total += size
            session += size if other == way.session else 0
            address += size if other == way.session or other in neighbours else 0
        for each in self.ways:
            if each is not way:
                total += each.size
                session += each.size if each.session == way.session else 0
                address += each.size if each.address == way.address else 0
        limits = self.limits
        return (
            session <= limits.session_upload_mb * MB
            and address <= limits.address_upload_mb * MB
            and total <= limits.total_upload_mb * MB
        )

    def _make_room(self, way: Way) -> None:
        """Somebody waits: what nobody reads goes sooner, and of the uploads that take long the largest is cut off."""
        self.tidy(IN_THE_WAY)
        slow = [w for w in self.ways if self._clock() - w.since > CROWDED_AFTER]
        if slow and not self._fits(way):
            max(slow, key=lambda w: (w.address == way.address, w.size)).end(RoomError("crowded", TOO_SLOW))

    def _keep_the_newest(self, session: str) -> None:
        mine = [w for w in (*self.ways, *(w for q in self.waiting.values() for w in q)) if w.session == session]
        for old in mine[: max(0, len(mine) - AT_ONCE + 1)]:
            old.end(RoomError("newer", TOO_MUCH))
