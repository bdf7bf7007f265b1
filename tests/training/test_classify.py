"""The recipe of the slim classifiers: what a window holds, the rate, learning and resuming."""

from __future__ import annotations

import copy
import itertools
import math
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn

from core.models.convolutionalize import FullyConvolutional
from core.models.registry import build
from core.training import classify, run, together
from core.training.sampling import Batch

NAMES = ("alexnet-slim", "vgg16-slim")


def marked(labels: Tensor) -> Tensor:
    """(B, H, W) ids -> (B, 21, H, W), 1 for the id of a labelled pixel."""
    return nn.functional.one_hot(torch.where(labels == 255, 21, labels), 22)[..., :21].movedim(-1, 1).float()


def test_shares_count_labelled_pixels() -> None:
    labels = torch.tensor([[[0, 0], [8, 255]], [[12, 12], [12, 12]], [[255, 255], [255, 255]]])
    found = classify.shares(marked(labels), 2)[..., 0, 0]
    expected = torch.zeros(3, 21)
    expected[0, 0], expected[0, 8], expected[1, 12], expected[2, 0] = 2 / 3, 1 / 3, 1, 1
    assert torch.allclose(found, expected)


def test_the_middle_of_a_window_counts_most() -> None:
    labels = torch.zeros(1, 6, 6, dtype=torch.long)
    labels[0, 2:4, 2:4] = 8  # a third of each side
    labels[0, 0] = 12  # at the rim
    wave = [math.sin(math.pi * (place + 0.5) / 6) for place in range(6)]
    found = classify.shares(marked(labels), 6)[0, :, 0, 0]
    assert found[8].item() == pytest.approx((sum(wave[2:4]) / sum(wave)) ** 2)
    assert found[12].item() == pytest.approx(wave[0] / sum(wave))
    assert found[8] > 4 / 36
    assert found.sum().item() == pytest.approx(1)


def test_all_windows_at_once_are_the_windows_one_by_one() -> None:
    torch.manual_seed(0)
    labels = torch.randint(0, 22, (2, 20, 28))
    labels[labels == 21] = 255
    labels[0, :8, :8] = 255  # a window without a labelled pixel
    doubts = torch.randn(2, 21, 20, 28).softmax(1)
    for probabilities in (marked(labels), doubts):
        found = classify.shares(probabilities, 8, 4)
        assert found.shape == (2, 21, 4, 6)
        assert torch.allclose(found.sum(1), torch.ones(2, 4, 6))
        for row, column in itertools.product(range(4), range(6)):
            window = probabilities[..., 4 * row : 4 * row + 8, 4 * column : 4 * column + 8]
            assert torch.allclose(found[..., row, column], classify.shares(window, 8)[..., 0, 0], atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_head_for_all_windows_is_the_converted_network(name: str) -> None:
    torch.manual_seed(0)
    network = build(name).eval()
    x = torch.randn(1, 3, 288, 320)
    with torch.inference_mode():
        scores = classify.head_everywhere(network, classify.features(network, x))
        assert scores.shape == (1, 21, 3, 4)
        assert torch.allclose(scores, FullyConvolutional(network)(x), atol=1e-5)


def test_the_rate_rises_then_falls_to_nothing() -> None:
    rates = [classify.rate(p / 200) for p in range(201)]
    top = rates.index(max(rates))
    assert rates[0] == 0
    assert rates[-1] == pytest.approx(0)
    assert all(a <= b for a, b in itertools.pairwise(rates[: top + 1]))
    assert all(a >= b for a, b in itertools.pairwise(rates[top:]))


class Windows:
    """In the mixer's place: a dark picture of background, a bright one of dog."""

    sides: ClassVar[list[int]] = []

    def __init__(self, *arguments: object, **options: object) -> None:
        self.side = self.short_side = 0

    def batch(self, size: int) -> Batch:
        self.sides.append(self.side)
        labels = torch.tensor([0, 12])[:, None, None].expand(2, self.side, self.side)
        pixels = (labels > 0).float()[:, None].expand(-1, 3, -1, -1) * 200
        return Batch(pixels, labels, torch.tensor([False, True]), None)


class Tiny(nn.Module):
    """A classifier of the same form: features, average, one fully connected layer."""

    window = 7

    def __init__(self, name: str) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.AvgPool2d(32), nn.Conv2d(3, 4, 1))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(7), nn.Linear(4 * 49, 21)

    def head_layers(self) -> list[nn.Module]:
        return [self.fc]

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(torch.flatten(self.avgpool(self.features(x)), 1))


class Guide:
    """In the teacher's place: its one feature is the brightness, and it is sure of what the mask says."""

    def __init__(self, channels: int, where: torch.device) -> None:
        self.project = nn.Conv2d(channels, 1, 1)

    def look(self, pixels: Tensor, side: int) -> tuple[Tensor, Tensor]:
        n = (side - 1) // 16 + 1
        bright = nn.functional.interpolate(pixels[:, :1] / 200, (n, n))
        scores = torch.zeros(len(pixels), 21, n, n)
        scores[:, 0], scores[:, 12] = 9 * (1 - bright[:, 0]), 9 * bright[:, 0]
        return bright, scores

    def hint(self, seen: Tensor, features: Tensor, scores: Tensor) -> Tensor:
        return (self.project(seen).mean((2, 3)) - features.mean((2, 3))).square().mean()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classify, "Mixer", Windows)
    monkeypatch.setattr(classify, "Guide", Guide)
    monkeypatch.setattr(classify, "PEAK_RATE", 0.03)
    monkeypatch.setattr(classify, "build", Tiny)
    monkeypatch.setattr(run, "build", Tiny)
    monkeypatch.setattr(together, "teacher", lambda *arguments: {})
    monkeypatch.setattr(Windows, "sides", [])


@pytest.mark.usefixtures("small")
def test_a_run_learns_from_windows_then_from_whole_photos_and_resumes(tmp_path: Path) -> None:
    classify.train(["alexnet-slim"], tmp_path, tmp_path, tmp_path / "run", 3)
    first = len(Windows.sides)
    classify.train(["alexnet-slim"], tmp_path, tmp_path, tmp_path / "run", 40)
    assert run.checkpoint(tmp_path / "run")["step"] == 40
    later = Windows.sides[first:]
    assert len(later) == 37
    assert later == [128] * later.count(128) + [448] * later.count(448)
    assert later.count(128) == math.ceil(40 * classify.SMALL_SHARE) - 3
    network = classify.finished(["alexnet-slim"], tmp_path / "run")["alexnet-slim"]
    assert not network.training
    mixer = Windows()
    mixer.side = 224
    pixels, labels, _, _ = mixer.batch(2)
    assert torch.equal(network(classify.normalise(pixels, "alexnet-slim")).argmax(1), labels[:, 0, 0])


@pytest.mark.usefixtures("small")
def test_a_run_goes_on_from_bundled_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(1)
    bundled = Tiny("alexnet-slim")
    kept = copy.deepcopy(bundled.state_dict())
    monkeypatch.setattr(classify.weights, "load", lambda name: bundled)
    monkeypatch.setattr(classify, "rate", lambda progress: 0.0)
    classify.train(["alexnet-slim"], tmp_path, tmp_path, tmp_path / "run", 12, go_on=(10, 60.0))
    stored = run.checkpoint(tmp_path / "run")
    assert (stored["step"], stored["earlier"], Windows.sides) == (12, 10, [448, 448])
    assert stored["spent"] >= 60
    assert all(torch.equal(value, kept[key]) for key, value in stored["mean"].items())


@pytest.mark.parametrize("name", NAMES)
def test_features_and_head_are_the_whole_network(name: str) -> None:
    torch.manual_seed(0)
    network = build(name).eval()
    assert network.features(torch.zeros(1, 3, 224, 224)).shape[1] == classify._channels(network)
    for side in (224, 128):
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
