"""Tiles with overlap repeat the one pass; pieces without overlap have seams; seams lie at the cuts."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.concepts.sliding_window import pieces
from core.concepts.sliding_window.windows import tile_for
from core.engine import inference
from core.passes.tiling import one_pass
from core.pictures import images


@pytest.fixture(scope="module")
def unet() -> inference.LoadedModel:
    inference.wait_until_ready(120)
    return inference.load("unet-em")


def test_overlap_has_no_seams_and_pieces_have(unet: inference.LoadedModel) -> None:
    seen = pieces.compare(unet, images.sample("cells"), 128, 64)
    assert seen.once.shape == seen.overlap.shape == seen.apart.shape == (128, 128)
    assert seen.once.std() > 0.01
    assert seen.exact < 1e-4
    assert np.abs(seen.apart - seen.once).max() > 100 * seen.exact
    assert seen.seam > seen.elsewhere


def test_a_piece_is_the_network_on_that_piece_alone(unet: inference.LoadedModel) -> None:
    x = torch.rand(1, 1, 80, 70, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        apart = pieces.cut_apart(unet.module, x, 48)
        alone = one_pass(unet.module, x[..., :48, 48:])
        assert apart.shape == (1, 2, 80, 70)
        assert (apart[..., :48, 48:] - alone[..., :48, :22]).abs().max() < 1e-3 * apart.std()


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 20), st.integers(1, 6))
def test_near_cuts_is_a_brute_force_count(height: int, width: int, stride: int, reach: int) -> None:
    def near(place: int, length: int) -> bool:
        return any(-reach <= place - cut < reach for cut in range(stride, length, stride))

    expected = [[near(y, height) or near(x, width) for x in range(width)] for y in range(height)]
    assert pieces.near_cuts(height, width, stride, reach).tolist() == expected


def test_the_tile_is_just_large_enough() -> None:
    assert tile_for(64) - 184 >= 64 > tile_for(64) - 184 - 16
