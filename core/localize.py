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

    Every pixel starts as a region of its own; regions that touch hook onto the lower number, all at once, until none
    do. That takes a handful of rounds over arrays instead of a loop over pixels.
    """
    parent = np.arange(mask.size)
    index = parent.reshape(mask.shape)
    across, down = mask[:, 1:] & mask[:, :-1], mask[1:] & mask[:-1]
    a = np.concatenate([index[:, :-1][across], index[:-1][down]])
    b = np.concatenate([index[:, 1:][across], index[1:][down]])
    while True:
        root_a, root_b = parent[a], parent[b]
        apart = root_a != root_b
        if not apart.any():
            break
        a, b, root_a, root_b = a[apart], b[apart], root_a[apart], root_b[apart]
        np.minimum.at(parent, np.maximum(root_a, root_b), np.minimum(root_a, root_b))
        while (parent[parent] != parent).any():
            parent = parent[parent]
    labels = np.zeros(mask.size, np.int32)
    inside = mask.ravel()
    labels[inside] = np.unique(parent[inside], return_inverse=True)[1] + 1
    return labels.reshape(mask.shape)


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
    labels = components(heat >= level)
    count = int(labels.max(initial=0))
    if not count:
        return []
    rows, columns = np.nonzero(labels)
    which = labels[rows, columns] - 1
    low = np.full((2, count), max(heat.shape))
    high = np.zeros((2, count), np.int64)
    for axis, places in enumerate((columns, rows)):
        np.minimum.at(low[axis], which, places)
        np.maximum.at(high[axis], which, places + 1)
    areas = np.bincount(which, minlength=count)
    return [
        Region(Box(int(low[0, i]), int(low[1, i]), int(high[0, i]), int(high[1, i])), int(areas[i]))
        for i in np.argsort(-areas, kind="stable")
    ]


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
