"""Long computations in small turns: a thread that others may watch and stop, and that lets everybody else in between.

Every turn goes through the one door, :func:`core.engine.inference.run`, so that a race of one visitor and the click of
another take turns. Inside a turn the worker looks up before every layer whether it is still wanted: stopping does not
wait for the end of a pass.

So many work at a time (:class:`Slots`). A worker ends when its visitor stops it, when nobody has watched it for
:data:`PATIENCE` seconds, and when its session is over (:func:`keep_for`). One of a kind that :attr:`~Worker.yields`
ends sooner when others of its kind are there: it may be of a tab that was closed or loaded anew a moment ago.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, TypeVar

from core.engine import inference
from core.engine.turns import Place, Visitor
from core.errors import N_, SegScopeError

if TYPE_CHECKING:
    from torch import nn

T = TypeVar("T")

MOST = 4
"""Workers of one kind that may run at the same time in one process."""
PATIENCE = 60.0
"""Seconds after which a worker that nobody watches any more ends by itself: its visitor has gone."""
POLITENESS = 10.0
"""Seconds after which one that nobody watches gives way to others of its kind, if it is of a kind that does."""
LAST_WORDS = 30.0
"""Seconds that Python's end waits for a worker to end."""

_log = logging.getLogger(__name__)


class WorkerError(SegScopeError):
    """A computation that cannot begin, or that broke."""


class Stopped(Exception):
    """Raised inside a turn when the worker is not wanted any more."""


class Slots:
    """How many workers may run at the same time, and those that wait for one of them to end, first come, first served.

    Args:
        most: of them at the same time.
    """

    def __init__(self, most: int = MOST) -> None:
        self._lock = threading.Lock()
        self._most = self._free = most
        self._line: deque[Worker] = deque()

    @property
    def taken(self) -> int:
        """How many run."""
        return self._most - self._free

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line)

    def place(self, worker: Worker) -> int:
        """Where ``worker`` waits: 1 for the next one, 0 for one that does not wait. Those before it that nobody wants
        any more do not count: they leave the line when their turn comes."""
        with self._lock:
            if worker not in self._line:
                return 0
            ahead = list(self._line)[: self._line.index(worker)]
        return 1 + sum(other.wanted for other in ahead)

    def take(self, worker: Worker, wait: bool) -> bool:
        """Take a slot. Where all are taken, ``worker`` stands in the line if it is to ``wait``.

        Returns:
            Whether there was one.
        """
        with self._lock:
            if self._free:  # then nobody waits
                self._free -= 1
                return True
            if wait:
                self._line.append(worker)
            return False

    def give_back(self) -> None:
        """A slot is free: it is the next one's."""
        while True:
            with self._lock:
                if not self._line:
                    self._free += 1
                    return
                following = self._line.popleft()
            if following._begin():
                return


class Worker:
    """A computation in a thread of its own; :meth:`work` is what a subclass does in it. It works once.

    Attributes:
        finished: set when it has ended, for whatever reason; its slot is free then.
        error: why it failed, or ``None``.
        threads: processor threads of every turn.
    """

    slots: ClassVar[Slots] = Slots()
    """Shared by all workers of a kind."""
    waits: ClassVar[bool] = False
    """Whether :meth:`start` waits in the line where all slots are taken, and does not refuse."""
    yields: ClassVar[bool] = False
    """Whether it gives way after :data:`POLITENESS` seconds: its page looks at it more often as long as it is open."""

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self.finished = threading.Event()
        self.error: SegScopeError | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._over = False
        self._watched = time.monotonic()
        self._layers = 0
        self._visitor = Visitor(background=True)

    def start(self) -> None:
        """Begin in the background, on behalf of the visitor for whom this thread computes.

        Raises:
            WorkerError: no slot is free and this kind does not wait, or the system has no thread left.
        """
        self._visitor = Visitor(inference.visitor().session, self._look_up, background=True)
        with _working:
            _at_work.add(self)
        if self.slots.take(self, self.waits):
            if not self._begin():
                self.slots.give_back()
                if self.error:
                    raise self.error
        elif not self.waits:
            self._end()
            raise WorkerError(N_("Several races are running on this server already: try again in a minute."))

    def _look_up(self, _place: Place) -> None:
        self.check()

    def _begin(self) -> bool:
        """Start the thread, with a slot in hand. ``False``: it does not run and needs none."""
        try:
            self.check()
            threading.Thread(target=self._run, name=type(self).__name__, daemon=True).start()
        except Stopped:
            self._end()
            return False
        except (RuntimeError, MemoryError):  # the system's limit of threads, or of memory
            _log.exception("%s cannot start", type(self).__name__)
            self.error = WorkerError(N_("This server cannot begin another computation now: try again in a minute."))
            self._end()
            return False
        return True

    def _run(self) -> None:
        try:
            with inference.on_behalf_of(self._visitor):
                self.work()
        except Stopped:
            pass
        except SegScopeError as error:
            self.error = error
        except Exception:  # a page that waits must hear of it
            if not self.stopped:
                _log.exception("%s failed", type(self).__name__)
                self.error = WorkerError(N_("This computation has failed on the server: start it again."))
        finally:
            self.slots.give_back()
            self._end()

    def _end(self) -> None:
        with self._lock:
            self._over = True
        with _working:
            _at_work.discard(self)
        self.finished.set()

    def work(self) -> None:
        """The computation; it calls :meth:`turn` for every piece, or :meth:`check` between them."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ask it to end; it does before the next layer."""
        self._stop.set()

    def go_on(self) -> bool:
        """Call off a stop that has not taken effect yet. Returns whether it goes on."""
        with self._lock:
            if self._over:
                return False
            self._stop.clear()
            self.watch()
            return True

    @property
    def stopped(self) -> bool:
        """Whether somebody has asked it to end."""
        return self._stop.is_set()

    def watch(self) -> None:
        """Say that somebody is still interested."""
        self._watched = time.monotonic()

    @property
    def wanted(self) -> bool:
        """Whether somebody wants the rest, and nobody else should have the room."""
        alone = not self.slots.waiting and self.slots.taken <= 1
        patience = PATIENCE if alone or not self.yields else min(PATIENCE, POLITENESS)
        return not self.stopped and time.monotonic() - self._watched <= patience

    def check(self) -> None:
        """Raise :class:`Stopped` if nobody wants the rest."""
        with self._lock:
            if not self.wanted:
                self._stop.set()
                self._over = True
                raise Stopped

    def turn(self, function: Callable[[], T]) -> inference.Timed[T]:
        """One piece through the door, with this worker's number of threads; whoever waits there goes first.

        A worker that is stopped while it waits does not wait any longer.
        """
        self.check()
        with inference.threads(self.threads):
            return inference.run(function)

    @contextmanager
    def checkpoints(self, *networks: nn.Module) -> Iterator[None]:
        """Look up before every layer of ``networks`` in this thread; layers that ran are counted in ``_layers``."""
        from core.engine.tracing import Hooks

        def look_up(_module: nn.Module, _inputs: object) -> None:
            self._layers += 1
            self.check()

        leaves = {m for network in networks for m in network.modules() if next(m.children(), None) is None}
        with Hooks() as hooks:
            for module in leaves:
                hooks.before(module, look_up)
            yield


# ---------------------------------------------------------------------------------------------------- all of them

_working = threading.Lock()
_at_work: set[Worker] = set()


def keep_for(sessions: Container[str]) -> None:
    """Stop what works for none of ``sessions``, those that are here. Work without a session goes on."""
    with _working:
        workers = list(_at_work)
    for worker in workers:
        session = worker._visitor.session
        if isinstance(session, str) and session not in sessions:
            worker.stop()


def busy() -> bool:
    """Whether anything is at work."""
    with _working:
        return bool(_at_work)


@atexit.register
def end() -> None:
    """Stop all workers and wait until they have ended: PyTorch aborts when Python tears its thread away."""
    with _working:
        workers = list(_at_work)
    for worker in workers:
        worker.stop()
    for worker in workers:
        worker.finished.wait(LAST_WORDS)
