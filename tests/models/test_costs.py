"""Parameters and multiply-adds: the papers' numbers, and an independent count by hand."""

from __future__ import annotations

import pytest

import core.models.torchvision_compat  # noqa: F401
from core.models.costs import cost
from core.models.registry import SPECS, RegistryError, build


@pytest.mark.parametrize(
    ("name", "parameters", "millions"),
    [("alexnet", 61_100_840, 714), ("vgg16", 138_357_544, 15_470), ("googlenet", 6_998_552, 1_582)],
)
def test_published_numbers(name: str, parameters: int, millions: int) -> None:
    """0.71 and 15.47 billion multiply-adds at 224 pixels, as torchvision states them. GoogLeNet's paper speaks of 1.5
    billion; tests/models/test_googlenet.py compares them with its table line by line."""
    price = cost(name)
    assert price.parameters == parameters
    assert price.multiply_adds // 10**6 == millions
    assert price.side == 224


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_network_has_a_price(name: str) -> None:
    price = cost(name)
    assert price.side == SPECS[name].input_side
    assert price.parameters == sum(p.numel() for p in build(name).parameters())
    assert price.multiply_adds > price.parameters  # every convolution's weight is used at more than one place


def test_twice_the_side_costs_four_times_the_convolutions() -> None:
    small, large = cost("efficientnet-lite0", 224), cost("efficientnet-lite0", 448)
    head = 1280 * 1000  # the one linear layer does not grow
    assert large.multiply_adds - head == 4 * (small.multiply_adds - head)


def test_unknown_name() -> None:
    with pytest.raises(RegistryError, match="vgg16"):
        cost("vgg61")
