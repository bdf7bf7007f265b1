"""A receptive field over the photo: the theoretical one as a frame, the effective one as heat."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.viz import palettes

Bytes = npt.NDArray[np.uint8]


def over(
    pixels: Bytes, gradient: npt.NDArray[np.float32], field: tuple[int, int, int], core: tuple[int, int, int]
) -> Bytes:
    """The photo in grey, the gradient in viridis over it, a white frame around the field, an orange one for its core.

    Args:
        pixels: ``uint8 (h, w, 3)``.
        gradient: ``(h, w)``, 0 to 1; its square root is shown, or the weak ones could not be seen.
        field: x and y of the first pixel, and side, of the theoretical field; it may reach beyond the photo.
        core: x and y of the middle pixel and the side of the square around it.
    """
    grey = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    strength = np.sqrt(gradient)[..., None]
    colours = palettes.magnitude()[palettes.quantise(strength[..., 0], 0, 1)]
    out = strength * colours + (1 - strength) * (0.6 * grey + 40)[..., None]
    _frame(out, *field, (255, 255, 255))
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
