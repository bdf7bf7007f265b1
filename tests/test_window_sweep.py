"""A pixel's answer from a crop is the dense map's; the effective receptive field lies in the theoretical one."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
import torch

from core import heat_sources, images, inference, snippets_localization, window_sweep
from core.arithmetic import receptive_field
from core.localize import regions
from core.models.patches import layers


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


def test_effective_field_lies_inside_the_theoretical_one(pixels: np.ndarray) -> None:
    model = inference.load("patch-115")
    found = window_sweep.fields(model, pixels, 150, 100)
    square = window_sweep.around(pixels, 150, 100, 255, 512)
    assert [f.size for f in found] == [receptive_field(layers(depth)).size for depth in range(8)]
    image = model.prepare(square).requires_grad_()
    seen = model.module.blocks(model.module.stem(image))
    size, jump, start = receptive_field(layers(7))
    cell = round((255 - start - size // 2) / jump)
    seen[0, :, cell, cell].sum().backward()
    assert image.grad is not None
    slope = image.grad[0].abs().sum(0).numpy()
    first = 255 - found[-1].before
    inside = slope[first : first + size, first : first + size]
    assert inside.sum() > 0
    assert slope.sum() == pytest.approx(inside.sum(), rel=1e-6)  # not a pixel outside counts
    assert np.allclose(found[-1].gradient, inside / inside.max(), atol=1e-5)
    assert found[-1].core < found[-1].size


def test_concentration_by_hand() -> None:
    spike = np.zeros((9, 9), np.float32)
    spike[4, 4], spike[0, 0] = 9.5, 0.5
    assert window_sweep.concentration(spike, 4) == 1
    assert window_sweep.concentration(np.ones((9, 9), np.float32), 4) == 9


def test_a_coarser_stride_permits_less(pixels: np.ndarray) -> None:
    truth = window_sweep.dense(inference.load("fcn8s"), pixels)
    scores = [window_sweep.ceiling(truth, stride) for stride in (1, 8, 16, 32)]
    assert scores[0] == 1
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < scores[1]
    assert window_sweep.grade(truth, truth) == (1, 1, 1)


def test_heatmaps(pixels: np.ndarray) -> None:
    shares = heat_sources.probabilities(inference.load("fcn8s"), pixels)
    assert shares.shape == (21, *pixels.shape[:2])
    ids = window_sweep.dense(inference.load("fcn8s"), pixels)
    assert (shares.argmax(0) == ids).mean() > 0.98  # ties of bytes apart
    found = heat_sources.activation(inference.load("efficientnet-lite0"), pixels)
    assert found.heat.shape == pixels.shape[:2]
    assert found.heat.max() >= 250


def test_the_snippet_prints_the_box_on_screen(pixels: np.ndarray) -> None:
    picture, label, level = images.sample("dog"), 12, 128
    path = str(next(s.path for s in images.SAMPLES if s.key == "dog"))
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(snippets_localization.box(picture, path, label, level), "snippet", "exec"), {})
    largest = regions(heat_sources.probabilities(inference.load("fcn8s"), pixels)[label], level)[0]
    assert out.getvalue().splitlines()[0] == " ".join(map(str, (largest.area, *largest.box)))
