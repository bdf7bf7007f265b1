"""The four losses against their formulas and a second implementation; gradients against differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from core.passes.learning import losses


def example(seed: int, classes: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(2, classes, 5, 4, generator=generator, dtype=torch.float64) * 3
    return scores, torch.randint(classes, (2, 5, 4), generator=generator)


def shares_of(scores: torch.Tensor) -> np.ndarray:
    values = np.exp(scores.numpy() - scores.numpy().max(1, keepdims=True))
    return values / values.sum(1, keepdims=True)


seeds = given(st.integers(0, 10**6))


@seeds
def test_cross_entropy_and_focal_are_their_formulas(seed: int) -> None:
    scores, ids = example(seed)
    p = np.take_along_axis(shares_of(scores), ids.numpy()[:, None], 1)
    assert losses.cross_entropy(scores, ids).item() == pytest.approx(float(-np.log(p).mean()))
    assert losses.focal(scores, ids).item() == pytest.approx(float(-((1 - p) ** 2 * np.log(p)).mean()))


@seeds
def test_dice_is_its_formula_pixel_by_pixel(seed: int) -> None:
    scores, ids = example(seed)
    shares, parts = shares_of(scores), []
    for c in (1, 2):
        both = all_ = 0.0
        for b, y, x in np.ndindex(*ids.shape):
            g = float(ids[b, y, x] == c)
            both += shares[b, c, y, x] * g
            all_ += shares[b, c, y, x] + g
        parts.append((2 * both + 1) / (all_ + 1))
    assert losses.dice(scores, ids).item() == pytest.approx(1 - sum(parts) / 2)


@seeds
def test_weighted_is_its_formula(seed: int) -> None:
    scores, ids = example(seed)
    weights = losses.class_weights(np.bincount(ids.ravel(), minlength=3).tolist())
    p, w = np.take_along_axis(shares_of(scores), ids.numpy()[:, None], 1)[:, 0], np.array(weights)[ids.numpy()]
    loss = losses.weighted(scores, ids, torch.tensor(weights, dtype=torch.float64))
    assert loss.item() == pytest.approx(float(-(w * np.log(p)).sum() / w.sum()))


def test_a_second_implementation_agrees() -> None:
    """Binary focal and Dice by way of the sigmoid, as torchvision and MONAI write them, on two classes."""
    scores, ids = example(1, classes=2)
    logit, true = scores[:, 1] - scores[:, 0], ids.double()
    entropy = F.binary_cross_entropy_with_logits(logit, true, reduction="none")
    assert losses.focal(scores, ids).item() == pytest.approx(((1 - torch.exp(-entropy)) ** 2 * entropy).mean().item())
    q = logit.sigmoid()
    assert losses.dice(scores, ids).item() == pytest.approx(
        (1 - (2 * (q * true).sum() + 1) / (q.sum() + true.sum() + 1)).item()
    )


@pytest.mark.parametrize("name", losses.LOSSES)
def test_gradients_are_the_slopes(name: str) -> None:
    scores, ids = example(2)
    loss = losses.named(name, [20, 12, 8])
    if name == "weighted":
        loss = lambda s, i: losses.weighted(s, i, torch.tensor([0.5, 1.0, 1.5], dtype=torch.float64))  # noqa: E731
    assert torch.autograd.gradcheck(lambda s: loss(s, ids), (scores.requires_grad_(),))


def test_weights_give_every_class_the_same_sum() -> None:
    weights = losses.class_weights([900, 90, 10])
    sums = [w * n for w, n in zip(weights, (900, 90, 10), strict=True)]
    assert sums == pytest.approx([sums[0]] * 3)
    assert sum(weights) == pytest.approx(3)
    assert all(np.isfinite(losses.class_weights([5, 0])))


def test_an_unknown_loss_is_a_sentence() -> None:
    with pytest.raises(losses.LossError, match="choose one of cross-entropy"):
        losses.named("hinge", [1, 1])
