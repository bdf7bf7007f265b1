"""The teacher: its part of the loss, and the features that a pupil has to foretell."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from core.models.registry import build
from core.training import hints


@given(st.integers(0, 10**6))
def test_imitation_is_least_for_the_teachers_own_scores(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    taught, scores = torch.randn(2, 2, 5, 3, 3, generator=generator, dtype=torch.float64)
    best = hints.imitation(taught, taught)
    entropy = torch.distributions.Categorical(logits=taught.movedim(1, -1)).entropy().mean()
    assert torch.isclose(best, entropy)
    assert hints.imitation(scores, taught) > best
    assert torch.isclose(hints.imitation(taught + 3, taught), best), "only differences between classes count"


def test_a_sure_teacher_is_a_label() -> None:
    scores = torch.randn(1, 4, 2, 2)
    labels = torch.tensor([[[0, 1], [2, 3]]])
    taught = 100 * nn.functional.one_hot(labels, 4).permute(0, 3, 1, 2).float()
    assert torch.isclose(hints.imitation(scores, taught), nn.functional.cross_entropy(scores, labels))


def test_a_guess_of_the_means_explains_nothing() -> None:
    torch.manual_seed(0)
    features = torch.randn(4, 6, 5, 5) * torch.arange(1.0, 7)[:, None, None] + 3
    standard = (features - features.mean((0, 2, 3), keepdim=True)) / features.std((0, 2, 3), correction=0, keepdim=True)
    assert hints.unexplained(standard, features).item() == pytest.approx(0, abs=1e-4)
    assert hints.unexplained(torch.zeros_like(features), features).item() == pytest.approx(1, abs=1e-3)
    half = torch.cat((standard[:, :3], torch.zeros(4, 3, 5, 5)), 1)
    assert hints.unexplained(half, features).item() == pytest.approx(0.5, abs=1e-3)


def test_the_guide_looks_as_its_network_does(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    network = build("fcn8s")
    nn.init.normal_(network.decoder.score.weight)
    monkeypatch.setattr(hints.weights, "load", lambda name: network)
    guide = hints.Guide(5, torch.device("cpu"))
    pixels = torch.rand(2, 3, 64, 64) * 255
    features, scores = guide.look(pixels, 64)
    expected = network.eval().encoder.forward_features(hints.normalise(pixels, "fcn8s"))[-1]
    assert torch.allclose(features, expected, atol=1e-5)
    whole = nn.functional.interpolate(scores, (64, 64), mode="bilinear")
    assert torch.allclose(whole, network(hints.normalise(pixels, "fcn8s")), atol=1e-4)
    assert guide.look(pixels, 128)[0].shape == (2, 320, 4, 4)
    assert not features.requires_grad
    seen = torch.randn(2, 5, 4, 4, requires_grad=True)
    loss = guide.hint(seen, features, scores)
    guess = guide.project(nn.functional.adaptive_avg_pool2d(seen, 2))  # one cell of features for 32 pixels
    cells = scores.softmax(1).unflatten(3, (2, 4)).unflatten(2, (2, 4)).mean((3, 5))  # of the 4x4 answers in each
    answers = hints.imitation(guess[:, 320:], cells.log())
    assert torch.isclose(loss, hints.unexplained(guess[:, :320], features) + answers)
    loss.backward()
    assert guide.project.weight.grad is not None
    assert all(p.grad is None for p in network.parameters())
