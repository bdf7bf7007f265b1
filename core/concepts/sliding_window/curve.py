"""Time against the number of answers: the three ways, measured several times in turns on growing pictures."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.concepts.sliding_window.race import BATCH, WAYS, Way
from core.concepts.sliding_window.track import Track, is_tiled, track_of
from core.concepts.sliding_window.windows import NATIVE
from core.engine import inference
from core.engine.worker import Worker
from core.passes.heatmaps import STRIDE, View
from core.pictures.images import Picture

STEPS = (1, 2, 3, 5, 7)
"""Windows along one side of the square pictures: 1 to 49 answers."""
RUNS = 3


@dataclass(frozen=True)
class Point:
    """One way on one size: what several runs took.

    Attributes:
        way: how it was computed.
        answers: windows, and so cells of the heatmap.
        seconds: of every run.
    """

    way: Way
    answers: int
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.seconds)


class Key(NamedTuple):
    """What was measured on what."""

    model: str
    digest: str
    threads: int


def side_for(model: str, steps: int) -> int:
    """Side of the square picture with ``steps x steps`` windows every 32 pixels."""
    return STRIDE * steps if is_tiled(model) else NATIVE + STRIDE * (steps - 1)


def square(picture: Picture, side: int) -> npt.NDArray[np.uint8]:
    """The central square of the picture, ``uint8 (side, side, 3)``."""
    height, width = picture.pixels.shape[:2]
    box = View("square").box(width, height)
    return np.asarray(Image.fromarray(picture.pixels).resize((side, side), Image.Resampling.BICUBIC, box=box))


class Curve(Worker):
    """The measurement in a thread of its own. Every run goes through all sizes and ways before the next one begins, so
    that a slow spell of the machine hits them all."""

    def __init__(self, key: Key, picture: Picture, steps: tuple[int, ...] = STEPS, runs: int = RUNS) -> None:
        super().__init__(key.threads)
        self.key, self.steps, self.runs = key, steps, runs
        self._picture = picture
        self._seconds: dict[tuple[Way, int], list[float]] = {}
        self._done = 0
        self.complete = False

    @property
    def share(self) -> float:
        """Progress from 0 to 1, in windows."""
        return min(1.0, self._done / (self.runs * 2 * sum(n * n for n in self.steps)))

    def points(self) -> tuple[Point, ...]:
        """What is measured so far. Asking keeps the measurement alive."""
        self.watch()
        return tuple(Point(way, answers, tuple(times)) for (way, answers), times in list(self._seconds.items()))

    def work(self) -> None:
        """All runs; ``complete`` if nobody stops them."""
        model = inference.load(self.key.model)
        tracks = [track_of(model, square(self._picture, side_for(self.key.model, n)), STRIDE, (0,)) for n in self.steps]
        with self.checkpoints(*tracks[0].networks):
            for run in tracks:  # the first pass of a size sets things up
                self.turn(run.everywhere)
            self.turn(lambda: tracks[-1].ask(tracks[-1].cut(0, 1)))
            for _ in range(self.runs):
                for run in tracks:
                    for way in WAYS:
                        took = self._measure(run, way)
                        self._seconds.setdefault((way, len(run.windows)), []).append(took)
        self.complete = True

    def _measure(self, run: Track, way: Way) -> float:
        if way == "once":
            return self.turn(run.everywhere).seconds
        batch, total, seconds = 1 if way == "single" else BATCH, len(run.windows), 0.0
        for first in range(0, total, batch):
            seconds += self.turn(lambda first=first: run.ask(run.cut(first, batch))).seconds  # type: ignore[misc]
            self._done += min(batch, total - first)
        return seconds
