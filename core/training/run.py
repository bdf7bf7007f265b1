"""What every recipe needs: a folder that a run resumes from, a log of losses, a line that says how long it takes."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch


class Run:
    """One training run that may be interrupted.

    Attributes:
        step: batches so far.
        spent: seconds of training so far, interruptions not counted.

    Args:
        folder: ``last.pt`` (everything needed to go on) and ``log.jsonl`` (losses) lie here.
        minutes: that the run may take in all.
        save_every: seconds between two checkpoints.
    """

    def __init__(self, folder: Path, minutes: float, save_every: float = 60.0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.minutes, self.save_every = folder, minutes, save_every
        self.step, self._before = 0, 0.0
        self._began = self._saved = time.monotonic()
        self._sums: dict[str, list[float]] = {}

    @property
    def spent(self) -> float:
        return self._before + time.monotonic() - self._began

    @property
    def progress(self) -> float:
        """Share of the run that is over; 1 or more ends it."""
        return self.spent / (self.minutes * 60)

    def resume(self) -> dict[str, Any] | None:
        """What the last checkpoint holds, or nothing for a new run."""
        file = self.folder / "last.pt"
        if not file.is_file():
            return None
        stored: dict[str, Any] = torch.load(file, weights_only=True)
        self.step, self._before = int(stored["step"]), float(stored["spent"])
        return stored

    def log(self, losses: Mapping[str, float], every: int = 25) -> None:
        """Count one batch; every so many, write their mean losses and the time left."""
        self.step += 1
        for name, value in losses.items():
            self._sums.setdefault(name, []).append(value)
        if self.step % every == 0:
            means = {name: round(sum(values) / len(values), 4) for name, values in self._sums.items()}
            left = max(0.0, self.minutes - self.spent / 60)
            entry = {"step": self.step, "seconds": round(self.spent), "loss": means}
            with (self.folder / "log.jsonl").open("a") as file:
                file.write(json.dumps(entry) + "\n")
            shown = "  ".join(f"{name} {value:.3f}" for name, value in means.items())
            print(f"batch {self.step}, {left:.1f} minutes left, loss: {shown}", file=sys.stderr, flush=True)
            self._sums = {}

    def save(self, state: Mapping[str, Any], force: bool = False) -> None:
        """Write a checkpoint, unless one was written a moment ago; a half-written file never replaces a whole one."""
        if not force and time.monotonic() - self._saved < self.save_every:
            return
        partial = self.folder / "last.part"
        torch.save(dict(state) | {"step": self.step, "spent": self.spent}, partial)
        os.replace(partial, self.folder / "last.pt")
        self._saved = time.monotonic()


def losses(folder: Path) -> list[dict[str, Any]]:
    """The log of a run: one entry for every 25 batches with ``step``, ``seconds`` and ``loss`` by name."""
    file = folder / "log.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []
