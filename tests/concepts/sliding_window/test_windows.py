"""Counts of what overlapping windows repeat, against windows laid one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.concepts.sliding_window.windows import MARGIN, Windows, WindowsError, covered, sliding, tile_for


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 8), st.integers(1, 8))
def test_reads_are_a_brute_force_count(height: int, width: int, side: int, stride: int) -> None:
    assume(min(height, width) >= side)
    windows = Windows(height, width, side, stride)
    counted = np.zeros((height, width), int)
    for top, left in windows.corners():
        assert top + side <= height
        assert left + side <= width
        for y in range(top, top + side):
            for x in range(left, left + side):
                counted[y, x] += 1
    rows, columns = windows.reads()
    assert np.array_equal(np.outer(rows, columns), counted)
    assert windows.most == counted.max()
    assert len(windows) == len(list(windows.corners()))
    assert windows.repetition == pytest.approx(counted.sum() / (height * width))


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3))
def test_recomputed_activations_are_a_brute_force_count(rows: int, columns: int, k: int, s: int, steps: int) -> None:
    """A first layer with kernel k and stride s, unpadded; windows every steps * s pixels."""
    side = k + s * 3  # four activations along each side
    height, width = side + (rows - 1) * steps * s, side + (columns - 1) * steps * s
    windows = Windows(height, width, side, steps * s)
    whole = (height - k) // s + 1, (width - k) // s + 1
    counted = np.zeros(whole, int)
    for top, left in windows.corners():
        for y in range(4):
            for x in range(4):
                counted[top // s + y, left // s + x] += 1
    ours = windows.recomputed(s, 4, whole)
    assert np.array_equal(np.outer(*ours), counted)


@given(st.integers(1, 30), st.integers(-5, 20), st.integers(0, 12), st.integers(1, 7), st.integers(1, 15))
def test_coverage_with_intervals_beyond_the_ends(length: int, start: int, many: int, step: int, reach: int) -> None:
    starts = range(start, start + many * step, step)
    brute = [sum(s <= place < s + reach for s in starts) for place in range(length)]
    assert covered(length, starts, reach).tolist() == brute


def test_a_pixel_is_read_49_times_at_stride_32() -> None:
    windows = sliding(640, 640, 32)
    rows, columns = windows.reads()
    assert rows[320] * columns[320] == windows.most == 49
    assert rows[0] * columns[0] == 1
    first = windows.recomputed(2, 112, (320, 320))
    assert first[0].max() * first[1].max() == 49
    assert sliding(448, 448, 224).most == 1


@pytest.mark.parametrize("stride", [32, 64, 96, 128, 224, 384])
def test_tiles_are_unets(stride: int) -> None:
    from core.models import unet
    from core.passes.tiling import Tiling

    assert unet.MARGIN == MARGIN
    assert tile_for(stride) == unet.input_side(stride)
    for height, width in ((448, 608), (300, 211)):
        windows, tiling = sliding(height, width, stride, tiles=True), Tiling(height, width, tile_for(stride), stride)
        assert {(t + MARGIN, left + MARGIN) for t, left in windows.corners()} >= set(tiling.corners())
        rows, columns = windows.reads()
        assert rows.min() >= 1
        assert columns.min() >= 1


def test_what_does_not_fit_is_a_sentence() -> None:
    with pytest.raises(WindowsError, match="enlarge the input"):
        Windows(200, 500)
    with pytest.raises(WindowsError, match="share no activations"):
        Windows(300, 300, 224, 30).recomputed(4, 55, (75, 75))
