"""Shapes of known size on a small grid, with which a reader finds out what the scores of a mask count.

``core/ui/kit/shape_scores.js`` draws the same pixels in the browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

SIZE = (96, 136)
"""Height and width of the grid in pixels."""
MIDDLE = (50, 48)
"""Where the middle of the reference lies: x, y."""
HALVES: Mapping[str, tuple[int, int]] = MappingProxyType({"disc": (34, 34), "square": (32, 32), "bar": (42, 1)})
"""Pixels on each side of the middle, across and down, of every shape: two large ones, and one three pixels high."""
MOST = 8
"""By how many pixels a shape is made larger at most, and smaller where that much is there."""


def least(kind: str) -> int:
    """The smallest growth of shape ``kind`` that leaves something of it, 0 or less."""
    return -min(MOST, *HALVES[kind])


def shape(kind: str, middle: tuple[int, int] = MIDDLE, grow: int = 0) -> npt.NDArray[np.bool_]:
    """The pixels of a shape, as far as they lie on the grid.

    Args:
        kind: a key of :data:`HALVES`.
        middle: x and y of its middle pixel.
        grow: pixels by which it is larger on every side, or smaller where that is negative.

    Returns:
        bool (H, W), of :data:`SIZE`.

    Raises:
        KeyError: no such shape.
    """
    across, down = (half + grow for half in HALVES[kind])
    y, x = np.ogrid[: SIZE[0], : SIZE[1]]
    x, y = abs(x - middle[0]), abs(y - middle[1])
    if kind == "disc":  # of radius r + 1/2, in whole numbers
        return np.asarray(4 * (x**2 + y**2) <= (2 * across + 1) ** 2) if across >= 0 else np.zeros(SIZE, bool)
    return np.asarray((x <= across) & (y <= down))
