"""Sprite sheets: many small maps in one grey picture, coloured and enlarged in the browser.

A layer's activations as lists of floats would be megabytes; as one byte each in one PNG they are tens of kilobytes.
Every map is quantised over its own range, and the ranges travel along, so that the browser can show each map over its
own range or all of them over one.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.pictures.images import encode_png

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class SpriteSheet:
    """Maps of one size side by side, row after row.

    Attributes:
        pixels: ``uint8 (rows * height, columns * width)``; unused places are 0.
        count: maps on the sheet.
        height, width: of one map, in cells.
        columns: maps in a row of the sheet.
        low, high: ``float32 (count,)``: what 0 and 255 mean in each map.
        channels: which channel of the layer each map is, ``int (count,)``.
    """

    pixels: Bytes
    count: int
    height: int
    width: int
    columns: int
    low: npt.NDArray[np.float32]
    high: npt.NDArray[np.float32]
    channels: npt.NDArray[np.int64]

    def map(self, index: int) -> npt.NDArray[np.float64]:
        """Map number ``index`` in the layer's own units: (height, width), exact to half a 255th of its range."""
        row, column = divmod(index, self.columns)
        top, left = row * self.height, column * self.width
        part = self.pixels[top : top + self.height, left : left + self.width]
        low, high = float(self.low[index]), float(self.high[index])
        return low + part / 255.0 * (high - low)

    def data(self) -> dict[str, object]:
        """What ``sprite_sheet.js`` reads; JSON."""
        return {
            "image": "data:image/png;base64," + base64.b64encode(encode_png(self.pixels)).decode(),
            "count": self.count,
            "height": self.height,
            "width": self.width,
            "columns": self.columns,
            "low": [float(f"{v:.5g}") for v in self.low],
            "high": [float(f"{v:.5g}") for v in self.high],
            "channels": self.channels.tolist(),
        }


def quantise(maps: Floats) -> tuple[Bytes, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Each of the (N, h, w) maps over its own range: bytes of the same shape, and what 0 and 255 mean, (N,) each.

    A constant map becomes 0 everywhere with ``low == high``.
    """
    flat = maps.reshape(len(maps), -1).astype(np.float32)
    low, high = flat.min(axis=1), flat.max(axis=1)
    span = np.where(high > low, high - low, 1)
    return ((flat - low[:, None]) / span[:, None] * 255).round().astype(np.uint8).reshape(maps.shape), low, high


def strength(maps: Floats) -> npt.NDArray[np.float64]:
    """Mean magnitude of each of the (N, h, w) maps: (N,)."""
    return np.abs(maps.reshape(len(maps), -1)).mean(axis=1, dtype=np.float64)


def variance(maps: Floats) -> npt.NDArray[np.float64]:
    """Variance over the positions of each of the (N, h, w) maps: (N,)."""
    return maps.reshape(len(maps), -1).var(axis=1, dtype=np.float64)


def sheet(maps: Floats, channels: npt.ArrayLike | None = None, columns: int = 0) -> SpriteSheet:
    """Lay maps side by side.

    Args:
        maps: (C, h, w).
        channels: which of them, in the order in which they are to lie; all of them if absent.
        columns: maps in a row; 0 makes the sheet about square.

    Returns:
        The sheet. :meth:`SpriteSheet.map` gives a map back, exact to half a 255th of its range.
    """
    chosen = np.arange(len(maps)) if channels is None else np.asarray(channels, np.int64)
    return arrange(*quantise(maps[chosen]), chosen, columns)


def arrange(
    values: Bytes,
    low: npt.NDArray[np.float32],
    high: npt.NDArray[np.float32],
    channels: npt.NDArray[np.int64],
    columns: int = 0,
) -> SpriteSheet:
    """A sheet of maps that are bytes already.

    Args:
        values: ``uint8 (N, h, w)``, from :func:`quantise` or a part of what it gave.
        low, high: what 0 and 255 mean in each of them.
        channels: which channel each is.
        columns: maps in a row; 0 makes the sheet about square.
    """
    count, height, width = values.shape
    columns = min(count, columns or math.ceil(math.sqrt(count * height / width)))
    rows = math.ceil(count / columns)
    padded = np.zeros((rows * columns, height, width), np.uint8)
    padded[:count] = values
    pixels = padded.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, columns * width)
    return SpriteSheet(pixels, count, height, width, columns, low, high, channels)
