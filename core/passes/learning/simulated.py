"""Strokes as a patient person would draw them: where the mask is wrong, along the middle of the largest mistake.

Only measurements use it: how good a head gets from how many strokes is asked of pictures whose masks are known.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from core.maths.metrics import VOID, confusion, iou
from core.passes.learning import strokes
from core.passes.learning.strokes import Maps, Stroke

Bytes = npt.NDArray[np.uint8]
_ANGLES = np.linspace(0, np.pi, 12, endpoint=False)
_ROUNDING = 0.5**0.5
"""How far a point lies from the centre of its pixel at most."""


def stroke_through(where: npt.NDArray[np.bool_], label: int, radius: float) -> Stroke | None:
    """The longest straight stroke through the inmost pixel of the largest region of ``where`` that stays inside it;
    ``None`` where nothing is."""
    regions, count = ndimage.label(where)
    if not count:
        return None
    sizes = np.bincount(regions.ravel())[1:]
    region = np.pad(regions == 1 + int(sizes.argmax()), 1)
    depth = ndimage.distance_transform_edt(region)[1:-1, 1:-1]
    y, x = (int(v) for v in np.unravel_index(int(depth.argmax()), depth.shape))
    room = min(radius, max(1.0, float(depth[y, x]) / 2))
    height, width = depth.shape
    best: tuple[float, tuple[tuple[float, float], ...]] = (0.0, ((float(x), float(y)),))
    for angle in _ANGLES:
        ends = []
        for sign in (1, -1):
            length = 0.0
            while True:
                a, b = x + sign * (length + 1) * np.cos(angle), y + sign * (length + 1) * np.sin(angle)
                if not (0 <= a <= width - 1 and 0 <= b <= height - 1) or depth[round(b), round(a)] <= room + _ROUNDING:
                    break
                length += 1
            ends.append((float(x + sign * length * np.cos(angle)), float(y + sign * length * np.sin(angle)), length))
        if ends[0][2] + ends[1][2] > best[0]:
            best = (ends[0][2] + ends[1][2], (ends[0][:2], (float(x), float(y)), ends[1][:2]))
    return Stroke(label, room, best[1])


def drawn(found: Maps, truth: Bytes, count: int, chosen: tuple[int, ...] = strokes.STRIDES) -> tuple[Stroke, ...]:
    """``count`` strokes, two at least: one on the object, one on the background, then one on each largest mistake.

    Args:
        found: maps of the picture.
        truth: ``(H, W)``, 1 on the object, 0 elsewhere, 255 void.
        count: strokes.
        chosen: strides that the head reads.
    """
    radius = max(2.0, min(truth.shape) / 60)
    known = [s for s in (stroke_through(truth == 1, 1, radius), stroke_through(truth == 0, 0, radius)) if s]
    while len(known) < count:
        said = strokes.mask(strokes.learn(found, known, chosen), found)
        ways = [stroke_through((truth == label) & (said != label), label, radius) for label in (0, 1)]
        sizes = [_largest((truth == label) & (said != label)) for label in (0, 1)]
        following = ways[int(np.argmax(sizes))]
        if following is None:
            break
        known.append(following)
    return tuple(known)


def _largest(where: npt.NDArray[np.bool_]) -> int:
    regions, count = ndimage.label(where)
    return int(np.bincount(regions.ravel())[1:].max()) if count else 0


def main_object(ids: Bytes) -> Bytes | None:
    """Where the main object of a reference is: 1, 0 elsewhere, 255 void; ``None`` where there is no object.

    The object is the class with the most pixels.

    Args:
        ids: class ids ``(H, W)``, 0 background, 255 void.
    """
    counts = np.bincount(ids.ravel(), minlength=256)[1:VOID]
    if not counts.any():
        return None
    return np.where(ids == VOID, VOID, ids == 1 + int(counts.argmax())).astype(np.uint8)


def score(said: Bytes, truth: Bytes) -> float:
    """IoU of the object, 0 to 1; void pixels do not count."""
    return float(iou(confusion(np.where(truth == VOID, VOID, truth), said, 2))[1])
