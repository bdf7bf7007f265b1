"""A pixel's answer from a crop is the dense map's; the effective receptive field lies in the theoretical one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.concepts.localization import window_sweep
from core.engine import inference
from core.maths.arithmetic import receptive_field
from core.models.mobilenetv2 import layers
from core.models.shared import extend
from core.pictures import images


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return window_sweep.render(images.sample("dog").pixels)


@pytest.mark.parametrize("window", window_sweep.WINDOWS)
def test_answer_from_the_crop_is_the_dense_cell(pixels: np.ndarray, window: int) -> None:
    model = inference.load(f"patch-{window}")
    stride = model.spec.output_stride
    with torch.inference_mode():
        cells = model.module(model.prepare(pixels)).softmax(1)[0]  # (21, rows, columns)
    row, column = 128 // stride, 160 // stride
    x, y = (stride * c + stride // 2 - 1 for c in (column, row))
    answers = window_sweep.sweep({window: model}, pixels, x, y)[0]
    whole = cells[:, row, column].numpy()
    for shown, answer in zip(window_sweep.SIDES, answers, strict=True):
        assert answer.sum() == pytest.approx(1, abs=1e-5)
        if shown >= window:
            assert np.abs(answer - whole).max() < 1e-5
    assert np.abs(answers[0] - whole).max() > 1e-4


def test_a_shown_square_is_all_that_is_read(pixels: np.ndarray) -> None:
    model = inference.load("patch-67")
    x, y, shown = 150, 100, 25
    hidden = np.full_like(pixels, window_sweep.GREY)
    inside = (slice(y - 12, y + 13), slice(x - 12, x + 13))
    hidden[inside] = pixels[inside]
    at = window_sweep.SIDES.index(shown)
    whole, part = (window_sweep.sweep({67: model}, p, x, y)[0] for p in (pixels, hidden))
    assert np.abs(whole[at] - part[-1]).max() < 1e-6


def test_pixels_outside_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(window_sweep.SweepError):
        window_sweep.around(pixels, pixels.shape[1], 0, 5, 11)


def test_around_is_grey_beyond_the_photo() -> None:
    photo = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    out = window_sweep.around(photo, 0, 3, 2, 5)
    assert (out[2, 2] == photo[3, 0]).all()
    assert (out[:, :2] == window_sweep.GREY).all()
    assert (out[3:] == window_sweep.GREY).all()
    assert (out[:3, 2:] == photo[1:4, :3]).all()


@pytest.mark.parametrize(("layer", "stage"), [(3, 1), (6, 2), (13, 3), (17, 4)])
def test_effective_field_is_the_gradient_and_lies_in_the_theoretical_one(
    pixels: np.ndarray, layer: int, stage: int
) -> None:
    model, x, y = inference.load("fcn8s"), 150, 100
    found = window_sweep.field(model, pixels, x, y, layer)
    assert (found.size, found.stride) == receptive_field(layers(layer))[:2]
    assert found.left <= x < found.left + found.size
    assert found.top <= y < found.top + found.size
    image = model.prepare(pixels).requires_grad_()
    seen = model.module.encoder.forward_features(extend(image))
    start = receptive_field(layers(layer)).start
    row, column = ((edge - start) // found.stride for edge in (found.top, found.left))
    deviation = model.module.encoder.standards[stage].deviation  # the map as it is, not in its own units
    (seen[stage][0, :, row, column] * deviation).sum().backward()  # the last at this stride, by the encoder's own way
    assert image.grad is not None
    slope = image.grad[0].abs().sum(0).numpy()
    assert np.allclose(found.gradient, slope / slope.max(), atol=1e-5)
    beyond = slope.copy()
    rows, columns = (slice(max(edge, 0), edge + found.size) for edge in (found.top, found.left))
    beyond[rows, columns] = 0
    assert not beyond.any()  # not a pixel outside counts
    assert 1 < found.core < found.size
    assert found.share == (found.core / found.size) ** 2


@pytest.mark.parametrize(("x", "y", "layer"), [(-1, 5, 3), (5, 321, 3), (5, 5, 18), (5, 5, -1)])
def test_fields_that_do_not_exist_are_refused(pixels: np.ndarray, x: int, y: int, layer: int) -> None:
    with pytest.raises(window_sweep.SweepError):
        window_sweep.field(inference.load("fcn8s"), pixels, x, y, layer)


def test_concentration_by_hand() -> None:
    spike = np.zeros((9, 12), np.float32)
    spike[4, 5], spike[0, 0] = 9.5, 0.5
    assert window_sweep.concentration(spike, 5, 4) == 1
    assert window_sweep.concentration(spike, 7, 4) == 5
    assert window_sweep.concentration(np.ones((9, 9), np.float32), 4, 4) == 9
    assert window_sweep.concentration(np.ones((9, 9), np.float32), 0, 0) == 17  # half of the square lies outside


def peeled(mask: np.ndarray) -> tuple[int, int] | None:
    """The first pixel of those that survive longest when everything beside an outside pixel goes, again and again."""
    left = np.pad(mask, 1)
    if not left.any():
        return None
    while True:
        core = left & np.roll(left, 1, 0) & np.roll(left, -1, 0) & np.roll(left, 1, 1) & np.roll(left, -1, 1)
        if not core.any():
            row, column = np.argwhere(left)[0]
            return int(column) - 1, int(row) - 1
        left = core


@given(arrays("bool", st.tuples(st.integers(1, 12), st.integers(1, 12))), st.integers(1, 3))
def test_the_deepest_pixel_survives_the_peeling_longest(mask: np.ndarray, coarse: int) -> None:
    mask = mask.repeat(coarse, 0).repeat(coarse, 1)
    assert window_sweep.inside(mask) == peeled(mask)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_no_number_is_a_sentence_and_not_an_endless_search(bad: float) -> None:
    gradient = np.ones((9, 12), np.float32)
    gradient[2, 3] = bad
    with pytest.raises(window_sweep.SweepError, match="not a number"):
        window_sweep.concentration(gradient, 5, 4)
    assert window_sweep.concentration(np.zeros((9, 12), np.float32), 5, 4) == 1


@given(arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12))), st.data())
def test_concentration_is_the_smallest_square_that_holds_enough(counts: np.ndarray, data: st.DataObject) -> None:
    y, x = (data.draw(st.integers(0, side - 1)) for side in counts.shape)
    side = window_sweep.concentration(counts.astype(np.float32), x, y)

    def held(half: int) -> int:
        return int(counts[max(0, y - half) : y + half + 1, max(0, x - half) : x + half + 1].sum())

    assert side % 2
    assert held(side // 2) >= window_sweep.MOST * counts.sum()
    assert side == 1 or held(side // 2 - 1) < window_sweep.MOST * counts.sum()


def test_a_pixel_deep_inside() -> None:
    mask = np.zeros((9, 12), bool)
    mask[1:8, 2:9] = True
    mask[0, 11] = True
    assert window_sweep.inside(mask) == (5, 4)
    assert window_sweep.inside(np.zeros((3, 3), bool)) is None
    assert window_sweep.inside(np.ones((3, 3), bool)) == (1, 1)


def test_a_coarser_stride_permits_less(pixels: np.ndarray) -> None:
    truth = window_sweep.dense(inference.load("fcn8s"), pixels)
    scores = [window_sweep.ceiling(truth, stride) for stride in (1, 8, 16, 32)]
    assert scores[0] == 1
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < scores[1]
    assert window_sweep.grade(truth, truth) == (1, 1, 1)
