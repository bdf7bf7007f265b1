"""FCN: bilinear enlargements, skips that begin by changing nothing, and the published network weight by weight."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

import core.models.torchvision_compat  # noqa: F401  (torchfcn may import torchvision)
from core.models import fcn
from core.models.registry import build

PUBLISHED = {32: 136_152_917, 16: 134_815_994, 8: 134_489_759}
_BUILDERS = {32: fcn.fcn32s_vgg16, 16: fcn.fcn16s_vgg16, 8: fcn.fcn8s_vgg16}


@pytest.mark.parametrize("stride", [32, 16, 8])
def test_parameters_are_the_published(stride: int) -> None:
    with torch.device("meta"):
        network = _BUILDERS[stride]()
    assert sum(p.numel() for p in network.parameters()) == PUBLISHED[stride]


@given(stride=st.sampled_from([32, 16, 8]), height=st.integers(1, 90), width=st.integers(1, 90))
def test_published_network_takes_any_size(stride: int, height: int, width: int) -> None:
    with torch.device("meta"):
        assert _BUILDERS[stride]()(torch.zeros(1, 3, height, width)).shape == (1, 21, height, width)


@pytest.mark.parametrize("stride", [32, 16, 8])
@torch.inference_mode()
def test_published_network_equals_torchfcn(stride: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec("torchfcn")
    if found is None:
        pytest.skip("torchfcn is not installed")
    package = types.ModuleType("torchfcn")  # without its trainer and data sets, which need more than its models do
    package.__path__ = list(found.submodule_search_locations or ())
    monkeypatch.setitem(sys.modules, "torchfcn", package)
    monkeypatch.setitem(sys.modules, "fcn", types.ModuleType("fcn"))  # downloads weights; not called
    models = importlib.import_module("torchfcn.models")
    theirs = getattr(models, f"FCN{stride}s")(n_class=21).eval()
    ours = _BUILDERS[stride]().eval()
    for layer in theirs.modules():  # its own start leaves everything at zero, and zero equals zero
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight)
    convolutions = [m for m in theirs.modules() if isinstance(m, torch.nn.Conv2d)]
    named = {"score": theirs.score_fr, "fc6": theirs.fc6, "fc7": theirs.fc7}
    if stride < 32:
        named["skip_scores.0"] = theirs.score_pool4
        named["doublings.0"] = theirs.upscore2
    if stride == 8:
        named["skip_scores.1"], named["doublings.1"] = theirs.score_pool3, theirs.upscore_pool4
    named["enlarge"] = getattr(theirs, {32: "upscore", 16: "upscore16", 8: "upscore8"}[stride])
    for name, layer in named.items():
        ours.get_submodule(name).load_state_dict(layer.state_dict())
    first = [m for block in ours.blocks for m in block if isinstance(m, torch.nn.Conv2d)]
    for mine, layer in zip(first, convolutions, strict=False):
        mine.load_state_dict(layer.state_dict())
    x = torch.randn(1, 3, 50, 70, generator=torch.Generator().manual_seed(0))
    expected = theirs(x)
    assert expected.std() > 0.01
    assert torch.allclose(ours(x), expected, atol=1e-5 * float(expected.abs().max()))


@given(factor=st.sampled_from([2, 4, 8, 16]), rows=st.integers(3, 6), columns=st.integers(3, 6))
@torch.no_grad()
def test_enlargement_is_bilinear_interpolation_inside(factor: int, rows: int, columns: int) -> None:
    x = torch.rand(1, 2, rows, columns, dtype=torch.float64)
    layer = fcn.bilinear_upsampling(2, factor, padding=factor // 2).double()
    expected = F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)
    inside = (..., slice(factor // 2, -factor // 2), slice(factor // 2, -factor // 2))  # beyond: zeros, not edges
    assert torch.allclose(layer(x)[inside], expected[inside], atol=1e-6)


@pytest.mark.parametrize("side", [3, 4, 5, 16, 64])
def test_tent_spreads_every_value_evenly(side: int) -> None:
    kernel, stride = fcn.bilinear_kernel(side), (side + 1) // 2
    assert torch.equal(kernel, kernel.T)
    assert torch.equal(kernel, kernel.flip(0))
    sums = [float(kernel[row::stride, 0].sum() / kernel[:, 0].sum() * stride) for row in range(stride)]
    assert sums == pytest.approx([1.0] * stride)


@given(cells=st.integers(2, 9), columns=st.integers(2, 9))
@torch.no_grad()
def test_doubling_with_corners_aligned_is_bilinear_interpolation_everywhere(cells: int, columns: int) -> None:
    x = torch.rand(1, 2, cells, columns, dtype=torch.float64)
    layer = fcn.bilinear_upsampling(2, 2, padding=1, kernel=3).double()
    expected = F.interpolate(x, (2 * cells - 1, 2 * columns - 1), mode="bilinear", align_corners=True)
    torch.testing.assert_close(layer(x), expected, rtol=0, atol=1e-7)


@torch.no_grad()
def test_a_new_skip_changes_nothing() -> None:
    torch.manual_seed(0)
    coarse, fine = build("fcn32s").eval(), build("fcn8s").eval()
    torch.nn.init.normal_(coarse.decoder.score.weight)
    fine.encoder.load_state_dict(coarse.encoder.state_dict())
    for part in ("fc6", "fc7", "score"):
        fine.decoder.get_submodule(part).load_state_dict(coarse.decoder.get_submodule(part).state_dict())
    pyramid = coarse.encoder.forward_features(torch.randn(1, 3, 129, 161))
    expected = F.interpolate(coarse.decoder(pyramid), (17, 21), mode="bilinear", align_corners=True)
    found = fine.decoder(pyramid)
    assert found.shape == (1, 21, 17, 21)
    assert expected.std() > 0.01
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)
    fine.decoder.skip_scores[1].bias[3] = 1.0  # the finest skip is added as it is
    assert torch.allclose(fine.decoder(pyramid) - found, torch.eye(21)[3].view(1, 21, 1, 1), atol=1e-4)


def test_fc6_sees_seven_cells_on_a_side() -> None:
    decoder = build("fcn32s").decoder.double().eval()
    torch.nn.init.normal_(decoder.score.weight)
    x = torch.randn(1, 320, 15, 15, dtype=torch.float64, requires_grad=True)
    decoder([x])[0, :, 7, 7].sum().backward()
    assert x.grad is not None
    rows, columns = x.grad.abs().sum((0, 1)).nonzero().unbind(1)
    assert (int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())) == (4, 10, 4, 10)


@pytest.mark.parametrize(("name", "cells"), [("fcn32s", 4), ("fcn16s", 7), ("fcn8s", 13)])
def test_scores_have_the_stride_of_the_name(name: str, cells: int) -> None:
    with torch.device("meta"):
        network = build(name)
        pyramid = network.encoder.forward_features(torch.zeros(1, 3, 97, 97))
        assert network.decoder(pyramid).shape == (1, 21, cells, cells)
        assert network(torch.zeros(1, 3, 45, 70)).shape == (1, 21, 45, 70)
