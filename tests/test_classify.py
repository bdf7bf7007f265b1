"""The recipe of the slim classifiers: what a window holds, the rate, learning and resuming."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core.training import classify


def test_shares_count_labelled_pixels() -> None:
    labels = torch.tensor([[[0, 0], [8, 255]], [[12, 12], [12, 12]], [[255, 255], [255, 255]]])
    found = classify.shares(labels, 21)
    expected = torch.zeros(3, 21)
    expected[0, 0], expected[0, 8], expected[1, 12], expected[2, 0] = 2 / 3, 1 / 3, 1, 1
    assert torch.allclose(found, expected)


def test_the_rate_rises_then_falls_to_nothing() -> None:
    rates = [classify.rate(p / 200) for p in range(201)]
    top = rates.index(max(rates))
    assert rates[0] == 0
    assert rates[-1] == pytest.approx(0)
    assert all(a <= b for a, b in itertools.pairwise(rates[: top + 1]))
    assert all(a >= b for a, b in itertools.pairwise(rates[top:]))


class Windows:
    """In the mixer's place: a dark window of background, a bright one of dog."""

    def __init__(self, *arguments: object, **options: object) -> None:
        pass

    def batch(self, size: int) -> tuple[Tensor, Tensor, Tensor]:
        labels = torch.tensor([0, 12])[:, None, None].expand(2, 8, 8)
        return (labels > 0).float()[:, None].expand(-1, 3, -1, -1) * 200, labels, torch.tensor([False, True])


def test_a_run_learns_and_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classify, "Mixer", Windows)
    monkeypatch.setattr(classify, "PEAK_RATE", 0.1)
    monkeypatch.setattr(
        classify, "build", lambda name: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 21))
    )
    classify.train("alexnet-slim", tmp_path, tmp_path, tmp_path / "run", 3)
    network = classify.train("alexnet-slim", tmp_path, tmp_path, tmp_path / "run", 80)
    assert torch.load(tmp_path / "run" / "last.pt", weights_only=True)["step"] == 80
    assert not network.training
    pixels, labels, _ = Windows().batch(2)
    assert torch.equal(network(classify.normalise(pixels, "alexnet-slim")).argmax(1), labels[:, 0, 0])
