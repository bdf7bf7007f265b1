"""The recipe of the patch classifiers: one path for all, cells taught at their windows' middles, learning, resuming."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from torch import nn

from core.models.registry import spec
from core.training import patches, run, together
from core.training.sampling import Batch

NAMES = ("patch-35", "patch-115")
ALL = ("patch-35", "patch-67", "patch-115", "patch-211")


class Stripes:
    """In the mixer's place: dark background, and a bright dog on the right."""

    def __init__(self, *arguments: object, **options: object) -> None:
        pass

    def batch(self, size: int) -> Batch:
        labels = torch.zeros(2, 64, 64, dtype=torch.long)
        labels[..., 32:] = 12
        pixels = (labels > 0).float()[:, None].expand(-1, 3, -1, -1) * 200 + 20
        return Batch(pixels, labels, torch.tensor([False, True]), None)


def awake(names: tuple[str, ...]) -> patches.Trunk:
    """With statistics in which every channel says something."""
    torch.manual_seed(0)
    trunk = patches.Trunk(names)
    for layer in trunk.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean, 0, 0.1)
    return trunk


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> patches.Trunk:
    trunk = awake(NAMES)
    monkeypatch.setattr(patches, "start_from_imagenet", lambda found: found.load_state_dict(trunk.state_dict()))
    monkeypatch.setattr(patches, "Mixer", Stripes)
    monkeypatch.setattr(together, "teacher", lambda *arguments: {})
    return trunk


def test_heads_and_later_blocks_learn_and_resume(small: patches.Trunk, tmp_path: Path) -> None:
    patches.train(NAMES, tmp_path, tmp_path, tmp_path / "run", 2)
    patches.train(NAMES, tmp_path, tmp_path, tmp_path / "run", 400)
    assert run.checkpoint(tmp_path / "run")["step"] == 400
    networks, trunk = patches.finished(NAMES, tmp_path / "run"), patches.Trunk(NAMES)
    trunk.load_state_dict(run.checkpoint(tmp_path / "run")["mean"])
    trunk.eval()
    pixels, labels, *_ = Stripes().batch(2)
    for name, network in networks.items():
        assert not network.training
        assert torch.equal(network.stem.conv.weight, small.stem.conv.weight), "it rests"
        resting, learning = network.blocks[patches.RESTING - 1], network.blocks[patches.RESTING]
        was = small.blocks[patches.RESTING - 1], small.blocks[patches.RESTING]
        assert torch.equal(resting.project.conv.weight, was[0].project.conv.weight)
        assert not torch.equal(learning.project.conv.weight, was[1].project.conv.weight)
        assert torch.equal(learning.project.norm.running_mean, was[1].project.norm.running_mean)
        places = patches.first(trunk, name), network.cut.stride
        seen = trunk(patches.normalise(pixels, name))[name]  # as it was taught: the picture where it lies
        scores, wanted, _ = patches.at_middles(labels, None, seen, *places)
        assert (scores.argmax(1) == wanted).float().mean() > 0.9, name
        assert torch.equal(network.head[1].weight, trunk.heads[name][1].weight)


def test_a_run_goes_on_from_bundled_weights(
    small: patches.Trunk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(3)
    trunk = awake(NAMES)
    for parameter in trunk.parameters():
        nn.init.normal_(parameter, 0, 0.1)
    bundled = {name: trunk.network(name) for name in NAMES}
    monkeypatch.setattr(patches.weights, "load", lambda name: bundled[name])
    monkeypatch.setattr(patches, "rate", lambda progress: 0.0)
    patches.train(NAMES, tmp_path, tmp_path, tmp_path / "run", 7, go_on=(5, 60.0))
    stored = run.checkpoint(tmp_path / "run")
    assert (stored["step"], stored["earlier"]) == (7, 5)
    for name, network in patches.finished(NAMES, tmp_path / "run").items():
        for key, value in network.named_parameters():
            assert torch.equal(value, dict(bundled[name].named_parameters())[key]), (name, key)


@torch.inference_mode()
def test_one_pass_is_each_network_alone() -> None:
    """The trunk reads a picture where it lies; a network moves it so that windows lie about their squares."""
    trunk = awake(ALL).eval()
    x = torch.randn(1, 3, 128, 128)
    for name, scores in trunk(x).items():
        network = trunk.network(name)
        stride = network.cut.stride
        assert patches.first(trunk, name) == network.shift + network.centre
        assert scores.shape == (1, 21, 128 // stride, 128 // stride)
        assert torch.allclose(trunk(network.moved(x))[name], network(x), atol=1e-5), name


@pytest.mark.parametrize("name", ALL)
def test_a_cell_is_taught_the_middle_of_its_window(name: str) -> None:
    """The pixels that a cell depends on lie about the pixel whose label and answer it gets."""
    trunk = awake(ALL).eval()
    for parameter in trunk.parameters():
        nn.init.uniform_(parameter, 0.01, 0.1)
    network, side = trunk.network(name), patches.SIDE + 96
    stride, size, start = network.cut.stride, spec(name).options["size"], patches.first(trunk, name)
    rows = torch.arange(side)
    labels = rows.expand(1, side, side)  # a pixel's label is its column
    answers = (4.0 * torch.arange(88)).expand(1, 21, 88, 88)
    scores = torch.zeros(1, 21, -(-side // stride), -(-side // stride))
    kept, ids, taught = patches.at_middles(labels, answers, scores, start, stride)
    assert kept.shape[-2:] == ids.shape[-2:] == taught.shape[-2:]
    expected = torch.arange(start, side, stride)[: kept.shape[-1]]
    assert torch.equal(ids[0, 0], expected)
    assert torch.allclose(taught[0, 0, 0], expected.float().clamp(max=348), atol=1e-3)
    cell = kept.shape[-1] // 2
    x = torch.zeros(1, 3, side, side, requires_grad=True)
    seen = trunk.stem(x)
    for block in trunk.blocks[: network.cut.blocks]:
        seen = block(seen)
    (slope,) = torch.autograd.grad(seen[0, :, cell, cell].sum(), x)
    reached = slope[0].abs().sum((0, 1)).nonzero().flatten()
    assert (reached[0] + reached[-1]) / 2 == ids[0, 0, cell]
    assert reached[-1] - reached[0] + 1 == size


def test_blocks_start_from_imagenet() -> None:
    from core.models.efficientnet import EfficientNetLite0Classifier, imagenet_state

    trunk = patches.Trunk(ALL)
    patches.start_from_imagenet(trunk)
    whole = EfficientNetLite0Classifier().eval()
    whole.load_state_dict(imagenet_state())
    x = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        expected = whole.encoder.forward_features(x)[2]
        seen = trunk.eval().stem(x)
        for block in trunk.blocks[:5]:
            seen = block(seen)
        assert torch.allclose(seen, expected, atol=1e-5)


def test_in_training_the_blocks_keep_their_statistics() -> None:
    trunk = copy.deepcopy(awake(NAMES)).train()
    assert trunk.heads.training
    assert not trunk.stem.training
    assert not any(block.training for block in trunk.blocks)
