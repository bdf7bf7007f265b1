"""Where checkerboards come from: uneven overlap of stamps, over all kernels and strides, and on a real picture.

Source: A. Odena, V. Dumoulin, C. Olah, "Deconvolution and checkerboard artifacts", Distill 2016.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from core.errors import N_
from core.maths.transposed import Axis, paint
from core.models.kernels import bilinear

Floats = npt.NDArray[np.float64]


def phase_counts(kernel: int, stride: int, dilation: int = 1) -> tuple[int, ...]:
    """Stamps on neighbouring output cells far from the border, over one period of ``stride`` cells."""
    counts = [0] * stride
    for tap in range(kernel):
        counts[tap * dilation % stride] += 1
    return tuple(counts)


def even(kernel: int, stride: int, dilation: int = 1) -> bool:
    """Whether every inner output cell gets equally many stamps. Without dilation: whether s divides k."""
    return len(set(phase_counts(kernel, stride, dilation))) == 1


def _inside(enlarge: Callable[[Floats], Floats], x: Floats, factor: int = 2) -> Floats:
    """``enlarge`` without its border: repeats the outermost cells first and cuts their part off afterwards."""
    wide = enlarge(np.pad(x, 2, mode="edge"))
    return wide[2 * factor : -2 * factor, 2 * factor : -2 * factor]


def _transposed(kernel: Floats, output_padding: int, x: Floats) -> Floats:
    rows, columns = (Axis(n, kernel.shape[0], 2, 1, output_padding) for n in x.shape)
    return np.asarray(paint(x, kernel, rows, columns))


def nearest(x: Floats) -> Floats:
    """Every cell becomes 2 x 2 equal ones: ``(H, W) -> (2H, 2W)``."""
    return x.repeat(2, 0).repeat(2, 1)


def smooth(x: Floats) -> Floats:
    """Mean over 3 x 3 neighbours, the outermost cells repeated beyond the border: ``(H, W) -> (H, W)``."""
    height, width = x.shape
    wide = np.pad(x, 1, mode="edge")
    return np.sum([wide[u : u + height, v : v + width] for u in range(3) for v in range(3)], axis=0) / 9


def _flat(size: int) -> Floats:
    """Equal weights whose average gain at stride 2 is one."""
    return np.full((size, size), 4 / size**2)


METHODS: dict[str, tuple[str, Callable[[Floats], Floats]]] = {
    "nearest": (N_("Nearest neighbour"), nearest),
    "bilinear": (N_("Bilinear"), partial(_inside, partial(_transposed, bilinear(4).values, 0))),
    "k3s2": (N_("Transposed, k = 3, s = 2"), partial(_inside, partial(_transposed, _flat(3), 1))),
    "k4s2": (N_("Transposed, k = 4, s = 2"), partial(_inside, partial(_transposed, _flat(4), 0))),
    "resize": (N_("Resize, then convolve"), lambda x: smooth(nearest(x))),
}
"""Ways to double a map, by code: title and function ``float (H, W) -> (2H, 2W)``. The transposed convolutions and the
last one have equal weights, so that only the overlap differs; FCN's bilinear kernel makes a transposed convolution
interpolate."""


def doubled(pixels: npt.NDArray[np.uint8], method: str, times: int) -> npt.NDArray[np.uint8]:
    """A picture ``uint8 (H, W, 3)`` doubled ``times`` times, without anything learned: ``(H 2^t, W 2^t, 3)``."""
    channels = []
    for channel in np.moveaxis(pixels.astype(np.float64), -1, 0):
        for _ in range(times):
            channel = METHODS[method][1](channel)
        channels.append(channel)
    return np.clip(np.stack(channels, -1), 0, 255).round().astype(np.uint8)


def ripple(method: str, times: int) -> float:
    """Darkest to brightest cell on a flat picture, as a share of its brightness: 0 when nothing is added to it."""
    x = np.ones((8, 8))
    for _ in range(times):
        x = METHODS[method][1](x)
    return float(x.max() - x.min())
