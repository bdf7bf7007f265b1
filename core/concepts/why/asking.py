"""From what a reader points at to a question for a network, and the words' numbers behind the answer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.maths.metrics import VOID
from core.passes.attribution.question import Question, Subject

Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

ANSWER = "answer"
"""The class that the network gives the pixel, whichever that is."""
OFFERED = 5
"""Classes that a reader may ask about: the pixel's best."""


def classes(subject: Subject, x: float, y: float) -> list[int]:
    """The classes that are worth asking about at shares ``x``, ``y``: the pixel's best, best first."""
    return subject.ranking(*subject.place(x, y))[:OFFERED]


def ask(subject: Subject, x: float, y: float, label: int, whole: bool = False, contrast: bool = False) -> Question:
    """The question about the pixel at shares ``x``, ``y`` of the photo.

    Args:
        subject: the photo and the answer.
        label: the class.
        whole: ask about all pixels that the network gave ``label``, where there are any.
        contrast: against the best other class of the pixel.
    """
    ranking = subject.ranking(*subject.place(x, y))
    against = next(other for other in ranking if other != label) if contrast else None
    region = subject.region(label) if whole else None
    return Question(label, region if region is not None and region.any() else subject.spot(x, y), against)


class Verdict(NamedTuple):
    """What the network says of a pixel.

    Attributes:
        label, second: the best class and the next one.
        chance, other: their softmax probabilities, 0 to 1.
        margin: score of the first less score of the second, 0 or more.
        truth: what a reference says; ``None`` without one or where it does not count.
        rank: which place the truth's class has among the scores, 1 for the first; ``None`` without a truth.
        behind: score of the first less that of the truth's class; ``None`` without a truth.
    """

    label: int
    second: int
    chance: float
    other: float
    margin: float
    truth: int | None = None
    rank: int | None = None
    behind: float | None = None


def verdict(subject: Subject, x: float, y: float, reference: Bytes | None = None) -> Verdict:
    """What the network says of the pixel at shares ``x``, ``y``, beside a reference ``uint8 (h, w)`` of any size."""
    row, column = subject.place(x, y)
    first, second, *_ = ranking = subject.ranking(row, column)
    chances, scores = subject.chances(row, column), subject.scores[:, row, column]
    found = Verdict(first, second, float(chances[first]), float(chances[second]), float(scores[first] - scores[second]))
    if reference is None:
        return found
    height, width = reference.shape
    truth = int(reference[min(int(y * height), height - 1), min(int(x * width), width - 1)])
    if truth == VOID or truth >= len(ranking):
        return found
    behind = float(scores[first] - scores[truth])
    return found._replace(truth=truth, rank=ranking.index(truth) + 1, behind=behind)


def brought(reference: Bytes, size: tuple[int, int]) -> Bytes:
    """A reference mask at (height, width): every pixel takes the id that lies at its middle."""
    rows = ((np.arange(size[0]) + 0.5) * reference.shape[0] / size[0]).astype(int)
    columns = ((np.arange(size[1]) + 0.5) * reference.shape[1] / size[1]).astype(int)
    return np.asarray(reference[rows][:, columns])


class Mistake(NamedTuple):
    """A kind of mistake: what the reference says, what the network says, how often, and the pixel that shows it best.

    Attributes:
        truth, said: class ids.
        share: of the pixels that count, 0 to 1.
        pin: the pixel deepest inside the largest patch of it, in thousandths of the photo.
    """

    truth: int
    said: int
    share: float
    pin: tuple[int, int]


def mistakes(ids: Bytes, reference: Bytes, most: int = 6) -> list[Mistake]:
    """The kinds of mistakes in an answer ``ids`` against a reference of the same size, the commonest first."""
    from scipy import ndimage

    counted = reference != VOID
    wrong = counted & (ids != reference)
    if not wrong.any():
        return []
    pairs = reference.astype(np.int64) * 256 + ids
    kinds, numbers = np.unique(pairs[wrong], return_counts=True)
    found = []
    for i in np.argsort(-numbers, kind="stable")[:most]:
        here = wrong & (pairs == kinds[i])
        depth = ndimage.distance_transform_cdt(np.pad(here, 1), metric="chessboard")[1:-1, 1:-1]
        row, column = np.unravel_index(int(depth.argmax()), depth.shape)
        pin = int((column + 0.5) * 1000 / ids.shape[1]), int((row + 0.5) * 1000 / ids.shape[0])
        found.append(Mistake(int(kinds[i]) // 256, int(kinds[i]) % 256, float(numbers[i] / counted.sum()), pin))
    return found
