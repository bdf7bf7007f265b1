"""Which pictures make a batch: several sets mixed, rare classes more often, each crop with its part of the answers."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.pictures.labels import CLASSES
from core.training.answers import Answers
from core.training.augment import Window, colours, paste
from core.training.data import VOID, Bytes, PictureSet, load
from core.training.hints import ANSWER_STRIDE

HELD_OUT = 12
"""Every twelfth picture of the pets' training list is never trained on: choices are made with those."""


class Source(NamedTuple):
    """A training list: folder of the pictures, folder of other masks than its own, and the pictures' short side."""

    folder: str
    masks: str
    short_side: int


SOURCES = {
    "voc": Source("voc", "", 256),
    "voc_more": Source("voc_more", "", 256),
    "photos": Source("photos", "", 256),
    "pets": Source("pets", "teacher/pets", 256),
    "pets_small": Source("pets_small", "", 128),
}
SHARES = {"voc": 0.33, "voc_more": 0.27, "photos": 0.18, "pets": 0.22}
"""Of a batch."""
FROM_SCRATCH = {"voc": 0.22, "voc_more": 0.2, "photos": 0.13, "pets": 0.25, "pets_small": 0.2}
"""Of a batch, for networks that have seen nothing and need cats and dogs, of which there are most, above all."""
PETS_ONLY = "pets_small"
"""Whose masks tell cats and dogs from everything else, and nothing more."""


class Batch(NamedTuple):
    """What a network learns from at once.

    Attributes:
        pixels: (B, 3, side, side) from 0 to 255, channels last in memory.
        labels: (B, side, side) ids, 255 void.
        pets: (B,) which crops label only their cat or dog: "background" may be anything else there.
        answers: (B, 21, h, w) scores of the released network at every fourth pixel, or ``None``: cell i at pixel 4 i.
            Not a number throughout a crop whose source has none, or that got objects of another picture.
    """

    pixels: Tensor
    labels: Tensor
    pets: Tensor
    answers: Tensor | None

    def to(self, where: torch.device) -> Batch:
        """The same on another device."""
        answers = None if self.answers is None else self.answers.to(where)
        return Batch(self.pixels.to(where), self.labels.to(where), self.pets.to(where), answers)


def rarity(presence: NDArray[np.bool_], power: float) -> NDArray[np.float64]:
    """How often each picture should be drawn: by its rarest class, ``frequency ** -power``; sums to 1.

    A picture without any object counts like one of the most frequent class.

    Args:
        presence: (pictures, classes), background first.
        power: 0 draws evenly, 1 shows every class equally often where each picture has one class.
    """
    frequency = np.maximum(presence[:, 1:].sum(axis=0), 1) ** -power
    weight = np.maximum((presence[:, 1:] * frequency).max(axis=1), frequency.min())
    return weight / weight.sum()


class Mixer:
    """Endless training batches.

    Args:
        data: the data folder.
        cache: where decoded pictures and answers are kept.
        side: of the square crops.
        seed: of the random numbers.
        paste_share: of the crops that get objects of another VOC picture laid over them; they have no answers.
        short_side: pixels of a whole picture's shorter side at zoom 1.
        zooms: the least and the largest zoom.
        shares: of a batch, by source.
        answers: the released network's, by source; none, or of some of the sources.
    """

    def __init__(
        self,
        data: Path,
        cache: Path,
        side: int,
        seed: int,
        paste_share: float = 0.0,
        short_side: int = 321,
        zooms: tuple[float, float] = (0.6, 1.6),
        shares: Mapping[str, float] = SHARES,
        answers: Mapping[str, Answers] | None = None,
    ) -> None:
        self.side, self.paste_share, self.short_side, self.zooms = side, paste_share, short_side, zooms
        self.shares, self.answers = dict(shares), dict(answers or {})
        self.rng = np.random.default_rng(seed)
        self.sets = {name: pictures(data, cache, name) for name in shares}
        self.presence = {name: found.presence() for name, found in self.sets.items()}
        self.unsure = {name: taught_by_network(data, SOURCES[name].folder, self.sets[name]) for name in shares}
        self.draw = {name: rarity(presence, 0.5) for name, presence in self.presence.items()}
        for name in self.draw:
            if name.startswith("pets"):  # cats as often as dogs, of which there are twice as many
                self.draw[name] = rarity(self.presence[name][:, :13], 1.0)
        if "pets" in self.draw:
            kept = self.draw["pets"]
            kept[::HELD_OUT] = 0
            self.draw["pets"] = kept / kept.sum()
        met = np.sum([presence[:, 1:].sum(axis=0) for presence in self.presence.values()], axis=0)
        self.rank = np.argsort(met)  # classes, rarest first
        self.draw_paste = rarity(self.presence["voc"], 0.9) if "voc" in self.presence else None

    def _window(self, name: str, index: int) -> Window:
        """A place in a picture, at a random scale; mostly around the rarest thing in it."""
        zoom = float(np.exp(self.rng.uniform(*np.log(self.zooms)))) * self.short_side / SOURCES[name].short_side
        labels, focus = self.sets[name][index][1], None
        if not name.startswith("pets") and self.rng.random() < 0.6:
            there = [c for c in self.rank if self.presence[name][index, c + 1]]
            if there:
                focus = labels == there[0] + 1
        return Window.draw(labels.shape[0], labels.shape[1], self.side, zoom, self.rng, focus)

    def example(self) -> tuple[NDArray[np.float32], Bytes, bool, Tensor | None]:
        """One crop: (side, side, 3) colours, (side, side) ids, whether only pets are labelled, (21, h, w) answers."""
        name = str(self.rng.choice(list(self.shares), p=list(self.shares.values())))
        index = int(self.rng.choice(len(self.sets[name]), p=self.draw[name]))
        place = self._window(name, index)
        pixels, labels = place.cut(*self.sets[name][index])
        if self.unsure[name][index]:
            labels = np.full_like(labels, VOID)
        taught = None
        if name in self.answers:
            taught = self.answers[name].at(index, *place.shares(ANSWER_STRIDE))
        elif self.answers:
            cells = -(-self.side // ANSWER_STRIDE)
            taught = torch.full((len(CLASSES), cells, cells), torch.nan)
        if self.draw_paste is not None and self.rng.random() < self.paste_share:
            other = int(self.rng.choice(len(self.draw_paste), p=self.draw_paste))
            pixels, labels = paste(pixels, labels, *self._window("voc", other).cut(*self.sets["voc"][other]))
            if taught is not None:
                taught = torch.full_like(taught, torch.nan)
        return colours(pixels, self.rng), labels, name == PETS_ONLY, taught

    def batch(self, size: int) -> Batch:
        """``size`` crops."""
        pixels, labels, pets, answers = zip(*(self.example() for _ in range(size)), strict=True)
        x = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2)  # (B, 3, side, side), channels last in memory
        taught = torch.stack(answers) if self.answers else None
        return Batch(x, torch.from_numpy(np.stack(labels)).long(), torch.tensor(pets), taught)


def pictures(data: Path, cache: Path, name: str) -> PictureSet:
    """The training list of one of :data:`SOURCES`.

    Raises:
        DataError: it is not there.
    """
    source = SOURCES[name]
    return load(data, source.folder, "train", cache, source.masks)


def counts(data: Path, cache: Path, names: Iterable[str]) -> dict[str, int]:
    """Pictures in each list that are trained on: of the pets, every :data:`HELD_OUT`-th is not."""
    found = {name: len(pictures(data, cache, name)) for name in names}
    return {name: size - len(range(0, size, HELD_OUT)) if name == "pets" else size for name, size in found.items()}


def taught_by_network(data: Path, folder: str, found: PictureSet) -> NDArray[np.bool_]:
    """(pictures,): whose mask a network made, by the folder's ``index.csv``; such a mask is no truth."""
    file = data / folder / "index.csv"
    if not file.is_file():
        return np.zeros(len(found), bool)
    with file.open(newline="") as lines:
        made = {row["name"]: row.get("annotation") == "teacher" for row in csv.DictReader(lines)}
    return np.array([made.get(name, False) for name in found.names])


__all__ = ["CLASSES", "FROM_SCRATCH", "SHARES", "SOURCES", "Batch", "Mixer", "pictures", "rarity"]
