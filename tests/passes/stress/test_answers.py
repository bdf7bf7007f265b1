"""Agreement, breaking points, flips and shifts, against counting and against the network itself."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PIL import Image

from core.engine import inference
from core.engine.inference import LoadedModel
from core.maths import metrics
from core.passes.segmentation import segment
from core.passes.stress import answers, kinds
from core.pictures import images

NETWORK = "unet"
SMALL = np.asarray(Image.fromarray(images.sample("kitten").pixels).resize((160, 128), Image.Resampling.BILINEAR))


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    inference.wait_until_ready()
    return inference.load(NETWORK)


def test_an_answer_is_that_of_the_segmentation() -> None:
    """Of a photo that has the working scale already, nearly every pixel has the class that `segment` gives it."""
    inference.wait_until_ready()
    model, picture = inference.load(NETWORK), images.sample("kitten")
    pixels = kinds.working(picture.pixels)
    whole = np.asarray(
        Image.fromarray(segment(model, picture).ids).resize(pixels.shape[1::-1], Image.Resampling.NEAREST)
    )
    assert (answers.answer(model, pixels) == whole).mean() > 0.97


def test_agreement_is_the_mean_iou_where_something_lies() -> None:
    clean, now = np.array([[0, 0, 8, 8, 255]], np.uint8), np.array([[0, 8, 8, 8, 3]], np.uint8)
    assert answers.agreement(clean, now) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert answers.agreement(clean, np.where(clean == 255, 0, clean).astype(np.uint8)) == 1
    assert answers.agreement(np.full((2, 2), 255, np.uint8), np.zeros((2, 2), np.uint8)) == 1


def test_a_curve_breaks_where_it_first_crosses_the_level() -> None:
    curve = answers.Curve((0, 10, 20, 30), (1.0, 0.9, 0.3, 0.8))
    assert curve.breaks(0.5) == pytest.approx(10 + 10 * 0.4 / 0.6)
    assert curve.breaks(0.2) is None
    assert answers.Curve((0, 10), (1.0, 0.5)).breaks(0.5) == 10
    assert curve.mean == pytest.approx((0.9 + 0.3 + 0.8) / 3)


def test_a_sweep_is_pass_by_pass_what_it_says(model: LoadedModel) -> None:
    found = list(answers.sweep([NETWORK], SMALL, "blur", points=3))
    assert [(f.done, f.steps) for f in found] == [(1, 3), (2, 3), (3, 3)]
    curve = found[-1].curves[NETWORK]
    clean = answers.answer(model, SMALL)
    for strength, value in zip(curve.strengths, curve.values, strict=True):
        now = answers.answer(model, kinds.disturbed(SMALL, "blur", strength))
        assert value == pytest.approx(metrics.mean_iou(metrics.confusion(clean, now, 21)))
    assert curve.values[0] == 1


def test_the_weakest_setting_flips_and_the_next_weaker_does_not(model: LoadedModel) -> None:
    at = (0.5, 0.5)
    row, column = SMALL.shape[0] // 2, SMALL.shape[1] // 2
    *_, last = answers.flips(model, SMALL, at, ["contrast", "brightness", "patch"])
    assert last.done == last.steps == 3
    clean = answers.answer(model, SMALL)
    assert any(flip.strength is not None for flip in last.found)
    for flip in last.found:
        kind = kinds.KINDS[flip.kind]
        assert flip.before == clean[row, column]
        if flip.strength is None:
            assert flip.after == flip.before
            continue
        here, weaker = (
            answers.answer(model, kinds.disturbed(SMALL, flip.kind, strength, at))[row, column]
            for strength in (flip.strength, flip.strength - kind.step)
        )
        assert here == flip.after != flip.before
        assert weaker == flip.before


def test_a_pixel_is_followed_where_the_photo_moves() -> None:
    ids = np.zeros((101, 101), np.uint8)
    ids[20:41, 60:81] = 8
    moved = kinds.expected(ids, "rotation", 90)
    assert answers._at_pixel(moved, "rotation", 90, 30, 70, 0) == 8
    assert answers._at_pixel(moved, "rotation", 90, 70, 30, 0) == 0


def test_shifts_are_compared_where_both_windows_lie(model: LoadedModel) -> None:
    found = list(answers.shifted(model, SMALL, most=8, step=4))
    last = found[-1]
    assert last.offsets == (0, 4, 8)
    assert last.values[0] == 1
    assert last.jitter == pytest.approx(1 - min(last.values))
    assert sum(map(len, last.packed)) < 3 * SMALL.shape[0] * SMALL.shape[1] / 10
    first = last.mask(0)
    for i, offset in enumerate(last.offsets):
        mask = last.mask(i)
        middle = np.s_[:, 16 : 152 - 8]  # no window's rim lies in it
        assert last.values[i] == pytest.approx((mask[middle] == first[middle]).mean())
        assert (mask[:, offset : offset + 152] == answers.answer(model, SMALL[:, offset : offset + 152])).all()
        assert (mask[:, :offset] == 255).all()
        assert (mask[:, offset : offset + 152] != 255).all()
        assert (mask[:, offset + 152 :] == 255).all()


def test_maps_change_by_what_pytorch_says(model: LoadedModel) -> None:
    import torch

    changed = kinds.disturbed(SMALL, "noise", 40)
    found = dict(answers.by_depth(model, SMALL, changed))
    kept: list[torch.Tensor] = []
    handle = model.module.get_submodule("bottom").register_forward_hook(lambda _m, _i, out: kept.append(out))
    answers.answer(model, SMALL)
    answers.answer(model, changed)
    handle.remove()
    one, other = kept
    assert found["bottom"] == pytest.approx(float((one - other).norm() / one.norm()), rel=1e-5)
    assert all(value == 0 for _path, value in answers.by_depth(model, SMALL, SMALL))
    assert not any(m._forward_hooks for m in model.module.modules())


def test_every_disturbance_has_a_curve_for_every_network_in_the_order_given() -> None:
    steps = answers.sweep(["unet", "deconvnet"], SMALL, "grey", points=2)
    last = list(itertools.islice(steps, 4))[-1]
    assert list(last.curves) == ["unet", "deconvnet"]
    assert last.done == last.steps == 4
