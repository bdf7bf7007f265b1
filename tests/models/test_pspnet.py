"""PSPNet: published widths, the pyramid against its definition and against two peers."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.models import pspnet, resnet
from core.models.registry import build


@pytest.mark.parametrize(("depth", "count"), [(50, 46_592_597), (101, 65_584_725)])
def test_parameters_with_the_standard_stem(depth: int, count: int) -> None:
    with torch.device("meta"):
        network = resnet.pspnet_resnet(depth).eval()
        assert network.decoder.pool(torch.zeros(1, 2048, 60, 60)).shape == (1, 4096, 60, 60)
    assert sum(p.numel() for p in network.parameters()) == count


@torch.inference_mode()
def test_level_is_the_mean_of_each_part() -> None:
    torch.manual_seed(0)
    pool = pspnet.PyramidPooling(8).eval()
    x = torch.randn(1, 8, 12, 12)
    found = pool(x)
    assert torch.equal(found[:, :8], x)
    for index, side in enumerate(pspnet.BINS):
        part = 12 // side
        means = x.view(1, 8, side, part, side, part).mean((3, 5))
        reduced = pool.levels[index][1](means)
        expected = F.interpolate(reduced, size=(12, 12), mode="bilinear", align_corners=True)
        assert torch.allclose(found[:, 8 + 2 * index : 10 + 2 * index], expected, atol=1e-6)


@torch.inference_mode()
def test_pyramid_equals_pytorchcv() -> None:
    peer = pytest.importorskip("pytorchcv.models.pspnet")
    torch.manual_seed(0)
    theirs, ours = peer.PyramidPooling(in_channels=32, upscale_out_size=None).eval(), pspnet.PyramidPooling(32).eval()
    source, target = theirs.state_dict(), ours.state_dict()
    assert [tuple(t.shape) for t in source.values()] == [tuple(t.shape) for t in target.values()]
    ours.load_state_dict(dict(zip(target, source.values(), strict=True)))
    x = torch.randn(1, 32, 15, 18)
    assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def test_shared_encoder_network_answers_in_the_size_of_the_picture() -> None:
    with torch.device("meta"):
        network = build("pspnet").eval()
        assert network(torch.zeros(1, 3, 70, 45)).shape == (1, 21, 70, 45)
        assert network.encoder.output_stride == 16
    assert isinstance(network.decoder.dropout, nn.Dropout2d)
