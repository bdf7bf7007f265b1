"""How good a mask is: confusion matrix, intersection over union (IoU), pixel accuracy, and a score of the outline.

Everything works on arrays of class ids; 255 is void and counts nowhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

VOID = 255
Ids = NDArray[np.integer]


def confusion(truth: Ids, prediction: Ids, classes: int) -> NDArray[np.int64]:
    """How many pixels of true class i (row) were given class j (column).

    Args:
        truth: ids of any shape, 0 to ``classes - 1`` or 255.
        prediction: ids of the same shape, 0 to ``classes - 1``.
        classes: number of classes.

    Returns:
        (classes, classes) counts; matrices of several pictures may be added.

    Raises:
        ValueError: the shapes differ, or an id is out of range.
    """
    if truth.shape != prediction.shape:
        raise ValueError(f"Truth has shape {truth.shape}, the prediction {prediction.shape}.")
    valid = truth != VOID
    rows, columns = truth[valid].astype(np.int64), prediction[valid].astype(np.int64)
    for ids in (rows, columns):
        if ids.size and not 0 <= ids.min() <= ids.max() < classes:
            raise ValueError(f"An id is outside 0 to {classes - 1}.")
    return np.bincount(rows * classes + columns, minlength=classes**2).reshape(classes, classes)


def iou(matrix: NDArray[np.integer]) -> NDArray[np.float64]:
    """Intersection over union of each class, 0 to 1; ``nan`` where a class is neither there nor predicted."""
    hits = np.diag(matrix).astype(np.float64)
    union = matrix.sum(axis=0) + matrix.sum(axis=1) - hits
    return np.divide(hits, union, out=np.full(len(hits), np.nan), where=union > 0)


def mean_iou(matrix: NDArray[np.integer]) -> float:
    """The mean of :func:`iou` over the classes that occur; ``nan`` if none does."""
    each = iou(matrix)
    return float(np.nanmean(each)) if np.isfinite(each).any() else float("nan")


def pixel_accuracy(matrix: NDArray[np.integer]) -> float:
    """Share of pixels with the right class, 0 to 1; ``nan`` for no pixels."""
    total = matrix.sum()
    return float(np.trace(matrix) / total) if total else float("nan")


def outline(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of a (H, W) mask that touch its outside along an edge; the picture's frame is not an outside."""
    padded = np.pad(mask, 1, mode="edge")
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inside


def near(mask: NDArray[np.bool_], distance: int) -> NDArray[np.bool_]:
    """The pixels within ``distance`` of a (H, W) mask, horizontally and vertically (a square neighbourhood)."""
    from scipy import ndimage  # here, because what only counts pixels does without

    within: NDArray[np.bool_] = ndimage.maximum_filter(mask, 2 * distance + 1, mode="constant", cval=0)
    return within


class Outlines(NamedTuple):
    """How many pixels of two outlines lie near the other one.

    Attributes:
        predicted: pixels of the predicted outline, and ``predicted_near`` those of them near the true one.
        true: pixels of the true outline, and ``true_near`` those of them near the predicted one.
    """

    predicted_near: int
    predicted: int
    true_near: int
    true: int

    @property
    def precision(self) -> float:
        """Share of the predicted outline that lies near the true one, 0 to 1; 0 without a predicted outline."""
        return self.predicted_near / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the true outline that lies near the predicted one, 0 to 1; 0 without a true outline."""
        return self.true_near / self.true if self.true else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both, 0 to 1; 1 if there is no outline in either."""
        if not self.true and not self.predicted:
            return 1.0
        precision, recall = self.precision, self.recall
        return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


def outlines(truth: Ids, prediction: Ids, distance: int = 2) -> Outlines:
    """What :func:`boundary_score` counts; the arguments are the same."""
    found = prediction > 0
    true, predicted = outline(np.where(truth == VOID, found, truth > 0)), outline(found)
    return Outlines(
        int((predicted & near(true, distance)).sum()),
        int(predicted.sum()),
        int((true & near(predicted, distance)).sum()),
        int(true.sum()),
    )


def boundary_score(truth: Ids, prediction: Ids, distance: int = 2) -> float:
    """F1 of the outlines of everything that is not background, with a tolerance.

    Precision is the share of the predicted outline that lies near the true one, recall the reverse (Csurka et al.,
    "What is a good evaluation measure for semantic segmentation?", BMVC 2013). Where the truth is void the annotator
    did not decide, so the prediction is taken for the truth there: an outline that stays inside a void rim is right.

    Args:
        truth: (H, W) ids, 255 void.
        prediction: (H, W) ids.
        distance: tolerance in pixels.

    Returns:
        0 to 1; 1 if there is no outline in either.
    """
    return outlines(truth, prediction, distance).f1


def peak_inside(
    mask: NDArray[np.bool_], scores: NDArray[np.floating], size: tuple[int, int], window: int, stride: int
) -> bool:
    """Whether the middle of the window with the highest of (h, w) ``scores`` lies inside the (H, W) ``mask``.

    Args:
        mask: of the part of the picture that the network saw.
        scores: one for each window, from top left to bottom right.
        size: (height, width) of the network's input, which may have another scale than the mask.
        window, stride: side of a window and distance between two of them, in the input's pixels.
    """
    row, column = np.unravel_index(int(scores.argmax()), scores.shape)
    y = int((stride * row + window / 2) * mask.shape[0] / size[0])
    x = int((stride * column + window / 2) * mask.shape[1] / size[1])
    return bool(mask[y, x])
