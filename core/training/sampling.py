"""Which pictures make a batch: VOC and pets mixed, rare classes more often."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.training.augment import colours, paste, window
from core.training.data import PictureSet, load

SHARES = {"voc": 0.72, "pets": 0.22, "pets_small": 0.06}
"""Of a batch, for networks whose encoder has seen a million photos."""
FROM_SCRATCH = {"voc": 0.2, "pets": 0.4, "pets_small": 0.4}
"""Of a batch, for networks that have seen nothing: they learn cats and dogs first, of which there are most."""
SOURCE_SIDE = {"voc": 256, "pets": 256, "pets_small": 128}  # short side of the stored pictures


def rarity(presence: NDArray[np.bool_], power: float) -> NDArray[np.float64]:
    """How often each picture should be drawn: by its rarest class, ``frequency ** -power``; sums to 1.

    Args:
        presence: (pictures, classes), background first.
        power: 0 draws evenly, 1 shows every class equally often where each picture has one class.
    """
    frequency = np.maximum(presence[:, 1:].sum(axis=0), 1) ** -power
    weight = (presence[:, 1:] * frequency).max(axis=1)
    return weight / weight.sum()


class Mixer:
    """Endless training batches from VOC, pets and small pets.

    Args:
        data: the data folder.
        cache: where decoded pictures are kept.
        side: of the square crops, a multiple of 32.
        seed: of the random numbers.
        paste_share: of the crops that get objects of another VOC picture laid over them.
        short_side: pixels of a whole picture's shorter side at zoom 1; crops are zoomed by 0.5 to 1.6.
        shares: of a batch, by folder.
        even: whether cats are drawn as often as dogs, of which the folders hold twice as many.
    """

    def __init__(
        self,
        data: Path,
        cache: Path,
        side: int,
        seed: int,
        paste_share: float = 0.5,
        short_side: int = 256,
        shares: Mapping[str, float] = SHARES,
        even: bool = False,
    ) -> None:
        self.side, self.paste_share, self.short_side, self.shares = side, paste_share, short_side, shares
        self.rng = np.random.default_rng(seed)
        self.sets = {name: load(data, name, "train", cache) for name in shares}
        presence = self.sets["voc"].presence()
        self.draw = {"voc": rarity(presence, 0.5)}
        if even:
            self.draw |= {name: rarity(self.sets[name].presence(), 1.0) for name in shares if name != "voc"}
        self.draw_paste = rarity(presence, 0.9)
        self.rank = np.argsort(presence[:, 1:].sum(axis=0))  # classes, rarest first
        self.presence = presence

    def _crop(self, name: str, index: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        pixels, labels = self._set(name)[index]
        zoom = np.exp(self.rng.uniform(np.log(0.5), np.log(1.6))) * self.short_side / SOURCE_SIDE[name]
        focus = None
        if name == "voc" and self.rng.random() < 0.6:
            rarest = next(c for c in self.rank if self.presence[index, c + 1])
            focus = np.zeros(256, bool)
            focus[rarest + 1] = True
        return window(pixels, labels, self.side, zoom, self.rng, focus)

    def _set(self, name: str) -> PictureSet:
        return self.sets[name]

    def example(self) -> tuple[NDArray[np.float32], NDArray[np.uint8], bool]:
        """One crop: (side, side, 3) colours, (side, side) ids, and whether it is a pet picture."""
        name = self.rng.choice(list(self.shares), p=list(self.shares.values()))
        pixels, labels = self._crop(name, int(self.rng.choice(len(self.sets[name]), p=self.draw.get(name))))
        if self.rng.random() < self.paste_share:
            other = int(self.rng.choice(len(self.draw_paste), p=self.draw_paste))
            pixels, labels = paste(pixels, labels, *self._crop("voc", other))
        return colours(pixels, self.rng), labels, name != "voc"

    def batch(self, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """``size`` crops: (B, 3, side, side) pixels from 0 to 255, (B, side, side) ids, (B,) which are pets."""
        pixels, labels, pets = zip(*(self.example() for _ in range(size)), strict=True)
        x = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2)  # (B, 3, side, side), channels last in memory
        return x, torch.from_numpy(np.stack(labels)).long(), torch.tensor(pets)
