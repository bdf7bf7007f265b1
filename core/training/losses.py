"""What a network is told: the mask's class, a teacher's doubts, and, for cells, which pixels count more.

Sources: Ronneberger, Fischer, Brox, MICCAI 2015, section 3, equations 1 and 2, for the weights; Hinton, Vinyals, Dean,
"Distilling the Knowledge in a Neural Network", 2015, for the teacher's answers.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from core.training.data import CAT, DOG, VOID

W0, SIGMA = 10.0, 5.0
"""Height and width (pixels) of the border term, the paper's values."""


def two_nearest(instances: NDArray[np.integer], reach: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Squared distance of every pixel to the nearest and to the second nearest instance; infinite beyond ``reach``.

    Distances are Euclidean, between pixel centres, exact up to ``reach`` pixels along each axis. One axis at a time:
    of the instances in a pixel's row only the nearest two can be among the nearest two of all, because their distances
    grow by the same amount when another row looks at them.

    Args:
        instances: ``(H, W)``, 0 outside, one number per instance.
        reach: pixels.
    """
    first, second = np.where(instances > 0, 0.0, np.inf), np.full(instances.shape, np.inf)
    owner, rival = instances.copy(), np.zeros_like(instances)
    for axis in (1, 0):
        found = [(first, owner), (second, rival)]
        first, second = np.full_like(first, np.inf), np.full_like(first, np.inf)
        owner, rival = np.zeros_like(owner), np.zeros_like(owner)
        for shift in range(-reach, reach + 1):
            for distance, label in found:
                d, who = _shifted(distance, shift, axis, np.inf) + shift * shift, _shifted(label, shift, axis, 0)
                closer = d < first
                # the old winner steps down, unless it is the same instance seen from further away
                down = closer & (who != owner)
                second, rival = np.where(down, first, second), np.where(down, owner, rival)
                first, owner = np.where(closer, d, first), np.where(closer, who, owner)
                between = ~closer & (who != owner) & (d < second)
                second, rival = np.where(between, d, second), np.where(between, who, rival)
    return first, second


def _shifted(x: NDArray[np.generic], shift: int, axis: int, fill: float) -> NDArray[np.generic]:
    """``x`` moved by ``shift`` cells along ``axis``, ``fill`` where nothing arrives."""
    out = np.full_like(x, fill)
    length = x.shape[axis]
    if abs(shift) < length:
        source, target = [slice(None)] * 2, [slice(None)] * 2
        source[axis] = slice(max(-shift, 0), length - max(shift, 0))
        target[axis] = slice(max(shift, 0), length - max(-shift, 0))
        out[tuple(target)] = x[tuple(source)]
    return out


def border_weights(instances: NDArray[np.integer], w0: float = W0, sigma: float = SIGMA) -> NDArray[np.float32]:
    """Equation 2 without its first term: ``w0 exp(-(d1 + d2)^2 / (2 sigma^2))`` between instances, 0 inside them.

    Args:
        instances: ``(H, W)``, 0 outside, one number per instance.
        w0: weight where two instances would touch.
        sigma: pixels.

    Returns:
        ``(H, W)``, values from 0 to ``w0``. Gaps wider than ``5 sigma`` get 0 (the formula gives less than 4e-6 w0).
    """
    first, second = two_nearest(instances, reach=round(5 * sigma))
    width = np.sqrt(first) + np.sqrt(second)  # d1 + d2
    weights = w0 * np.exp(-(width**2) / (2 * sigma**2))
    return np.where(instances > 0, 0, weights).astype(np.float32)


def class_weights(labels: NDArray[np.uint8], classes: int) -> NDArray[np.float32]:
    """The first term of equation 2, ``w_c``: ``(H, W)`` weights with which every class has the same sum; mean 1.

    Void pixels get 0, and the mean is over the others.
    """
    valid = labels != VOID
    counts = np.bincount(labels[valid], minlength=classes)
    per_class = valid.sum() / (max(np.count_nonzero(counts), 1) * np.maximum(counts, 1))
    return np.where(valid, per_class[np.where(valid, labels, 0)], 0).astype(np.float32)


def weighted_cross_entropy(scores: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Equation 1 per pixel: the mean of ``-w log softmax(scores)[label]`` over all pixels that are not void.

    Args:
        scores: ``(B, classes, H, W)`` before the softmax.
        labels: ``(B, H, W)`` int64 class ids, 255 void.
        weights: ``(B, H, W)``.

    Returns:
        Scalar. The paper sums; the mean keeps the learning rate independent of the tile's size.
    """
    losses = F.cross_entropy(scores, labels, ignore_index=VOID, reduction="none")  # (B, H, W), 0 at void
    return (losses * weights).sum() / torch.count_nonzero(labels != VOID).clamp(min=1)


def mixed_loss(scores: Tensor, labels: Tensor, pets: Tensor) -> Tensor:
    """Cross entropy for batches in which some pictures label only their cat or dog.

    On a pet picture "background" means "neither this cat nor this dog": a person may hold it. There the
    probabilities of all classes but cat and dog are added before the logarithm, so nobody is punished for seeing the
    person. Every other labelled pixel counts as usual.

    Args:
        scores: (B, 21, H, W) logits.
        labels: (B, H, W) int64 ids, 255 void.
        pets: (B,) bool, which pictures are pets.

    Returns:
        Scalar, the mean over labelled pixels.
    """
    log = scores.log_softmax(1)
    loss = F.nll_loss(log, labels, ignore_index=VOID, reduction="none")  # (B, H, W)
    if pets.any():
        others = [c for c in range(scores.shape[1]) if c not in (CAT, DOG)]
        neither = -log[pets][:, others].logsumexp(1)
        merged = torch.where(labels[pets] == 0, neither, loss[pets])
        loss = torch.cat([loss[~pets], merged])
    return loss.sum() / (labels != VOID).sum().clamp(min=1)


def taught_loss(scores: Tensor, labels: Tensor, answers: Tensor | None, share: float) -> Tensor:
    """Cross entropy with the masks and with a teacher's probabilities, at every place of ``scores``.

    Args:
        scores: (B, C, h, w) logits.
        labels: (B, h, w) int64 ids, 255 void.
        answers: (B, C, h, w) the teacher's logits, or ``None``: then the masks alone teach.
        share: of the teacher, 0 to 1.

    Returns:
        Scalar: ``1 - share`` of the mean over labelled places, ``share`` of the mean over all.
    """
    log = scores.float().log_softmax(1)
    valid = labels != VOID
    loss = F.nll_loss(log, labels, ignore_index=VOID, reduction="sum") / valid.sum().clamp(min=1)
    if answers is None:
        return loss
    soft = -(answers.softmax(1) * log).sum(1).mean()
    return (1 - share) * loss + share * soft
