"""The controlled comparison: every place is taught, a run resumes and goes on, and its record is one for all."""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core.models import weights
from core.models.mobilenetv2 import PYRAMID_CHANNELS
from core.training import answers, recipes, run, sampling, together
from core.training.losses import taught_loss
from core.training.sampling import Batch
from tests.support import training_data

SIDE = 65
LossOf = Callable[[Tensor, Batch], tuple[Tensor, Tensor, Tensor]]


def tiny_batch() -> tuple[list[Tensor], Batch]:
    """A pyramid at output stride 16 of two crops that are labelled everywhere, and answers."""
    torch.manual_seed(0)
    maps = [torch.randn(2, c, (SIDE - 1) // s + 1, (SIDE - 1) // s + 1)
            for c, s in zip(PYRAMID_CHANNELS, (2, 4, 8, 16, 16), strict=True)]  # fmt: skip
    labels = torch.randint(0, 21, (2, SIDE, SIDE))
    cells = (SIDE - 1) // sampling.ANSWER_STRIDE + 1
    return maps, Batch(torch.zeros(2, 3, SIDE, SIDE), labels, torch.zeros(2, dtype=torch.bool),
                       torch.randn(2, 21, cells, cells))  # fmt: skip


def untaught(monkeypatch: pytest.MonkeyPatch, loss_of: LossOf) -> dict[str, int]:
    """By network: cells of what its decoder puts out that the loss does not depend on."""
    maps, batch = tiny_batch()
    group = together.Group(together.NAMES)
    seen: list[Tensor] = []

    def watched(scores: Tensor, given: Batch) -> tuple[Tensor, Tensor, Tensor]:
        scores.retain_grad()
        seen.append(scores)
        return loss_of(scores, given)

    with monkeypatch.context() as patch:
        patch.setattr(together, "loss_of", watched)
        found, _ = together.losses(group, maps, batch, 0.0)
        torch.stack(list(found.values())).sum().backward()
    return {name: int((scores.grad.abs().sum((0, 1)) == 0).sum()) for name, scores in zip(found, seen, strict=True)}


def test_every_place_of_every_networks_output_is_taught(monkeypatch: pytest.MonkeyPatch) -> None:
    found = untaught(monkeypatch, together.loss_of)
    assert set(found) == set(together.NAMES)
    assert not any(found.values()), found


def test_a_loss_that_looks_at_every_second_place_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = together.loss_of

    def sparse(scores: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        return whole(scores[..., ::2, ::2] if scores.shape[-1] > SIDE // 4 + 1 else scores, batch)

    found = untaught(monkeypatch, sparse)
    fine = {name for name, count in found.items() if count}
    assert fine == {"unet-mobilenetv2", "deconvnet-mobilenetv2"}, "those at stride 2"
    assert all(found[name] == 33 * 33 - 17 * 17 for name in fine)


def test_helpers_teach_each_level_but_the_last() -> None:
    maps, batch = tiny_batch()
    group = together.Group(together.NAMES)
    assert set(group.helpers) == {"unet-mobilenetv2", "deconvnet-mobilenetv2"}
    parts, _ = together.losses(group, maps, batch, 1.0)
    torch.stack(list(parts.values())).sum().backward()
    for name, helpers in group.helpers.items():
        assert len(helpers) == 4, name  # type: ignore[arg-type]
        assert all(helper.weight.grad.abs().sum() > 0 for helper in helpers), name  # type: ignore[union-attr]


@pytest.mark.parametrize("cells", [5, 17, 33])
def test_labels_and_answers_are_read_where_the_cells_stand(cells: int) -> None:
    _, batch = tiny_batch()
    stride = (SIDE - 1) // (cells - 1)
    ids, taught = together.at_cells(batch.labels, batch.answers, torch.zeros(2, 21, cells, cells))
    assert torch.equal(ids, batch.labels[:, ::stride, ::stride])
    assert batch.answers is not None
    assert taught is not None
    whole = F.interpolate(batch.answers, (SIDE, SIDE), mode="bilinear", align_corners=True)
    assert torch.allclose(taught, whole[..., ::stride, ::stride], atol=1e-5)
    assert together.at_cells(batch.labels, None, torch.zeros(2, 21, cells, cells))[1] is None


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.3, 1.0]))
def test_the_taught_loss_mixes_masks_and_answers(seed: int, share: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores, taught = torch.randn(2, 2, 21, 3, 3, generator=generator)
    labels = torch.randint(0, 21, (2, 3, 3), generator=generator)
    labels[0, 0] = 255
    hard = F.cross_entropy(scores, labels, ignore_index=255)
    soft = F.cross_entropy(scores, taught.softmax(1))
    assert torch.isclose(taught_loss(scores, labels, taught, share), (1 - share) * hard + share * soft, atol=1e-5)
    assert torch.isclose(taught_loss(scores, labels, None, share), hard)
    assert taught_loss(scores, torch.full_like(labels, 255), None, share) == 0


def test_the_rate_rises_then_falls_to_nothing() -> None:
    rates = [together.schedule(p / 100) for p in range(101)]
    assert rates[0] == rates[-1] == 0
    top = rates.index(max(rates))
    assert top < 5
    assert all(a >= b for a, b in itertools.pairwise(rates[top:]))


def test_networks_made_for_stride_32_get_every_second_place() -> None:
    maps, _ = tiny_batch()
    for name in together.NAMES:
        seen = together.view(maps, name)
        assert all(a is b for a, b in zip(seen[:4], maps[:4], strict=True))
        expected = maps[-1] if name in together.DENSE else maps[-1][..., ::2, ::2]
        assert torch.equal(seen[-1], expected), name


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return training_data.make(tmp_path_factory.mktemp("data"))


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights with nothing but the encoder and the released network, and an empty record."""
    target = tmp_path / "weights"
    target.mkdir()
    for name in ("encoder-mobilenetv2.safetensors", "deeplabv3-released.safetensors", "index.json"):
        shutil.copy(weights.FOLDER / name, target / name)
    monkeypatch.setattr(weights, "FOLDER", target)
    monkeypatch.setattr(recipes, "RESULTS", target / "results.json")
    return target


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little pictures, and a teacher that has nothing to say."""
    monkeypatch.setattr(together, "SIDE", 33)
    monkeypatch.setattr(together, "SECOND_SIDE", 33)
    monkeypatch.setattr(together, "BATCH", 2)

    def answer(network: object, pixels: np.ndarray) -> Tensor:
        rows, columns = ((side - 1) // 16 + 1 for side in answers.seen_size(*pixels.shape[:2]))
        return torch.zeros(21, rows, columns)

    monkeypatch.setattr(answers, "answer", answer)


def options(folder: Path, tmp_path: Path, **changed: object) -> argparse.Namespace:
    """Of the command line, for a short run."""
    given = {"data": folder, "cache": tmp_path, "runs": tmp_path / "runs", "steps": 2, "threads": 1, "keep": False,
             "pictures": 2, "go_on": False}  # fmt: skip
    return argparse.Namespace(**(given | changed))


@pytest.mark.usefixtures("quick")
def test_the_record_of_all_networks_of_the_comparison_is_one(folder: Path, tmp_path: Path, bundle: Path) -> None:
    recipes.train(["together"], options(folder, tmp_path))
    found = json.loads((bundle / "results.json").read_text())
    records = [found[name]["training"] for name in together.NAMES]
    assert all(record == records[0] for record in records)
    assert records[0]["batches"] == records[0]["planned"] == 2
    assert records[0]["earlier"] == 0
    assert records[0]["pictures"] == {"voc": 3, "voc_more": 3, "photos": 3, "pets": 2}
    assert records[0]["shares"] == sampling.SHARES
    assert records[0]["sides"] == [33, 33]


@pytest.mark.usefixtures("quick")
def test_a_run_goes_on_where_it_stood(folder: Path, tmp_path: Path, bundle: Path) -> None:
    out, names = tmp_path / "run", ["deeplabv3plus", "unet-mobilenetv2"]
    together.train(names, folder, tmp_path, out, steps=2)
    before = run.checkpoint(out)
    assert before["step"] == 2
    together.train(names, folder, tmp_path, out, steps=4)
    after = run.checkpoint(out)
    assert after["step"] == 4
    assert after["spent"] > before["spent"]
    network = together.finished(names, out)["deeplabv3plus"]
    encoder = together.released_encoder()
    assert all(torch.equal(value, encoder.state_dict()[key]) for key, value in network.encoder.state_dict().items())
    key = "decoders.deeplabv3plus.aspp.branches.0.0.weight"
    assert not torch.equal(after["mean"][key], before["mean"][key])
    assert network(torch.zeros(1, 3, 40, 72)).shape == (1, 21, 40, 72)
    assert not network.training


@pytest.mark.usefixtures("quick")
def test_go_on_continues_at_the_recorded_batch_with_the_bundled_weights(
    folder: Path, tmp_path: Path, bundle: Path
) -> None:
    names = ["deeplabv3plus", "fcn32s"]
    recipes.train(names, options(folder, tmp_path))
    taught = {name: weights.load(name).state_dict() for name in names}
    first = json.loads((bundle / "results.json").read_text())["fcn32s"]["training"]
    shutil.rmtree(tmp_path / "runs")  # all that is left is what was bundled
    asked: list[float] = []

    def schedule(progress: float) -> float:
        asked.append(progress)
        return 0.0  # so the weights that come out are those that went in

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(together, "schedule", schedule)
        recipes.train(names, options(folder, tmp_path, steps=5, go_on=True))
    assert asked == [2 / 5, 3 / 5, 4 / 5]
    stored = run.checkpoint(tmp_path / "runs" / "together")
    assert (stored["step"], stored["earlier"]) == (5, 2)
    second = json.loads((bundle / "results.json").read_text())["fcn32s"]["training"]
    assert (second["batches"], second["planned"], second["earlier"]) == (5, 5, 2)
    assert second["minutes"] >= first["minutes"]
    for name in names:
        assert all(torch.equal(now, taught[name][key]) for key, now in weights.load(name).named_parameters()), name


@pytest.mark.usefixtures("quick")
def test_a_run_under_way_is_bundled_with_its_mean(folder: Path, tmp_path: Path, bundle: Path) -> None:
    given = options(folder, tmp_path, keep=True)
    recipes.train(["together"], given)
    assert not weights.present("fcn8s")
    recipes.record("fcn8s", voc={"miou": 0.9}, fails=["what other weights did"])
    recipes.bundle([], given)
    assert set(recipes.results()["fcn8s"]) == {"training"}, "figures of other weights are forgotten"
    kept = together.finished(together.NAMES, tmp_path / "runs" / "together")["fcn8s"]
    for key, value in weights.load("fcn8s").state_dict().items():
        assert torch.equal(value, kept.state_dict()[key].half().float() if value.is_floating_point() else value)
    with pytest.raises(recipes.RecipeError, match=r"No run in .*unet has a checkpoint"):
        recipes.bundle(["unet"], given)


@pytest.mark.usefixtures("bundle")
def test_weights_without_a_common_record_are_not_gone_on_from(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(recipes.RecipeError, match="no common record"):
        recipes.train(["fcn8s", "fcn32s"], options(folder, tmp_path, go_on=True))


@pytest.mark.usefixtures("bundle")
def test_the_minutes_of_all_processes_of_a_comparison_count() -> None:
    common = {"recipe": "together", "seed": 0, "batches": 4000}
    recipes.record("fcn8s", training={**common, "minutes": 37.5})
    recipes.record("fcn32s", training={**common, "minutes": 37.5})
    recipes.record("pspnet", training={**common, "minutes": 80.0})
    assert recipes._behind(["fcn8s", "fcn32s", "pspnet"]) == (4000, 60 * 117.5)
    recipes.record("unet-mobilenetv2", training={**common, "batches": 4001, "minutes": 80.0})
    with pytest.raises(recipes.RecipeError, match="no common record"):
        recipes._behind(["fcn8s", "unet-mobilenetv2"])
