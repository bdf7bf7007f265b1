"""Four losses for a mask: what each punishes decides what a small network finds first.

All take scores ``(B, C, H, W)`` before the softmax and class ids ``(B, H, W)``, int64, and give a scalar. With p the
probability that a pixel gives its true class:

* cross-entropy: the mean of ``-log p`` over all pixels;
* weighted: the same with a weight for each class, ``sum(w -log p) / sum(w)``;
* Dice: ``1 - mean over objects of (2 sum(q g) + 1) / (sum(q) + sum(g) + 1)``, with q the probabilities of an object and
  g 1 where it is (the soft form of Milletari, Navab, Ahmadi, "V-Net", 3DV 2016, without their squares);
* focal: the mean of ``-(1 - p)^2 log p`` (Lin, Goyal, Girshick, He, Dollár, "Focal Loss for Dense Object Detection",
  ICCV 2017, equation 4 with gamma 2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch.nn.functional as F
from torch import Tensor

from core.errors import N_, SegScopeError

GAMMA = 2
"""Exponent of the focal loss."""
SMOOTH = 1.0
"""Added above and below in Dice, so that an object that is nowhere costs nothing where nobody sees it."""

Loss = Callable[[Tensor, Tensor], Tensor]


class LossError(SegScopeError):
    """A loss that does not exist; the sentence names those that do."""


LOSSES: dict[str, str] = {
    "cross-entropy": N_("Cross-entropy"),
    "weighted": N_("Weighted cross-entropy"),
    "dice": N_("Dice"),
    "focal": N_("Focal"),
}
"""Their titles, by what they are called in addresses and on the command line."""


def cross_entropy(scores: Tensor, ids: Tensor) -> Tensor:
    """See the module."""
    return F.cross_entropy(scores, ids)


def weighted(scores: Tensor, ids: Tensor, weights: Tensor) -> Tensor:
    """See the module; ``weights`` is ``(C,)``."""
    return F.cross_entropy(scores, ids, weights)


def dice(scores: Tensor, ids: Tensor) -> Tensor:
    """See the module; sums go over the pixels of all pictures of the batch, background is no object."""
    shares = scores.softmax(1)[:, 1:]  # (B, C - 1, H, W)
    true = F.one_hot(ids, scores.shape[1])[..., 1:].permute(0, 3, 1, 2).to(shares)  # (B, C - 1, H, W)
    both, all_ = (shares * true).sum((0, 2, 3)), (shares + true).sum((0, 2, 3))  # (C - 1,) twice
    return 1 - ((2 * both + SMOOTH) / (all_ + SMOOTH)).mean()


def focal(scores: Tensor, ids: Tensor) -> Tensor:
    """See the module."""
    log = scores.log_softmax(1).gather(1, ids[:, None])[:, 0]  # (B, H, W): log p
    return -((1 - log.exp()) ** GAMMA * log).mean()


def class_weights(counts: Sequence[int]) -> list[float]:
    """Weights with which every class has the same sum over the pixels that teach, scaled to a mean of 1.

    Args:
        counts: pixels of each class; one that is nowhere gets the weight of a single pixel.
    """
    inverse = [1 / max(count, 1) for count in counts]
    return [len(counts) * value / sum(inverse) for value in inverse]


def named(name: str, counts: Sequence[int]) -> Loss:
    """The loss called ``name``, for pictures with ``counts`` pixels of each class.

    Raises:
        LossError: there is none.
    """
    import torch

    if name == "weighted":
        return partial(weighted, weights=torch.tensor(class_weights(counts)))
    functions: dict[str, Loss] = {"cross-entropy": cross_entropy, "dice": dice, "focal": focal}
    if name not in functions:
        raise LossError(N_("There is no loss {name}: choose one of {names}."), name=name, names=", ".join(LOSSES))
    return functions[name]
