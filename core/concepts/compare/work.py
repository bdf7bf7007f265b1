"""Every network on one picture, one after the other, in a thread of its own: a page asks how far it is and draws that.

Each step is one short piece of work behind :mod:`core.engine.inference`, so other visitors have their turn in between,
a stop takes effect after the step that is running, and everything that is done already stays. A comparison belongs to
one visitor, who alone stops it; what its steps find may be shared, which is up to :class:`Ways`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from core.concepts.compare.answers import Answer, Votes
from core.concepts.compare.steps import Ways
from core.engine.worker import Slots, Stopped, Worker
from core.errors import N_, SegScopeError
from core.models.downloads import DownloadError
from core.models.registry import spec
from core.pictures.images import Picture

if TYPE_CHECKING:
    from core.models.costs import Cost  # imports PyTorch

ROUNDS = 3
"""Passes that are timed when nobody asks for more, after the one that draws the mask and sets things up."""
MOST_ROUNDS = 30

_log = logging.getLogger(__name__)


class ComparingError(SegScopeError):
    """A network whose answer could not be computed."""


class Progress(NamedTuple):
    """How far a comparison is.

    Attributes:
        names: the networks.
        answers: the masks that are there, in the order of the networks.
        seconds: the timed passes of each network.
        costs: what is known of the networks' costs.
        errors: networks that cannot answer, with the reason.
        votes: where the masks differ, once all of them are there, if there are two.
        now: the network whose turn it is; empty between two of them and when nothing runs.
        done, total: steps.
        running: whether work goes on, or waits to.
        place: where it waits for the comparisons of others to end, 1 for the next one; 0 when it does not.
        error: why the work as a whole cannot go on.
    """

    names: tuple[str, ...]
    answers: dict[str, Answer]
    seconds: dict[str, tuple[float, ...]]
    costs: dict[str, Cost]
    errors: dict[str, SegScopeError]
    votes: Votes | None
    now: str
    done: int
    total: int
    running: bool
    place: int
    error: SegScopeError | None


class Spell(Worker):
    """One go at what is left of a comparison. It waits where others are at work."""

    slots: ClassVar[Slots] = Slots()
    waits = True
    yields = True

    def __init__(self, todo: Callable[[Spell], None]) -> None:
        super().__init__()
        self._todo: Callable[[Spell], None] | None = todo

    def work(self) -> None:
        """What is to do, once: it holds the picture."""
        todo, self._todo = self._todo, None
        if todo is not None:
            todo(self)


class Comparing:
    """The comparison of some networks on one picture; safe to use from several threads.

    Args:
        names: registry names of segmenters of photos.
        before: a comparison on the same picture, of which this one takes over what it has got.
        ways: how its steps are taken.
    """

    def __init__(self, names: Iterable[str], before: Comparing | None = None, ways: Ways | None = None) -> None:
        self.names = tuple(names)
        self._ways = ways or Ways()
        self._lock = threading.Lock()
        self._answers: dict[str, Answer] = {}
        self._first: dict[str, float] = {}
        self._seconds: dict[str, list[float]] = {name: [] for name in self.names}
        self._costs: dict[str, Cost] = {}
        self._errors: dict[str, SegScopeError] = {}
        self._votes: Votes | None = None
        self._error: SegScopeError | None = None
        self._rounds = ROUNDS
        self._costs_first = False
        self._now = ""
        self._spell: Spell | None = None
        if before is not None:
            self._take_over(before)

    def _take_over(self, other: Comparing) -> None:
        with other._lock:
            self._answers = {n: found for n, found in other._answers.items() if n in self.names}
            self._first = {n: other._first[n] for n in self._answers}
            self._seconds |= {n: list(other._seconds[n]) for n in self._answers}
            self._costs = {n: other._costs[n] for n in self._answers if n in other._costs}
            self._rounds = other._rounds

    # ------------------------------------------------------------------------------------------- what is to do

    def _steps(self, picture: Picture) -> Sequence[tuple[str, Callable[[], None]]]:
        """What is left to do before passes are timed, with the network that each step is about: masks, votes, costs."""
        able = self._able()
        costs: list[tuple[str, Callable[[], None]]] = [
            (n, lambda n=n: self._cost(n))  # type: ignore[misc]
            for n in able
            if n not in self._costs
        ]
        steps: list[tuple[str, Callable[[], None]]] = [
            (name, lambda name=name: self._mask(name, picture))  # type: ignore[misc]
            for name in able
            if name not in self._answers
        ]
        if self._votes is None and len(able) > 1:  # one alone disagrees with nobody
            steps.append(("", lambda: self._count_votes(picture)))
        return costs + steps if self._costs_first else steps + costs

    def _times(self, picture: Picture) -> Sequence[tuple[str, Callable[[], None]]]:
        """The passes that are left to be timed: in turns, so that a slow spell of the machine hits all networks."""
        return [
            (name, lambda name=name: self._time(name, picture))  # type: ignore[misc]
            for turn in range(self._rounds)
            for name in self._able()
            if len(self._seconds[name]) <= turn
        ]

    def _able(self) -> list[str]:
        return [name for name in self.names if name not in self._errors]

    def _mask(self, name: str, picture: Picture) -> None:
        found = self._ways.look(name, picture)
        with self._lock:
            self._answers[name], self._first[name] = found

    def _time(self, name: str, picture: Picture) -> None:
        if name in self._errors:
            return
        seconds = self._ways.timed(name, picture, len(self._seconds[name]))
        with self._lock:
            self._seconds[name].append(seconds)

    def _count_votes(self, picture: Picture) -> None:
        there = tuple(name for name in self.names if name in self._answers)
        if len(there) > 1:
            counted = self._ways.vote(there, picture, self._answers)
            with self._lock:
                self._votes = counted

    def _cost(self, name: str) -> None:
        from core.models.costs import cost

        counted = cost(name, spec(name).short_side)
        with self._lock:
            self._costs[name] = counted

    # ------------------------------------------------------------------------------------------------- running

    def start(self, picture: Picture) -> None:
        """Go on with what is left, in a thread; no effect while it runs, when nothing is left, and after it has broken
        as a whole (:meth:`forgive`)."""
        with self._lock:
            for name in [n for n, error in self._errors.items() if isinstance(error, DownloadError)]:
                # Fetched again since then, or nobody would ask: a file that fails is removed.
                del self._errors[name]
                self._votes = None
            if self._spell is not None and self._spell.go_on():
                return
            if self._broken() is not None or not (self._steps(picture) or self._times(picture)):
                return
            before = self._spell
            self._begin(Spell(lambda spell: self._after(before, spell, picture)))

    def _begin(self, spell: Spell) -> None:
        self._spell = spell
        try:
            spell.start()
        except SegScopeError as error:
            self._error = error

    def _after(self, before: Spell | None, spell: Spell, picture: Picture) -> None:
        """The steps, when the spell before has ended: a step that was stopped too late must not be done twice."""
        while before is not None and not before.finished.wait(0.05):
            spell.check()
        self._work(picture, spell)

    def ask_for(self, rounds: int) -> None:
        """Let :meth:`start` time every network until it has ``rounds`` timed passes."""
        self._rounds = max(self._rounds, min(MOST_ROUNDS, rounds))

    def costs_first(self) -> None:
        """Let the next :meth:`start` count costs before it asks the networks."""
        self._costs_first = True

    def forgive(self) -> None:
        """Let :meth:`start` try again what has broken as a whole."""
        with self._lock:
            self._error = None
            if self._spell is not None and self._spell.finished.is_set():
                self._spell = None

    def stop(self) -> None:
        """Stop after the step that is running. What is done stays."""
        with self._lock:  # no spell hands over to the next one meanwhile
            if self._spell is not None:
                self._spell.stop()

    def join(self, timeout: float) -> None:
        """Wait at most ``timeout`` seconds until the thread has ended."""
        spell = self._spell
        if spell is not None:
            spell.finished.wait(timeout)

    def work(self, picture: Picture) -> None:
        """Do what is left here and now."""
        with suppress(Stopped):
            self._work(picture, Spell(lambda _spell: None))

    def _work(self, picture: Picture, spell: Spell) -> None:
        drawn = self._steps(picture)
        self._take(drawn, spell)
        if drawn and spell.slots.waiting:  # everybody sees the masks before anybody's passes are timed
            with self._lock:
                if self._spell is spell and not spell.stopped:
                    self._begin(Spell(lambda later: self._after(spell, later, picture)))
                    return
        self._take(self._times(picture), spell)

    def _take(self, steps: Iterable[tuple[str, Callable[[], None]]], spell: Spell) -> None:
        try:
            for name, step in steps:
                spell.check()
                self._now = name
                try:
                    step()
                except Stopped:
                    raise
                except SegScopeError as error:
                    self._fail(name, error)
                except Exception:  # a page that waits must hear of it
                    _log.exception("comparing: %s", name)
                    self._fail(name, ComparingError(N_("This network has failed on this picture.")))
        finally:
            self._now = ""

    def _fail(self, name: str, error: SegScopeError) -> None:
        with self._lock:
            if name:
                self._errors[name] = error
            else:  # the votes: counted again only when somebody asks for it
                self._error = ComparingError(N_("The votes of the networks could not be counted."))

    # ------------------------------------------------------------------------------------------------- looking

    def _broken(self) -> SegScopeError | None:
        """Why the work as a whole cannot go on."""
        spell = self._spell
        return self._error or (spell.error if spell is not None else None)

    def progress(self) -> Progress:
        """How far it is. Asking keeps the work going (see :data:`core.engine.worker.PATIENCE`)."""
        with self._lock:
            spell = self._spell
            if spell is not None:
                spell.watch()
            able = self._able()
            each = 2 + self._rounds  # mask, cost, timed passes
            left = sum(
                (n not in self._answers) + (n not in self._costs) + max(0, self._rounds - len(self._seconds[n]))
                for n in able
            )
            running = spell is not None and not spell.finished.is_set() and not spell.stopped
            # The first pass of a size sets things up: it counts only as long as there is no other.
            first = {n: (self._first[n],) for n in self.names if n in self._first}
            timed = {n: tuple(self._seconds[n]) for n in self.names if self._seconds[n]}
            return Progress(
                names=self.names,
                answers={n: self._answers[n] for n in self.names if n in self._answers},
                seconds={**first, **timed},
                costs=dict(self._costs),
                errors=dict(self._errors),
                votes=self._votes,
                now=self._now,
                done=each * len(able) - left,
                total=each * len(able),
                running=running,
                place=spell.slots.place(spell) if spell is not None and running else 0,
                error=self._broken(),
            )
