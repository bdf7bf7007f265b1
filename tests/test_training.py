"""The training code on a handful of made-up pictures: what it reads, what it mixes, and that it resumes."""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.models import weights
from core.training import augment, curves, data, measure, membranes, recipes, run, together
from core.training.losses import mixed_loss
from core.training.sampling import Mixer, rarity

SIZES = ((48, 64), (64, 48), (50, 70))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with three pictures in every list: a grey ground and one bright square of some class."""
    root = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for name, ids in (("voc", (15, 8, 6)), ("pets", (1, 2, 1)), ("pets_small", (2, 1, 2))):
        for part in ("images", "masks"):
            (root / name / part).mkdir(parents=True)
        for split in ("train", "test"):
            names = [f"{split}{i}" for i in range(len(SIZES))]
            (root / name / f"{split}.txt").write_text("\n".join(names))
            for stem, size, label in zip(names, SIZES, ids, strict=True):
                mask = np.zeros(size, np.uint8)
                mask[8:40, 8:40] = 255
                mask[12:36, 12:36] = label
                pixels = (
                    rng.integers(0, 90, (*size, 3)).astype(np.uint8)
                    + np.where(mask == label, 150, 0).astype(np.uint8)[..., None]
                )
                Image.fromarray(pixels).save(root / name / "images" / f"{stem}.png")
                Image.fromarray(mask).save(root / name / "masks" / f"{stem}.png")
    return root


def test_pictures_come_back_as_stored(folder: Path, tmp_path: Path) -> None:
    for attempt in range(2):  # decoded, then from the cache
        pictures = data.load(folder, "pets", "train", tmp_path)
        assert pictures.sizes == SIZES, attempt
        pixels, labels = pictures[2]
        np.testing.assert_array_equal(pixels, np.asarray(Image.open(folder / "pets/images/train2.png")))
        assert set(np.unique(labels)) == {0, data.CAT, 255}
        assert set(np.unique(pictures[1][1])) == {0, data.DOG, 255}
    assert pictures.presence()[:, [data.CAT, data.DOG]].tolist() == [[True, False], [False, True], [True, False]]


def test_missing_list_says_where(tmp_path: Path) -> None:
    with pytest.raises(data.DataError, match=r"No list train\.txt in .*voc.*--data"):
        data.load(tmp_path, "voc", "train", tmp_path)


@given(side=st.sampled_from([32, 64]), zoom=st.floats(0.3, 3), seed=st.integers(0, 10**6), focused=st.booleans())
def test_window_invents_nothing(side: int, zoom: float, seed: int, focused: bool) -> None:
    pixels, labels = np.full((40, 60, 3), 200, np.uint8), np.full((40, 60), 3, np.uint8)
    labels[10:30, 20:50] = 7
    focus = np.arange(256) == 7 if focused else None
    out, ids = augment.window(pixels, labels, side, zoom, np.random.default_rng(seed), focus)
    assert out.shape == (side, side, 3)
    assert ids.shape == (side, side)
    assert set(np.unique(ids)) <= {3, 7, 255}
    assert (out[ids == 255] == augment.FILL).all()  # beyond the picture: void and grey, nowhere else
    assert (out[ids != 255] == 200).all()
    assert not focused or (ids == 7).any()


def test_paste_lays_objects_and_their_rim_over_the_picture() -> None:
    ground = np.zeros((30, 30, 3), np.uint8), np.full((30, 30), 4, np.uint8)
    over = np.full((30, 30, 3), 99, np.uint8), np.zeros((30, 30), np.uint8)
    over[1][10:20, 10:20] = 255
    over[1][12:18, 12:18] = 9
    pixels, labels = augment.paste(*ground, *over)
    np.testing.assert_array_equal(labels == 9, over[1] == 9)
    np.testing.assert_array_equal(labels == 255, over[1] == 255)
    np.testing.assert_array_equal(pixels[..., 0] == 99, over[1] > 0)


@given(st.integers(0, 10**6))
def test_colours_stay_in_range(seed: int) -> None:
    rng = np.random.default_rng(seed)
    out = augment.colours(rng.integers(0, 256, (8, 8, 3)).astype(np.uint8), rng)
    assert out.dtype == np.float32
    assert 0 <= out.min() <= out.max() <= 255


def test_rare_classes_are_drawn_more_often() -> None:
    presence = np.zeros((11, 3), bool)
    presence[:10, 1] = presence[10, 2] = True
    np.testing.assert_allclose(rarity(presence, 0.0), 1 / 11)
    drawn = rarity(presence, 1.0)
    assert drawn.sum() == pytest.approx(1)
    assert drawn[10] == pytest.approx(drawn[:10].sum())


def test_batches_have_the_stated_shapes(folder: Path, tmp_path: Path) -> None:
    pixels, labels, pets = Mixer(folder, tmp_path, side=32, seed=0).batch(12)
    assert pixels.shape == (12, 3, 32, 32)
    assert labels.shape == (12, 32, 32)
    assert labels.dtype == torch.int64
    assert 0 < int(pets.sum()) < 12


def test_cats_are_drawn_as_often_as_dogs(folder: Path, tmp_path: Path) -> None:
    mixer = Mixer(folder, tmp_path, side=32, seed=0, even=True)
    presence = mixer.sets["pets"].presence()
    assert presence[:, data.CAT].sum() != presence[:, data.DOG].sum()
    drawn = mixer.draw["pets"]
    assert drawn[presence[:, data.CAT]].sum() == pytest.approx(drawn[presence[:, data.DOG]].sum())
    assert "pets" not in Mixer(folder, tmp_path, side=32, seed=0).draw


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


@torch.no_grad()
def test_folded_front_gives_the_same_pyramid() -> None:
    torch.manual_seed(0)
    group = together.Group(["fcn8s"]).eval()
    for module in group.encoder.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 2)
    x = torch.randn(1, 3, 64, 96)
    expected = group.encoder.forward_features(x)
    for a, b in zip(together.pyramid(together.front(group.encoder), group.encoder, x), expected, strict=True):
        assert torch.allclose(a, b, atol=1e-5)
    group.set_output_stride(16)  # FCN sees every second position, and that is what it saw before
    maps = together.view(group.encoder.forward_features(x), "fcn8s")
    assert torch.allclose(maps[-1], expected[-1], atol=1e-6)


def test_learning_rates_fall_and_the_encoder_rests_at_the_end() -> None:
    assert together.schedule(0.0) == (0.0, 0.0)
    late = [together.schedule(p / 100) for p in range(4, 101)]
    assert all(a[0] >= b[0] for a, b in itertools.pairwise(late))
    assert all(a[1] >= b[1] - 1e-9 for a, b in itertools.pairwise(late))
    assert together.schedule(together.LEARN_SHARE)[0] == 0
    assert together.schedule(1.0) == (0.0, 0.0)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together.Group, "start_from_imagenet", lambda group: None)
    monkeypatch.setattr(together, "SIDE", 64)
    monkeypatch.setattr(together, "SECOND_SIDE", 64)
    monkeypatch.setattr(together, "BATCH", 2)


@pytest.mark.usefixtures("quick")
def test_a_run_goes_on_where_it_stood(folder: Path, tmp_path: Path) -> None:
    out, names = tmp_path / "run", ["deeplabv3plus", "fcn32s"]
    together.train(names, folder, tmp_path, out, steps=2)
    before = torch.load(out / "last.pt", weights_only=True)
    assert before["step"] == 2
    again = together.train(names, folder, tmp_path, out, steps=4)
    after = torch.load(out / "last.pt", weights_only=True)
    assert after["step"] == 4
    assert after["spent"] > before["spent"]
    stem = "encoder.stem.conv.weight"
    assert torch.equal(after["mean"][stem], before["mean"][stem])  # the front rests
    network = again.network("deeplabv3plus")
    assert network(torch.zeros(1, 3, 40, 72)).shape == (1, 21, 40, 72)
    assert not network.training


@pytest.mark.usefixtures("quick")
def test_finished_runs_are_bundled_and_measured(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "weights")
    monkeypatch.setattr(recipes, "RESULTS", tmp_path / "weights" / "results.json")
    options = argparse.Namespace(
        data=folder,
        cache=tmp_path,
        runs=tmp_path / "runs",
        steps=2,
        threads=1,
        keep=False,
        pictures=2,
        join="",
        alone=False,
    )
    recipes.train(["pspnet", "fcn16s"], options)
    recipes.measure([], options)
    assert "pspnet" in capsys.readouterr().out
    found = json.loads((tmp_path / "weights" / "results.json").read_text())
    assert set(found) == {"pspnet", "fcn16s"}
    assert found["pspnet"]["voc"]["pictures"] == 2
    assert set(found["pspnet"]["pets"]["iou"]) == {"background", "cat", "dog"}
    options.join = "pspnet"
    recipes.train(["fcn8s"], options)  # a decoder that comes later leaves the encoder as it is
    theirs, joined = (weights.load(name).encoder.state_dict() for name in ("pspnet", "fcn8s"))
    assert all(torch.equal(joined[key], value) for key, value in theirs.items())


def test_shared_pass_measures_the_same_as_each_network_alone(folder: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    group = together.Group(["deeplabv3", "fcn8s"])
    torch.nn.init.normal_(group.decoders["fcn8s"].score.weight)
    networks = {name: group.network(name) for name in group.decoders}
    pixels = np.random.default_rng(0).integers(0, 256, (50, 70, 3)).astype(np.uint8)
    with torch.inference_mode():
        alone = {n: measure.predictor({n: network})(pixels)[n] for n, network in networks.items()}
        shared = measure.predictor(networks)(pixels)
    for name in networks:
        assert (alone[name] == shared[name]).mean() > 0.99, name


def test_names_without_a_recipe(tmp_path: Path) -> None:
    options = argparse.Namespace(
        data=tmp_path, cache=tmp_path, runs=tmp_path, steps=1, threads=1, keep=True, join="", alone=False
    )
    with pytest.raises(recipes.RecipeError, match="AlexNet has no recipe"):
        recipes.train(["alexnet"], options)
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
