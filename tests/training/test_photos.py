"""The recipe for networks without a pretrained encoder: the teacher's share, the rates, the start, resuming."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from torch import nn

from core.models.registry import build, spec
from core.training import photos, run, together
from core.training.sampling import Batch


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
        self.side = self.short_side = 16

    def batch(self, size: int) -> Batch:
        labels = torch.zeros(2, self.side, self.side, dtype=torch.long)
        labels[..., self.side // 2 :] = 8
        pixels = (labels > 0).float()[:, None].expand(-1, 3, -1, -1) * 200
        return Batch(pixels, labels, torch.tensor([False, True]), None)


class Dogs:
    """In the teacher's place: sees a dog where the picture is bright, whatever the mask says."""

    def __init__(self, channels: int, where: torch.device) -> None:
        self.project = nn.Conv2d(channels, 1, 1)

    def look(self, pixels: torch.Tensor, side: int) -> tuple[torch.Tensor, torch.Tensor]:
        n = (side - 1) // 16 + 1
        small = nn.functional.interpolate(pixels, (n, n))
        scores = torch.zeros(len(pixels), 21, n, n)
        scores[:, 12] = 50 * (small.mean(1) > 100)
        return small[:, :1], scores

    def hint(self, seen: torch.Tensor, features: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        return (self.project(seen).mean() - features.mean()).square()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "Mixer", Batches)
    for module in (photos, run):
        monkeypatch.setattr(module, "build", lambda name: nn.Conv2d(3, 21, 1))
    monkeypatch.setattr(photos, "both", lambda network, x: (x, network(x)))
    monkeypatch.setattr(photos, "channels", lambda network: 3)
    monkeypatch.setattr(photos, "Guide", Dogs)
    monkeypatch.setattr(photos, "PEAK_RATE", 0.1)
    monkeypatch.setattr(together, "teacher", lambda *arguments: {})


@pytest.mark.usefixtures("small")
def test_a_run_learns_and_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "TEACHER_SHARE", 0.0)
    photos.train(["unet"], tmp_path, tmp_path, tmp_path / "run", 3)
    before = run.checkpoint(tmp_path / "run")
    photos.train(["unet"], tmp_path, tmp_path, tmp_path / "run", 40)
    assert (before["step"], run.checkpoint(tmp_path / "run")["step"]) == (3, 40)
    network = photos.finished(["unet"], tmp_path / "run")["unet"]
    assert not network.training
    pixels, labels, *_ = Batches().batch(2)
    assert torch.equal(network(photos.normalise(pixels, "unet")).argmax(1), labels)


@pytest.mark.usefixtures("small")
def test_a_teacher_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "TEACHER_SHARE", 0.9)
    photos.train(["unet"], tmp_path, tmp_path, tmp_path / "run", 40)
    network = photos.finished(["unet"], tmp_path / "run")["unet"]
    pixels, labels, *_ = Batches().batch(2)
    answer = network(photos.normalise(pixels, "unet")).argmax(1)
    assert (answer[labels == 8] == 12).all(), "nine parts teacher, one part mask"
    assert "project" in run.checkpoint(tmp_path / "run")


@pytest.mark.usefixtures("small")
def test_a_run_goes_on_from_bundled_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = nn.Conv2d(3, 21, 1)
    kept = copy.deepcopy(bundled.state_dict())
    asked: list[float] = []
    monkeypatch.setattr(photos.weights, "load", lambda name: bundled)
    monkeypatch.setattr(photos, "rate", lambda progress: asked.append(progress) or 0.0)
    photos.train(["unet"], tmp_path, tmp_path, tmp_path / "run", 12, go_on=(10, 60.0))
    stored = run.checkpoint(tmp_path / "run")
    assert (stored["step"], stored["earlier"]) == (12, 10)
    assert set(asked) == {10 / 12, 11 / 12}
    assert all(torch.equal(value, kept[key]) for key, value in stored["mean"].items())


@pytest.mark.parametrize("name", ["unet", "deconvnet"])
def test_the_teacher_sees_pictures_of_its_own_geometry(name: str) -> None:
    sides = {photos.SMALL[name][1], spec(name).input_side}
    assert sides <= set(photos.TEACHER_SIDE)
    assert all(photos.TEACHER_SIDE[side] % 32 == 1 and photos.TEACHER_SIDE[side] >= side for side in sides)


def test_both_halves_of_deconvnet_are_deconvnet() -> None:
    torch.manual_seed(0)
    network, x = build("deconvnet").eval(), torch.randn(1, 3, 224, 224)
    with torch.inference_mode():
        coarsest, scores = photos.both(network, x)
        assert torch.equal(scores, network(x))
    assert coarsest.shape == (1, photos.channels(network), 7, 7)


def test_a_small_picture_lies_in_the_middle_of_deconvnets_window() -> None:
    torch.manual_seed(0)
    network, x = build("deconvnet").eval(), torch.randn(1, 3, 96, 96)
    with torch.inference_mode():
        coarsest, scores = photos.both(network, x)
        window = torch.zeros(1, photos.channels(network), 7, 7)
        window[..., 2:5, 2:5] = coarsest
        again = network.deconv_fc6(network.fc7(network.fc6(window)))[..., 2:5, 2:5]
        assert torch.equal(scores, network.expand(again, network.contract(x)))
    assert scores.shape == (1, 21, 96, 96)


def test_both_halves_of_unet_are_unet() -> None:
    torch.manual_seed(0)
    network, x = build("unet").eval(), torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        coarsest, scores = photos.both(network, x)
        assert torch.equal(scores, network(x))
    assert coarsest.shape == (1, photos.channels(network), 4, 4)
