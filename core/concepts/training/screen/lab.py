"""A visitor's runs on the server: made, let learn, paused, watched; they lie in the session and end with it."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from core.engine import inference
from core.errors import SegScopeError

if TYPE_CHECKING:
    from core.passes.learning.run import Frame, Options, Training  # imports PyTorch
    from core.passes.learning.trainer import Trainer

_PREFIX = "training-lab-"
REST = 0.5
"""Seconds between two steps at the slow pace."""


@dataclass(eq=False)
class Lab:
    """One run, or two side by side.

    Attributes:
        options: of each.
        runs: of each, made when PyTorch is there.
        worker: what lets them learn; ``None`` before the first time.
        slow: whether each step is to be seen.
        sent: the step of the last frame that the browser has of each run; -1 for none.
        error: why the last start failed.
        name: changes when the runs begin anew.
    """

    options: tuple[Options, ...]
    runs: tuple[Training, ...] = ()
    worker: Trainer | None = None
    slow: bool = False
    sent: list[int] = field(default_factory=list)
    error: SegScopeError | None = None
    name: str = ""
    _since: tuple[float, int] = (0.0, 0)

    def begin(self) -> None:
        """Make the runs anew, with a frame of what they say before they learn."""
        from core.passes.learning.run import Training

        self.pause()
        runs = tuple(Training(options) for options in self.options)
        inference.run(lambda: [run.look() for run in runs])
        self.runs, self.name, self.error = runs, secrets.token_hex(4), None
        self.forget_sent()

    def forget_sent(self) -> None:
        """Send everything again: the browser has lost it."""
        self.sent = [-1] * len(self.runs)

    @property
    def running(self) -> bool:
        """Whether they learn now, or wait for a slot."""
        return self.worker is not None and not self.worker.finished.is_set()

    @property
    def over(self) -> bool:
        """Whether nothing more follows."""
        return bool(self.runs) and all(run.over for run in self.runs)

    def learn(self, steps: int | None = None) -> None:
        """Let them learn, ``steps`` steps or until the end."""
        from core.passes.learning.run import LAST
        from core.passes.learning.trainer import Trainer

        if self.running or self.over or not self.runs:
            return
        until = LAST if steps is None else max(run.step for run in self.runs) + steps
        self.worker = Trainer(self.runs, until, REST if self.slow and steps is None else 0.0)
        self._since = (time.monotonic(), self.runs[0].step)
        self.error = None
        try:
            self.worker.start()
            if steps is not None:
                self.worker.finished.wait(2)
        except SegScopeError as error:
            self.error = error

    def pause(self) -> None:
        """Stop learning and free the slot; the runs stay as they are."""
        if self.worker is not None:
            self.worker.stop()
            self.worker.finished.wait(2)

    def pace(self) -> float:
        """Steps a second since the runs went on, waiting for others included."""
        began, step = self._since
        return (self.runs[0].step - step) / max(time.monotonic() - began, 0.1) if self.runs and began else 0.0

    def place(self) -> int:
        """Where the worker waits for a slot; 0 where it has one."""
        return self.worker.slots.place(self.worker) if self.worker is not None and self.running else 0

    def news(self) -> list[tuple[tuple[int, ...], tuple[Frame, ...]]]:
        """Of each run the steps of all frames, and the frames that the browser does not have yet."""
        if self.worker is not None:
            self.worker.watch()
            self.error = self.worker.error or self.error
        found = []
        for number, run in enumerate(self.runs):
            frames = run.kept()
            new = tuple(frame for frame in frames if frame.step > self.sent[number])
            found.append((tuple(frame.step for frame in frames), new))
            self.sent[number] = frames[-1].step if frames else -1
        return found


def of(key: str, options: tuple[Options, ...]) -> Lab:
    """The lab called ``key`` of this visitor, for runs with ``options``: with others it begins anew."""
    lab = st.session_state.get(_PREFIX + key)
    if not isinstance(lab, Lab) or lab.options != options:
        if isinstance(lab, Lab):
            lab.pause()
        lab = st.session_state[_PREFIX + key] = Lab(options)
    if not lab.runs and inference.ready():
        lab.begin()
    return lab


def only(key: str) -> None:
    """Pause what the visitor's other labs do: one trains at a time."""
    for name, lab in list(st.session_state.items()):
        if str(name).startswith(_PREFIX) and name != _PREFIX + key and isinstance(lab, Lab):
            lab.pause()
