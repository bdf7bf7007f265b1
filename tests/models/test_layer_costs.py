"""Costs against PyTorch's own counter, memory against sums by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from core.models import layer_costs
from core.models.registry import RegistryError

NAMES = ["efficientnet-lite0", "alexnet", "vgg16", "googlenet", "alexnet-slim", "vgg16-slim"]


def counted(name: str, height: int, width: int, whole: bool) -> int:
    network, x = layer_costs._on_meta(name, height, width, whole)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(x)
    return counter.get_total_flops() // 2


@pytest.mark.parametrize(
    ("name", "height", "width", "whole"),
    [(n, 224, 224, False) for n in NAMES] + [(n, 288, 320, True) for n in NAMES] + [("unet-em", 252, 300, True)],
)
def test_every_multiply_add_is_pytorchs(name: str, height: int, width: int, whole: bool) -> None:
    costs = layer_costs.layers(name, height, width, whole)
    assert layer_costs.total(costs) == counted(name, height, width, whole)
    assert all(layer.multiply_adds > 0 for layer in costs)


def test_groups_transposed_and_linear_layers_by_hand() -> None:
    with torch.device("meta"):
        network = nn.Sequential(
            nn.Conv2d(4, 6, 3, stride=2, groups=2),
            nn.ConvTranspose2d(6, 5, 2, stride=2),
            nn.Flatten(),
            nn.Linear(5 * 8 * 6, 7),
        )
        x = torch.empty(1, 4, 9, 7)
    first, second, last = layer_costs.count(network, x)
    assert (first.output, first.stride, first.multiply_adds) == ((6, 4, 3), 2, 6 * 4 * 3 * 2 * 9)
    assert (second.output, second.multiply_adds) == ((5, 8, 6), 6 * 4 * 3 * 5 * 4)
    assert (last.output, last.multiply_adds) == ((7, 1, 1), 240 * 7)
    assert not any(layer._forward_hooks for layer in network.modules())


def test_peak_memory_by_hand() -> None:
    with torch.device("meta"):
        network = nn.Sequential(nn.Conv2d(1, 8, 1), nn.ReLU(inplace=True), nn.Conv2d(8, 2, 1), nn.Conv2d(2, 1, 1))
        x = torch.empty(1, 1, 10, 10)
    # x lives throughout; the second convolution holds its 8 maps and makes 2 more
    assert layer_costs.peak(network, x) == 4 * 100 * (1 + 8 + 2)
    with torch.device("meta"):
        copied = nn.Sequential(nn.Conv2d(1, 8, 1), nn.ReLU(), nn.Conv2d(8, 2, 1))
    assert layer_costs.peak(copied, x) == 4 * 100 * (1 + 8 + 8)


def test_memory_of_a_tile_holds_at_least_its_first_block() -> None:
    small, large = layer_costs.peak_bytes("unet-em", 252, 252), layer_costs.peak_bytes("unet-em", 636, 636)
    assert small >= 4 * (252**2 + 16 * 250**2 + 16 * 248**2)
    assert large / small > (636 / 252) ** 2  # the way up also keeps the maps of the way down


def test_unknown_networks_are_a_sentence() -> None:
    with pytest.raises(RegistryError):
        layer_costs.layers("alexnett", 224, 224)


def test_the_table_of_memory_is_of_a_quarter_of_the_papers_width() -> None:
    from core.models.layer_costs import peak_at_full_width, peak_bytes

    times = peak_at_full_width(572) / peak_bytes("unet-em", 572, 572)
    assert 3.9 < times <= 4.05
