"""What makes a batch: which pictures, how often, with which answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.training import answers, data, sampling
from core.training.sampling import FROM_SCRATCH, Mixer, rarity
from tests.support import training_data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return training_data.make(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def constant(pictures: data.PictureSet, value: float) -> answers.Answers:
    """Answers that say the same of every place: 0, but ``value`` for class 1."""
    cells = tuple(tuple((side - 1) // 16 + 1 for side in answers.seen_size(*size)) for size in pictures.sizes)
    maps = [np.zeros((21, *each), np.float16) for each in cells]
    for each in maps:
        each[1] = value
    offsets = np.cumsum([0, *(each.size for each in maps)])[:-1]
    return answers.Answers(cells, np.concatenate([each.ravel() for each in maps]), tuple(int(o) for o in offsets))  # type: ignore[arg-type]


def test_pictures_come_back_as_stored(folder: Path, tmp_path: Path) -> None:
    for attempt in range(2):  # decoded, then from the cache
        pictures = data.load(folder, "pets", "train", tmp_path)
        assert pictures.sizes == training_data.SIZES, attempt
        _, labels = pictures[2]
        assert set(np.unique(labels)) == {0, data.CAT, 255}
        assert set(np.unique(pictures[1][1])) == {0, data.DOG, 255}
    assert pictures.presence()[:, [data.CAT, data.DOG]].tolist() == [[True, False], [False, True], [True, False]]


def test_missing_list_says_where(tmp_path: Path) -> None:
    with pytest.raises(data.DataError, match=r"No list train\.txt in .*voc.*--data"):
        data.load(tmp_path, "voc", "train", tmp_path)


def test_rare_classes_are_drawn_more_often() -> None:
    presence = np.zeros((11, 3), bool)
    presence[:10, 1] = presence[10, 2] = True
    np.testing.assert_allclose(rarity(presence, 0.0), 1 / 11)
    drawn = rarity(presence, 1.0)
    assert drawn.sum() == pytest.approx(1)
    assert drawn[10] == pytest.approx(drawn[:10].sum())


def test_batches_have_the_stated_shapes(folder: Path, cache: Path) -> None:
    batch = Mixer(folder, cache, side=33, seed=0, shares=FROM_SCRATCH).batch(24)
    assert batch.pixels.shape == (24, 3, 33, 33)
    assert batch.pixels.is_contiguous(memory_format=torch.channels_last)
    assert batch.labels.shape == (24, 33, 33)
    assert batch.labels.dtype == torch.int64
    assert 0 < int(batch.pets.sum()) < 24, "one source labels nothing but its pet"
    assert batch.answers is None
    assert batch.to(torch.device("cpu"))[3] is None


def test_answers_come_with_the_crops_that_have_some(folder: Path, cache: Path) -> None:
    said_by = {"voc": 3, "pets": 5}
    taught = {name: constant(sampling.pictures(folder, cache, name), value) for name, value in said_by.items()}
    shares = {"voc": 0.4, "pets": 0.3, "pets_small": 0.3}
    batch = Mixer(folder, cache, side=30, seed=0, shares=shares, answers=taught).batch(24)
    assert batch.answers is not None
    assert batch.answers.shape == (24, 21, 8, 8)
    unknown = batch.answers.isnan().flatten(1)
    assert torch.equal(unknown.any(1), unknown.all(1)), "all of a crop's answers are known, or none"
    assert torch.equal(unknown.any(1), batch.pets), "the small pets have none"
    said = batch.answers[~batch.pets][:, 1]
    assert set(said.round(decimals=3).unique().tolist()) == {3.0, 5.0}
    moved = batch.to(torch.device("cpu"))
    assert torch.equal(moved[3].nan_to_num(), batch.answers.nan_to_num())


def test_pasted_objects_have_no_answers(folder: Path, cache: Path) -> None:
    taught = {"voc": constant(sampling.pictures(folder, cache, "voc"), 1)}
    shares = {"voc": 1.0}
    always = Mixer(folder, cache, 33, 0, paste_share=1.0, shares=shares, answers=taught).batch(4)
    never = Mixer(folder, cache, 33, 0, paste_share=0.0, shares=shares, answers=taught).batch(4)
    assert always.answers is not None
    assert never.answers is not None
    assert always.answers.isnan().all()
    assert not never.answers.isnan().any()


def test_masks_made_by_a_network_are_no_truth(folder: Path, cache: Path) -> None:
    mixer = Mixer(folder, cache, 33, 0, shares={"photos": 1.0})
    assert mixer.unsure["photos"].tolist() == [True, False, False]
    mixer.draw["photos"] = np.array([1.0, 0, 0])
    assert (mixer.batch(3).labels == 255).all()
    mixer.draw["photos"] = np.array([0, 1.0, 0])
    assert (mixer.batch(3).labels == 7).any()


def test_cats_are_drawn_as_often_as_dogs_and_every_twelfth_pet_never(folder: Path, cache: Path) -> None:
    mixer = Mixer(folder, cache, side=33, seed=0, shares=FROM_SCRATCH)
    presence = mixer.sets["pets_small"].presence()
    assert presence[:, data.CAT].sum() != presence[:, data.DOG].sum()
    drawn = mixer.draw["pets_small"]
    assert drawn[presence[:, data.CAT]].sum() == pytest.approx(drawn[presence[:, data.DOG]].sum())
    assert mixer.draw["pets"][0] == 0, "held out"
    assert (mixer.draw["pets"][1:] > 0).all()
    assert mixer.draw["pets"].sum() == pytest.approx(1)
    assert sampling.counts(folder, cache, ["voc", "pets"]) == {"voc": 3, "pets": 2}


@pytest.mark.parametrize("shares", [sampling.SHARES, FROM_SCRATCH])
def test_shares_add_up_to_a_batch(shares: dict[str, float]) -> None:
    assert sum(shares.values()) == pytest.approx(1)
    assert set(shares) <= set(sampling.SOURCES)
