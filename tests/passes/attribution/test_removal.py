"""Occlusion against Captum's, curves against counting, the shuffled network and the field against the network."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.engine import inference
from core.models import segmenters
from core.passes.attribution import control, field, removal
from core.passes.attribution.gradients import seg_grad_cam
from core.passes.attribution.question import score
from tests.support.peers import without_drawing
from tests.support.subjects import question, subject


def test_occlusion_equals_captums_where_squares_do_not_overlap() -> None:
    import core.models.torchvision_compat  # noqa: F401  (before torchvision, beside a CPU-only torch)

    with without_drawing():
        from captum.attr import Occlusion
    here, asked = subject("unet"), question("unet")
    small = type(here)(here.model, here.pixels[:96, :96].copy(), here.scores[:, :96, :96].copy(), 0.0)
    asked = asked._replace(region=np.ascontiguousarray(asked.region[:96, :96]))
    *_, own = removal.occlusion(small, asked, patch=32, step=32)
    assert own.done == own.steps == 9
    # Captum counts once for every channel of the square that it hides, and divides by how often each was hidden.
    baseline = here.model.prepare(np.broadcast_to(removal.empty_colour(here), (1, 1, 3)).copy())[0]
    theirs = Occlusion(lambda x: score(here.model.module(x), asked)).attribute(
        here.model.prepare(small.pixels), (3, 32, 32), strides=(3, 32, 32), baselines=baseline.expand(3, 96, 96)[None]
    )
    np.testing.assert_allclose(own.heat, theirs[0, 0].numpy(), atol=1e-3)


def test_squares_reach_the_end_of_a_side() -> None:
    assert removal.corners(100, 48, 24) == [0, 24, 48, 52]
    assert removal.corners(40, 48, 24) == [0]


def test_tiles_are_taken_by_falling_heat() -> None:
    heat = np.zeros((32, 48), np.float32)
    heat[16:, 32:] = 2
    heat[:16, :16] = 1
    order = removal.tile_order(heat)
    assert list(order[:2]) == [5, 0]
    part = removal.uncovered(order, 1, (32, 48))
    assert part.sum() == 256
    assert part[16:, 32:].all()
    assert removal.uncovered(order, 6, (30, 41)).all()


def test_curves_begin_and_end_with_the_pictures_that_they_name() -> None:
    here, asked = subject("unet"), question("unet")
    heat = seg_grad_cam(here, asked).depths[-1].at_pixels(here.size)
    *_, last = removal.trial(here, asked, heat, points=4)
    label, (row, column) = asked.label, here.place(0.5, 0.5)

    def chance(pixels: np.ndarray) -> float:
        with torch.inference_mode():
            return float(here.model.module(here.model.prepare(pixels)).softmax(1)[0, label, row, column])

    empty = np.broadcast_to(removal.empty_colour(here), here.pixels.shape).copy()
    assert last.deletion.chances[0] == pytest.approx(chance(here.pixels), abs=1e-5)
    assert last.deletion.chances[-1] == pytest.approx(chance(empty), abs=1e-5)
    assert last.insertion.chances[0] == pytest.approx(chance(removal.blurred(here.pixels)), abs=1e-5)
    assert last.insertion.chances[-1] == pytest.approx(chance(here.pixels), abs=1e-5)
    assert (last.done, last.steps, len(last.deletion.shares)) == (10, 10, 5)


def test_the_area_is_the_mean_of_a_straight_line() -> None:
    assert removal.Curve((0.0, 0.5, 1.0), (1.0, 0.5, 0.0)).area == pytest.approx(0.5)
    assert removal.Curve((0.0, 0.5), (0.2, 0.4)).area == pytest.approx(0.3)
    assert removal.Curve((0.0,), (0.7,)).area == pytest.approx(0.7)


def test_a_shuffled_network_has_the_same_weights_in_another_order_and_the_shared_one_keeps_its_own() -> None:
    model = inference.load("unet")
    before = {key: value.clone() for key, value in model.module.state_dict().items()}
    other = control.shuffled(model).state_dict()
    for key, value in model.module.state_dict().items():
        assert torch.equal(value, before[key])
        assert torch.equal(value.float().flatten().sort().values, other[key].float().flatten().sort().values), key
    assert not torch.equal(before["bottom.conv1.weight"], other["bottom.conv1.weight"])
    again = control.shuffled(model).state_dict()
    assert all(torch.equal(other[key], again[key]) for key in other)


def test_the_control_compares_depth_by_depth() -> None:
    here, asked = subject("unet"), question("unet")
    own = seg_grad_cam(here, asked).depths
    found = control.control(here, asked, own)
    assert [cam.path for cam in found.depths] == [cam.path for cam in own]
    assert all(np.isnan(value) or -1 <= value <= 1 for value in found.agreement)
    assert min(value for value in found.agreement if value == value) < 0.9


def test_rank_correlation_is_scipys() -> None:
    from scipy.stats import spearmanr

    dice = np.random.default_rng(1)
    one, other = dice.integers(0, 5, (2, 8, 9)).astype(np.float32)
    assert control.rank_correlation(one, other) == pytest.approx(float(spearmanr(one.ravel(), other.ravel())[0]))
    assert np.isnan(control.rank_correlation(one, np.zeros_like(one)))


@pytest.mark.parametrize("name", segmenters.networks())
def test_nothing_outside_the_field_changes_an_answer(name: str) -> None:
    """The pixel in the corner, and the smallest network's in the middle: noise beyond the field moves no score."""
    model = inference.load(name)
    size = (33, 737) if name != "deconvnet" else (33, 224)
    found = field.field(model, size, 2, 3)
    assert found.mask[0, 0]
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    noisy = pixels.copy()
    noisy[~found.mask] = 255 - noisy[~found.mask]
    with torch.inference_mode():
        one, other = (model.module(model.prepare(each))[0, :, 2, 3] for each in (pixels, noisy))
    assert torch.equal(one, other) or (one - other).abs().max() < 1e-4 * one.abs().max()
    whole = {"pspnet", "deeplabv3", "deeplabv3plus", "deeplabv3-released", "deconvnet"}
    assert found.whole is (name in whole), found.box
    if not found.whole:
        left, top, right, bottom = found.box
        assert (left, top, bottom) == (0, 0, 33)
        assert found.mask[:, : right - left].any(0).all()


def test_the_field_of_a_plain_stack_is_the_arithmetics() -> None:
    from torch import nn

    network = field.spread_out(nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.ReLU6(), nn.MaxPool2d(2), nn.Conv2d(4, 5, 3)))
    found = field.field_of(network, (40, 40), 3, 3)
    # 3 cells of the last convolution, 2 of the pooling, 3 of the first: 3 + (6 - 1) * 2 = 13 pixels from 3 * 4 - 1.
    assert found.box == (11, 11, 24, 24)
