"""Where cells stand, against a single hot cell that PyTorch enlarges, and against the encoder itself."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from tests.support.paths import ROOT

from core.maths import geometry
from core.models.registry import build
from core.models.shared import EncoderDecoder, extend

STRIDES = (1, 2, 4, 8, 16, 32)
SIDES = st.integers(1, 500)


def weights(side: int, stride: int) -> torch.Tensor:
    """``float64 (cells, side)``: what each cell, alone hot, gives to every pixel when the map is enlarged."""
    count = geometry.cells(side, stride)
    hot = torch.eye(count, dtype=torch.float64)[:, None, None]  # (cells, 1, 1, cells): in batch i cell i is hot
    whole = F.interpolate(hot, (1, geometry.extended(side)), mode="bilinear", align_corners=True)
    return whole[:, 0, 0, :side]


@given(SIDES, st.sampled_from(STRIDES))
def test_a_cell_stands_where_its_weight_is_whole(side: int, stride: int) -> None:
    found = weights(side, stride)
    for cell in range(len(found)):
        pixel = geometry.place(cell, stride)
        if pixel < side:
            assert found[cell, pixel] == pytest.approx(1)
            assert geometry.cell_at(pixel, stride) == cell
        else:
            assert pixel < geometry.extended(side)
        assert (pixel < side) == (cell < geometry.inside(side, stride))


@given(SIDES, st.sampled_from(STRIDES))
def test_the_cell_at_a_pixel_is_the_one_that_weighs_most_there(side: int, stride: int) -> None:
    found = weights(side, stride)
    chosen = torch.tensor([geometry.cell_at(pixel, stride) for pixel in range(side)])
    most = found.max(0).values
    assert torch.allclose(found[chosen, torch.arange(side)], most, atol=1e-12)
    as_near = (found >= most - 1e-12).double() * torch.arange(len(found))[:, None]
    assert torch.equal(as_near.max(0).values.long(), chosen), "of two the later one"


@given(SIDES, st.sampled_from(STRIDES))
def test_edges_divide_the_picture_among_its_cells(side: int, stride: int) -> None:
    edges = geometry.edges(side, stride)
    assert len(edges) == geometry.cells(side, stride) + 1
    assert (edges[0], edges[-1]) == (0, side)
    owners = [cell for cell, (a, b) in enumerate(pairwise(edges)) for _ in range(a, b)]
    assert owners == [geometry.cell_at(pixel, stride) for pixel in range(side)]


@given(st.floats(0, 1), SIDES)
def test_a_share_of_a_side_is_a_pixel_of_it(share: float, side: int) -> None:
    pixel = geometry.pixel_at(share, side)
    assert 0 <= pixel < side
    assert share == 1 or pixel <= share * side < pixel + 1


@pytest.mark.parametrize(("stride", "cells"), [(32, 11), (16, 21), (8, 41)])
def test_a_short_side_has_the_stated_cells(stride: int, cells: int) -> None:
    assert geometry.cells(321, stride) == cells


@pytest.mark.parametrize("size", [(321, 428), (33, 70), (1, 34)])
def test_sides_and_cells_are_the_encoders(size: tuple[int, int]) -> None:
    with torch.device("meta"):
        x = torch.zeros(1, 3, *size)
        assert extend(x).shape[-2:] == tuple(map(geometry.extended, size))
        for stride in (8, 16, 32):
            network = build("deeplabv3")
            assert isinstance(network, EncoderDecoder)
            network.set_output_stride(stride)
            *_, last = network.encoder.forward_features(extend(x))
            assert last.shape[-2:] == tuple(geometry.cells(side, stride) for side in size)


def test_it_needs_no_pytorch() -> None:
    code = "import sys, core.maths.geometry, core.concepts.pspnet.pyramid, core.concepts.pspnet.scenes; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
