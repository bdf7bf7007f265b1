"""The training code: losses, logs, curves, names, and what measuring writes down."""

from __future__ import annotations

import argparse
import copy
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.models import weights
from core.models.mobilenetv2 import MobileNetV2
from core.models.registry import build
from core.training import curves, data, measure, membranes, recipes, run, together
from core.training.losses import mixed_loss
from tests.support import training_data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return training_data.make(tmp_path_factory.mktemp("data"))


def test_nobody_is_punished_for_the_person_who_holds_the_cat() -> None:
    labels = torch.zeros(1, 2, 2, dtype=torch.long)
    person = torch.zeros(1, 21, 2, 2)
    person[:, 15] = 20
    pet, scene = torch.tensor([True]), torch.tensor([False])
    assert mixed_loss(person, labels, pet) < 1e-6
    assert mixed_loss(person, labels, scene) > 10
    cat = torch.zeros(1, 21, 2, 2)
    cat[:, data.CAT] = 20
    assert mixed_loss(cat, labels, pet) > 10
    void = torch.full_like(labels, 255)
    assert mixed_loss(cat, void, pet) == 0


@given(st.integers(0, 10**6))
def test_mixed_loss_is_cross_entropy_without_pets(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(2, 21, 3, 3, dtype=torch.float64, generator=generator)
    labels = torch.randint(0, 21, (2, 3, 3), generator=generator)
    labels[0, 0] = 255
    expected = torch.nn.functional.cross_entropy(scores, labels, ignore_index=255)
    assert torch.isclose(mixed_loss(scores, labels, torch.tensor([False, False])), expected)


def test_bundled_networks_are_measured(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "weights")
    monkeypatch.setattr(recipes, "RESULTS", tmp_path / "weights" / "results.json")
    torch.manual_seed(0)
    network = build("patch-35")
    weights.save("patch-35", network)
    recipes.measure([], argparse.Namespace(data=folder, cache=tmp_path, threads=1, pictures=2))
    assert "patch-35" in capsys.readouterr().out
    found = json.loads((tmp_path / "weights" / "results.json").read_text())
    assert set(found) == {"patch-35"}
    assert found["patch-35"]["voc"]["pictures"] == 2
    assert set(found["patch-35"]["pets"]["iou"]) == {"background", "cat", "dog"}
    assert found["patch-35"]["parameters"] == sum(p.numel() for p in network.parameters())


def test_shared_pass_measures_the_same_as_each_network_alone() -> None:
    torch.manual_seed(0)
    group, encoder = together.Group(["deeplabv3", "fcn8s"]), MobileNetV2(16)
    torch.nn.init.normal_(group.decoders["fcn8s"].score.weight)
    networks = {name: group.network(name, encoder) for name in group.decoders}
    pixels = np.random.default_rng(0).integers(0, 256, (50, 70, 3)).astype(np.uint8)
    with torch.inference_mode():
        alone = {n: measure.predictor({n: network})(pixels)[n] for n, network in networks.items()}
        shared = measure.predictor(networks)(pixels)
    for name in networks:
        assert (alone[name] == shared[name]).mean() > 0.99, name


def test_names_without_a_recipe(tmp_path: Path) -> None:
    options = argparse.Namespace(data=tmp_path, cache=tmp_path, runs=tmp_path, steps=1, threads=1, keep=True)
    with pytest.raises(recipes.RecipeError, match="AlexNet has no recipe"):
        recipes.train(["alexnet"], options)
    with pytest.raises(
        recipes.RecipeError, match=r"GoogLeNet is not trained here: run python -m core.training convert googlenet"
    ):
        recipes.train(["googlenet-slim"], options)
    with pytest.raises(recipes.RecipeError, match="share an encoder"):
        recipes.train(["unet-em", "fcn8s"], options)


def test_log_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LOG_EVERY", 2)
    log = run.Run(tmp_path, 4, {})
    right, wrong = np.array([[2, 0], [0, 2]]), np.array([[0, 2], [2, 0]])
    for value, matrix in ((1.0, right), (3.0, right), (5.0, right), (7.0, wrong)):
        log.log({"a": value}, {"a": matrix})
    assert [entry["loss"]["a"] for entry in run.losses(tmp_path)] == [2.0, 6.0]
    assert [entry["miou"]["a"] for entry in run.losses(tmp_path)] == [1.0, round(2 / 6, 4)]
    assert run.losses(tmp_path / "nowhere") == []
    assert (log.progress, log.left) == (1.0, 0.0)


def test_agreement_counts_what_was_labelled() -> None:
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(2, 21, 6, 5, generator=generator)
    labels = torch.randint(0, 21, (2, 6, 5), generator=generator)
    labels[0, 0] = 255
    pets = torch.tensor([False, True])
    matrix = run.agreement(scores, labels, pets)
    answers = scores.argmax(1)
    expected = np.zeros((21, 21), int)
    for b, row, column in itertools.product(range(2), range(6), range(5)):
        truth, answer = int(labels[b, row, column]), int(answers[b, row, column])
        if truth != 255:
            expected[truth, answer if b == 0 or answer in (8, 12) else 0] += 1
    assert np.array_equal(matrix, expected)


def test_curves_show_every_network_of_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LOG_EVERY", 1)
    log = run.Run(tmp_path, 3, {})
    for step in range(3):
        log.log({"one": 3.0 - step, "two": 1.0}, {"one": np.eye(2, dtype=int)})
    chart = curves.figure(tmp_path)
    lines = {(line.name, line.yaxis): list(line.y) for line in chart.data}
    assert lines["one", "y"] == [3.0, 2.0, 1.0]
    assert lines["one", "y2"] == [1.0, 1.0, 1.0]
    assert curves.write(tmp_path).read_text().count("<script") >= 1


def test_rand_score_counts_pairs() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        truth, found = rng.integers(0, 3, (2, 4, 4))
        pixels = np.flatnonzero(truth.ravel() > 0)
        t = truth.ravel()[pixels]
        f = np.where(found.ravel()[pixels] > 0, found.ravel()[pixels], 100 + pixels)  # a membrane pixel is alone
        both = sum(float(t[i] == t[j] and f[i] == f[j]) for i in range(len(t)) for j in range(len(t)))
        true = sum(float(t[i] == t[j]) for i in range(len(t)) for j in range(len(t)))
        said = sum(float(f[i] == f[j]) for i in range(len(t)) for j in range(len(t)))
        assert membranes.rand_score(truth, found) == pytest.approx(2 * both / (true + said))


def test_a_mean_follows_the_weights_and_takes_the_statistics() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    mean = copy.deepcopy(network)
    with torch.no_grad():
        network[0].weight += 1.0
        network[1].running_mean += 3.0
    before = mean[0].weight.clone()
    run.follow(mean, network, step=10**6)
    assert torch.allclose(mean[0].weight, before + (1 - run.MEAN_DECAY), atol=1e-6)
    assert torch.equal(mean[1].running_mean, network[1].running_mean)
    run.follow(mean, network, step=0)  # at first it forgets soon
    left = 1 - (1 - run.MEAN_DECAY)
    assert torch.allclose(mean[0].weight, before + 1 - left * 2 / 11, atol=1e-5)


def test_each_group_of_weights_has_its_own_rate_also_after_a_pause(tmp_path: Path) -> None:
    def learn(steps: int) -> list[list[float]]:
        network, seen = torch.nn.Linear(1, 1), []
        groups = [{"params": [network.weight]}, {"params": [network.bias], "lr": 0.1}]
        optimiser = torch.optim.SGD(groups, 1.0)
        progress = run.Run(tmp_path, steps, {"network": network, "optimiser": optimiser})

        def batch() -> tuple[torch.Tensor, np.ndarray]:
            seen.append([group["lr"] for group in optimiser.param_groups])
            return network(torch.ones(1, 1)).square().sum(), np.eye(2, dtype=np.int64)

        run.descend("a", network, optimiser, progress, lambda p: 1 - p, batch)
        return seen

    assert learn(2) == [[1.0, 0.1], [0.5, 0.05]]
    assert learn(4) == [[0.5, 0.05], [0.25, 0.025]], "the rates of the whole run, from where it stood"


def test_a_record_says_how_far_a_run_came(tmp_path: Path) -> None:
    progress = run.Run(tmp_path, 10, {}, go_on=(4, 120.0))
    progress.log({})
    progress.save(force=True)
    made = run.record(tmp_path, 10, {"recipe": "a"})
    assert {key: made[key] for key in ("recipe", "batches", "earlier", "planned")} == {
        "recipe": "a", "batches": 5, "earlier": 4, "planned": 10,
    }  # fmt: skip
    assert made["minutes"] >= 2
    for go_on in (None, (7, 1.0)):  # a checkpoint counts more than what was there before it
        again = run.Run(tmp_path, 10, {}, go_on)
        assert (again.step, again.earlier) == (5, 4)
