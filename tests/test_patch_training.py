"""The recipe of the patch classifiers: the encoder rests, the heads learn what stands in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core.models.registry import build
from core.training import patches

NAMES = ("patch-35", "patch-115")


class Stripes:
    """In the mixer's place: dark background, and a bright dog on the right."""

    def __init__(self, *arguments: object, **options: object) -> None:
        pass

    def batch(self, size: int) -> tuple[Tensor, Tensor, Tensor]:
        labels = torch.zeros(2, 64, 64, dtype=torch.long)
        labels[..., 32:] = 12
        return (labels > 0).float()[:, None].expand(-1, 3, -1, -1) * 200 + 20, labels, torch.tensor([False, True])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    torch.manual_seed(0)
    whole = build("deeplabv3plus")
    for layer in whole.encoder.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean, 0, 0.1)
    monkeypatch.setattr(patches.weights, "load", lambda name: whole)
    monkeypatch.setattr(patches, "Mixer", Stripes)
    return whole


def test_heads_learn_and_resume_on_a_resting_encoder(small: nn.Module, tmp_path: Path) -> None:
    patches.train(NAMES, tmp_path, tmp_path, tmp_path / "run", 2)
    networks = patches.train(NAMES, tmp_path, tmp_path, tmp_path / "run", 150)
    assert torch.load(tmp_path / "run" / "last.pt", weights_only=True)["step"] == 150
    pixels, labels, _ = Stripes().batch(2)
    for name, network in networks.items():
        assert not network.training
        assert torch.equal(network.stem.conv.weight, small.encoder.stem.conv.weight)
        answer = network(patches.normalise(pixels, name)).argmax(1)
        assert (answer == patches.targets(labels, network)).float().mean() > 0.9


@torch.inference_mode()
def test_features_are_the_encoders(small: nn.Module) -> None:
    network = patches.with_encoder("patch-67", small).eval()
    x = torch.randn(1, 3, 128, 96)
    moved = nn.functional.pad(x, (network.shift, -network.shift, network.shift, -network.shift))
    assert torch.allclose(network.features(x), small.eval().encoder.forward_features(moved)[2], atol=1e-5)
    every = [patches.with_encoder(f"patch-{size}", small).eval() for size in (35, 67, 115, 211)]
    found = list(patches.all_features(every, x))
    assert {network for network, _ in found} == set(every)
    assert all(torch.allclose(maps, network.features(x), atol=1e-5) for network, maps in found)
