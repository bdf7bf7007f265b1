"""DeepLab: published widths, torchvision's own logits, and atrous rates that follow the output stride."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import core.models.torchvision_compat
from core.models import deeplab, resnet
from core.models.registry import build
from core.models.shared import ConvNormReLU


def _parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize(("depth", "v3", "v3plus"), [(50, 39_048_533, 40_352_181), (101, 58_040_661, 59_344_309)])
def test_parameters_are_the_published(depth: int, v3: int, v3plus: int) -> None:
    with torch.device("meta"):
        assert _parameters(resnet.deeplabv3_resnet(depth)) == v3
        assert _parameters(resnet.deeplabv3plus_resnet(depth)) == v3plus


@torch.inference_mode()
def test_scores_equal_torchvision_without_its_extra_convolution() -> None:
    """torchvision puts one more 3x3 convolution behind ASPP than the paper does; without it both are one network, up to
    the last enlargement, for which it aligns no corners and the authors' own code, like ours, does."""
    assert core.models.torchvision_compat.declare_missing_operators() in (True, False)
    from torchvision.models.segmentation import deeplabv3_resnet50

    torch.manual_seed(0)
    theirs = deeplabv3_resnet50(weights=None, weights_backbone=None, num_classes=21)
    extra = nn.Sequential(*list(theirs.classifier)[1:4])
    assert _parameters(theirs) - _parameters(extra) == 39_048_533
    theirs.classifier = nn.Sequential(theirs.classifier[0], theirs.classifier[4])
    ours = resnet.deeplabv3_resnet(50, output_stride=8)
    source, target = theirs.state_dict(), ours.state_dict()
    assert [tuple(t.shape) for t in source.values()] == [tuple(t.shape) for t in target.values()]
    ours.load_state_dict(dict(zip(target, source.values(), strict=True)))
    x = torch.randn(1, 3, 65, 81)
    theirs, ours = theirs.eval(), ours.eval()
    expected = theirs.classifier(theirs.backbone(x)["out"])
    assert torch.allclose(ours.decoder(ours.encoder(x)), expected, atol=1e-5 * float(expected.abs().max()))
    aligned = F.interpolate(expected, size=(65, 81), mode="bilinear", align_corners=True)
    assert torch.allclose(ours(x), aligned, atol=1e-5 * float(expected.abs().max()))


def test_separable_network_differs_from_the_peer_by_named_layers_only() -> None:
    """segmentation-models-pytorch has no batch normalisation between a separable convolution's two halves."""
    with torch.device("meta"):
        ours = _parameters(resnet.deeplabv3plus_resnet(50, separable=True))
        plain = _parameters(resnet.deeplabv3plus_resnet(50))
    between = 2 * (3 * 2048 + 304 + 256)  # scale and shift of each channel
    assert ours - between == 26_682_725
    assert ours < plain
    peer = pytest.importorskip("segmentation_models_pytorch")
    with torch.device("meta"):
        assert _parameters(peer.DeepLabV3Plus("resnet50", encoder_weights=None, classes=21)) == ours - between


def test_multi_grid_multiplies_the_rate_of_the_last_stage() -> None:
    with torch.device("meta"):
        for stride, rates in ((16, [2, 4, 8]), (8, [4, 8, 16])):
            stage = resnet.ResNetEncoder(50, stride, multi_grid=(1, 2, 4)).layer4
            assert [block.conv2.dilation[0] for block in stage] == rates
            assert [block.conv2.padding[0] for block in stage] == rates


@pytest.mark.parametrize("name", ["deeplabv3", "deeplabv3plus"])
def test_rates_follow_the_output_stride(name: str) -> None:
    network = build(name)
    reach = {}
    for stride in (32, 16, 8):
        network.set_output_stride(stride)
        branches = network.decoder.aspp.branches[1:4]
        assert all(branch[0].padding == branch[0].dilation for branch in branches)
        reach[stride] = [branch[0].dilation[0] * stride for branch in branches]
    assert reach[32] == reach[16] == reach[8] == [rate * 16 for rate in deeplab.LITE_RATES]
    with torch.device("meta"):
        assert build(name).eval()(torch.zeros(1, 3, 70, 45)).shape == (1, 21, 70, 45)


@torch.inference_mode()
def test_image_pooling_is_the_mean_everywhere() -> None:
    torch.manual_seed(0)
    branch = deeplab.ImagePooling(6, 4).eval()
    x = torch.randn(2, 6, 5, 7)
    found = branch(x)
    assert found.shape == (2, 4, 5, 7)
    assert torch.equal(found, found[..., :1, :1].expand_as(found))
    constant = x.mean((2, 3), keepdim=True)
    assert torch.allclose(found[..., :1, :1], branch.reduce(constant), atol=1e-6)


@torch.inference_mode()
def test_atrous_branch_equals_an_ordinary_one_on_every_second_cell() -> None:
    torch.manual_seed(0)
    wide, narrow = ConvNormReLU(3, 5, 3, rate=4).eval(), ConvNormReLU(3, 5, 3, rate=2).eval()
    narrow.load_state_dict(wide.state_dict())
    x = torch.randn(1, 3, 16, 16)
    assert torch.allclose(wide(x)[..., 1::2, 1::2], narrow(x[..., 1::2, 1::2]), atol=1e-6)


def test_separable_convolution_has_the_stated_number_of_weights() -> None:
    whole, split = ConvNormReLU(40, 24, 3), ConvNormReLU(40, 24, 3, separable=True)
    assert whole[0].weight.numel() == 40 * 24 * 9
    assert sum(m.weight.numel() for m in split if isinstance(m, nn.Conv2d)) == 40 * 9 + 40 * 24


def test_departures_are_those_of_each_paper() -> None:
    """DeepLabv3+ itself makes its 3x3 convolutions separable; only v3 has ResNet alone, and multi-grid."""
    from core.models.registry import spec

    v3, plus = (" ".join(spec(name).departures) for name in ("deeplabv3", "deeplabv3plus"))
    assert "separable" in v3
    assert "separable" not in plus
    assert "Xception" not in v3
    assert "multi-grid" in v3
    for network in (deeplab.deeplabv3(), deeplab.deeplabv3plus()):
        rates = {block.depthwise.conv.dilation for block in list(network.encoder.blocks())[-3:]}
        assert len(rates) == 1, "no multi-grid"
