"""Every network on one picture, one after the other, in a thread of its own: a page asks how far it is and draws that.

Each step is one short piece of work behind :mod:`core.engine.inference`, so other visitors have their turn in between,
a stop takes effect after the step that is running, and everything that is done already stays.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.concepts.compare import votes as comparison
from core.concepts.compare.votes import Bytes, Label
from core.engine import inference
from core.errors import N_, SegScopeError
from core.models.pretrained import DownloadError
from core.models.registry import spec
from core.passes import segmentation
from core.pictures.images import Picture, encode_png

if TYPE_CHECKING:
    from core.models.costs import Cost  # imports PyTorch

ROUNDS = 3
"""Passes that are timed when nobody asks for more, after the one that draws the mask and sets things up."""
MOST_ROUNDS = 30
PATIENCE = 30.0
"""Seconds after which work stops when nobody asks any more: the visitor has left."""

_log = logging.getLogger(__name__)
_at_work: weakref.WeakSet[Comparing] = weakref.WeakSet()


@atexit.register
def _leave() -> None:
    """Let the step that is running end before Python does: PyTorch aborts when its thread is torn away."""
    for work in list(_at_work):
        work.stop()
        work.join(PATIENCE)


class ComparingError(SegScopeError):
    """A network whose answer could not be computed."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What one network says about the picture.

    Attributes:
        ids: ``uint8 (H, W)`` class ids, of the size of the picture's ``pixels``.
        png: the ids as a grey PNG, for the browser.
        labels: where to write the classes' names.
    """

    ids: Bytes
    png: bytes
    labels: tuple[Label, ...]


def answer(ids: Bytes) -> Answer:
    """``ids`` with what a page needs to show them."""
    return Answer(ids, encode_png(ids, compress_level=6), tuple(comparison.labels(ids)))


@dataclass(frozen=True, eq=False)
class Votes:
    """Where the masks of two or more networks differ (see :mod:`core.concepts.compare.votes`).

    Attributes:
        names: whose masks.
        answers, entropy: grey PNGs: the number of different answers itself; the entropy, of which 255 is ``bits``.
        most: largest number of different answers at a pixel.
        bits: largest possible entropy, log2 of the number of networks.
        agreement: share of pixels on which all agree.
        dissent: by network, its mean difference from the others.
        disputed: by class id, the share of the picture over which the networks disagree about it.
    """

    names: tuple[str, ...]
    answers: bytes
    entropy: bytes
    most: int
    bits: float
    agreement: float
    dissent: dict[str, float]
    disputed: dict[int, float]


def votes(masks: dict[str, Bytes]) -> Votes:
    """Count the votes of two or more masks."""
    every, bits = list(masks.values()), float(np.log2(len(masks)))
    answers = comparison.answers(every)
    entropy = (comparison.entropy(every) / bits * 255).round().astype(np.uint8)
    return Votes(
        names=tuple(masks),
        answers=encode_png(answers, compress_level=6),
        entropy=encode_png(entropy, compress_level=6),
        most=int(answers.max()),
        bits=bits,
        agreement=float((answers == 1).mean()),
        dissent=dict(zip(masks, comparison.dissent(every), strict=True)),
        disputed=comparison.disputed(every),
    )


class Progress(NamedTuple):
    """How far a comparison is.

    Attributes:
        names: the networks.
        answers: the masks that are there, in the order of the networks.
        seconds: the timed passes of each network.
        costs: what is known of the networks' costs.
        errors: networks that cannot answer, with the reason.
        votes: where the masks differ, once all of them are there.
        now: the network whose turn it is; empty between two of them and when nothing runs.
        done, total: steps.
        running: whether work goes on.
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


class Comparing:
    """The comparison of some networks on one picture; safe to use from several threads.

    Args:
        names: registry names of segmenters of photos.
        before: a comparison on the same picture, of which this one takes over what it has got.
    """

    def __init__(self, names: Iterable[str], before: Comparing | None = None) -> None:
        self.names = tuple(names)
        self._lock = threading.Lock()
        self._answers: dict[str, Answer] = {}
        self._first: dict[str, float] = {}
        self._seconds: dict[str, list[float]] = {name: [] for name in self.names}
        self._costs: dict[str, Cost] = {}
        self._errors: dict[str, SegScopeError] = {}
        self._votes: Votes | None = None
        self._rounds = ROUNDS
        self._now = ""
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._active = False
        self._asked = time.monotonic()
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
        """What is left to do, with the network that each step is about: masks first, then votes, costs, more times."""
        able = [name for name in self.names if name not in self._errors]
        steps: list[tuple[str, Callable[[], None]]] = [
            (name, lambda name=name: self._mask(name, picture))  # type: ignore[misc]
            for name in able
            if name not in self._answers
        ]
        if self._votes is None:
            steps.append(("", self._count_votes))
        steps += [(n, lambda n=n: self._cost(n)) for n in able if n not in self._costs]  # type: ignore[misc]
        for turn in range(self._rounds):
            # in turns, so that a slow spell of the machine hits all of them
            steps += [
                (name, lambda name=name: self._time(name, picture))  # type: ignore[misc]
                for name in able
                if len(self._seconds[name]) <= turn
            ]
        return steps

    def _mask(self, name: str, picture: Picture) -> None:
        found = segmentation.segment(inference.load(name), picture)
        made = answer(found.ids)
        with self._lock:
            self._answers[name], self._first[name] = made, found.seconds

    def _time(self, name: str, picture: Picture) -> None:
        if name in self._errors:
            return
        seconds = segmentation.segment(inference.load(name), picture).seconds
        with self._lock:
            self._seconds[name].append(seconds)

    def _count_votes(self) -> None:
        masks = {name: self._answers[name].ids for name in self.names if name in self._answers}
        if len(masks) > 1:
            counted = votes(masks)
            with self._lock:
                self._votes = counted

    def _cost(self, name: str) -> None:
        from core.models.costs import cost

        counted = cost(name, spec(name).short_side)
        with self._lock:
            self._costs[name] = counted

    # ------------------------------------------------------------------------------------------------- running

    def start(self, picture: Picture) -> None:
        """Go on with what is left, in a thread; no effect while it runs and when nothing is left."""
        with self._lock:
            self._asked = time.monotonic()
            for name in [n for n, error in self._errors.items() if isinstance(error, DownloadError)]:
                # Fetched again since then, or nobody would ask: a file that fails is removed.
                del self._errors[name]
                self._votes = None
            if self._active:
                self._stopped.clear()  # a stop that has not taken effect yet is called off
                return
            if not self._steps(picture):
                return
            self._active = True
            self._stopped = threading.Event()
            arguments = (picture, self._stopped)
            self._thread = threading.Thread(target=self._work, args=arguments, name="comparing", daemon=True)
            _at_work.add(self)
            self._thread.start()

    def ask_for(self, rounds: int) -> None:
        """Let :meth:`start` time every network until it has ``rounds`` timed passes."""
        self._rounds = max(self._rounds, min(MOST_ROUNDS, rounds))

    def stop(self) -> None:
        """Stop after the step that is running. What is done stays."""
        self._stopped.set()

    def join(self, timeout: float) -> None:
        """Wait at most ``timeout`` seconds until the thread has ended."""
        if self._thread is not None:
            self._thread.join(timeout)

    def work(self, picture: Picture) -> None:
        """Do what is left here and now."""
        self._work(picture, threading.Event())

    def _work(self, picture: Picture, stopped: threading.Event) -> None:
        for name, step in self._steps(picture):
            with self._lock:
                if stopped.is_set() or time.monotonic() - self._asked > PATIENCE:
                    self._active, self._now = False, ""
                    return
            self._now = name
            try:
                step()
            except SegScopeError as error:
                self._fail(name, error)
            except Exception:  # a page that waits must hear of it
                _log.exception("comparing: %s", name)
                self._fail(name, ComparingError(N_("This network has failed on this picture.")))
        with self._lock:
            self._active, self._now = False, ""

    def _fail(self, name: str, error: SegScopeError) -> None:
        with self._lock:
            self._errors[name] = error

    # ------------------------------------------------------------------------------------------------- looking

    def progress(self) -> Progress:
        """How far it is. Asking keeps the work going (see :data:`PATIENCE`)."""
        with self._lock:
            self._asked = time.monotonic()
            able = [name for name in self.names if name not in self._errors]
            each = 2 + self._rounds  # mask, cost, timed passes
            left = sum(
                (n not in self._answers) + (n not in self._costs) + max(0, self._rounds - len(self._seconds[n]))
                for n in able
            )
            running = self._active and not self._stopped.is_set()
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
            )
