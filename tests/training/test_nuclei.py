"""The recipe for nuclei on made-up pictures: what a tile shows, who is held out, that a run resumes and is measured."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.models import weights
from core.models.unet import UNet
from core.passes.counting import Count
from core.training import card, nuclei, recipes
from core.training.data import DataError
from core.training.losses import W0
from tests.maths.test_nuclei import discs

SIDE = 48
KINDS = ("fluorescence (bright nuclei)", "stained tissue / colour", "grey, dark nuclei")


def cells(seed: int) -> np.ndarray:
    """A few discs, two of them touching, ``(48, 48)``."""
    rng = np.random.default_rng(seed)
    return discs((SIDE, SIDE), (12, 12, 6), (12, 23, 6), *((*rng.uniform(26, 44, 2), 5.0) for _ in range(2)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten pictures to learn from and four to be asked, of three kinds; tiles of 204 pixels that answer for 20."""
    monkeypatch.setattr(nuclei, "TILE", 204)
    monkeypatch.setattr(nuclei, "build", lambda name: UNet(3, 3, width=2, batch_norm=True))
    for part in ("images", "masks", "instances"):
        (tmp_path / nuclei.FOLDER / part).mkdir(parents=True)
    rows = ["name,kind,nuclei"]
    for split, count in (("train", 10), ("test", 4)):
        names = [f"{split}{i:02}" for i in range(count)]
        (tmp_path / nuclei.FOLDER / f"{split}.txt").write_text("\n".join(names))
        for i, name in enumerate(names):
            kind, labels = KINDS[i % 3], cells(i)
            grey = np.where(labels > 0, 60, 10) if kind == KINDS[0] else np.where(labels > 0, 90, 230)
            where = tmp_path / nuclei.FOLDER
            Image.fromarray(np.repeat(grey[..., None], 3, 2).astype(np.uint8)).save(where / "images" / f"{name}.jpg")
            Image.fromarray((labels > 0).astype(np.uint8)).save(where / "masks" / f"{name}.png")
            Image.fromarray(labels.astype(np.uint16)).save(where / "instances" / f"{name}.png")
            rows.append(f'{name},"{kind}",{labels.max()}')
    (tmp_path / nuclei.FOLDER / "index.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_kinds_and_true_nuclei_are_read(folder: Path) -> None:
    assert list(nuclei.kinds(folder).values())[:3] == ["fluorescence", "tissue", "grey"]
    assert np.array_equal(nuclei.instances(folder, "train03"), cells(3))


def test_every_tenth_of_a_kind_is_held_out() -> None:
    names = tuple(f"n{i}" for i in range(65))
    kind = {name: "fluorescence" if i < 40 else "tissue" if i < 60 else "grey" for i, name in enumerate(names)}
    learn, held = nuclei.split(names, kind)
    assert sorted(learn + held) == list(range(65))
    assert held == [9, 19, 29, 39, 49, 59]


def test_weights_are_highest_where_two_nuclei_are_close_and_never_inside_a_core() -> None:
    labels = discs((60, 80), (30, 20, 12), (30, 43, 12))
    ids = nuclei.rims_and_cores(labels)
    weights_ = nuclei.weight_map(ids)
    assert (weights_[ids == nuclei.CORE] == 1).all()
    assert weights_[30, 31] > weights_[30, 5] >= 1
    assert 1 + W0 / 3 < weights_.max() < 1 + W0


@pytest.mark.parametrize("seed", range(8))
def test_picture_ids_and_weights_of_a_tile_show_the_same_place(seed: int) -> None:
    """All are made from one smooth hill: wherever the tile lies and however it is bent, they must agree."""
    rows, columns = torch.meshgrid(torch.arange(300.0), torch.arange(320.0), indexing="ij")
    hill = 100 + 60 * torch.sin(rows / 40) * torch.cos(columns / 50)
    example = nuclei.Example(hill.expand(3, -1, -1), (hill / 10)[None].round(), hill[None])
    dice = nuclei.Dice(torch.Generator().manual_seed(seed))
    x, ids, costs = nuclei.tile(example, dice, stained=False)
    assert x.shape == (3, 444, 444)
    assert ids.shape == costs.shape == (260, 260)
    assert (ids - costs / 10).abs().max() < 0.9, "nearest and bilinear values of a smooth hill"
    inner = x[0, 92:-92, 92:-92].flatten().numpy()
    assert np.corrcoef(inner, costs.flatten().numpy())[0, 1] > 0.85, "other grey values, the same place"


def test_a_tile_that_is_not_bent_has_the_pixels_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nuclei, "coloured", lambda pixels, dice, stained: pixels)
    pixels = torch.randint(0, 256, (3, 300, 320), dtype=torch.uint8)
    example = nuclei.Example(pixels, torch.zeros(1, 300, 320), torch.ones(1, 300, 320))
    known = {tuple(p) for p in pixels.flatten(1).T.tolist()}
    scale, sharp = nuclei.spec(nuclei.NAME).preprocessing, 0
    for seed in range(8):
        x = nuclei.tile(example, nuclei.Dice(torch.Generator().manual_seed(seed)), stained=False)[0]
        values = (x * scale.std[0] + scale.mean[0]).round().long()
        sharp += {tuple(p) for p in values[:, ::37, ::37].flatten(1).T.tolist()} <= known
    assert 1 <= sharp < 8


def test_colours_change_and_stay_in_range() -> None:
    pixels = torch.rand(3, 40, 40, generator=torch.Generator().manual_seed(1)) * 255
    for seed in range(20):
        dice = nuclei.Dice(torch.Generator().manual_seed(seed))
        out = nuclei.coloured(pixels, dice, stained=True)
        assert out.shape == pixels.shape
        assert 0 <= out.min() <= out.max() <= 255


def test_a_run_resumes_is_recorded_and_measured(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "weights")
    monkeypatch.setattr(weights, "build", nuclei.build)
    monkeypatch.setattr(recipes, "RESULTS", tmp_path / "weights" / "results.json")
    options = argparse.Namespace(
        data=folder, cache=tmp_path / "cache", runs=tmp_path / "runs", steps=1, threads=1, keep=True, pictures=0
    )
    (tmp_path / "cache" / f"{nuclei.FOLDER}-train").mkdir(parents=True)
    recipes.train([nuclei.NAME], options)
    before = torch.load(tmp_path / "runs" / nuclei.NAME / "last.pt", weights_only=True)
    assert not weights.present(nuclei.NAME)
    options.steps, options.keep = 2, False
    recipes.train([nuclei.NAME], options)
    after = torch.load(tmp_path / "runs" / nuclei.NAME / "last.pt", weights_only=True)
    assert (before["step"], after["step"]) == (1, 2)
    recipes.measure([nuclei.NAME], options)
    known = json.loads(recipes.RESULTS.read_text())[nuclei.NAME]
    made, scores = known["training"], known["nuclei"]
    assert (made["batches"], made["planned"], made["tile"]) == (2, 2, 204)
    assert made["pictures"] == {"fluorescence": 4, "tissue": 3, "grey": 3}
    assert [scores[kind]["pictures"] for kind in ("fluorescence", "tissue", "grey")] == [2, 1, 1]
    assert all(0 <= scores[kind][part] <= 1 for kind in scores for part in ("iou", "score"))
    assert "milliseconds" not in known
    assert "Nuclei of 2 fluorescence pictures" in card.text()


def test_settled_normalisation_gives_what_use_gives() -> None:
    network = UNet(3, 3, width=2, batch_norm=True, rate=0.0).train()
    x = torch.randn(2, 3, 204, 204, generator=torch.Generator().manual_seed(0))
    network(x)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    nuclei.settle(network)
    settled = network(x)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert torch.allclose(settled, network.eval()(x), atol=1e-5)


def test_a_perfect_network_scores_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {nuclei.images.decode(f.read_bytes()).digest: f.stem for f in folder.glob("dsb2018/images/*.jpg")}

    def count(model: object, picture: nuclei.images.Picture) -> Count:
        return Count(nuclei.instances(folder, found[picture.digest]), (SIDE, SIDE), 0.0)

    monkeypatch.setattr(nuclei, "count", count)
    for scores in nuclei.test_scores(UNet(3, 3, width=2), folder).values():
        assert (scores["iou"], scores["score"], scores["count_error"]) == (1, 1, 0)


def test_a_missing_list_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"No list test\.txt"):
        nuclei.test_scores(UNet(3, 3, width=2), tmp_path)
