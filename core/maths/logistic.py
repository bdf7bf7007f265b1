"""Logistic regression for several classes: which straight cut through the features tells the classes apart best.

The smallest value of ``sum_i v_i (-log softmax(W x_i)[y_i]) + penalty / 2 |W|^2``, where W has a column for a constant
1 that is not penalised and every class has the same sum of ``v``, 1 in all. It is convex: there is one such value.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Fit(NamedTuple):
    """A fitted regression.

    Attributes:
        weights: ``(classes, D + 1)``, the constant last.
        loss: the value that was made small.
        iterations: how many steps that took.
    """

    weights: Floats
    loss: float
    iterations: int


def loss_and_gradient(
    weights: Floats, x: NDArray[np.floating], labels: NDArray[np.integer], share: Floats, penalty: float
) -> tuple[float, Floats]:
    """The value of the module's sum and its gradient.

    Args:
        weights: ``(classes, D + 1)``.
        x: ``(N, D)``; products are taken in its own precision.
        labels: ``(N,)`` classes.
        share: ``(N,)`` weights v.
        penalty: see the module.
    """
    scores = x @ weights[:, :-1].T.astype(x.dtype) + weights[:, -1]  # (N, classes)
    scores -= scores.max(1, keepdims=True)
    log = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    rows = np.arange(len(labels))
    loss = -(share * log[rows, labels]).sum() + penalty / 2 * (weights[:, :-1] ** 2).sum()
    wrong = np.exp(log)
    wrong[rows, labels] -= 1
    wrong *= share[:, None]
    gradient = np.concatenate([wrong.T.astype(x.dtype) @ x + penalty * weights[:, :-1], wrong.sum(0)[:, None]], 1)
    return float(loss), gradient


def fit(
    x: NDArray[np.floating], labels: NDArray[np.integer], classes: int, penalty: float = 1e-3, iterations: int = 100
) -> Fit:
    """Fit ``classes`` classes, each of which is among the labels.

    Args:
        x: ``(N, D)`` features.
        labels: ``(N,)``, 0 to ``classes - 1``.
        classes: how many.
        penalty: of large weights, above 0; the larger, the softer the answers.
        iterations: at most.

    Raises:
        ValueError: a class has no example.
    """
    from scipy.optimize import minimize

    counts = np.bincount(labels, minlength=classes)
    if len(counts) != classes or not counts.all():
        raise ValueError("Every class needs an example.")
    share = 1 / (classes * counts[labels])
    values, size = np.asarray(x), x.shape[1] + 1

    def value(flat: Floats) -> tuple[float, Floats]:
        loss, gradient = loss_and_gradient(flat.reshape(classes, size), values, labels, share, penalty)
        return loss, gradient.ravel()

    found = minimize(value, np.zeros(classes * size), jac=True, method="L-BFGS-B", options={"maxiter": iterations})
    return Fit(found.x.reshape(classes, size), float(found.fun), int(found.nit))
