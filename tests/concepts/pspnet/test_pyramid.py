"""The borders of the bins against PyTorch's adaptive pooling."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import example, given
from hypothesis import strategies as st

from core.concepts.pspnet import pyramid
from core.maths import geometry
from core.passes.segmentation import input_size


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


@example(0, 321, 428, 16, 6)
@given(
    st.integers(0, 99),
    st.integers(1, 150),
    st.integers(1, 150),
    st.sampled_from((8, 16, 32)),
    st.sampled_from(pyramid.LEVELS),
)
def test_averaged_picture_is_adaptive_pooling_of_its_cells(
    seed: int, height: int, width: int, stride: int, side: int
) -> None:
    """Every pixel belongs to the cell next to it, every cell to the bins that average it: so each bin has its mean."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    found = pyramid.averaged(pixels, (height, width), stride, side)
    member = []  # of each axis: bool (side, pixels)
    for length in (height, width):
        own = torch.tensor([geometry.cell_at(pixel, stride) for pixel in range(length)])
        hot = F.one_hot(own, geometry.cells(length, stride))[:, None].double()  # (pixels, 1, cells)
        member.append((F.adaptive_avg_pool1d(hot, side)[:, 0] > 0).T.numpy())
    compared = 0
    middle = [[np.flatnonzero(row).mean() if row.any() else None for row in rows] for rows in member]
    for r in range(side):
        for c in range(side):
            y, x = middle[0][r], middle[1][c]
            if y is None or x is None or member[0][:, int(y)].sum() > 1 or member[1][:, int(x)].sum() > 1:
                continue  # beyond the picture, or so few cells that the bin's middle is shared
            compared += 1
            mean = pixels[np.ix_(member[0][r], member[1][c])].reshape(-1, 3).mean(0)
            assert np.abs(found[int(y), int(x)] - mean).max() <= 0.5 + 1e-9
    if min(height, width) > 3 * side * stride:
        assert compared == side**2


def test_a_larger_picture_has_the_same_bins() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (321, 428, 3), dtype=np.uint8)
    small = pyramid.averaged(pixels, (321, 428), 16, 6)
    large = pyramid.averaged(pixels.repeat(2, 0).repeat(2, 1), (321, 428), 16, 6)
    assert np.array_equal(large[::2, ::2], small)


@pytest.mark.parametrize("size", [(4, 5), (1, 300), (321, 321), (20, 1284)])
def test_a_plain_picture_stays_plain(size: tuple[int, int]) -> None:
    pixels = np.full((*size, 3), 9, np.uint8)
    for side in pyramid.LEVELS:
        assert np.array_equal(pyramid.averaged(pixels, input_size(size[1], size[0])[::-1], 16, side), pixels)
