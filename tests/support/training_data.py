"""A data folder for the tests of the training code: three made-up pictures in every list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SIZES = ((48, 64), (64, 48), (50, 70))
IDS = {"voc": (15, 8, 6), "voc_more": (19, 3, 15), "photos": (5, 7, 0), "pets": (1, 2, 1), "pets_small": (2, 1, 2)}
"""What the pictures of each list hold, by the ids of its own masks."""


def make(root: Path) -> Path:
    """A grey ground and one bright square of some class in each picture; the pets also have masks with VOC's ids."""
    rng = np.random.default_rng(0)
    for name, ids in IDS.items():
        for part in ("images", "masks"):
            (root / name / part).mkdir(parents=True)
        for split in ("train", "test"):
            names = [f"{split}{i}" for i in range(len(SIZES))]
            (root / name / f"{split}.txt").write_text("\n".join(names))
            for stem, size, label in zip(names, SIZES, ids, strict=True):
                mask = np.zeros(size, np.uint8)
                mask[8:40, 8:40] = 255
                mask[12:36, 12:36] = label
                bright = np.where(mask == label, 150, 0).astype(np.uint8)[..., None]
                pixels = rng.integers(0, 90, (*size, 3)).astype(np.uint8) + bright
                Image.fromarray(pixels).save(root / name / "images" / f"{stem}.png")
                Image.fromarray(mask).save(root / name / "masks" / f"{stem}.png")
    masks = root / "teacher" / "pets"
    masks.mkdir(parents=True)
    for stem in (f"train{i}" for i in range(len(SIZES))):
        mask = np.asarray(Image.open(root / "pets" / "masks" / f"{stem}.png"))
        Image.fromarray(np.choose(np.minimum(mask, 3), [0, 8, 12, 255]).astype(np.uint8)).save(masks / f"{stem}.png")
    (root / "photos" / "index.csv").write_text("name,annotation\ntrain0,teacher\ntrain1,coco\ntrain2,empty\n")
    return root
