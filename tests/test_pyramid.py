"""The borders of the bins against PyTorch's adaptive pooling."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from core import pyramid


@given(st.integers(1, 40), st.integers(1, 8))
def test_edges_are_adaptive_poolings(size: int, side: int) -> None:
    unit = torch.eye(size, dtype=torch.float64)[:, None]  # (size, 1, size): cell i alone is one
    weights = F.adaptive_avg_pool1d(unit, side)[:, 0]  # what cell i gives to each bin
    found = pyramid.edges(size, side)
    for bin_, (first, behind) in enumerate(found):
        assert torch.nonzero(weights[:, bin_]).flatten().tolist() == list(range(first, behind))
        assert torch.allclose(weights[first:behind, bin_], torch.tensor(1 / (behind - first), dtype=torch.float64))
    assert pyramid.shared(size, side) == int(((weights > 0).sum(1) > 1).sum())


def test_levels_are_the_networks() -> None:
    from core.models import pspnet

    assert pyramid.LEVELS == pspnet.BINS


@given(st.integers(0, 99), st.integers(1, 5), st.integers(1, 5), st.sampled_from(pyramid.LEVELS))
def test_averaged_picture_is_adaptive_pooling_of_its_cells(seed: int, rows: int, columns: int, side: int) -> None:
    rng = np.random.default_rng(seed)
    cells = (6 * rows, 6 * columns)
    pixels = rng.integers(0, 256, (2 * cells[0], 2 * cells[1], 3), dtype=np.uint8)
    found = pyramid.averaged(pixels, cells, side)
    x = torch.tensor(pixels).permute(2, 0, 1).double()
    pooled = F.adaptive_avg_pool2d(x, side).permute(1, 2, 0).numpy()
    expected = pooled.repeat(2 * cells[0] // side, 0).repeat(2 * cells[1] // side, 1)
    assert np.abs(found - expected).max() <= 0.5 + 1e-9


def test_small_pictures_have_a_colour_everywhere() -> None:
    pixels = np.full((4, 5, 3), 9, np.uint8)
    assert np.array_equal(pyramid.averaged(pixels, (16, 22), 6), pixels)
