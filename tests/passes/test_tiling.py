"""Overlap-tile against one pass, in float64; reflection against NumPy."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.unet import UNet, UNetError
from core.passes.tiling import SlidingError, Tiling, mirror, one_pass, overlap_tile


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return UNet(width=2).double().eval()


@pytest.fixture(scope="module")
def picture():
    return torch.rand(1, 1, 400, 420, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_tiles_of_the_paper_equal_the_whole_pass_at_stride_384_and_not_at_388(network, picture):
    with torch.inference_mode():
        whole = one_pass(network, picture)
        aligned = overlap_tile(network, picture, tile=572, stride=384)
        seamless = overlap_tile(network, picture, tile=572, stride=388)
    assert whole.shape == (1, 2, 400, 420)
    assert (aligned - whole).abs().max() <= 1e-12
    assert torch.equal(seamless[..., :384, :384], aligned[..., :384, :384]), "the first tile is the same"
    assert (seamless - whole).abs().max() > 0.01 * whole.std(), "388 is not a multiple of 16"


@pytest.mark.parametrize("stride", [16, 48, 64])
def test_every_multiple_of_16_is_exact(network, picture, stride):
    with torch.inference_mode():
        small = picture[..., :100, :130]
        assert (overlap_tile(network, small, 252, stride) - one_pass(network, small)).abs().max() <= 1e-12


@pytest.mark.parametrize("stride", [8, 50, 68])
def test_other_strides_are_not(network, picture, stride):
    with torch.inference_mode():
        small = picture[..., :100, :130]
        assert (overlap_tile(network, small, 252, stride) - one_pass(network, small)).abs().max() > 1e-3


def test_a_picture_smaller_than_the_margin(network, picture):
    with torch.inference_mode():
        small = picture[..., :20, :33]
        assert (overlap_tile(network, small, 188, 4) - one_pass(network, small)).abs().max() > 1e-3
        assert (overlap_tile(network, small, 204, 16) - one_pass(network, small)).abs().max() <= 1e-12


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_mirror_is_numpys_reflection(height, width, top, left, more):
    x = np.arange(float(height * width)).reshape(height, width)
    padded = np.pad(x, ((top, more), (left, more)), mode="reflect")
    ours = mirror(torch.from_numpy(x), -top, -left, height + top + more, width + left + more)
    assert np.array_equal(ours.numpy(), padded)


def test_mirror_keeps_batch_and_channels():
    x = torch.rand(2, 3, 5, 4)
    assert torch.equal(mirror(x, 1, 2, 3, 2), x[:, :, 1:4, 2:4])


@settings(deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(5, 12), st.data())
def test_tiles_cover_every_pixel_and_none_is_idle(height, width, b, data):
    output = 16 * b - 60
    stride = data.draw(st.integers(output // 2, output))
    tiling = Tiling(height, width, 16 * b + 124, stride)
    corners = list(tiling.corners())
    assert len(corners) == len(tiling)
    for axis, side in enumerate((height, width)):
        starts = sorted({corner[axis] for corner in corners})
        covered = 0
        for start in starts:
            assert start <= covered, "no gap"
            assert covered < side, "the tile adds something"
            covered = start + tiling.output
        assert covered >= side


def test_what_the_papers_tiles_cost():
    tiling = Tiling(512, 512)
    assert tiling.output == 388
    assert len(tiling) == 4
    assert round(tiling.repetition, 2) == 2.17


@pytest.mark.parametrize("stride", [0, 389])
def test_gaps_are_refused(stride):
    with pytest.raises(SlidingError, match="388"):
        Tiling(512, 512, 572, stride)


def test_invalid_tiles_are_refused():
    with pytest.raises(UNetError, match="572"):
        Tiling(512, 512, 570)


@pytest.mark.parametrize(("stride", "expected"), [(384, (0,)), (388, (0, 4, 8, 12)), (376, (0, 8))])
def test_tiles_stand_beside_the_groups_of_sixteen_by_n_times_the_rest(stride: int, expected: tuple[int, ...]) -> None:
    tiling = Tiling(4000, 388, 572, stride)
    assert tiling.shifts == expected
    starts = sorted({top for top, _left in tiling.corners()})
    assert [start % 16 for start in starts] == [expected[n % len(expected)] for n in range(len(starts))]


def test_only_every_fourth_tile_of_388_pixels_repeats_one_pass() -> None:
    """A chain of four poolings, in which a tile that stands beside the groups of sixteen answers otherwise."""
    torch.manual_seed(0)
    x = torch.rand(1, 1, 4 * 388, 16, dtype=torch.float64)

    def pooled(part: torch.Tensor) -> torch.Tensor:
        return F.interpolate(F.max_pool2d(part, 16), scale_factor=16, mode="nearest")

    whole = pooled(F.pad(x, (0, 0, 0, 16)))
    shifts = Tiling(4 * 388, 388, 572, 388).shifts
    for n in range(4):
        start = 388 * n
        own = pooled(x[..., start : start + 384, :])
        assert torch.equal(own, whole[..., start : start + 384, :]) is (shifts[n] == 0)
