"""Patch classifiers see their window and nothing else, and dense reading is the sliding window."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.models import patches
from core.models.registry import SPECS, build

SIZES = sorted(patches.CUTS)


def awake(size: int) -> patches.PatchNet:
    """With every batch normalisation, and so every tap, doing something."""
    torch.manual_seed(size)
    network = patches.patch_net(size)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.8, 1.2)
            nn.init.normal_(layer.running_mean, 0, 0.1)
    return network.eval()


@pytest.mark.parametrize("size", SIZES)
def test_windows_are_as_large_as_they_say_and_centred(size: int) -> None:
    network, stride = awake(size), patches.CUTS[size].stride
    assert patches.window(patches.CUTS[size])[:2] == (size, stride)
    cell = (size // 2) // stride + 1
    side = (2 * cell + 2) * stride
    x = torch.randn(1, 3, side, side, requires_grad=True)
    network(x)[0, :, cell, cell].square().sum().backward()
    reached = x.grad[0].abs().sum(0) > 0
    rows = reached.any(1).nonzero().flatten()
    middle = cell * stride + network.centre
    assert (rows[0].item(), rows[-1].item()) == (middle - size // 2, middle + size // 2)
    assert torch.equal(reached.any(0), reached.any(1))


@pytest.mark.parametrize("size", SIZES)
@torch.inference_mode()
def test_dense_reading_is_the_sliding_window(size: int) -> None:
    network, stride = awake(size), patches.CUTS[size].stride
    x = torch.randn(1, 3, 256, 272)
    dense = network(x)
    assert dense.shape == (1, 21, 256 // stride, 272 // stride)
    reach = size // 2
    least = -(-(reach - network.centre) // stride)
    for row, column in ((least, least), (least + 1, least), (256 // stride - 1 - least, least)):
        top, left = (place * stride + network.centre - reach for place in (row, column))
        alone = torch.zeros_like(x)
        alone[..., top : top + size, left : left + size] = x[..., top : top + size, left : left + size]
        assert torch.allclose(network(alone)[..., row, column], dense[..., row, column], atol=1e-4)


def test_the_registry_has_them_all() -> None:
    names = {entry.options["size"]: entry.name for entry in SPECS.values() if entry.kind == "patch"}
    assert sorted(names) == SIZES
    for size, name in names.items():
        network = build(name)
        assert isinstance(network, patches.PatchNet)
        assert SPECS[name].output_stride == patches.CUTS[size].stride == network.cut.stride
        assert SPECS[name].input_side >= size
