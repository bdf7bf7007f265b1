"""Several masks of one picture side by side: where they differ, how large each class is, how well each agrees with a
reference.

A mask is ``uint8 (H, W)`` of class ids; all masks of a call have one shape. Importing this module does not import
PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.maths import metrics
from core.pictures.labels import VOC

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
CLASSES = len(VOC)
LABELLED = 0.005
"""Share of the picture from which on a region's class is written on it."""


# ------------------------------------------------------------------------------------------------------ votes


def _tally(masks: Sequence[Bytes]) -> dict[int, Bytes]:
    """For every class that occurs: how many masks give it to each pixel, ``uint8 (H, W)``."""
    present = sorted({int(i) for mask in masks for i in np.unique(mask)})
    return {i: np.sum([mask == i for mask in masks], axis=0, dtype=np.uint8) for i in present}


def answers(masks: Sequence[Bytes]) -> Bytes:
    """How many different classes the masks give to each pixel: ``uint8 (H, W)``, 1 where all agree."""
    return np.sum([votes > 0 for votes in _tally(masks).values()], axis=0, dtype=np.uint8)


def entropy(masks: Sequence[Bytes]) -> Floats:
    """Shannon entropy of the votes at each pixel in bits: ``float32 (H, W)``, 0 where all agree.

    With n masks that all differ it is log2(n), the largest value.
    """
    shares = np.arange(len(masks) + 1) / len(masks)
    terms = np.zeros(len(shares), np.float32)
    terms[1:] = -shares[1:] * np.log2(shares[1:])
    return np.sum([terms[votes] for votes in _tally(masks).values()], axis=0, dtype=np.float32)


def agreement(masks: Sequence[Bytes]) -> float:
    """Share of the pixels to which all masks give the same class, 0 to 1."""
    return float((answers(masks) == 1).mean())


def dissent(masks: Sequence[Bytes]) -> list[float]:
    """How far each mask stands apart: the mean share of pixels, over the other masks, at which it differs; 0 to 1."""
    count = len(masks)
    apart = np.zeros((count, count))
    for i in range(count):
        for j in range(i):
            apart[i, j] = apart[j, i] = float((masks[i] != masks[j]).mean())
    return [float(v) for v in apart.sum(1) / max(1, count - 1)]


def disputed(masks: Sequence[Bytes]) -> dict[int, float]:
    """For every class that occurs, the share of the picture that some masks give to it and others do not; 0 to 1.

    The most disputed class comes first; of equals, the smaller id.
    """
    shares = {i: float(((votes > 0) & (votes < len(masks))).mean()) for i, votes in _tally(masks).items()}
    return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))


# ------------------------------------------------------------------------------------------------------ areas


def areas(masks: Sequence[Bytes]) -> npt.NDArray[np.float64]:
    """Share of the picture that each class takes in each mask: ``(masks, 21)``; a row adds up to 1.

    Void (255) of a reference counts nowhere and is left out of its row's sum.
    """
    counts = np.stack([np.bincount(mask[mask < CLASSES], minlength=CLASSES) for mask in masks])
    return np.asarray(counts / np.maximum(1, counts.sum(1, keepdims=True)), dtype=np.float64)


@dataclass(frozen=True)
class Label:
    """Where to write the name of a class on a mask: class id, a pixel (x, y) that has it, share of the picture."""

    id: int
    x: int
    y: int
    share: float


def labels(ids: Bytes) -> list[Label]:
    """One place for the name of each class but background, largest first; classes below :data:`LABELLED` have none.

    The place is the pixel of the class that is nearest to the middle of all its pixels, so it lies inside a ring too.
    """
    found = []
    for i in np.unique(ids[(ids > 0) & (ids < CLASSES)]):
        rows, columns = np.nonzero(ids == i)
        if len(rows) < LABELLED * ids.size:
            continue
        nearest = np.argmin(np.abs(rows - rows.mean()) + np.abs(columns - columns.mean()))
        found.append(Label(int(i), int(columns[nearest]), int(rows[nearest]), len(rows) / ids.size))
    return sorted(found, key=lambda label: (-label.share, label.id))


# ----------------------------------------------------------------------------------------------------- scores


@dataclass(frozen=True)
class Score:
    """How well a mask agrees with a reference.

    Attributes:
        miou: mean IoU over the classes that occur in either, 0 to 1.
        boundary: F1 of the outlines within two pixels, 0 to 1.
        accuracy: share of pixels with the reference's class, 0 to 1; void is left out.
        iou: IoU of each class that occurs in either, by id.
    """

    miou: float
    boundary: float
    accuracy: float
    iou: dict[int, float]


def score(reference: Bytes, ids: Bytes) -> Score:
    """Compare ``ids`` with a reference of the same shape whose 255 counts nowhere."""
    matrix = metrics.confusion(reference, ids, CLASSES)
    each = metrics.iou(matrix)
    return Score(
        miou=metrics.mean_iou(matrix),
        boundary=metrics.boundary_score(reference, ids),
        accuracy=metrics.pixel_accuracy(matrix),
        iou={i: float(v) for i, v in enumerate(each) if np.isfinite(v)},
    )
