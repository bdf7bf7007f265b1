"""The disturbances: what each does to a photo, how strongly, and where a pixel of the clean answer lies afterwards.

All work on a photo at one scale (:func:`working`), whatever size a network reads it at afterwards. Source of the idea:
Hendrycks, Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations" (ICLR 2019);
kinds and strengths are our own.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from core.errors import N_, SegScopeError
from core.maths.metrics import VOID
from core.passes.segmentation import SHORT_SIDE, input_size

Bytes = npt.NDArray[np.uint8]
Spot = tuple[float, float]
"""Shares of width and height, 0 to 1."""
CENTRE: Spot = (0.5, 0.5)


class StressError(SegScopeError):
    """A disturbance that does not exist, or a strength that it does not have."""


def working(pixels: Bytes) -> Bytes:
    """A photo at the scale of all disturbances: the shorter side is 321 pixels, as most networks here read it."""
    size = input_size(pixels.shape[1], pixels.shape[0], SHORT_SIDE)
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))


def _brightness(pixels: Bytes, percent: int, _at: Spot) -> Bytes:
    return _clipped(pixels.astype(np.float32) + 2.55 * percent)


def _contrast(pixels: Bytes, percent: int, _at: Spot) -> Bytes:
    mean = pixels.mean(dtype=np.float64)
    return _clipped(mean + (pixels - mean) * (1 - percent / 100))


def _blur(pixels: Bytes, tenths: int, _at: Spot) -> Bytes:
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(tenths / 10)))


def _noise(pixels: Bytes, deviation: int, _at: Spot) -> Bytes:
    dice = np.random.default_rng(0).normal(0, 1, pixels.shape)  # the same grain at every strength
    return _clipped(pixels + deviation * dice)


def _jpeg(pixels: Bytes, loss: int, _at: Spot) -> Bytes:
    if not loss:
        return pixels
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=100 - loss)
    return np.asarray(Image.open(file))


def _grey(pixels: Bytes, percent: int, _at: Spot) -> Bytes:
    luma = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)  # Rec. 601
    return _clipped(pixels + (luma[..., None] - pixels) * percent / 100)


def _hue(pixels: Bytes, degrees: int, _at: Spot) -> Bytes:
    if not degrees:
        return pixels
    hsv = np.array(Image.fromarray(pixels).convert("HSV"))
    hsv[..., 0] = (hsv[..., 0].astype(int) + round(degrees * 256 / 360)) % 256
    bands = [Image.fromarray(np.ascontiguousarray(hsv[..., i])) for i in range(3)]
    return np.asarray(Image.merge("HSV", bands).convert("RGB"))


def _scaled(image: Image.Image, percent: int, fill: int | tuple[int, ...], how: Image.Resampling) -> Image.Image:
    """The picture at ``100 - percent`` percent of its size, in the middle of one of the same size."""
    width, height = image.size
    size = max(1, round(width * (100 - percent) / 100)), max(1, round(height * (100 - percent) / 100))
    out = Image.new(image.mode, image.size, fill)
    out.paste(image.resize(size, how), ((width - size[0]) // 2, (height - size[1]) // 2))
    return out


GREY = (128, 128, 128)
"""What fills the places that a moved photo leaves."""


def _scale(pixels: Bytes, percent: int, _at: Spot) -> Bytes:
    return np.asarray(_scaled(Image.fromarray(pixels), percent, GREY, Image.Resampling.BILINEAR)) if percent else pixels


def _scale_ids(ids: Bytes, percent: int) -> Bytes:
    return np.asarray(_scaled(Image.fromarray(ids), percent, VOID, Image.Resampling.NEAREST))


def _rotate(pixels: Bytes, degrees: int, _at: Spot) -> Bytes:
    image = Image.fromarray(pixels)
    return np.asarray(image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=GREY)) if degrees else pixels


def _rotate_ids(ids: Bytes, degrees: int) -> Bytes:
    return np.asarray(Image.fromarray(ids).rotate(degrees, Image.Resampling.NEAREST, fillcolor=VOID))


def patch_box(size: tuple[int, int], percent: int, at: Spot) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the square that hides: its side is a share of the shorter side."""
    height, width = size
    half = round(min(size) * percent / 200)
    column, row = int(at[0] * width), int(at[1] * height)
    return max(0, column - half), max(0, row - half), min(width, column + half), min(height, row + half)


def _patch(pixels: Bytes, percent: int, at: Spot) -> Bytes:
    left, top, right, bottom = patch_box((pixels.shape[0], pixels.shape[1]), percent, at)
    out = pixels.copy()
    out[top:bottom, left:right] = GREY
    return out


def _clipped(values: npt.NDArray[np.floating]) -> Bytes:
    return np.asarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


class Kind(NamedTuple):
    """One disturbance.

    Attributes:
        name: in addresses and files.
        title: for people, with its unit.
        low, high, step: strengths, whole numbers; 0 is none.
        change: (pixels, strength, spot) -> pixels.
        move: where the clean answer's ids go, (ids, strength) -> ids; ``None`` where everything stays in its place.
        unit: behind a strength.
        divide: what a strength is divided by before it is shown.
    """

    name: str
    title: str
    low: int
    high: int
    step: int
    change: Callable[[Bytes, int, Spot], Bytes]
    move: Callable[[Bytes, int], Bytes] | None = None
    unit: str = "%"
    divide: int = 1

    def grid(self, points: int = 7) -> list[int]:
        """Strengths from 0 to the largest, evenly, for a curve."""
        return [round(i * self.high / (points - 1) / self.step) * self.step for i in range(points)]

    def words(self, strength: float) -> str:
        """A strength as it is shown: ``3.5 px``."""
        space = "" if self.unit in ("%", "°") else " "
        return f"{strength / self.divide:g}{space}{self.unit}"


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("brightness", N_("Brightness"), -80, 80, 5, _brightness),
        Kind("contrast", N_("Loss of contrast"), 0, 95, 5, _contrast),
        Kind("blur", N_("Blur"), 0, 120, 5, _blur, unit="px", divide=10),
        Kind("noise", N_("Noise"), 0, 120, 5, _noise, unit="σ"),
        Kind("jpeg", N_("JPEG loss"), 0, 98, 2, _jpeg),
        Kind("scale", N_("Smaller"), 0, 90, 5, _scale, _scale_ids),
        Kind("rotation", N_("Rotation"), -180, 180, 5, _rotate, _rotate_ids, unit="°"),
        Kind("grey", N_("Loss of colour"), 0, 100, 5, _grey),
        Kind("hue", N_("Shift of colours"), -180, 180, 10, _hue, unit="°"),
        Kind("patch", N_("Hiding square"), 0, 100, 5, _patch),
    )
}
"""All of them, in the order in which they are offered."""


def kind(name: str) -> Kind:
    """The disturbance ``name``. Raises :class:`StressError` for a name that none has."""
    if name not in KINDS:
        raise StressError(N_("No disturbance is called {name}: try one of {all}."), name=name, all=", ".join(KINDS))
    return KINDS[name]


def disturbed(pixels: Bytes, name: str, strength: int, at: Spot = CENTRE) -> Bytes:
    """A photo at the working scale, disturbed.

    Args:
        pixels: ``uint8 (h, w, 3)``.
        name: a key of :data:`KINDS`.
        strength: within its range; 0 changes nothing.
        at: where a square hides.

    Raises:
        StressError: another name, or a strength beyond the range.
    """
    found = kind(name)
    if not found.low <= strength <= found.high:
        raise StressError(
            N_("{name} goes from {low} to {high}, not {value}."),
            name=name, low=found.low, high=found.high, value=strength,
        )  # fmt: skip
    return found.change(pixels, strength, at) if strength else pixels


def expected(ids: Bytes, name: str, strength: int) -> Bytes:
    """The clean answer where the disturbance has moved it: ``uint8 (h, w)``, 255 where nothing of the photo lies."""
    move = kind(name).move
    return move(ids, strength) if move and strength else ids


def together(pixels: Bytes, ids: Bytes | None, strengths: Mapping[str, int], at: Spot = CENTRE) -> tuple[Bytes, Bytes]:
    """Several disturbances one after the other, in the order of :data:`KINDS`.

    Args:
        pixels: ``uint8 (h, w, 3)`` at the working scale.
        ids: the clean answer, or ``None`` for zeros.
        strengths: by name; what is missing or 0 does nothing.
        at: where a square hides.

    Returns:
        The photo, and where the clean answer has gone.
    """
    where = np.zeros(pixels.shape[:2], np.uint8) if ids is None else ids
    for name in KINDS:
        if strength := strengths.get(name, 0):
            pixels, where = disturbed(pixels, name, strength, at), expected(where, name, strength)
    return pixels, where
