"""Runs that learn in the background, in small turns of the queue that every network stands in.

Pausing ends the worker and frees its slot, while the runs lie still; a new worker goes on with them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from core.engine.worker import Slots, Worker
from core.passes.learning.run import LAST, Training

TURN = 0.04
"""Seconds of a turn, so that whoever waits for another network hardly waits longer."""
MOST = 8
"""Visitors who may train at the same time in one process; the next ones wait."""


class Trainer(Worker):
    """Lets ``runs`` learn, one step of each in turn.

    Args:
        runs: one, or two side by side.
        until: step at which it ends.
        rest: seconds between two steps, for a reader who wants to see each.
    """

    slots: ClassVar[Slots] = Slots(MOST)
    waits: ClassVar[bool] = True

    def __init__(self, runs: Sequence[Training], until: int = LAST, rest: float = 0.0) -> None:
        super().__init__(threads=1)
        self.runs, self.until, self.rest = tuple(runs), until, rest

    def work(self) -> None:
        """Turns until every run is over."""
        while any(self._goes_on(run) for run in self.runs):
            self.turn(self._some_steps)
            if self.rest:
                self._stop.wait(self.rest)
        for run in self.runs:
            if run.frames[-1].step != run.step:
                self.turn(run.look)

    def _goes_on(self, run: Training) -> bool:
        return run.step < self.until and not run.over

    def _some_steps(self) -> None:
        end = time.perf_counter() + TURN
        while True:
            behind = [run for run in self.runs if self._goes_on(run)]
            if not behind:
                return
            run = min(behind, key=lambda each: each.step)
            if not run.frames:
                run.look()
            run.learn()
            if time.perf_counter() > end or self.rest:
                return


def training() -> int:
    """How many visitors train now."""
    return Trainer.slots.taken
