"""The recipe of the slim classifiers: what a window holds, the rate, learning and resuming."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core.models.registry import build
from core.training import classify


def test_shares_count_labelled_pixels() -> None:
    labels = torch.tensor([[[0, 0], [8, 255]], [[12, 12], [12, 12]], [[255, 255], [255, 255]]])
    found = classify.shares(labels, 21)
    expected = torch.zeros(3, 21)
    expected[0, 0], expected[0, 8], expected[1, 12], expected[2, 0] = 2 / 3, 1 / 3, 1, 1
    assert torch.allclose(found, expected)


def test_the_middle_of_a_window_counts_most() -> None:
    labels = torch.zeros(1, 6, 9, dtype=torch.long)
    labels[0, 2:4, 3:6] = 8  # a third of each side
    labels[0, 0] = 12  # at the rim
    wave = [[math.sin(math.pi * (place + 0.5) / length) for place in range(length)] for length in (6, 9)]
    total = sum(wave[0]) * sum(wave[1])
    found = classify.shares(labels, 21)[0]
    assert found[8] == pytest.approx(sum(wave[0][2:4]) * sum(wave[1][3:6]) / total)
    assert found[12] == pytest.approx(wave[0][0] / sum(wave[0]))
    assert found[8] > 6 / 54
    assert found.sum() == pytest.approx(1)


def test_small_windows_come_first() -> None:
    phases = [classify.phase_of(p / 100) for p in range(101)]
    assert phases[0] == "small"
    assert phases[-1] == "native"
    assert phases.index("native") == phases.count("small")  # and never again


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


class Tiny(nn.Module):
    """A classifier of the same form: features, average, one fully connected layer."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.features, self.avgpool, self.fc = nn.Conv2d(3, 4, 1), nn.AdaptiveAvgPool2d(1), nn.Linear(4, 21)

    def head_layers(self) -> list[nn.Module]:
        return [self.fc]

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(torch.flatten(self.avgpool(self.features(x)), 1))


class Guide:
    """In the teacher's place: its one feature is the brightness."""

    def __init__(self, channels: int, where: torch.device) -> None:
        self.project = nn.Conv2d(channels, 1, 1)

    def look(self, pixels: Tensor, side: int) -> tuple[Tensor, Tensor]:
        return pixels[:, :1] / 200, pixels

    def hint(self, seen: Tensor, features: Tensor, scores: Tensor) -> Tensor:
        return (self.project(seen) - features).square().mean()


@pytest.mark.parametrize("teacher", [True, False])
def test_a_run_learns_and_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, teacher: bool) -> None:
    monkeypatch.setattr(classify, "Mixer", Windows)
    monkeypatch.setattr(classify, "Guide", Guide)
    monkeypatch.setattr(classify, "PEAK_RATE", 0.1)
    monkeypatch.setattr(classify, "build", Tiny)
    classify.train("alexnet-slim", tmp_path, tmp_path, tmp_path / "run", 3, teacher=teacher)
    network = classify.train("alexnet-slim", tmp_path, tmp_path, tmp_path / "run", 80, teacher=teacher)
    assert torch.load(tmp_path / "run" / "last.pt", weights_only=True)["step"] == 80
    assert not network.training
    pixels, labels, _ = Windows().batch(2)
    assert torch.equal(network(classify.normalise(pixels, "alexnet-slim")).argmax(1), labels[:, 0, 0])


@pytest.mark.parametrize("name", ["alexnet-slim", "vgg16-slim"])
def test_features_and_head_are_the_whole_network(name: str) -> None:
    torch.manual_seed(0)
    network = build(name).eval()
    for side in (224, 96):
        x = torch.randn(1, 3, side, side)
        with torch.inference_mode():
            assert torch.equal(classify.head(network, classify.features(network, x)), network(x))


def test_vgg16_starts_from_deconvnet() -> None:
    torch.manual_seed(0)
    classifier, network = build("vgg16-slim").eval(), build("deconvnet").eval()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean)
    classify.take_convolutions(classifier, network)
    x = torch.randn(1, 3, 224, 224)
    with torch.inference_mode():
        assert torch.equal(classifier.features(x), network.contract(x)[-1].values)
