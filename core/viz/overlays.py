"""Heat and classes laid over a photo, as finished pictures for files and reports."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from core.viz.palettes import magnitude, quantise

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def spread(grid: npt.ArrayLike, size: tuple[int, int], stride: float, first: float) -> Floats:
    """Values of a grid of cells at every pixel: linear between the cells' centres, constant beyond the outermost.

    Args:
        grid: ``(rows, columns)`` values.
        size: (width, height) in pixels of the picture that the grid speaks of.
        stride: pixels from one centre to the next.
        first: pixels from the picture's left (and upper) edge to the first centre.

    Returns:
        ``float32 (height, width)``.
    """
    values = np.asarray(grid, dtype=np.float32)
    for axis, length in ((0, size[1]), (1, size[0])):
        last = values.shape[axis] - 1
        at = np.clip((np.arange(length) + 0.5 - first) / stride, 0, last)
        low = np.minimum(at.astype(int), max(last - 1, 0))
        share = (at - low).astype(np.float32).reshape((-1, 1) if axis == 0 else (1, -1))
        values = values.take(low, axis) * (1 - share) + values.take(np.minimum(low + 1, last), axis) * share
    return values


def heat_over(pixels: Bytes, heat: npt.ArrayLike, opacity: float = 0.6) -> Bytes:
    """A photo in grey under a heatmap in viridis, dark for 0 and bright for 1.

    Args:
        pixels: ``uint8 (H, W, 3)``.
        heat: ``(H, W)`` values from 0 to 1.
        opacity: share of the heatmap, 0 to 1.

    Returns:
        ``uint8 (H, W, 3)``.
    """
    grey = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)  # (H, W), luma of Rec. 601
    colours = magnitude()[quantise(heat, 0, 1)]  # (H, W, 3)
    return np.asarray((colours * opacity + grey[..., None] * (1 - opacity)).round().astype(np.uint8))


_CLASSES = (
    "f71dc8 6256ff 14ffa1 fd2607 ff2069 f59505 d40533 0678ff c09701 ba0cef "
    "00b2bd ffa0ff ff7b33 56d182 007c53 64f819 ffd200 b54800 f4f600 92429b"
)
"""Classes 1 to 20 in hexadecimal, found by a search for colours that show on any ground and stay apart, and dealt out
so that each shows on what it is seen on in the samples too (no brown on a brown table):
``tests/viz/test_class_colours.py`` says how far."""
_VOID = (235, 235, 235)


@cache
def class_colours() -> Bytes:
    """Colours of the classes over a photo: ``uint8 (256, 3)``; black for 0, which is never painted, near white for 255.

    Each shows on black, grey and white grounds and on its objects in the samples. Classes that are met together (a dog
    on a sofa, a horse and its rider) differ strongly, also for readers who are blind to red, green or blue. Twenty
    colours cannot all be far apart for everybody: names say the rest. In files masks have VOC's palette
    (:func:`core.pictures.labels.voc_palette`)."""
    out = np.full((256, 3), 128, np.uint8)
    out[0] = 0
    out[1:21] = [[int(c[i : i + 2], 16) for i in (0, 2, 4)] for c in _CLASSES.split()]
    out[255] = _VOID
    out.setflags(write=False)
    return out


def _outlines(ids: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Pixels along an edge between two classes, inside and outside, each ``(H, W)``: inside has the larger id."""
    inside, outside = np.zeros(ids.shape, bool), np.zeros(ids.shape, bool)
    for ahead, behind in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        larger, smaller = ids[ahead] > ids[behind], ids[ahead] < ids[behind]
        inside[ahead] |= larger
        outside[behind] |= larger
        inside[behind] |= smaller
        outside[ahead] |= smaller
    return inside, outside & ~inside


def classes_over(pixels: Bytes, ids: Bytes, names: Sequence[str], opacity: float = 0.45, outline: bool = True) -> Bytes:
    """A photo with every class but the background tinted, outlined and named, so that colour is not needed.

    Args:
        pixels: ``uint8 (H, W, 3)``.
        ids: ``uint8 (H, W)`` class ids, 0 for the background.
        names: name of each id.
        opacity: share of the tint, 0 to 1.
        outline: white lines along the inside and black ones along the outside, so that they show on any ground; where
            a mask is speckled or its single pixels matter they hide what they surround.

    Returns:
        ``uint8 (H, W, 3)``.
    """
    tint = class_colours()[ids]
    mixed = np.where(ids[..., None] > 0, pixels * (1 - opacity) + tint * opacity, pixels).round().astype(np.uint8)
    if outline:
        inside, outside = _outlines(ids)
        mixed[inside], mixed[outside] = 255, 0
    image = Image.fromarray(mixed)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(max(12, min(ids.shape) // 24))
    for x, y, i in places_of_names(ids):
        draw.text((x, y), names[i], "white", font, anchor="mm", stroke_width=2, stroke_fill="black")
    return np.asarray(image)


def places_of_names(ids: Bytes) -> list[tuple[int, int, int]]:
    """Where the name of each class but the background belongs: (x, y, class id), a pixel of that class near the middle
    of all of them. Classes on less than half a percent of the picture are left out: a name would hide what it names."""
    found = []
    for i in np.unique(ids[ids > 0]):
        rows, columns = np.nonzero(ids == i)
        if len(rows) * 200 < ids.size:
            continue
        middle = np.argmin(np.abs(rows - rows.mean()) + np.abs(columns - columns.mean()))  # inside, also of a ring
        found.append((int(columns[middle]), int(rows[middle]), int(i)))
    return found
