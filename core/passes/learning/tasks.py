"""What a small network can learn in half a minute: made pictures of shapes in clutter, and nuclei at 64 x 64.

Every picture comes from a seed and a number, so that two runs learn from the same ones; the held-out pictures have
numbers of their own and are never among those that teach.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.errors import N_, SegScopeError

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

SIDE = 64
"""Pixels along one side of every picture."""
HELD_OUT = 24
"""Pictures that measure and never teach."""
SHOWN = 6
"""The first of them are shown."""
BATCH = 4
"""Pictures in a step."""
PARAMETERS = 29_652
"""Of the network that learns "shapes" at first, for who cannot wait for PyTorch to count them; a test does."""
_HELD_OUT_SEED = 7919


class TaskError(SegScopeError):
    """A task that does not exist; the sentence names those that do."""


class Lesson(NamedTuple):
    """Pictures with their masks.

    Attributes:
        pixels: ``uint8 (N, 64, 64, 3)``.
        ids: ``uint8 (N, 64, 64)``, the class of every pixel.
    """

    pixels: Bytes
    ids: Bytes


@dataclass(frozen=True)
class Task:
    """Something to learn.

    Attributes:
        name: in addresses and on the command line.
        title: what a reader chooses.
        classes: names by id, background first.
        draw: one picture and its mask from a random generator; and whether it is to measure, where that matters.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    draw: Callable[[np.random.Generator, bool], tuple[Bytes, Bytes]]


# ---------------------------------------------------------------------------------------------------- made pictures

_Y, _X = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)


def _ground(rng: np.random.Generator) -> Floats:
    """A ground whose colour and brightness drift, ``(64, 64, 3)`` from 0 to 1: nowhere does one threshold do."""
    colour, slope = rng.uniform(0.15, 0.5, 3), rng.uniform(-0.2, 0.2, (2, 3))
    drift = (_X[..., None] / SIDE - 0.5) * slope[0] + (_Y[..., None] / SIDE - 0.5) * slope[1]
    return np.asarray(colour + drift, np.float32)


def _paint(canvas: Floats, where: npt.NDArray[np.bool_], rng: np.random.Generator, low: float, high: float) -> None:
    """One colour over ``where``, each channel from ``low`` to ``high``."""
    canvas[where] = rng.uniform(low, high, 3)


def _clutter(canvas: Floats, rng: np.random.Generator) -> None:
    """Lines and triangles, which are background: an edge alone says nothing."""
    for _ in range(rng.integers(2, 5)):
        angle, offset = rng.uniform(0, np.pi), rng.uniform(-25, 25)
        away = (_X - SIDE / 2) * np.cos(angle) + (_Y - SIDE / 2) * np.sin(angle) - offset
        _paint(canvas, np.abs(away) < rng.uniform(0.5, 1.2), rng, 0, 1)
    for _ in range(rng.integers(1, 3)):
        x, y, size = rng.uniform(6, SIDE - 6), rng.uniform(6, SIDE - 6), rng.uniform(4, 9)
        _paint(canvas, (_Y - y < size / 2) & (_Y - y > -size + 2 * np.abs(_X - x)), rng, 0, 0.5)


def _disc(x: float, y: float, r: float) -> npt.NDArray[np.bool_]:
    return np.asarray((_X - x) ** 2 + (_Y - y) ** 2 <= r**2)


def _square(x: float, y: float, r: float) -> npt.NDArray[np.bool_]:
    return np.asarray(np.maximum(np.abs(_X - x), np.abs(_Y - y)) <= np.sqrt(np.pi) / 2 * r)  # the area of the disc


def _ring(x: float, y: float, r: float) -> npt.NDArray[np.bool_]:
    return _disc(x, y, r) & ~_disc(x, y, 0.55 * r)


def _finish(canvas: Floats, rng: np.random.Generator) -> Bytes:
    noisy = canvas + rng.normal(0, 0.06, canvas.shape)
    return np.asarray((np.clip(noisy, 0, 1) * 255).round(), np.uint8)


def _shapes(rng: np.random.Generator, _measures: bool) -> tuple[Bytes, Bytes]:
    """Two to four discs, squares and rings of 9 to 23 pixels, none over another, in clutter."""
    canvas, ids = _ground(rng), np.zeros((SIDE, SIDE), np.uint8)
    _clutter(canvas, rng)
    taken: list[tuple[float, float, float]] = []
    for _ in range(rng.integers(2, 5)):
        for _try in range(20):
            r = rng.uniform(5, 12)
            x, y = rng.uniform(r, SIDE - r, 2)
            if all(np.hypot(x - a, y - b) > 1.3 * (r + s) for a, b, s in taken):
                break
        else:
            continue
        taken.append((x, y, r))
        kind = int(rng.integers(3))
        where = (_disc, _square, _ring)[kind](x, y, r)
        _paint(canvas, where, rng, 0.55, 1)
        ids[where] = kind + 1
    return _finish(canvas, rng), ids


def _rare(rng: np.random.Generator, _measures: bool) -> tuple[Bytes, Bytes]:
    """One disc of seven pixels, about 1 % of the picture, in the same clutter."""
    canvas, ids = _ground(rng), np.zeros((SIDE, SIDE), np.uint8)
    _clutter(canvas, rng)
    x, y = rng.uniform(6, SIDE - 6, 2)
    where = _disc(x, y, 3.6)
    _paint(canvas, where, rng, 0.55, 1)
    ids[where] = 1
    return _finish(canvas, rng), ids


# ----------------------------------------------------------------------------------------------------------- nuclei


@cache
def _micrographs() -> tuple[tuple[Bytes, Bytes], ...]:
    """The bundled microscope pictures and where their nuclei are, at half their size."""
    from core.passes.counting import truth
    from core.pictures import images

    pictures = [images.sample(sample.key) for sample in images.SAMPLES if sample.instances]
    marked = [(picture.pixels[::2, ::2], truth(picture)) for picture in pictures]
    return tuple((pixels, np.asarray(found[::2, ::2] > 0, np.uint8)) for pixels, found in marked if found is not None)


def _nuclei(rng: np.random.Generator, measures: bool) -> tuple[Bytes, Bytes]:
    """A piece of a microscope picture, turned and mirrored: from its left part, or from the rest where it measures."""
    pixels, truth = _micrographs()[int(rng.integers(len(_micrographs())))]
    height, width = truth.shape
    parting = max(SIDE, round(0.6 * width))
    low, high = (min(parting, width - SIDE), width - SIDE) if measures else (0, parting - SIDE)
    top, left = int(rng.integers(height - SIDE + 1)), int(rng.integers(low, high + 1))
    turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
    found = []
    for array in (pixels, truth):
        piece = np.rot90(array[top : top + SIDE, left : left + SIDE], turns)
        found.append(np.ascontiguousarray(piece[:, ::-1] if mirrored else piece))
    return found[0], found[1]


TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task(
            "shapes",
            N_("Discs, squares and rings in clutter"),
            (N_("background"), N_("disc"), N_("square"), N_("ring")),
            _shapes,
        ),
        Task("rare", N_("One small disc, 1 % of the picture"), (N_("background"), N_("disc")), _rare),
        Task("nuclei", N_("Nuclei of cells under the microscope"), (N_("background"), N_("nucleus")), _nuclei),
    )
}


def task(name: str) -> Task:
    """The task called ``name``.

    Raises:
        TaskError: there is none.
    """
    if name not in TASKS:
        raise TaskError(N_("There is no task {name}: choose one of {names}."), name=name, names=", ".join(TASKS))
    return TASKS[name]


def _drawn(each: Task, seed: int, count: int, measures: bool) -> Lesson:
    pairs = [each.draw(np.random.default_rng((seed, number)), measures) for number in range(count)]
    found = Lesson(np.stack([p for p, _ in pairs]), np.stack([m for _, m in pairs]))
    for array in found:
        array.setflags(write=False)  # shared by all who learn from them
    return found


_kept = lru_cache(maxsize=12)(_drawn)
_making = threading.Lock()
"""Visitors who come at the same moment wait for one who makes the pictures, and do not all make them."""


def lesson(name: str, count: int, seed: int = 0) -> Lesson:
    """``count`` pictures that teach ``name``; with the same seed, the first of more are the same. Read-only."""
    with _making:
        return _kept(task(name), seed, count, measures=False)


def held_out(name: str) -> Lesson:
    """The pictures that measure ``name``, the same in every run; read-only."""
    with _making:
        return _kept(task(name), _HELD_OUT_SEED, HELD_OUT, measures=True)
