"""Faders, what skip connections are worth, and the effect of silenced channels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.concepts.unet import skips
from core.engine import inference
from core.engine.inference import LoadedModel
from core.engine.tracing import Trace
from core.maths.metrics import boundary_score
from core.models.mobilenetv2 import PYRAMID_STAGES, Standard
from core.models.registry import SPECS, build
from core.models.shared import extended, resize
from core.models.unet import MARGIN
from core.passes import counting
from core.pictures import images


@pytest.fixture(scope="module", params=["unet", "unet-mobilenetv2", "unet-em", "unet-nuclei"])
def model(request: pytest.FixtureRequest) -> LoadedModel:
    """Random weights with running statistics that are not trivial; the arithmetic does not care."""
    inference.wait_until_ready()
    torch.manual_seed(3)
    network = build(request.param)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
        elif isinstance(module, Standard):
            torch.nn.init.uniform_(module.mean, -0.1, 0.1)
            torch.nn.init.uniform_(module.deviation, 0.5, 2.0)
    return LoadedModel(SPECS[request.param], network.eval().requires_grad_(False), 0.0)


@pytest.fixture(scope="module")
def picture(model: LoadedModel) -> images.Picture:
    return images.sample({"em": "cells", "nuclei": "nuclei-tissue"}.get(model.spec.labels, "cat"))


@pytest.fixture(scope="module")
def down(model: LoadedModel, picture: images.Picture) -> skips.Down:
    return skips.descend(model, picture)


def test_full_faders_are_the_untouched_network_bitwise(down: skips.Down, picture: images.Picture) -> None:
    _pixels, _origin, x = skips.prepare(down.model, picture)
    whole = inference.run(down.model.module, x).value
    ours = inference.run(skips.scores, down, (1.0,) * 4).value
    assert torch.equal(ours, whole[..., : ours.shape[-2], : ours.shape[-1]])
    assert ours.shape[-2:] == (down.place[3], down.place[2])


def test_the_untouched_network_also_pads_like_this(picture: images.Picture, model: LoadedModel) -> None:
    if model.spec.labels in ("em", "nuclei"):
        pytest.skip("takes valid sides only")
    pixels, _origin, _x = skips.prepare(model, picture)
    whole = inference.run(model.module, model.prepare(pixels)).value
    assert torch.equal(inference.run(skips.scores, skips.descend(model, picture)).value, whole)


def test_every_fader_matters_and_only_the_path_up_follows(down: skips.Down) -> None:
    full = inference.run(skips.scores, down).value
    for level in range(4):
        gains = [float(i != level) for i in range(4)]
        assert not torch.equal(inference.run(skips.scores, down, gains).value, full)
        faded = skips.ascend(down, gains)
        assert np.array_equal(faded.ids, skips.mask(down, gains))


def test_stages_are_the_traced_activations(down: skips.Down, picture: images.Picture) -> None:
    _pixels, _origin, x = skips.prepare(down.model, picture)
    below, above = skips.spots(down.model.module)
    with Trace(down.model.module, [s.output for s in (*below, *above)]) as trace, torch.inference_mode():
        down.model.module(x)
    for spot, stage in zip((*below, *above), (*down.stages, *skips.ascend(down).stages), strict=True):
        assert np.array_equal(stage.maps, trace[spot.output][0].numpy())
        assert stage.seconds > 0
        assert stage.name == spot.name


def test_stages_and_head_are_the_whole_network(down: skips.Down) -> None:
    network = down.model.module
    head = getattr(network, "decoder", network).head
    counted = sum(s.parameters for s in (*down.stages, *skips.ascend(down).stages))
    counted += sum(p.numel() for p in head.parameters())
    assert counted == sum(p.numel() for p in network.parameters())


def test_worth_is_the_drop_when_one_is_cut(down: skips.Down) -> None:
    truth = skips.mask(down)
    for level, worth in enumerate(skips.worth(down, truth)):
        cut = skips.mask(down, [float(i != level) for i in range(4)])
        assert worth.miou == pytest.approx(1 - skips.score(cut, truth).miou)
        assert worth.boundary == pytest.approx(1 - boundary_score(truth, cut))


def test_effect_is_that_of_a_silenced_channel(down: skips.Down, picture: images.Picture) -> None:
    if down.model.spec.labels in ("em", "nuclei"):
        pytest.skip("slow; the same code as for the others")
    name = "up1"
    channels = [0, 3]
    found = skips.effects(down, picture, name, channels)
    spot = next(s for s in skips.spots(down.model.module)[1] if s.name == name)
    module = down.model.module.get_submodule(spot.output)
    untouched = skips.mask(down)
    for channel, share in zip(channels, found, strict=True):
        keep = torch.ones(1, next(s for s in skips.ascend(down).stages if s.name == name).maps.shape[0], 1, 1)
        keep[:, channel] = 0
        handle = module.register_forward_hook(lambda _m, _i, out, keep=keep: out * keep)
        assert float((skips.mask(down) != untouched).mean()) == share
        handle.remove()
    assert not module._forward_hooks


def test_a_silenced_channel_of_the_shared_encoder_is_its_mean_for_everybody(
    down: skips.Down, picture: images.Picture
) -> None:
    if not down.model.spec.encoder:
        pytest.skip("its own contracting path, where silence is zero")
    network: Any = down.model.module
    found = skips.effects(down, picture, "down2", [5])
    _pixels, _origin, x = skips.prepare(down.model, picture)
    with torch.inference_mode():
        maps, pyramid = network.encoder.stem(x), []
        for index, stage in enumerate(network.encoder.stages):
            maps = stage(maps)
            if index == 1:
                maps[:, 5] = network.encoder.standards[1].mean[5]
            if index in PYRAMID_STAGES:
                pyramid.append(network.encoder.standards[len(pyramid)](maps))
        assert not pyramid[1][:, 5].any(), "0 in the units in which it is copied"
        silenced = resize(network.decoder(pyramid), x)[..., : down.place[3], : down.place[2]].argmax(1)[0]
    assert found == [float((silenced.numpy() != skips.mask(down)).mean())]
    assert not any(module._forward_hooks for module in network.modules())


def test_maps_of_the_shared_encoder_are_those_that_are_copied(down: skips.Down) -> None:
    if not down.model.spec.encoder:
        pytest.skip("its own contracting path")
    for stage, copied in zip(down.stages[:4], down.maps[:4], strict=True):
        assert np.array_equal(stage.maps, copied[0].numpy())
    assert [stage.maps.shape[0] for stage in down.stages] == [16, 24, 32, 96, 160], "the last is the bottom's block"
    assert down.filled == tuple(extended(side) for side in down.pixels.shape[:2])


def test_the_window_of_the_unpadded_network_is_the_middle(down: skips.Down, picture: images.Picture) -> None:
    if down.origin is None:
        assert down.place == (0, 0, down.pixels.shape[1], down.pixels.shape[0])
        return
    if down.model.spec.labels == "nuclei":
        return
    left, top = down.origin
    height, width = picture.pixels.shape[:2]
    rows, columns = slice(max(top, 0), min(top + 572, height)), slice(max(left, 0), min(left + 572, width))
    inner = down.pixels[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    assert np.array_equal(inner, picture.pixels[rows, columns])
    assert down.place == (MARGIN, MARGIN, 388, 388)


def test_nuclei_are_those_of_the_counted_picture(down: skips.Down, picture: images.Picture) -> None:
    """One pass over the whole picture, its border mirrored: what the command line counts tile by tile."""
    up = skips.ascend(down)
    if down.model.spec.labels != "nuclei":
        assert up.nuclei is None
        return
    assert down.place == (MARGIN, MARGIN, picture.pixels.shape[1], picture.pixels.shape[0])
    middle = down.pixels[MARGIN:][: down.place[3], MARGIN:][:, : down.place[2]]
    assert np.array_equal(middle, counting.given(down.model.spec, picture.pixels))
    counted = counting.count(down.model, picture)
    assert up.nuclei is not None
    assert up.nuclei.shape == counted.labels.shape == up.ids.shape
    assert (up.nuclei != counted.labels).mean() < 1e-3, "rounding"
    assert set(np.unique(up.ids)) <= {0, 1}
    assert up.ids[up.nuclei > 0].all()


def test_a_reference_keeps_its_ids(down: skips.Down, picture: images.Picture) -> None:
    ids = np.zeros(picture.pixels.shape[:2], np.uint8)
    ids[: len(ids) // 2] = 8
    small = skips.reference_on(down, ids)
    assert set(np.unique(small)) == {0, 8}
    assert skips.score(small, small) == (1.0, 1.0)


def test_other_networks_are_refused() -> None:
    with pytest.raises(skips.SkipsError):
        skips.spots(build("fcn32s"))
