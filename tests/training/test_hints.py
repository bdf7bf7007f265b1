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


@given(st.integers(1, 9), st.integers(1, 9))
def test_middles_are_those_of_equal_parts(parts: int, width: int) -> None:
    """A part of w pixels, counted from 0, has its middle between its first and its last."""
    expected = [first + (width - 1) / 2 for first in range(0, parts * width, width)]
    assert hints.middles(parts * width, parts).tolist() == pytest.approx(expected)


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(2, 6))
def test_reading_is_interpolation_with_corners_aligned(seed: int, height: int, width: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    maps = torch.randn(2, 3, height, width, generator=generator)
    found = hints.read(maps, torch.linspace(0, height - 1, 4 * height), torch.linspace(0, width - 1, 9))
    expected = nn.functional.interpolate(maps, (4 * height, 9), mode="bilinear", align_corners=True)
    assert torch.allclose(found, expected, atol=1e-4)
    outside = hints.read(maps, torch.tensor([-3.0]), torch.tensor([width + 2.0]))
    assert torch.allclose(outside[..., 0, 0], maps[..., 0, -1], atol=1e-5), "beyond: the outermost cell"


def test_answers_come_from_the_whole_picture_where_it_has_some() -> None:
    """Maps that name their place: cell i of the crop's answers stands at pixel 4 i, of the teacher's own at 16 i."""
    side, own_side = 32, 65
    given = (4.0 * torch.arange(8)).expand(2, 21, 8, 8).clone()
    given[1] = torch.nan
    own = (16.0 * torch.arange(5)).expand(2, 21, 5, 5)
    for step in (1, 4):
        found = hints.answers_at(given, own, own_side, side, step)
        pixels = torch.arange(0, side, step).float()
        assert found.shape == (2, 21, len(pixels), len(pixels))
        assert torch.allclose(found[0, 0, 0], pixels.clamp(max=28), atol=1e-3)
        scaled = (pixels + 0.5) * own_side / side - 0.5
        assert torch.allclose(found[1, 0, 0], scaled.clamp(0, 64), atol=1e-3)
        assert torch.equal(found[1], hints.answers_at(None, own, own_side, side, step)[1])


def test_the_guide_looks_as_its_network_does(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    network = build("deeplabv3")
    monkeypatch.setattr(hints.weights, "load", lambda name: network)
    guide = hints.Guide(5, torch.device("cpu"))
    pixels = torch.rand(2, 3, 65, 65) * 255
    features, scores = guide.look(pixels, 65)
    expected = network.eval().encoder.forward_features(hints.normalise(pixels, hints.TEACHER))[-1]
    assert torch.allclose(features, expected, atol=1e-4)
    assert features.shape == (2, 320, 5, 5)
    whole = nn.functional.interpolate(scores, (65, 65), mode="bilinear", align_corners=True)
    assert torch.allclose(whole, network(hints.normalise(pixels, hints.TEACHER)), atol=1e-4)
    assert guide.look(pixels, 129)[0].shape == (2, 320, 9, 9)
    assert not features.requires_grad
    seen = torch.randn(2, 5, 2, 2, requires_grad=True)
    loss = guide.hint(seen, features, scores)
    guess = guide.project(seen)
    places = torch.tensor([15.75, 48.25]) / 16  # the middles of the halves of 65 pixels
    there, said = hints.read(features, places, places), hints.read(scores.softmax(1), places, places)
    answers = hints.imitation(guess[:, 320:], said.log())
    assert torch.isclose(loss, hints.unexplained(guess[:, :320], there) + answers)
    loss.backward()
    assert guide.project.weight.grad is not None
    assert all(p.grad is None for p in network.parameters())
