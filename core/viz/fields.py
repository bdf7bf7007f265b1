"""A receptive field over the photo: the theoretical one as a frame, the effective one as heat."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.viz import palettes

Bytes = npt.NDArray[np.uint8]


def over(pixels: Bytes, gradient: npt.NDArray[np.float32], left: int, top: int, core: tuple[int, int, int]) -> Bytes:
    """The photo in grey, the gradient in viridis over it, a white frame around it and an orange one around its core.

    Args:
        pixels: ``uint8 (h, w, 3)``.
        gradient: ``(size, size)``, 0 to 1; its square root is shown, or the weak ones could not be seen.
        left, top: pixel of the gradient's first value; it may lie outside the photo.
        core: x and y of the middle pixel and the side of the square around it.
    """
    height, width = pixels.shape[:2]
    grey = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    out = np.repeat((0.6 * grey + 40)[..., None], 3, -1)
    rows = slice(max(top, 0), min(top + len(gradient), height))
    columns = slice(max(left, 0), min(left + len(gradient), width))
    part = np.sqrt(gradient[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left])
    colours = palettes.magnitude()[palettes.quantise(part, 0, 1)]
    out[rows, columns] = part[..., None] * colours + (1 - part[..., None]) * out[rows, columns]
    _frame(out, left, top, len(gradient), (255, 255, 255))
    x, y, side = core
    _frame(out, x - side // 2, y - side // 2, side, (230, 159, 0))
    return np.asarray(out.round().clip(0, 255).astype(np.uint8))


def _frame(out: npt.NDArray[np.float32], left: int, top: int, side: int, colour: tuple[int, int, int]) -> None:
    height, width = out.shape[:2]
    rows, columns = (slice(max(start, 0), max(start + side, 0)) for start in (top, left))
    for row in (top, top + side - 1):
        if 0 <= row < height:
            out[row, columns] = colour
    for column in (left, left + side - 1):
        if 0 <= column < width:
            out[rows, column] = colour
