"""Tiles as they are shown: they cover the picture, their counts are right, and stride 384 repeats one pass."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.concepts.unet.tile_steps import extended, steps
from core.models.unet import MARGIN, UNet
from core.passes.tiling import Tiling, one_pass, overlap_tile


@given(st.integers(16, 1024), st.integers(16, 1024), st.sampled_from([384, 388, 200]))
def test_steps_cover_every_pixel_once(height: int, width: int, stride: int) -> None:
    tiling = Tiling(height, width, 572, stride)
    taken = steps(tiling)
    assert len(taken) == len(tiling)
    assert sum(s.fresh for s in taken) == taken[-1].answered == height * width
    assert taken[-1].read == len(tiling) * tiling.tile**2
    for step in taken:
        assert (step.top + MARGIN, step.left + MARGIN) == step.answer[:2]


def test_extended_picture_is_numpys_reflection() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (300, 310, 3), dtype=np.uint8)
    ours = extended(pixels, Tiling(300, 310))
    assert ours.shape == (572, 572, 3)
    below, behind = 572 - 300 - MARGIN, 572 - 310 - MARGIN
    assert np.array_equal(ours, np.pad(pixels, ((MARGIN, below), (MARGIN, behind), (0, 0)), "reflect"))


@pytest.mark.parametrize(("tile", "stride", "equal"), [(252, 64, True), (252, 68, False)])
def test_multiples_of_sixteen_repeat_one_pass(tile: int, stride: int, equal: bool) -> None:
    torch.manual_seed(1)
    network = UNet(width=4).eval().double()
    x = torch.rand(1, 1, 140, 150, dtype=torch.float64)
    with torch.no_grad():
        difference = (overlap_tile(network, x, tile, stride) - one_pass(network, x)).abs().max().item()
    assert (difference < 1e-12) is equal
