"""Small inputs and kernels with names, as exact fractions: integers over one common denominator.

Their sums and products are exact as well, so the numbers of the player are those of the arithmetic and not of a
rounding. Only where a fraction has no short decimal does the page round, and says so.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image
from safetensors import SafetensorError, safe_open

from core.errors import N_
from core.models import weights

Integers = npt.NDArray[np.int64]

INPUTS = {"count": N_("1, 2, 3 …"), "dot": N_("one dot"), "flat": N_("all 1"), "random": N_("random")}
KERNELS = {
    "ones": N_("all 1"),
    "bilinear": N_("bilinear"),
    "edge": N_("edge"),
    "learned": N_("learned by our U-Net"),
    "random": N_("random"),
}
LEARNED = {2: "up.3.weight", 3: "expanding.3.conv2.weight"}
"""Layers of the bundled U-Net for membranes, by side of their kernels: an up-convolution, a convolution behind it."""

OWN_DENOMINATOR = 100
"""Edited kernels are kept in hundredths."""


class Kernel(NamedTuple):
    """Weights ``numerators / denominator``.

    Attributes:
        numerators: ``int64 (k, k)``.
        denominator: positive.
    """

    numerators: Integers
    denominator: int

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """The weights: ``float64 (k, k)``."""
        return self.numerators / self.denominator

    def in_hundredths(self) -> tuple[int, ...]:
        """The weights rounded to hundredths, in reading order: where editing starts."""
        return tuple(int(n) for n in np.rint(self.values * OWN_DENOMINATOR).ravel())


def bilinear(size: int) -> Kernel:
    """The kernel with which FCN initialises its upsampling: ``1 - |t - c| / f`` along each axis.

    With ``f = ceil(k / 2)`` and ``c`` the middle of the taps. It interpolates linearly at stride ``f``, for
    ``k = 2s - s mod 2`` (Long, Shelhamer, Darrell 2015; the authors' ``surgery.py``).
    """
    factor = (size + 1) // 2
    centre = 2 * factor - 2 if size % 2 else 2 * factor - 1  # twice c, an integer
    line = 2 * factor - np.abs(2 * np.arange(size) - centre)
    return Kernel(np.outer(line, line).astype(np.int64), (2 * factor) ** 2)


@cache
def learned(size: int) -> Kernel | None:
    """The strongest kernel of a trained layer whose kernels have this size, rounded to hundredths.

    Strongest: with the largest sum of squares among all pairs of an input and an output channel of the layer that
    :data:`LEARNED` names. ``None`` for other sizes, and when the network's weights are missing or damaged.
    """
    file = weights.path("unet-em")
    try:
        with safe_open(file, framework="numpy") as stored:
            kernels = stored.get_tensor(LEARNED[size]).astype(np.float64)  # (channels, channels, k, k)
    except (KeyError, OSError, SafetensorError):
        return None
    strength = np.square(kernels).sum(axis=(2, 3))
    strongest = kernels[np.unravel_index(strength.argmax(), strength.shape)]
    return Kernel(np.rint(strongest * OWN_DENOMINATOR).astype(np.int64), OWN_DENOMINATOR)


def available(size: int) -> dict[str, str]:
    """The :data:`KERNELS` that there are with ``size x size`` taps."""
    return {name: title for name, title in KERNELS.items() if name != "learned" or learned(size)}


def named(name: str, size: int, seed: int = 0) -> Kernel:
    """The kernel called ``name`` (one of :func:`available`) with ``size x size`` taps.

    ``edge`` is Prewitt's: -1 on the left, 0 in the middle, 1 on the right (a lone tap is 1). ``random`` has quarters
    from -2 to 2.
    """
    if name == "learned" and (trained := learned(size)):
        return trained
    if name == "bilinear":
        return bilinear(size)
    if name == "edge":
        line = np.sign(2 * np.arange(size) - (size - 1)) if size > 1 else np.ones(1)
        return Kernel(np.tile(line, (size, 1)).astype(np.int64), 1)
    if name == "random":
        return Kernel(np.random.default_rng(seed).integers(-8, 9, (size, size)), 4)
    return Kernel(np.ones((size, size), np.int64), 1)


def pattern(name: str, size: int, seed: int = 0) -> Integers:
    """The input called ``name`` (one of :data:`INPUTS`): ``int64 (size, size)`` with values from -9 to 9."""
    if name == "dot":
        out = np.zeros((size, size), np.int64)
        out[size // 2, size // 2] = 1
        return out
    if name == "flat":
        return np.ones((size, size), np.int64)
    if name == "random":
        return np.random.default_rng(seed).integers(-9, 10, (size, size))
    return (np.arange(size * size) % 9 + 1).reshape(size, size)


def refitted(values: tuple[int, ...], base: Integers) -> Integers:
    """Edited values of a square of any size, cut or filled up from ``base`` to its size, so that no edit is lost."""
    side = round(len(values) ** 0.5)
    out, common = base.copy(), min(side, base.shape[0])
    out[:common, :common] = np.reshape(values[: side * side], (side, side))[:common, :common]
    return out


def square(pixels: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """The central square of a picture ``uint8 (H, W, 3)`` as ``(side, side, 3)``: each cell the mean of its area."""
    height, width = pixels.shape[:2]
    cut = min(height, width)
    left, top = (width - cut) // 2, (height - cut) // 2
    box = (left, top, left + cut, top + cut)
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BOX, box))


def digits(pixels: npt.NDArray[np.uint8], side: int) -> Integers:
    """The brightness of :func:`square` in ten steps: ``int64 (side, side)`` from 0 (black) to 9 (white)."""
    small = square(pixels, side).astype(np.float64) @ (0.299, 0.587, 0.114)  # luma of ITU-R BT.601
    return np.rint(small).astype(np.int64) * 10 // 256
