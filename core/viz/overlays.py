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


@cache
def class_colours() -> Bytes:
    """The palette of PASCAL VOC's masks, which every tool of the field knows: ``uint8 (256, 3)``, black for 0.

    The bits of the class id are dealt out to red, green and blue in turn, each channel filled from its highest bit.
    """
    ids = np.arange(256)
    out = np.zeros((256, 3), np.uint8)
    for bit in range(8):
        for channel in range(3):
            out[:, channel] |= ((ids >> channel & 1) << (7 - bit)).astype(np.uint8)
        ids >>= 3
    out.setflags(write=False)
    return out


def _border(ids: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Pixels whose right or lower neighbour is of another class, and those neighbours: ``(H, W)``."""
    out = np.zeros(ids.shape, bool)
    for axis in (0, 1):
        differs = np.diff(ids, axis=axis) != 0
        ahead, behind = (slice(1, None), slice(None, -1)) if axis == 0 else (np.s_[:, 1:], np.s_[:, :-1])
        out[ahead] |= differs
        out[behind] |= differs
    return out


def classes_over(pixels: Bytes, ids: Bytes, names: Sequence[str], opacity: float = 0.45, outline: bool = True) -> Bytes:
    """A photo with every class but the background tinted, outlined in white and named, so that colour is not needed.

    Args:
        pixels: ``uint8 (H, W, 3)``.
        ids: ``uint8 (H, W)`` class ids, 0 for the background.
        names: name of each id.
        opacity: share of the tint, 0 to 1.
        outline: the white lines; where a mask is speckled or its single pixels matter they hide what they surround.

    Returns:
        ``uint8 (H, W, 3)``.
    """
    tint = class_colours()[ids]
    mixed = np.where(ids[..., None] > 0, pixels * (1 - opacity) + tint * opacity, pixels).round().astype(np.uint8)
    if outline:
        mixed[_border(ids)] = 255
    image = Image.fromarray(mixed)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(max(12, min(ids.shape) // 24))
    for i in np.unique(ids[ids > 0]):
        rows, columns = np.nonzero(ids == i)
        if len(rows) * 200 < ids.size:  # a name would hide what it names
            continue
        middle = np.argmin(np.abs(rows - rows.mean()) + np.abs(columns - columns.mean()))  # inside, also of a ring
        at = int(columns[middle]), int(rows[middle])
        draw.text(at, names[i], "white", font, anchor="mm", stroke_width=2, stroke_fill="black")
    return np.asarray(image)


def palette_image(ids: Bytes) -> Image.Image:
    """Class ids as an eight-bit palette picture: the values are the ids, the colours :func:`class_colours`."""
    image = Image.fromarray(ids)
    image.putpalette(class_colours().tobytes())
    return image
