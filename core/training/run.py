"""What every recipe needs: a folder that a run resumes from, a log of losses and scores, a line that says how long."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.maths.metrics import confusion, mean_iou
from core.models.registry import build
from core.training.data import CAT, DOG

LOG_EVERY = 25  # batches
LARGEST_GRADIENT = 5.0  # norm; a rare batch of a new network would otherwise throw the weights far
MEAN_DECAY = 0.998


class Stateful(Protocol):
    """A network, an optimiser: whatever can be written down and taken up again."""

    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state: Any) -> Any: ...


def device() -> torch.device:
    """Where training computes: the first GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Run:
    """One training run that may be interrupted: it goes on where the folder's last checkpoint stood.

    Attributes:
        step: batches so far.
        spent: seconds of training so far, interruptions not counted.
        earlier: of ``step``, the batches that bundled weights had behind them when this run took them up.

    Args:
        folder: ``last.pt`` (everything needed to go on) and ``log.jsonl`` (losses, mIoU) lie here.
        steps: batches that the run takes in all.
        parts: what a checkpoint holds, by name; taken up from the last one at once.
        go_on: batches and seconds of a run of which only the weights are left, where there is no checkpoint: they count
            as this run's.
        save_every: seconds between two checkpoints.
    """

    def __init__(
        self,
        folder: Path,
        steps: int,
        parts: Mapping[str, Stateful],
        go_on: tuple[int, float] | None = None,
        save_every: float = 60.0,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.steps, self.parts, self.save_every = folder, steps, dict(parts), save_every
        self.step, self._before, self._first, self.earlier = 0, 0.0, 0, 0
        file = folder / "last.pt"
        if file.is_file():
            stored = torch.load(file, weights_only=True, map_location=device())
            for name, part in self.parts.items():
                part.load_state_dict(stored[name])
            self.step, self._before = int(stored["step"]), float(stored["spent"])
            self._first, self.earlier = self.step, int(stored.get("earlier", 0))
        if go_on and self.step == 0:
            self.step, self._before = go_on
            self._first = self.earlier = self.step
        self._began = self._saved = time.monotonic()
        self._sums: dict[str, list[float]] = {}
        self._seen: dict[str, NDArray[np.int64]] = {}

    @property
    def spent(self) -> float:
        return self._before + time.monotonic() - self._began

    @property
    def progress(self) -> float:
        """Share of the run that is over; 1 or more ends it."""
        return self.step / self.steps

    @property
    def left(self) -> float:
        """Seconds that the rest will take at the pace since the start or the resumption."""
        pace = (time.monotonic() - self._began) / max(1, self.step - self._first)
        return pace * max(0, self.steps - self.step)

    def log(self, losses: Mapping[str, float], seen: Mapping[str, NDArray[np.int64]] | None = None) -> None:
        """Count one batch; every :data:`LOG_EVERY`, write what they gave on average, and the time left.

        Args:
            losses: by network.
            seen: by network, the (classes, classes) confusion matrix of this batch, from before it was learned.
        """
        self.step += 1
        for name, value in losses.items():
            self._sums.setdefault(name, []).append(value)
        for name, matrix in (seen or {}).items():
            self._seen[name] = self._seen.get(name, 0) + matrix
        if self.step % LOG_EVERY == 0:
            means = {name: round(sum(values) / len(values), 4) for name, values in self._sums.items()}
            scores = {name: round(mean_iou(matrix), 4) for name, matrix in self._seen.items()}
            entry = {"step": self.step, "seconds": round(self.spent), "loss": means, "miou": scores}
            with (self.folder / "log.jsonl").open("a") as file:
                file.write(json.dumps(entry) + "\n")
            shown = "  ".join(f"{name} {value:.3f}" for name, value in means.items())
            print(f"batch {self.step} of {self.steps}, {self.left / 60:.1f} minutes left, loss: {shown}",
                  file=sys.stderr, flush=True)  # fmt: skip
            self._sums, self._seen = {}, {}

    def save(self, force: bool = False) -> None:
        """Write a checkpoint, unless one was written a moment ago; a half-written file never replaces a whole one."""
        if not force and time.monotonic() - self._saved < self.save_every:
            return
        state = {name: part.state_dict() for name, part in self.parts.items()}
        partial = self.folder / "last.part"
        torch.save(state | {"step": self.step, "spent": self.spent, "earlier": self.earlier}, partial)
        os.replace(partial, self.folder / "last.pt")
        self._saved = time.monotonic()


def checkpoint(folder: Path) -> dict[str, Any]:
    """What the last checkpoint of a run holds: the state of its parts by name, ``step``, ``spent``, ``earlier``.

    Raises:
        FileNotFoundError: there is none.
    """
    stored: dict[str, Any] = torch.load(folder / "last.pt", weights_only=True, map_location="cpu")
    return stored


def finished(names: Sequence[str], out: Path) -> dict[str, nn.Module]:
    """The one network of a run with the mean weights of its last checkpoint in ``out``, in evaluation mode.

    Raises:
        FileNotFoundError: there is none.
    """
    (name,) = names
    network = build(name)
    network.load_state_dict(checkpoint(out)["mean"])
    return {name: network.eval()}


def record(folder: Path, planned: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a run was, for ``results.json``: how far its last checkpoint came, and what its recipe says of itself.

    Args:
        folder: of the run.
        planned: batches in all.
        facts: of the recipe, from its own constants.
    """
    stored = checkpoint(folder)
    return {
        **facts,
        "batches": int(stored["step"]),
        "earlier": int(stored.get("earlier", 0)),
        "planned": planned,
        "minutes": round(float(stored["spent"]) / 60, 1),
    }


@torch.no_grad()
def follow(mean: nn.Module, network: nn.Module, step: int) -> None:
    """Move the running mean of the weights towards the present ones; statistics and counters are taken over.

    Args:
        mean: a copy of ``network``, whose weights are a mean over the last few hundred batches, fewer at first.
        network: as the last batch left it.
        step: batches so far.
    """
    decay = min(MEAN_DECAY, (2 + step) / (11 + step))
    for kept, now in zip(mean.parameters(), network.parameters(), strict=True):
        kept.lerp_(now, 1 - decay)
    for buffer, current in zip(mean.buffers(), network.buffers(), strict=True):
        buffer.copy_(current)


def losses(folder: Path) -> list[dict[str, Any]]:
    """The log of a run: one entry for every 25 batches with ``step``, ``seconds``, ``loss`` and ``miou`` by name."""
    file = folder / "log.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []


def agreement(scores: Tensor, labels: Tensor, pets: Tensor | None = None) -> NDArray[np.int64]:
    """Confusion matrix of a training batch: (B, C, H, W) scores, (B, H, W) ids -> (C, C).

    Args:
        pets: (B,) which pictures label only their cat or dog; there every other class counts as background.
    """
    answers = scores.detach().argmax(1).to("cpu", torch.uint8).numpy()
    if pets is not None:
        others = pets.cpu().numpy()[:, None, None] & ~np.isin(answers, (CAT, DOG))
        answers = np.where(others, np.uint8(0), answers)
    return confusion(labels.to("cpu", torch.uint8).numpy(), answers, scores.shape[1])


def descend(
    name: str,
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    run: Run,
    rate: Callable[[float], float],
    batch: Callable[[], tuple[Tensor, NDArray[np.int64]]],
    mean: nn.Module | None = None,
) -> None:
    """The loop of a network that learns alone, from where ``run`` stands to its end.

    Args:
        name: in the log.
        network: whose gradients are kept below :data:`LARGEST_GRADIENT`.
        optimiser: its groups' rates are those of the first batch times ``rate``.
        run: holds all of them.
        rate: factor of the learning rate at a progress of 0 to 1.
        batch: the loss of the next batch, and how well the network did on it (:func:`agreement`).
        mean: a copy of the network that follows it (:func:`follow`), if one is kept.
    """
    while run.progress < 1:
        for group in optimiser.param_groups:
            group.setdefault("peak", group["lr"])
            group["lr"] = group["peak"] * rate(run.progress)
        loss, seen = batch()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        if mean is not None:
            follow(mean, network, run.step)
        run.log({name: loss.item()}, {name: seen})
        run.save()
    run.save(force=True)
