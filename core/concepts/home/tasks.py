"""What can be asked of one picture, from one name for all of it to a class and an object for every pixel.

The answers here are true ones: they come from the outlines that were drawn by hand over a sample picture
(:mod:`core.pictures.drawing`), where every outline of a thing is one object. Panoptic segmentation after Kirillov, He,
Girshick, Rother, Dollár, "Panoptic Segmentation" (CVPR 2019): every pixel has a class, and where that is countable, an
object's number too; what is no object ("stuff") is one segment of each class.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from core.maths.boxes import Box, components
from core.maths.metrics import VOID
from core.pictures import images, reference
from core.pictures.drawing import ids as id_of
from core.pictures.drawing import outlines
from core.pictures.labels import VOC
from core.pictures.samples import SAMPLES

Bytes = npt.NDArray[np.uint8]

SAMPLE = "horses"
"""The picture that is asked: several objects of one class, one of them half behind another."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What a perfect network would say of a picture.

    Attributes:
        labels: classification: the classes that are there, largest first.
        boxes: detection: a box around each object, in pixels, half-open.
        ids: semantic segmentation: ``uint8 (H, W)``, a class for every pixel, 0 background, 255 where nobody can tell.
        objects: instance segmentation: ``uint8 (H, W)``, the number of the object, 1, 2, 3 ...; 0 outside, 255 void.
        kinds: class of each object, in the order of their numbers.
    """

    labels: tuple[int, ...]
    boxes: tuple[Box, ...]
    ids: Bytes
    objects: Bytes
    kinds: tuple[int, ...]

    def panoptic(self) -> npt.NDArray[np.uint16]:
        """Class and object of every pixel in one number, 256 x class + object; background is one segment, 0. Where
        nobody can tell 65535. ``uint16 (H, W)``."""
        both = self.ids.astype(np.uint16) * 256 + self.objects
        return np.where(self.ids == VOID, np.uint16(65535), both)

    def counts(self) -> dict[str, int]:
        """How many answers each task gives: one, one for each box or object, or one for each pixel."""
        pixels = int(self.ids.size)
        return {
            "classification": 1,
            "detection": len(self.boxes),
            "semantic": pixels,
            "instance": len(self.kinds),
            "panoptic": pixels,
        }

    def pieces(self) -> int:
        """Connected regions of the semantic mask, its void rims included: what it can count."""
        return int(components(self.ids > 0).max())


def numbered(key: str) -> tuple[Bytes, tuple[int, ...]]:
    """The objects of a sample: ``uint8 (H, W)``, 0 outside and the number of the outline inside, what lies in front
    hiding what is behind; and the class of each."""
    sample = next(entry for entry in SAMPLES if entry.key == key)
    height, width = images.sample(key).pixels.shape[:2]
    image = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(image)
    kinds: list[int] = []
    for shape in json.loads(outlines(sample).read_text(encoding="utf-8")):
        if "corners" not in shape or shape["label"] == "void":
            continue
        kind = id_of(shape["label"], VOC)
        if kind:
            kinds.append(kind)
        # Pillow counts from the pixels' middles
        pen.polygon([(x - 0.5, y - 0.5) for x, y in shape["corners"]], fill=len(kinds) if kind else 0)
    return np.array(image, dtype=np.uint8), tuple(kinds)


@cache
def answers(key: str = SAMPLE) -> Answers:
    """All five for a sample whose every outline is one object.

    Raises:
        ValueError: the sample has no mask in VOC's classes.
    """
    known = reference.bundled(images.sample(key))
    if known is None:
        raise ValueError(f"No mask of {key} in VOC's classes.")
    whole, kinds = numbered(key)
    objects = np.where(known.ids == VOID, VOID, np.where(known.ids > 0, whole, 0)).astype(np.uint8)
    counts = np.bincount(known.ids.ravel(), minlength=256)[: len(VOC)]
    there = sorted((int(i) for i in np.flatnonzero(counts) if i), key=lambda i: -counts[i])
    boxes = []
    for number in range(1, len(kinds) + 1):
        rows, columns = np.nonzero(whole == number)
        boxes.append(Box(*(int(v) for v in (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))))
    return Answers(tuple(there), tuple(boxes), known.ids, objects, kinds)
