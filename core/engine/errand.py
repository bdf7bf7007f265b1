"""A long computation that is handed over step by step: somebody watches how far it is, and may stop it.

What is to do is a generator. Each of its steps goes through the engine's door by itself, so that others have their turn
in between, and what it has yielded last stays when it is stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, Generic, Protocol, TypeVar

from core.engine import inference
from core.engine.worker import Slots, Worker


class Step(Protocol):
    """What a generator yields: a result so far, and how far it is."""

    @property
    def done(self) -> int:
        """Steps behind."""
        ...

    @property
    def steps(self) -> int:
        """All steps."""
        ...


T = TypeVar("T", bound=Step)


class Errand(Worker, Generic[T]):
    """One generator in a thread of its own. It waits in a line where others are at work.

    Attributes:
        latest: what was yielded last, or ``None``.

    Args:
        make: begins the generator; called once, in the errand's thread. It may hold a picture, and is let go of.
    """

    slots: ClassVar[Slots] = Slots()
    waits = True

    def __init__(self, make: Callable[[], Iterator[T]]) -> None:
        super().__init__(inference.THREADS)
        self._make: Callable[[], Iterator[T]] | None = make
        self.latest: T | None = None

    def work(self) -> None:
        """All steps, one after the other, until it is stopped."""
        make, self._make = self._make, None
        if make is None:
            return
        for found in make():
            self.latest = found
            self.check()

    @property
    def running(self) -> bool:
        """Whether it goes on, or waits to."""
        return not self.finished.is_set() and not self.stopped

    @property
    def complete(self) -> bool:
        """Whether all steps are done."""
        return self.latest is not None and self.latest.done >= self.latest.steps
