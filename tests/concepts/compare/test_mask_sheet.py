"""The sheet of masks that can be saved."""

from __future__ import annotations

import numpy as np
import pytest

from core.concepts.compare.mask_sheet import TILE, sheet
from core.pictures.labels import VOC
from core.viz.overlays import class_colours


@pytest.mark.parametrize("size", [(60, 40), (30, 90), (900, 700)])
@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_every_mask_has_its_place(size: tuple[int, int], count: int) -> None:
    """With a tint of 1 each class fills as many pixels as its mask says, short of outlines and names."""
    width, height = size
    masks = []
    for i in range(count):
        ids = np.zeros((height, width), np.uint8)
        ids[: height // 2] = 1 + i
        masks.append((f"net {i}", ids))
    out = sheet(np.full((height, width, 3), 100, np.uint8), masks, VOC, 1.0)
    scale = min(1.0, TILE / max(size))
    area = round(width * scale) * round(height * scale)
    for i in range(count):
        found = (out == class_colours()[1 + i]).all(-1).sum()
        assert 0.15 * area < found <= 0.51 * area
    grey = (out == 100).all(-1).sum()
    assert 0.3 * area * count < grey <= 0.51 * area * count


def test_titles_are_written() -> None:
    ids = np.zeros((40, 60), np.uint8)
    plain = sheet(np.zeros((40, 60, 3), np.uint8), [("", ids)], VOC, 0.5)
    named = sheet(np.zeros((40, 60, 3), np.uint8), [("FCN-8s", ids)], VOC, 0.5)
    assert plain.shape == named.shape
    assert (plain != named).any()
