"""The same pixels in other surroundings: cut an object out of one picture and lay it into another, where it was."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter, ImageOps

from core.maths.geometry import pixel_at
from core.pictures.images import Picture

Bytes = npt.NDArray[np.uint8]
RADIUS = 0.2
"""Radius of the disc that stands in for an object where there is none, as a share of the shorter side."""


def object_at(ids: Bytes, x: float, y: float) -> tuple[npt.NDArray[np.bool_], int]:
    """The object that a place belongs to, by the classes of a mask.

    It is everything of the place's class; where that is background, everything of the commonest other class; where
    there is none, a disc around the place.

    Args:
        ids: ``uint8 (H, W)``, 0 is background.
        x, y: the place as shares of width and height, 0 to 1.

    Returns:
        ``bool (H, W)`` and its class, 0 for the disc.
    """
    height, width = ids.shape
    row, column = pixel_at(y, height), pixel_at(x, width)
    label = int(ids[row, column])
    if label == 0:
        counts = np.bincount(ids.ravel(), minlength=2)
        label = int(counts[1:].argmax()) + 1 if counts[1:].any() else 0
    if label:
        return ids == label, label
    down, across = np.ogrid[:height, :width]
    radius = max(1.0, RADIUS * min(height, width))
    return (down - row) ** 2 + (across - column) ** 2 <= radius**2, 0


def too_large(mask: npt.NDArray[np.bool_]) -> bool:
    """Whether an object ``(H, W)`` covers more than half of the picture: what is laid around it is no scene then."""
    return float(mask.mean()) > 0.5


def turned_into(ids: Bytes, label: int) -> tuple[int, float]:
    """What most of an object's pixels that lost their class became.

    Args:
        ids: ``uint8 (n,)``, the classes of the object's pixels in the other scene.
        label: the class that they had.

    Returns:
        The commonest other class and its share of all n pixels, 0 to 1; the share is 0 where none lost its class.
    """
    counts = np.bincount(ids, minlength=label + 1)
    counts[label] = 0
    return int(counts.argmax()), float(counts.max() / len(ids))


def inside(mask: npt.NDArray[np.bool_], x: float, y: float) -> tuple[float, float]:
    """The place itself if it lies in the mask, otherwise the pixel of the mask next to the mask's centre, as shares."""
    height, width = mask.shape
    row, column = pixel_at(y, height), pixel_at(x, width)
    if not mask[row, column]:
        rows, columns = np.nonzero(mask)
        nearest = int(np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2))
        row, column = int(rows[nearest]), int(columns[nearest])
    return (column + 0.5) / width, (row + 0.5) / height


def pasted(source: Picture, mask: npt.NDArray[np.bool_], scene: Picture) -> Picture:
    """``source`` inside ``mask``, ``scene`` outside, with an edge that is two pixels soft.

    The scene is enlarged until it covers the source and cut to its size, so that every pixel of the object stays where
    it was. Inside the mask nothing is changed.
    """
    height, width = mask.shape
    around = ImageOps.fit(Image.fromarray(scene.pixels), (width, height), Image.Resampling.LANCZOS)
    alpha = Image.fromarray((mask * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(2))
    soft = np.maximum(np.asarray(alpha, np.float32) / 255, mask)[..., None]
    mixed = source.pixels * soft + np.asarray(around, np.float32) * (1 - soft)
    pixels = mixed.round().astype(np.uint8)
    pixels.setflags(write=False)
    digest = hashlib.sha256(pixels.tobytes()).hexdigest()
    return Picture(pixels, digest, f"{source.name} in {scene.name}", (width, height))
