"""The recipe for membranes on made-up sections: what a tile shows, where the line is drawn, that a run resumes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.models.unet import UNet
from core.training import membranes

SIDE = 80


def section(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Bright cells in a dark net, (80, 80): grey values and ids."""
    rng = np.random.default_rng(seed)
    mask = np.ones((SIDE, SIDE), np.uint8)
    mask[rng.integers(3, 12) :: 16] = 0
    mask[:, rng.integers(3, 12) :: 16] = 0
    return (mask * 120 + rng.integers(40, 60, mask.shape)).astype(np.uint8), mask


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three sections in each list, and tiles of 204 pixels that answer for 20."""
    monkeypatch.setattr(membranes, "TILE", 204)
    monkeypatch.setattr(membranes, "build", lambda name: UNet(width=2))
    for part in ("images", "masks"):
        (tmp_path / "isbi2012" / part).mkdir(parents=True)
    for split, offset in (("train", 0), ("test", 10)):
        names = [f"{offset + i:02}" for i in range(3)]
        (tmp_path / "isbi2012" / f"{split}.txt").write_text("\n".join(names))
        for name in names:
            grey, mask = section(int(name))
            Image.fromarray(grey).save(tmp_path / "isbi2012" / "images" / f"{name}.png")
            Image.fromarray(mask).save(tmp_path / "isbi2012" / "masks" / f"{name}.png")
    return tmp_path


def test_grey_is_the_mean_of_the_channels_around_zero() -> None:
    pixels = np.zeros((2, 3, 3), np.uint8)
    pixels[0] = 255
    x = membranes.normalised(pixels)
    assert x.shape == (1, 2, 3)
    assert torch.allclose(x[0, 0], torch.tensor(1.0))
    assert torch.allclose(x[0, 1], torch.tensor(-127 / 128))


def test_weights_are_highest_in_thin_gaps_and_balance_the_classes() -> None:
    mask = np.ones((40, 60), np.uint8)
    mask[:, 10:12] = mask[:, 30:45] = 0
    weights = membranes.weight_map(mask)
    assert weights[20, 10] > weights[20, 37] > weights[20, 5] > 0
    assert np.unique(weights[mask == 1]).size == 1, "inside cells only the class counts"


@pytest.mark.parametrize("seed", range(6))
def test_picture_labels_and_weights_of_a_tile_show_the_same_place(seed: int) -> None:
    """All three are made from one ramp: wherever the tile lies and however it is bent, they must agree."""
    rows, columns = torch.meshgrid(torch.arange(512.0), torch.arange(512.0), indexing="ij")
    ramp = ((rows + 2 * columns) / 40)[None]
    grey, ids, costs = membranes.tile(ramp, ramp.round(), ramp, torch.Generator().manual_seed(seed))
    assert grey.shape == (1, 380, 380)
    assert ids.shape == costs.shape == (196, 196)
    assert (ids - costs).abs().max() < 0.65, "nearest and bilinear values of a ramp with one step in 13 pixels"
    inner = grey[0, 92:-92, 92:-92]
    gain, shift = np.polyfit(costs.flatten().numpy(), inner.flatten().numpy(), 1)
    assert 0.79 < gain < 1.21
    assert -0.21 < shift < 0.21
    assert (inner - gain * costs - shift).abs().max() < 1e-2, "other grey values, the same place"


def test_tiles_differ() -> None:
    x = torch.rand(1, 512, 512)
    generator = torch.Generator().manual_seed(0)
    first, second = (membranes.tile(x, x.round(), x, generator)[0] for _ in range(2))
    assert not torch.equal(first, second)


class Brightness(torch.nn.Module):
    """As unpadded as a U-Net, but it only looks at the pixel itself: bright is a cell, less ``doubt``."""

    def __init__(self, doubt: float) -> None:
        super().__init__()
        self.head = torch.nn.Conv2d(1, 2, 1)
        self.head.weight.data[:] = torch.tensor([0.0, 4.0]).view(2, 1, 1, 1)
        self.head.bias.data[:] = torch.tensor([0.0, -doubt])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(x[..., 92:-92, 92:-92])


@pytest.mark.parametrize("doubt", [-3.0, 0.0, 3.0])
def test_calibration_finds_the_line(doubt: float) -> None:
    network = Brightness(doubt)
    grey, mask = section(0)
    pixels = np.repeat(grey[..., None], 3, axis=2)
    before = ((membranes.whole(network, pixels) > 0.5) == mask).mean()
    shift = membranes.calibrate(network, [(pixels, mask), (pixels[::-1], mask[::-1])])
    assert ((membranes.whole(network, pixels) > 0.5) == mask).mean() == 1
    assert network.head.bias[1].item() == pytest.approx(shift - doubt)
    if doubt:
        assert before < 1
        assert shift * doubt > 0


def test_a_run_resumes_and_answers_for_whole_sections(folder: Path) -> None:
    out = folder / "run"
    membranes.train("unet-em", folder, folder / "cache", out, 1)
    before = torch.load(out / "last.pt", weights_only=True)
    network = membranes.train("unet-em", folder, folder / "cache", out, 2)
    after = torch.load(out / "last.pt", weights_only=True)
    assert (before["step"], after["step"]) == (1, 2)
    assert after["spent"] > before["spent"]
    assert not network.training
    probability = membranes.whole(network, np.repeat(section(11)[0][..., None], 3, axis=2))
    assert probability.shape == (SIDE, SIDE)
    assert 0 <= probability.min() <= probability.max() <= 1


def test_rand_score_of_perfect_merged_and_empty_answers() -> None:
    truth = np.array([[1, 1, 0, 2, 2]] * 4)
    assert membranes.rand_score(truth, truth) == 1
    assert membranes.rand_score(truth, np.where(truth > 0, 3 - truth, 0)) == 1, "the numbers do not matter"
    merged = membranes.rand_score(truth, np.ones_like(truth))
    assert merged == pytest.approx(2 * (64 + 64) / (64 + 64 + 256))
    assert membranes.rand_score(truth, np.zeros_like(truth)) < merged
    assert membranes.rand_score(np.zeros_like(truth), truth) == 1, "no cell, nothing to get wrong"
