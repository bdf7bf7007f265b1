"""Stages of a network: what leaves them, what they hold, how long they take."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.engine.tracing import TracingError
from core.models.mobilenetv2 import PYRAMID_CHANNELS, STRIDES, MobileNetV2
from core.passes.feature_maps import Spot, capture, pyramid

NAMES = ("a", "b", "c", "d", "e")


def test_a_stage_is_its_parts_and_shows_what_leaves_the_last() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.Conv2d(2, 3, 1))
    x = torch.randn(1, 1, 5, 6)
    spots = [Spot("first", "1", ("0", "1")), Spot("second", "2")]
    with torch.inference_mode():
        value, (first, second) = capture(network, spots, lambda: network(x))
        assert np.array_equal(first.maps, network[:2](x)[0])
        assert np.array_equal(second.maps, value[0])
    assert (first.parameters, second.parameters) == (9 * 2 + 2, 2 * 3 + 3)
    assert first.seconds > 0
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_hooks_go_when_the_pass_fails() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3))
    with pytest.raises(RuntimeError):
        capture(network, [Spot("first", "0")], lambda: network(torch.randn(1, 5, 9, 9)))
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_a_module_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(TracingError):
        capture(nn.Sequential(nn.ReLU()), [Spot("first", "1")], lambda: None)


def test_stages_of_the_shared_encoder_are_the_maps_that_decoders_read() -> None:
    torch.manual_seed(0)
    encoder = MobileNetV2(32).eval()
    for standard in encoder.standards:
        nn.init.uniform_(standard.mean, -0.1, 0.1)  # type: ignore[arg-type]
    x = torch.randn(1, 3, 65, 97)
    with torch.inference_mode():
        maps, stages = capture(encoder, pyramid(NAMES, ""), lambda: encoder.forward_features(x))
    for stage, map_, channels, stride in zip(stages, maps, PYRAMID_CHANNELS, STRIDES, strict=True):
        assert stage.maps.shape == (channels, 64 // stride + 1, 96 // stride + 1)
        assert np.array_equal(stage.maps, map_[0])
    assert [stage.name for stage in stages] == list(NAMES)
    assert sum(stage.parameters for stage in stages) == sum(p.numel() for p in encoder.parameters()), "all and once"
    assert [spot.name for spot in pyramid(NAMES[:2])] == ["a", "b"]
    assert pyramid(NAMES)[0].parts == ("encoder.stem", "encoder.stages.0", "encoder.standards.0")
