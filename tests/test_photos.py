"""The recipe for networks without a pretrained encoder: the teacher's part of the loss, the rates, resuming."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from core.training import photos


@given(st.integers(0, 10**6))
def test_imitation_is_least_for_the_teachers_own_scores(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    taught, scores = torch.randn(2, 2, 5, 3, 3, generator=generator, dtype=torch.float64)
    best = photos.imitation(taught, taught)
    entropy = torch.distributions.Categorical(logits=taught.movedim(1, -1)).entropy().mean()
    assert torch.isclose(best, entropy)
    assert photos.imitation(scores, taught) > best
    assert torch.isclose(photos.imitation(taught + 3, taught), best), "only differences between classes count"


def test_a_sure_teacher_is_a_label() -> None:
    scores = torch.randn(1, 4, 2, 2)
    labels = torch.tensor([[[0, 1], [2, 3]]])
    taught = 100 * nn.functional.one_hot(labels, 4).permute(0, 3, 1, 2).float()
    assert torch.isclose(photos.imitation(scores, taught), nn.functional.cross_entropy(scores, labels))


def test_the_rate_rises_then_falls_to_nothing() -> None:
    rates = [photos.rate(p / 200) for p in range(201)]
    top = rates.index(max(rates))
    assert rates[0] == rates[-1] == 0
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert photos.rate(1.01) == 0, "the last batch may end late"


class Batches:
    """In the mixer's place: the same two pictures, left half background, right half cat."""

    def __init__(self, *arguments: object, **options: object) -> None:
        self.labels = torch.zeros(2, 16, 16, dtype=torch.long)
        self.labels[..., 8:] = 8

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        pixels = (self.labels > 0).float()[:, None].expand(-1, 3, -1, -1) * 200
        return pixels, self.labels, torch.tensor([False, True])


class Teacher(nn.Module):
    """Sees a dog where the picture is bright, whatever the mask says."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores = torch.zeros(len(x), 21, *x.shape[-2:])
        scores[:, 12] = 50 * (x.mean(1) > 0)
        return scores


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "Mixer", Batches)
    monkeypatch.setattr(photos, "build", lambda name: nn.Conv2d(3, 21, 1))
    monkeypatch.setattr(photos, "PEAK_RATE", 0.1)


@pytest.mark.usefixtures("small")
def test_a_run_learns_and_resumes(tmp_path: Path) -> None:
    photos.train("unet", tmp_path, tmp_path, tmp_path / "run", 3)
    before = torch.load(tmp_path / "run" / "last.pt", weights_only=True)
    network = photos.train("unet", tmp_path, tmp_path, tmp_path / "run", 60)
    after = torch.load(tmp_path / "run" / "last.pt", weights_only=True)
    assert (before["step"], after["step"]) == (3, 60)
    assert not network.training
    pixels, labels, _ = Batches().batch(2)
    assert torch.equal(network(photos.normalise(pixels, "unet")).argmax(1), labels)


@pytest.mark.usefixtures("small")
def test_a_teacher_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos.weights, "load", lambda name: Teacher())
    monkeypatch.setattr(photos, "TEACHER_SHARE", 0.9)
    network = photos.train("unet", tmp_path, tmp_path, tmp_path / "run", 60, teacher="fcn8s")
    pixels, labels, _ = Batches().batch(2)
    answer = network(photos.normalise(pixels, "unet")).argmax(1)
    assert (answer[labels == 8] == 12).all(), "nine parts teacher, one part mask"
