"""Whose turn it is: a queue that serves visitors first come, first served, and tells each of them its place.

A *visitor* is one run of a page by one session. All that it asks during the run counts from its first question, so a
page that needs three passes does not fall back behind everybody after each of them. Between sessions, one question
each comes before anyone's second. Whoever leaves (the session has gone, the page runs again) leaves the queue at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import NamedTuple
from weakref import WeakKeyDictionary

from core.errors import N_, SegScopeError

BEAT = 0.5
"""Seconds after which a visitor who waits is told its place, and again whenever that changes; how long a departure can
stay unnoticed."""

LINGER = 20.0
"""Seconds between two passes of a page after which it no longer counts as being here."""
FADING = 0.95
"""What an earlier visitor counts against the next one in the mean time that a visitor computes."""


class QueueError(SegScopeError):
    """The queue is full."""


class Place(NamedTuple):
    """Where somebody stands.

    Attributes:
        number: 1 for whoever comes next; 0 when the turn has come.
        seconds: about how long until the turn comes; ``None`` before anything has been measured.
    """

    number: int
    seconds: float | None


def _stay(_place: Place) -> None:
    """Nobody is told, nobody leaves."""


@dataclass(eq=False)
class Visitor:
    """For whom a thread computes.

    Attributes:
        session: what belongs to the same person; anything hashable.
        look_up: called while waiting, in the waiting thread, with the place, and once more when the turn has come after
            that; what it raises leaves the queue.
        background: work that nobody stares at. It is never refused, because its number is limited elsewhere.
        came: when the first question of this visitor was asked: the round, then a number that grows; ``None`` before.
    """

    session: Hashable = field(default_factory=object)
    look_up: Callable[[Place], None] = _stay
    background: bool = False
    came: tuple[int, int] | None = None


@dataclass(eq=False)
class _Ticket:
    visitor: Visitor
    came: tuple[int, int]
    number: int = 0
    granted: bool = False
    news: threading.Event = field(default_factory=threading.Event)


class Turns:
    """A gate that lets ``permits`` threads through at a time, in the order above.

    Args:
        longest: visitors who may wait; whoever comes then is refused. Background work does not count.
    """

    def __init__(self, permits: int, longest: int) -> None:
        self.permits, self.longest = permits, longest
        self._lock = threading.Lock()
        self._free = permits
        # Those who have had a turn, and when it ended. The page that asked holds its visitor, and lets go at its end.
        self._between: WeakKeyDictionary[Visitor, float] = WeakKeyDictionary()
        self._tickets: list[_Ticket] = []
        self._clock = self._round = 0
        # Seconds of computing and visitors served, both fading, so that their ratio follows what visitors ask now.
        self._busy, self._served = 0.0, 0.0

    @property
    def waiting(self) -> int:
        """How many stand in the queue."""
        return len(self._tickets)

    def enter(self, visitor: Visitor) -> None:
        """Wait until it is ``visitor``'s turn; at once when nobody is there. :meth:`leave` has to follow.

        Raises:
            QueueError: too many are waiting already.
            BaseException: whatever ``visitor.look_up`` raises; the visitor has left the queue then.
        """
        with self._lock:
            self._between.pop(visitor, None)
            first = visitor.background or visitor.came is None
            if self._free and not self._tickets:
                self._free -= 1
                self._welcome(visitor, first)
                return
            if first and not visitor.background and self._visitors() >= self.longest:
                raise QueueError(
                    N_("{count} visitors are waiting for the networks: reload this page in a minute."),
                    count=self.longest,
                )
            ticket = _Ticket(visitor, self._welcome(visitor, first))
            self._tickets.append(ticket)
            self._number()
        try:
            self._wait(ticket)
        except BaseException:
            with self._lock:
                if ticket.granted:  # in the moment of leaving: the turn goes to the next one
                    self._pass_on()
                else:
                    self._tickets.remove(ticket)
                    self._number()
            raise

    def leave(self, visitor: Visitor, seconds: float) -> None:
        """The turn of ``visitor`` is over after ``seconds``; the next one has it."""
        with self._lock:
            self._busy += seconds
            if not visitor.background:
                self._between[visitor] = time.monotonic()
            self._pass_on()

    def _welcome(self, visitor: Visitor, first: bool) -> tuple[int, int]:
        """Note when the visitor came. Background work comes anew with every question: it is to take turns.

        What a session asks while something of it is waiting belongs to the round after that.
        """
        if first:
            self._clock += 1
            mine = [ticket.came[0] for ticket in self._tickets if ticket.visitor.session == visitor.session]
            visitor.came = (max(mine) + 1 if mine else self._round, self._clock)
            self._busy *= FADING
            self._served = FADING * self._served + 1
        assert visitor.came is not None
        return visitor.came

    def _visitors(self) -> int:
        return sum(not ticket.visitor.background for ticket in self._tickets)

    def _pass_on(self) -> None:
        if not self._tickets:
            self._free += 1
            return
        ticket = self._tickets.pop(0)
        self._round = max(self._round, ticket.came[0])
        ticket.granted = True
        ticket.news.set()
        self._number()

    def _number(self) -> None:
        """Put the queue in order and tell those whose place has changed."""
        self._tickets.sort(key=lambda ticket: ticket.came)
        for number, ticket in enumerate(self._tickets, 1):
            if ticket.number != number:
                ticket.number = number
                ticket.news.set()

    def _wait(self, ticket: _Ticket) -> None:
        told = False
        while not ticket.granted:
            ticket.news.wait(BEAT)
            ticket.news.clear()
            if not ticket.granted:
                ticket.visitor.look_up(self._place(ticket))
                told = True
        if told:
            ticket.visitor.look_up(Place(0, 0.0))

    def _place(self, ticket: _Ticket) -> Place:
        """Where ``ticket`` stands. Whoever came earlier and is between two passes of a page counts as being in front:
        they will be again in a moment, and a place that went up and down would say nothing."""
        with self._lock:
            now = time.monotonic()
            early = (v.came is not None and v.came < ticket.came for v, t in self._between.items() if now - t < LINGER)
            number = ticket.number + sum(early)
            each = self._busy / self._served / self.permits if self._served else 0.0
        return Place(number, number * each or None)
