"""Logistic regression against autograd, another solver, and PyTorch's 1x1 convolution."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.maths import logistic


def example(seed: int, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(classes), rng.integers(classes, size=30)])
    return rng.normal(size=(len(labels), 4)) + labels[:, None] * rng.normal(size=4), labels


def value(weights: torch.Tensor, x: np.ndarray, labels: np.ndarray, penalty: float) -> torch.Tensor:
    """The sum of the module's docstring, by PyTorch."""
    counts, classes = np.bincount(labels), weights.shape[0]
    scores = torch.tensor(x) @ weights[:, :-1].T + weights[:, -1]
    each = torch.nn.functional.cross_entropy(scores, torch.tensor(labels), reduction="none")
    mean = sum(each[torch.tensor(labels) == c].sum() / counts[c] for c in range(classes)) / classes
    return mean + penalty / 2 * (weights[:, :-1] ** 2).sum()


@given(st.integers(0, 10**6))
def test_loss_and_gradient_are_pytorchs(seed: int) -> None:
    x, labels = example(seed)
    weights = np.random.default_rng(seed + 1).normal(size=(3, 5))
    share = 1 / (3 * np.bincount(labels)[labels])
    loss, gradient = logistic.loss_and_gradient(weights, x, labels, share, 0.1)
    leaf = torch.tensor(weights, requires_grad=True)
    theirs = value(leaf, x, labels, 0.1)
    theirs.backward()
    assert loss == pytest.approx(theirs.item())
    assert np.abs(gradient - leaf.grad.numpy()).max() < 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_another_solver_finds_nothing_smaller(seed: int) -> None:
    x, labels = example(seed)
    found = logistic.fit(x, labels, 3, 0.01, iterations=500)
    leaf = torch.zeros(3, 5, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([leaf], max_iter=500, tolerance_grad=1e-10, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        solver.zero_grad()
        loss = value(leaf, x, labels, 0.01)
        loss.backward()
        return loss

    solver.step(closure)
    assert found.loss == pytest.approx(value(leaf, x, labels, 0.01).item(), rel=1e-4)
    assert value(torch.tensor(found.weights), x, labels, 0.01).item() == pytest.approx(found.loss)


def test_it_is_a_convolution_of_one_by_one() -> None:
    x, labels = example(1)
    weights = logistic.fit(x, labels, 3).weights
    layer = torch.nn.Conv2d(4, 3, 1, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weights[:, :-1])[..., None, None])
        layer.bias.copy_(torch.tensor(weights[:, -1]))
        scores = layer(torch.tensor(x).T[None, :, None])[0, :, 0].T
    assert np.abs(scores.numpy() - (x @ weights[:, :-1].T + weights[:, -1])).max() < 1e-12


def test_every_class_needs_an_example() -> None:
    with pytest.raises(ValueError, match="Every class"):
        logistic.fit(np.ones((3, 2)), np.array([0, 0, 0]), 2)
