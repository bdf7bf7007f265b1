"""The race: the same heatmap painted three times, by windows one at a time, by windows in batches, and in one pass.

The lanes run one after another with the same weights, the same input and the same number of threads, because side by
side they would slow each other down. Each warms up once, unmeasured; what is measured is the passes, without waiting
for other visitors. The recorded moments are what a replay shows side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from core.concepts.sliding_window.track import Track, track
from core.engine import inference
from core.engine.worker import Worker
from core.passes.heatmaps import View
from core.pictures.images import Picture

if TYPE_CHECKING:
    from torch import Tensor

Floats = npt.NDArray[np.float32]
Way = Literal["single", "batched", "once"]
State = Literal["waiting", "warming", "running", "done", "stopped"]

WAYS: tuple[Way, ...] = ("single", "batched", "once")
BATCH = 16
"""Windows in a batch."""


@dataclass(frozen=True)
class Course:
    """What is raced; also the key under which a page remembers the result.

    Attributes:
        model: name of the network.
        digest: of the picture.
        view: part and size of the picture.
        stride: pixels between windows.
        threads: processor threads.
        ids: classes whose probabilities are painted.
    """

    model: str
    digest: str
    view: View
    stride: int
    threads: int
    ids: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Lane:
    """One lane as it stands.

    Attributes:
        way: how it computes.
        total: windows to answer for; for the one pass, layers to run.
        done: how many of them are done.
        seconds: measured so far.
        state: waiting, warming, running, done or stopped.
        marks: (seconds, done) after every piece, from (0, 0).
        heat: cells, 0 to 1, not a number where nothing is computed yet; empty before the first piece.
    """

    way: Way
    total: int
    done: int = 0
    seconds: float = 0.0
    state: State = "waiting"
    marks: tuple[tuple[float, int], ...] = ((0.0, 0),)
    heat: Floats = field(default_factory=lambda: np.empty((0, 0), np.float32))

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take at the pace so far; ``None`` before anything is done."""
        return self.seconds / self.done * (self.total - self.done) if self.done else None


@dataclass(frozen=True, eq=False)
class Result:
    """A race that was run to its end.

    Attributes:
        course: what was raced.
        lanes: the three, all done.
        batching: largest difference of any score between single windows and batches: rounding.
        border: largest difference of any score of each window between single windows and one pass,
            ``float32 (rows, columns)`` of windows.
        spread: standard deviation of the scores of a window, the yardstick for both.
    """

    course: Course
    lanes: tuple[Lane, ...]
    batching: float
    border: Floats
    spread: float

    def seconds(self, way: Way) -> float:
        """What lane ``way`` took."""
        return next(lane.seconds for lane in self.lanes if lane.way == way)

    def speed_up(self, way: Way = "single") -> float:
        """How many times as long as the one pass ``way`` took."""
        return self.seconds(way) / self.seconds("once")


def border_differences(windows: Tensor, once: Tensor, block: int = 1) -> Floats:
    """Largest absolute difference of any score in each block: ``(classes, H, W)`` twice -> ``(H/block, W/block)``.

    Args:
        block: places along one side of what a window answers for; the last blocks may be smaller.
    """
    away = (windows - once).abs().amax(0)  # (H, W), of cells or of pixels
    return np.asarray([[float(part.max()) for part in row.split(block, 1)] for row in away.split(block, 0)], np.float32)


class Race(Worker):
    """One race in a thread of its own. :meth:`snapshot` may be asked at any time from anywhere."""

    def __init__(self, course: Course, picture: Picture, batch: int = BATCH) -> None:
        super().__init__(course.threads)
        self.course, self.batch = course, batch
        self._picture = picture
        self._lanes = {way: Lane(way, 0) for way in WAYS}
        self._first_layer = 0
        self.result: Result | None = None

    def snapshot(self) -> tuple[Lane, ...]:
        """The lanes as they stand. Asking keeps the race alive."""
        self.watch()
        lanes = tuple(self._lanes.values())
        if self.finished.is_set() and self.result is None:
            return tuple(lane if lane.state == "done" else replace(lane, state="stopped") for lane in lanes)
        return tuple(
            replace(lane, done=min(self._layers - self._first_layer, lane.total))
            if lane.way == "once" and lane.state == "running"
            else lane
            for lane in lanes
        )

    def work(self) -> None:
        """The three lanes, the slowest first, then the comparison of their scores."""
        model = inference.load(self.course.model)
        run = track(model, self._picture, self.course.view, self.course.stride, self.course.ids)
        with self.checkpoints(*run.networks):
            scores = {
                "single": self._windows(run, "single", 1),
                "batched": self._windows(run, "batched", self.batch),
                "once": self._once(run),
            }

        def compare() -> tuple[float, Floats, float]:
            single = scores["single"]
            border = border_differences(single, scores["once"], run.answer_side)
            return float((single - scores["batched"]).abs().max()), border, float(single.std(0).mean())

        self.result = Result(self.course, tuple(self._lanes.values()), *self.turn(compare).value)

    def _set(self, way: Way, **changes: object) -> None:
        self._lanes[way] = replace(self._lanes[way], **changes)  # type: ignore[arg-type]

    def _windows(self, run: Track, way: Way, batch: int) -> Tensor:
        total = len(run.windows)
        self._set(way, total=total, state="warming")
        self.turn(lambda: run.ask(run.cut(0, batch)))
        self._set(way, state="running")
        answers: list[Tensor] = []
        heat = np.full((run.cells.rows, run.cells.columns), np.nan, np.float32)
        seconds, marks = 0.0, [(0.0, 0)]
        for first in range(0, total, batch):
            timed = self.turn(lambda first=first: run.ask(run.cut(first, batch)))  # type: ignore[misc]
            seconds += timed.seconds
            answers.append(timed.value)
            done = min(first + batch, total)
            marks.append((seconds, done))
            paint(run, heat, timed.value, first)
            self._set(way, done=done, seconds=seconds, marks=tuple(marks), heat=heat.copy())
        scores = run.join(answers)
        self._set(way, state="done")
        return scores

    def _once(self, run: Track) -> Tensor:
        self._set("once", state="warming")
        self._first_layer = self._layers
        self.turn(run.everywhere)
        total = self._layers - self._first_layer
        self._first_layer = self._layers
        self._set("once", total=total, state="running")
        timed = self.turn(run.everywhere)
        marks = ((0.0, 0), (timed.seconds, total))
        heat = run.heat(timed.value)
        self._set("once", done=total, seconds=timed.seconds, marks=marks, heat=heat, state="done")
        return timed.value


def paint(run: Track, heat: Floats, answers: Tensor, first: int) -> None:
    """Put the heat of windows ``first`` and following into ``heat`` at their places."""
    block = run.cells.block
    for i, answer in enumerate(answers, first):
        row, column = divmod(i, run.windows.columns)
        part = run.heat(answer.reshape(answer.shape[0], *(answer.shape[1:] or (1, 1))))
        place = heat[row * block : (row + 1) * block, column * block : (column + 1) * block]
        place[:] = part[: place.shape[0], : place.shape[1]]
