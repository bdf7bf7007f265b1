"""Reading the data folder: lists, pictures and masks, decoded once and kept as plain arrays.

Decoding a JPEG costs more than everything else that happens to a training picture, so a list is decoded once into two
flat files of bytes (pixels and labels) in a cache folder, which are mapped into memory afterwards.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import N_, SegScopeError
from core.pictures.labels import CLASSES

VOID = 255
CAT, DOG = 8, 12
PET_TO_VOC = {1: CAT, 2: DOG}
Bytes = NDArray[np.uint8]


class DataError(SegScopeError):
    """The data folder, or a part of it, is not there."""


@dataclass(frozen=True)
class PictureSet:
    """Pictures with masks, in memory-mapped bytes.

    Attributes:
        names: file names without endings, in the list's order.
        sizes: (height, width) of each.
        pixels: (N, 3) RGB of all pictures, row after row.
        labels: (N,) class ids of all pictures, 255 void; the pets' ids are already VOC's.
        offsets: where each picture begins.
    """

    names: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    pixels: Bytes
    labels: Bytes
    offsets: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> tuple[Bytes, Bytes]:
        """((H, W, 3) pixels, (H, W) labels) of one picture."""
        height, width = self.sizes[index]
        part = slice(self.offsets[index], self.offsets[index] + height * width)
        return self.pixels[part].reshape(height, width, 3), self.labels[part].reshape(height, width)

    def presence(self, classes: int = len(CLASSES)) -> NDArray[np.bool_]:
        """(pictures, classes): which picture holds which class."""
        return np.stack([np.bincount(self[i][1].ravel(), minlength=256)[:classes] > 0 for i in range(len(self))])


def _relabel(folder: str, mask: Bytes) -> Bytes:
    if not folder.startswith("pets"):
        return mask
    table = np.arange(256, dtype=np.uint8)
    for pet, voc in PET_TO_VOC.items():
        table[pet] = voc
    return table[mask]


def _decode(source: Path, masks: Path, list_name: str, target: Path) -> None:
    """Write one list of one folder into ``target`` as pixels, labels and an index; the index comes last."""
    names = (source / f"{list_name}.txt").read_text().split()
    sizes = []
    with (target / "pixels.bin").open("wb") as pixels, (target / "labels.bin").open("wb") as labels:
        for name in names:
            picture = next((source / "images").glob(f"{name}.*"))
            with Image.open(picture) as image, Image.open(masks / f"{name}.png") as mask:
                colours, ids = np.asarray(image.convert("RGB")), np.asarray(mask)
            if masks.parent == source:  # other masks of the pets have VOC's ids already
                ids = _relabel(source.name, ids)
            sizes.append(ids.shape)
            pixels.write(colours.tobytes())
            labels.write(ids.tobytes())
    partial = target / "index.json.part"
    partial.write_text(json.dumps({"names": names, "sizes": sizes}))
    os.replace(partial, target / "index.json")


def names_of(data: Path, folder: str, list_name: str) -> list[str]:
    """The names on one list of one folder of the data.

    Raises:
        DataError: the folder or the list is not there.
    """
    file = data / folder / f"{list_name}.txt"
    if not file.is_file():
        raise DataError(
            N_("No list {name} in {folder}; give the data folder with --data."), name=file.name, folder=file.parent
        )
    return file.read_text().split()


def load(data: Path, folder: str, list_name: str, cache: Path, masks: str = "") -> PictureSet:
    """One list (``train`` or ``test``) of one folder of the data, decoded now or earlier.

    Args:
        data: the data folder.
        folder: of the pictures.
        list_name: ``train`` or ``test``.
        cache: where decoded pictures are kept.
        masks: folder of other masks than the pictures' own, from the data folder, for example ``teacher/pets``.

    Raises:
        DataError: the folder or the list is not there.
    """
    names_of(data, folder, list_name)
    source = data / folder
    target = cache / "-".join([folder, list_name, *masks.split("/")[:1]] if masks else [folder, list_name])
    if not (target / "index.json").is_file():
        target.mkdir(parents=True, exist_ok=True)
        _decode(source, data / masks if masks else source / "masks", list_name, target)
    index = json.loads((target / "index.json").read_text())
    sizes = tuple((int(height), int(width)) for height, width in index["sizes"])
    offsets = np.concatenate([[0], np.cumsum([height * width for height, width in sizes])])
    return PictureSet(
        names=tuple(index["names"]),
        sizes=sizes,
        pixels=np.memmap(target / "pixels.bin", np.uint8, "r").reshape(-1, 3),
        labels=np.memmap(target / "labels.bin", np.uint8, "r"),
        offsets=tuple(int(offset) for offset in offsets[:-1]),
    )
