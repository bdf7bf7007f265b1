"""Taking parts of a picture away: occlusion, and curves that tell a true map from a pretty one.

Sources: Zeiler, Fergus, "Visualizing and Understanding Convolutional Networks" (ECCV 2014), section 4.2, for occlusion;
Petsiuk, Das, Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models" (BMVC 2018), for
deletion and insertion.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from core.engine import inference
from core.passes.attribution.question import Bytes, Floats, Question, Subject, check, score

Order = npt.NDArray[np.int64]
PATCH, STEP = 48, 24
"""Side of the square that hides, and how far it moves, in pixels of the network's input."""
TILE = 16
"""Side of the squares that are taken away or brought back together, in pixels of the network's input."""
POINTS = 16
"""Steps of a curve."""
BLUR = 12.0
"""Deviation in pixels of the blur from which insertion starts."""


def empty_colour(subject: Subject) -> Bytes:
    """The colour that the network reads as 0: ``uint8 (3,)``."""
    return np.array([round(v) for v in subject.model.spec.preprocessing.mean], np.uint8)


class Occlusion(NamedTuple):
    """Occlusion, finished or on the way.

    Attributes:
        heat: ``float32 (h, w)``: by how much the score falls, on average, when a square that covers the pixel is
            hidden; above 0 what speaks for the class. 0 where no square has been yet.
        done, steps: squares.
    """

    heat: Floats
    done: int
    steps: int


def corners(length: int, patch: int = PATCH, step: int = STEP) -> list[int]:
    """Where squares begin along a side: at every ``step``, and a last one that ends with the side."""
    last = max(length - patch, 0)
    return [*range(0, last, step), last]


def occlusion(subject: Subject, question: Question, patch: int = PATCH, step: int = STEP) -> Iterator[Occlusion]:
    """Hide a square at every place and see what becomes of the score; yields after every row of squares.

    Raises:
        AttributionError: a question that cannot be answered.
    """
    check(subject, question)
    height, width = subject.size
    before = _score_of(subject, question, subject.pixels)
    fall, times = np.zeros(subject.size, np.float64), np.zeros(subject.size, np.int64)
    colour, rows, columns = empty_colour(subject), corners(height, patch, step), corners(width, patch, step)
    done = 0
    for top in rows:
        for left in columns:
            part = np.s_[top : top + patch, left : left + patch]
            hidden = subject.pixels.copy()
            hidden[part] = colour
            fall[part] += before - _score_of(subject, question, hidden)
            times[part] += 1
            done += 1
            if done % 8 == 0 or done == len(rows) * len(columns):
                yield Occlusion((fall / np.maximum(times, 1)).astype(np.float32), done, len(rows) * len(columns))


def _score_of(subject: Subject, question: Question, pixels: Bytes) -> float:
    x = subject.model.prepare(pixels)
    return float(inference.run(lambda: score(subject.model.module(x), question)).value[0])


def _chance_of(subject: Subject, question: Question, pixels: Bytes) -> float:
    """The mean softmax probability of the class over the region: what the curves show, 0 to 1."""
    x = subject.model.prepare(pixels)
    asked = question._replace(against=None)
    return float(inference.run(lambda: score(subject.model.module(x).softmax(1), asked)).value[0])


# ------------------------------------------------------------------------------------------------------- curves


def tile_order(heat: Floats, tile: int = TILE) -> Order:
    """Tiles of a picture by falling mean of ``(h, w)`` heat, as numbers in reading order: (tiles,).

    All methods are read at the same grain, so that a fine map has no advantage over a coarse one.
    """
    rows, columns = (-(-side // tile) for side in heat.shape)
    means = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            means[row, column] = heat[row * tile : (row + 1) * tile, column * tile : (column + 1) * tile].mean()
    return np.asarray(np.argsort(-means.ravel(), kind="stable").astype(np.int64))


def uncovered(order: Order, count: int, size: tuple[int, int], tile: int = TILE) -> npt.NDArray[np.bool_]:
    """The pixels of the first ``count`` tiles of ``order``: ``bool (h, w)``."""
    rows, columns = -(-size[0] // tile), -(-size[1] // tile)
    chosen = np.zeros(rows * columns, bool)
    chosen[order[:count]] = True
    whole = chosen.reshape(rows, columns).repeat(tile, 0).repeat(tile, 1)
    return np.asarray(whole[: size[0], : size[1]])


class Curve(NamedTuple):
    """How the class's probability goes as a picture is taken away or comes back, most important tiles first.

    Attributes:
        shares: of the tiles, 0 to 1, growing.
        chances: the mean probability of the class over the region after each, 0 to 1.
    """

    shares: tuple[float, ...]
    chances: tuple[float, ...]

    @property
    def area(self) -> float:
        """Area below the curve over the shares so far, 0 to 1; by trapezoids."""
        if len(self.shares) < 2:
            return float(self.chances[0]) if self.chances else 0.0
        return float(np.trapezoid(self.chances, self.shares) / (self.shares[-1] - self.shares[0]))


class Trial(NamedTuple):
    """Both curves of one map, finished or on the way, and how many passes that took of how many."""

    deletion: Curve
    insertion: Curve
    done: int
    steps: int


def blurred(pixels: Bytes) -> Bytes:
    """The picture without any detail: what insertion begins with."""
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(BLUR)))


def trial(subject: Subject, question: Question, heat: Floats, points: int = POINTS) -> Iterator[Trial]:
    """Take away what ``heat`` calls important, from the photo to the empty colour; bring it back, from a blurred photo
    to the photo. A map that is true falls fast in the first and rises fast in the second.

    Args:
        heat: ``float32 (h, w)``, at every pixel of the subject.

    Raises:
        AttributionError: a question that cannot be answered.
    """
    check(subject, question)
    yield from trial_in_order(subject, question, tile_order(heat), points)


def trial_in_order(subject: Subject, question: Question, order: Order, points: int = POINTS) -> Iterator[Trial]:
    """:func:`trial` with the tiles in a given order, such as a random one: the control that knows nothing."""
    counts = [round(i * len(order) / points) for i in range(points + 1)]
    empty, soft = empty_colour(subject), blurred(subject.pixels)
    curves: list[tuple[list[float], list[float]]] = [([], []), ([], [])]
    done = 0
    for count in counts:
        part = uncovered(order, count, subject.size)[..., None]
        for (shares, chances), pixels in zip(
            curves, (np.where(part, empty, subject.pixels), np.where(part, subject.pixels, soft)), strict=True
        ):
            shares.append(count / len(order))
            chances.append(_chance_of(subject, question, pixels))
            done += 1
        deletion, insertion = (Curve(tuple(shares), tuple(chances)) for shares, chances in curves)
        yield Trial(deletion, insertion, done, 2 * len(counts))


def random_order(size: tuple[int, int], seed: int = 0, tile: int = TILE) -> Order:
    """Tiles in an order that knows nothing of the picture; the same at every call."""
    return np.random.default_rng(seed).permutation(-(-size[0] // tile) * -(-size[1] // tile))
