"""Maps from gradients, against grad-cam, Captum and PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.engine import inference
from core.models import segmenters
from core.passes.attribution import depths
from core.passes.attribution.gradients import gradient_x_input, integrated_gradients, seg_grad_cam
from core.passes.attribution.question import AttributionError, Question, Subject, look, score
from core.pictures import images
from tests.support.peers import without_drawing
from tests.support.subjects import question, subject

NETWORKS = segmenters.networks()
CLOSE = 1e-5


def hooks(here: Subject) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in here.model.module.modules())


def scaled(heat: Any) -> Any:
    return heat / max(float(np.abs(heat).max()), 1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_seg_grad_cam_equals_grad_cams_at_every_depth(name: str) -> None:
    import core.models.torchvision_compat  # noqa: F401  (before torchvision, beside a CPU-only torch)

    with without_drawing():
        from pytorch_grad_cam import GradCAM
        from pytorch_grad_cam.utils.model_targets import SemanticSegmentationTarget
    here, asked = subject(name), question(name)
    own = seg_grad_cam(here, asked)
    assert len(own.depths) >= 9
    modules = dict(here.model.module.named_modules())
    layers = [modules[cam.path] for cam in own.depths]
    peer = GradCAM(here.model.module, layers)
    x, watch = here.model.prepare(here.pixels).requires_grad_(), peer.activations_and_grads
    target = SemanticSegmentationTarget(asked.label, asked.region.astype(np.float32) / asked.region.sum())
    target(watch(x)[0]).backward()
    activations = [a.numpy() for a in watch.activations]
    gradients = [g.numpy() for g in watch.gradients]
    watch.release()
    assert any(cam.heat.any() for cam in own.depths)
    for cam, layer, map_, slope in zip(own.depths, layers, activations, gradients, strict=True):
        theirs = np.maximum(peer.get_cam_image(x, layer, [target], map_, slope), 0)[0]
        assert np.abs(cam.heat - theirs).max() <= CLOSE
        terms = np.abs(slope.mean((2, 3))[..., None, None] * map_).sum(1).max()  # what is added up, and may cancel
        assert np.abs(cam.heat - theirs).max() <= CLOSE * terms, cam.path
        if theirs.max() > 0.2 * terms:
            assert np.abs(scaled(cam.heat) - scaled(theirs)).max() <= CLOSE, cam.path
    assert hooks(here) == 0


def forward(here: Subject, asked: Question) -> Any:
    return lambda x: score(here.model.module(x), asked)


@pytest.mark.parametrize("name", ["fcn32s", "deeplabv3plus", "unet"])
def test_integrated_gradients_and_gradient_x_input_equal_captums(name: str) -> None:
    import core.models.torchvision_compat  # noqa: F401

    with without_drawing():
        from captum.attr import InputXGradient, IntegratedGradients
    here, asked = subject(name), question(name)
    x = here.model.prepare(here.pixels).requires_grad_()
    theirs = InputXGradient(forward(here, asked)).attribute(x).detach().sum(1)[0].numpy()
    assert np.abs(scaled(gradient_x_input(here, asked)) - scaled(theirs)).max() <= CLOSE
    steps = 5
    *_, own = integrated_gradients(here, asked, steps)
    theirs, gap = IntegratedGradients(forward(here, asked)).attribute(
        x, n_steps=steps, method="gausslegendre", internal_batch_size=1, return_convergence_delta=True
    )
    theirs = theirs.detach().sum(1)[0].numpy()
    assert np.abs(scaled(own.heat) - scaled(theirs)).max() <= CLOSE
    assert own.done == own.steps == steps
    assert own.missing == pytest.approx(abs(float(gap)) / abs(own.gain), abs=1e-3)
    assert hooks(here) == 0


def test_the_gain_is_what_the_photo_adds_to_an_empty_picture() -> None:
    here, asked = subject("unet"), question("unet")
    first = next(integrated_gradients(here, asked, 2))
    with torch.inference_mode():
        x = here.model.prepare(here.pixels)
        photo, empty = (float(score(here.model.module(each), asked)[0]) for each in (x, torch.zeros_like(x)))
    assert first.gain == pytest.approx(photo - empty, abs=1e-4)


def test_a_map_against_another_class_is_the_difference_of_both() -> None:
    here, asked = subject("unet"), question("unet")
    second = here.ranking(*here.place(0.5, 0.5))[1]
    both = gradient_x_input(here, asked._replace(against=second))
    one, other = gradient_x_input(here, asked), gradient_x_input(here, asked._replace(label=second))
    np.testing.assert_allclose(both, one - other, atol=1e-5)


def test_a_region_is_the_mean_of_its_pixels() -> None:
    here, asked = subject("unet"), question("unet")
    left, right = here.spot(0.3, 0.5), here.spot(0.7, 0.5)
    whole = gradient_x_input(here, asked._replace(region=left | right))
    each = [gradient_x_input(here, asked._replace(region=part)) for part in (left, right)]
    np.testing.assert_allclose(whole, (each[0] + each[1]) / 2, atol=1e-5)


def test_maps_are_kept_from_layers_that_work_in_place() -> None:
    """A ReLU in place behind a convolution changes what the convolution gave; the map is weighed before that."""
    here, asked = subject("unet"), question("unet")
    (cam,) = seg_grad_cam(here, asked, ["bottom.conv2"]).depths
    assert cam.heat.shape == (7, 9)
    assert hooks(here) == 0


def test_every_stage_is_there_from_the_first_map_to_the_last() -> None:
    for name in NETWORKS:
        paths = depths.paths(inference.load(name).module)
        assert len(paths) >= 9, name
        assert paths[0] in {"encoder.stem", "contracting.0", "down.0"}


@pytest.mark.parametrize("name", ["unet-em", "unet-nuclei", "efficientnet-lite0"])
def test_a_network_that_is_not_for_photos_is_refused(name: str) -> None:
    with pytest.raises(AttributionError, match="no network that cuts photos out"):
        look(inference.load(name), images.sample("kitten"))


def test_questions_without_an_answer_are_refused() -> None:
    here, asked = subject("unet"), question("unet")
    with pytest.raises(AttributionError, match="not 21"):
        seg_grad_cam(here, asked._replace(label=21))
    with pytest.raises(AttributionError, match="Nothing is marked"):
        gradient_x_input(here, asked._replace(region=np.zeros(here.size, bool)))


def test_chances_are_the_softmax() -> None:
    here = subject("unet")
    expected = torch.from_numpy(here.scores).double().softmax(0)[:, 40, 50].numpy()
    np.testing.assert_allclose(here.chances(40, 50), expected, atol=1e-7)
    assert here.ids[40, 50] == here.ranking(40, 50)[0]


def test_cells_stand_where_the_network_reads_them() -> None:
    """A single warm cell of the finest map is warmest at the pixel that moves it most."""
    for name in ("unet-mobilenetv2", "unet", "deconvnet"):
        here = subject(name)
        cam = seg_grad_cam(here, question(name)).depths[0]
        rows, columns = cam.heat.shape
        x = here.model.prepare(here.pixels).requires_grad_()
        kept: list[torch.Tensor] = []
        module = dict(here.model.module.named_modules())[cam.path]
        handle = module.register_forward_hook(lambda _m, _i, output, kept=kept: kept.append(output))
        here.model.module(x)
        handle.remove()
        row, column = rows // 2, columns // 2
        (slope,) = torch.autograd.grad(kept[0][0, :, row, column].sum(), x)
        reached = np.argwhere(slope[0].abs().sum(0).numpy() > 0)
        middle = (reached.min(0) + reached.max(0) + 1) / 2
        for axis, at in enumerate((row, column)):
            place = cam.where[axis]
            assert abs(place.first + at * place.step - middle[axis]) <= 1, (name, axis)
        warm = np.zeros_like(cam.heat)
        warm[row, column] = 1
        full = depths.spread(warm, cam.where, here.size)
        top = np.argwhere(full == full.max()).mean(0) + 0.5
        assert np.abs(top - middle).max() <= 1.5, name
