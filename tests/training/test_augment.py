"""What a training picture goes through: windows, colours, pasted objects; a crop's answers lie where its pixels do."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.training import augment
from core.training.answers import Answers, seen_size
from core.training.augment import Window


@given(side=st.sampled_from([33, 64]), zoom=st.floats(0.3, 3), seed=st.integers(0, 10**6), focused=st.booleans())
def test_window_invents_nothing(side: int, zoom: float, seed: int, focused: bool) -> None:
    pixels, labels = np.full((40, 60, 3), 200, np.uint8), np.full((40, 60), 3, np.uint8)
    labels[10:30, 20:50] = 7
    place = Window.draw(40, 60, side, zoom, np.random.default_rng(seed), labels == 7 if focused else None)
    out, ids = place.cut(pixels, labels)
    assert out.shape == (side, side, 3)
    assert ids.shape == (side, side)
    assert set(np.unique(ids)) <= {3, 7, 255}
    assert (out[ids == 255] == augment.FILL).all()  # beyond the picture: void and grey, nowhere else
    assert (out[ids != 255] == 200).all()
    assert not focused or (ids == 7).any()


@given(
    height=st.integers(150, 256), width=st.integers(150, 256), zoom=st.floats(0.7, 3), seed=st.integers(0, 10**6),
    stride=st.sampled_from([1, 4]),
)  # fmt: skip
def test_answers_lie_where_the_crops_pixels_come_from(
    height: int, width: int, zoom: float, seed: int, stride: int
) -> None:
    """A picture whose colours name their place, and answers that do the same, through the same window."""
    rows, columns = (np.arange(n, dtype=np.float64) for n in (height, width))
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0], pixels[..., 1] = rows[:, None], columns
    seen = seen_size(height, width)
    cells = tuple((side - 1) // 16 + 1 for side in seen)
    # at pixel 16 i of the picture as the network saw it stands source pixel (16 i + 0.5) height / seen - 0.5
    sizes = zip(cells, (height, width), seen, strict=True)
    down, across = ((16 * np.arange(n) + 0.5) * size / side - 0.5 for n, size, side in sizes)
    scores = np.zeros((21, *cells), np.float16)
    scores[0], scores[1] = down[:, None] / 256, across / 256  # half precision holds them to an eighth of a pixel
    taught = Answers((cells,), scores.ravel(), (0,))  # type: ignore[arg-type]
    place = Window.draw(height, width, 129, zoom, np.random.default_rng(seed))
    crop, ids = place.cut(pixels, np.zeros((height, width), np.uint8))
    found = taught.at(0, *place.shares(stride)).numpy() * 256
    inside = ids[::stride, ::stride] == 0
    for axis in (0, 1):
        shown = crop[::stride, ::stride, axis].astype(float)
        # rounding to bytes and to whole pixels at the picture's edge, and half precision
        assert np.abs(found[axis] - shown)[inside].max(initial=0) < 1.5 + 1 / zoom


def test_paste_lays_objects_and_their_rim_over_the_picture() -> None:
    ground = np.zeros((30, 30, 3), np.uint8), np.full((30, 30), 4, np.uint8)
    over = np.full((30, 30, 3), 99, np.uint8), np.zeros((30, 30), np.uint8)
    over[1][10:20, 10:20] = 255
    over[1][12:18, 12:18] = 9
    pixels, labels = augment.paste(*ground, *over)
    np.testing.assert_array_equal(labels == 9, over[1] == 9)
    np.testing.assert_array_equal(labels == 255, over[1] == 255)
    np.testing.assert_array_equal(pixels[..., 0] == 99, over[1] > 0)


@given(st.integers(0, 10**6))
def test_colours_stay_in_range(seed: int) -> None:
    rng = np.random.default_rng(seed)
    out = augment.colours(rng.integers(0, 256, (8, 8, 3)).astype(np.uint8), rng)
    assert out.dtype == np.float32
    assert 0 <= out.min() <= out.max() <= 255
