"""Boxes, regions and IoU, against torchvision and against walking pixel by pixel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.maths.boxes import Box, LocalizeError, components, formats, iou, regions
from core.models.torchvision_compat import torchvision

Mask = npt.NDArray[np.bool_]
masks = arrays.arrays("bool", st.tuples(st.integers(1, 12), st.integers(1, 12)))


def box_of(mask: Mask) -> Box | None:
    """The smallest box around a mask: torchvision's, half-open."""
    if not mask.any():
        return None
    left, top, right, bottom = torchvision.ops.masks_to_boxes(torch.from_numpy(mask)[None])[0].int().tolist()
    return Box(left, top, right + 1, bottom + 1)


def flood(mask: Mask) -> npt.NDArray[np.int64]:
    """Components by walking, one pixel at a time."""
    labels, count = np.zeros(mask.shape, np.int64), 0
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        count += 1
        stack = [start]
        while stack:
            y, x = stack.pop()
            if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and mask[y, x] and not labels[y, x]:
                labels[y, x] = count
                stack += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
    return labels


@settings(deadline=None)
@given(masks)
def test_components_equal_a_flood_fill(mask: Mask) -> None:
    assert np.array_equal(components(mask), flood(mask))


def test_components_of_a_spiral_are_one() -> None:
    mask = np.zeros((41, 41), bool)
    y, x, dy, dx, length = 20, 20, 0, 1, 2
    mask[y, x] = True
    while 2 <= y < 39 and 2 <= x < 39 and length < 38:
        for _ in range(length):
            y, x = y + dy, x + dx
            mask[y, x] = True
        dy, dx, length = dx, -dy, length + 1
    assert components(mask).max() == 1


@settings(deadline=None)
@given(arrays.arrays("uint8", st.tuples(st.integers(1, 12), st.integers(1, 12))), st.integers(1, 255))
def test_regions_are_those_of_a_flood_fill(heat: npt.NDArray[np.uint8], level: int) -> None:
    labels = flood(heat >= level)
    found = regions(heat, level)
    expected = [(box_of(labels == i), int((labels == i).sum())) for i in range(1, labels.max() + 1)]
    assert [(r.box, r.area) for r in found] == sorted(expected, key=lambda e: -e[1])


_BOX = st.tuples(*[st.integers(0, 12)] * 4).map(
    lambda v: Box(min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3]))
)


@settings(deadline=None)
@given(_BOX, _BOX)
def test_iou_counts_pixels(a: Box, b: Box) -> None:
    grids = np.zeros((2, 12, 12), bool)
    for grid, box in zip(grids, (a, b), strict=True):
        left, top, right, bottom = map(int, box)
        grid[top:bottom, left:right] = True
    union = int((grids[0] | grids[1]).sum())
    assert iou(a, b) == ((grids[0] & grids[1]).sum() / union if union else 0)
    if union:
        theirs = torchvision.ops.box_iou(torch.tensor([a]).float(), torch.tensor([b]).float())
        assert iou(a, b) == pytest.approx(float(theirs), abs=1e-6)


@given(_BOX)
def test_formats_are_torchvisions(box: Box) -> None:
    found = formats(box, 20, 10)
    xyxy = torch.tensor([box]).float()
    for name in ("xywh", "cxcywh"):
        assert torchvision.ops.box_convert(xyxy, "xyxy", name)[0].tolist() == list(found[name])
    assert found["xyxy"] == tuple(box)
    assert [a * b for a, b in zip(found["normalised"], (20, 10, 20, 10), strict=True)] == pytest.approx(list(box))


def test_refusals() -> None:
    with pytest.raises(LocalizeError):
        regions(np.zeros((2, 2), np.uint8), 0)
    with pytest.raises(LocalizeError):
        formats(Box(0, 0, 1, 1), 0, 4)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(1, 99), st.integers(1, 99))
def test_two_opposite_corners_fix_a_box(left: int, top: int, width: int, height: int) -> None:
    """The four corners hold no number that left top and right bottom do not."""
    box = Box(left, top, left + width, top + height)
    corners = {(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)}
    first, last = min(corners), max(corners)
    assert Box(*first, *last) == box
    assert {n for corner in corners for n in corner} == {*first, *last}
