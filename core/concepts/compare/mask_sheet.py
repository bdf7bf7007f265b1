"""Every network's mask on one sheet, as a picture to save: titles, outlines, names on the regions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from core.viz.overlays import classes_over

Bytes = npt.NDArray[np.uint8]
TILE = 420
"""Longer side of one picture on the sheet, in pixels."""
_GAP, _TITLE = 16, 34


def sheet(pixels: Bytes, masks: Sequence[tuple[str, Bytes]], names: Sequence[str], opacity: float) -> Bytes:
    """The photo under each of the masks, in rows.

    Args:
        pixels: ``uint8 (H, W, 3)``.
        masks: a title and ``uint8 (H, W)`` class ids for each; at least one.
        names: name of each id, in letters that Pillow's own font has.
        opacity: share of the tint, 0 to 1.

    Returns:
        ``uint8 (height, width, 3)``: dark titles on white.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, TILE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    columns = min(len(masks), math.ceil(math.sqrt(len(masks) * size[1] / size[0])) or 1)
    rows = math.ceil(len(masks) / columns)
    step = size[0] + _GAP, size[1] + _TITLE + _GAP
    out = Image.new("RGB", (columns * step[0] + _GAP, rows * step[1] + _GAP), "white")
    pen, font = ImageDraw.Draw(out), ImageFont.load_default(20)
    for i, (title, ids) in enumerate(masks):
        left, top = _GAP + i % columns * step[0], _GAP + i // columns * step[1]
        pen.text((left, top), title, "black", font)
        reduced = np.asarray(Image.fromarray(ids).resize(size, Image.Resampling.NEAREST))
        out.paste(Image.fromarray(classes_over(small, reduced, names, opacity)), (left, top + _TITLE))
    return np.asarray(out)
