"""From a heatmap to boxes: threshold, connected regions, the box around each, how boxes agree and how they are written.

A box here is half-open: (left, top, right, bottom) in pixels, and ``right`` and ``bottom`` are the first column and row
that no longer belong to it. So ``right - left`` is the width. ``torchvision.ops.masks_to_boxes`` names the last
column and row instead.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.errors import N_, SegScopeError


class LocalizeError(SegScopeError):
    """A box or a heatmap that makes no sense."""


class Box(NamedTuple):
    """Half-open, in pixels: ``left <= x < right`` and ``top <= y < bottom``."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Pixels inside; 0 for a box without a width or a height."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)


class Region(NamedTuple):
    """A connected region: the box around it and its number of pixels."""

    box: Box
    area: int


def components(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Connected regions of a mask: ``(H, W)`` -> 0 outside, 1, 2, 3 ... inside; neighbours share an edge.

    They are numbered in reading order of their first pixels.
    """
    from scipy import ndimage  # here, because the first page shows no region

    labels: NDArray[np.int32] = ndimage.label(mask)[0]
    return labels


def regions(heat: NDArray[np.uint8], level: int) -> list[Region]:
    """The connected regions where ``heat >= level``, largest first; of equal ones the first in reading order.

    Args:
        heat: ``uint8 (H, W)``.
        level: 1 to 255.

    Raises:
        LocalizeError: the level is outside that range.
    """
    if not 1 <= level <= 255:
        raise LocalizeError(N_("The threshold must lie between 1 and 255 of 255."))
    from scipy import ndimage

    labels = components(heat >= level)
    areas = np.bincount(labels.ravel(), minlength=1)[1:]
    boxes = [Box(columns.start, rows.start, columns.stop, rows.stop) for rows, columns in ndimage.find_objects(labels)]
    return [Region(boxes[i], int(areas[i])) for i in np.argsort(-areas, kind="stable")]


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0 to 1; 0 when neither has an area."""
    both = Box(max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom)).area
    union = a.area + b.area - both
    return both / union if union else 0.0


def formats(box: Box, width: int, height: int) -> dict[str, tuple[float, float, float, float]]:
    """One box in the four usual ways of writing it.

    Args:
        box: in pixels.
        width, height: of the picture, by which ``normalised`` (xyxy from 0 to 1) divides.

    Raises:
        LocalizeError: the picture has no pixels.
    """
    if width < 1 or height < 1:
        raise LocalizeError(N_("A picture has at least one pixel."))
    left, top, right, bottom = box
    w, h = right - left, bottom - top
    return {
        "xyxy": (left, top, right, bottom),
        "xywh": (left, top, w, h),
        "cxcywh": (left + w / 2, top + h / 2, w, h),
        "normalised": (left / width, top / height, right / width, bottom / height),
    }
