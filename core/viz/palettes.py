"""The palettes of every picture: viridis for magnitudes, blue to orange for signed values, Okabe and Ito for classes.

All three survive the common colour-vision deficiencies, and viridis survives a black-and-white print. A palette is
sent to the browser as 256 RGB triples (768 bytes); pictures themselves travel as ``uint8`` positions in it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_VIRIDIS = "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1fa088 28ae80 3fbc73 5ec962 84d44b addc30 d8e219 fde725"  # noqa: E501
_SIGNED = "08306b 2171b5 6baed6 c6dbef f7f7f7 fdd0a2 fd8d3c d94801 7f2704"

OKABE_ITO = ("#000000", "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
"""Eight colours that stay apart for everybody. M. Okabe and K. Ito, "Color Universal Design", 2008."""


def _ramp(anchors: str) -> Bytes:
    """256 colours through equally spaced anchors, linear in between: ``uint8 (256, 3)``."""
    points = np.array([[int(c[i : i + 2], 16) for i in (0, 2, 4)] for c in anchors.split()], dtype=np.float64)
    at = np.linspace(0, len(points) - 1, 256)
    channels = [np.interp(at, np.arange(len(points)), points[:, c]) for c in range(3)]
    out = np.stack(channels, axis=1).round().astype(np.uint8)
    out.setflags(write=False)
    return out


@cache
def magnitude() -> Bytes:
    """Viridis, dark for 0 and bright for the maximum: ``uint8 (256, 3)``."""
    return _ramp(_VIRIDIS)


@cache
def signed() -> Bytes:
    """Blue below zero, orange above, nearly white at zero, which sits in the middle: ``uint8 (256, 3)``."""
    return _ramp(_SIGNED)


def quantise(values: npt.ArrayLike, low: float, high: float) -> Bytes:
    """Positions in a palette: ``low`` and below becomes 0, ``high`` and above 255. An empty range gives zeros."""
    v = np.asarray(values, dtype=np.float64)
    if high <= low:
        return np.zeros(v.shape, np.uint8)
    return np.asarray(np.clip((v - low) / (high - low) * 255, 0, 255).round().astype(np.uint8))
