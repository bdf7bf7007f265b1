"""Long computations in small turns: a thread that others may watch and stop, and that lets everybody else in between.

Every turn goes through the one door, :func:`core.inference.run`, so that a race of one visitor and the click of
another take turns. Inside a turn the worker looks up before every layer whether it is still wanted: stopping does not
wait for the end of a pass.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from core import inference
from core.errors import N_, SegScopeError
from core.turns import Visitor

if TYPE_CHECKING:
    from torch import nn

T = TypeVar("T")

MOST = 4
"""Workers that may run at the same time in one process."""
PATIENCE = 60.0
"""Seconds after which a worker that nobody watches any more ends by itself: its visitor has gone."""


class WorkerError(SegScopeError):
    """Too many computations at once."""


class Stopped(Exception):
    """Raised inside a turn when the worker is not wanted any more."""


_slots = threading.BoundedSemaphore(MOST)


class Worker:
    """A computation in a thread of its own; :meth:`work` is what a subclass does in it.

    Attributes:
        finished: set when the thread has ended, for whatever reason.
        error: why it failed, or ``None``.
        threads: processor threads of every turn.
    """

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self.finished = threading.Event()
        self.error: SegScopeError | None = None
        self._stop = threading.Event()
        self._watched = time.monotonic()
        self._layers = 0

    def start(self) -> None:
        """Begin in the background.

        Raises:
            WorkerError: :data:`MOST` others are running.
        """
        if not _slots.acquire(blocking=False):
            raise WorkerError(N_("Several races are running on this server already: try again in a minute."))
        visitor = Visitor(inference.visitor().session, lambda _place: self.check(), background=True)
        threading.Thread(target=self._run, args=(visitor,), name=type(self).__name__, daemon=True).start()

    def _run(self, visitor: Visitor) -> None:
        try:
            with inference.on_behalf_of(visitor):
                self.work()
        except Stopped:
            pass
        except SegScopeError as error:
            self.error = error
        finally:
            self.finished.set()
            _slots.release()

    def work(self) -> None:
        """The computation; it calls :meth:`turn` for every piece."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ask it to end; it does before the next layer."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether somebody has asked it to end."""
        return self._stop.is_set()

    def watch(self) -> None:
        """Say that somebody is still interested."""
        self._watched = time.monotonic()

    def check(self) -> None:
        """Raise :class:`Stopped` if nobody wants the rest."""
        if self._stop.is_set() or time.monotonic() - self._watched > PATIENCE:
            self._stop.set()
            raise Stopped

    def turn(self, function: Callable[[], T]) -> inference.Timed[T]:
        """One piece through the door, with this worker's number of threads; whoever waits there goes first.

        A worker that is stopped while it waits does not wait any longer.
        """
        self.check()
        return inference.run(self._with_threads, function)

    def _with_threads(self, function: Callable[[], T]) -> T:
        import torch

        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            return function()
        finally:
            torch.set_num_threads(before)

    @contextmanager
    def checkpoints(self, *networks: nn.Module) -> Iterator[None]:
        """Look up before every layer of ``networks`` in this thread; layers that ran are counted in ``_layers``."""
        from core.tracing import Hooks

        def look_up(_module: nn.Module, _inputs: object) -> None:
            self._layers += 1
            self.check()

        leaves = {m for network in networks for m in network.modules() if next(m.children(), None) is None}
        with Hooks() as hooks:
            for module in leaves:
                hooks.before(module, look_up)
            yield
