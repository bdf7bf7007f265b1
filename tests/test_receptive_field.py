"""What each cell sees, against gradients: exactly the pixels with a gradient, at every depth and at the borders."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from core import arithmetic
from core.models.unet import UNet, unet_lite0
from core.receptive_field import Reach, lite0, plain, reaches
from core.skips import spots


def transparent(network: nn.Module) -> nn.Module:
    """The same layers, made so that every pixel that is seen has a gradient: all weights positive, nothing clipped."""
    for name, module in list(network.named_modules()):
        parent = network.get_submodule(name.rpartition(".")[0])
        last = name.rpartition(".")[2]
        if isinstance(module, nn.MaxPool2d):
            setattr(parent, last, nn.AvgPool2d(2))
        elif isinstance(module, nn.ReLU | nn.ReLU6 | nn.BatchNorm2d):
            setattr(parent, last, nn.Identity())
        elif isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.constant_(module.weight, 1 / module.weight[0].numel())
    return network.eval().double()


def check(network: nn.Module, x: Tensor, along: tuple[dict[str, Reach], dict[str, Reach]]) -> None:
    network, (rows, columns) = transparent(network), along
    watched = [spot for both in spots(network) for spot in both]
    x.requires_grad_()
    maps: dict[str, Tensor] = {}
    for spot in watched:
        module = network.get_submodule(spot.output)
        module.register_forward_hook(lambda _m, _i, out, name=spot.name: maps.__setitem__(name, out))
    network(x)
    for spot in watched:
        r, c = rows[spot.name], columns[spot.name]
        height, width = len(r.first), len(c.first)
        assert maps[spot.name].shape[-2:] == (height, width)
        for row, column in {(0, 0), (height // 2, width // 3), (height - 1, width - 1)}:
            cell = maps[spot.name][0, :, row, column].sum()
            (gradient,) = torch.autograd.grad(cell, x, retain_graph=True)
            hit = gradient[0].abs().sum(0) > 0
            wanted = torch.zeros_like(hit)
            wanted[r.first[row] : r.last[row] + 1, c.first[column] : c.last[column] + 1] = True
            assert torch.equal(hit, wanted), (spot.name, row, column)


def test_unpadded() -> None:
    network = UNet(width=1)
    x = torch.rand(1, 1, 188, 204, dtype=torch.float64)
    check(network, x, (reaches(plain(False), 188), reaches(plain(False), 204)))


def test_padded() -> None:
    network = UNet(channels=3, width=1, padded=True, batch_norm=True)
    x = torch.rand(1, 3, 160, 208, dtype=torch.float64)
    check(network, x, (reaches(plain(True), 160), reaches(plain(True), 208)))


def test_on_the_shared_encoder() -> None:
    x = torch.rand(1, 3, 64, 224, dtype=torch.float64)
    check(unet_lite0(), x, (reaches(lite0(), 64), reaches(lite0(), 224)))


def test_a_plain_chain_is_the_closed_form() -> None:
    nodes = plain(False)[:5]
    layers = [layer for node in nodes for layer in node.layers]
    field, reach = arithmetic.receptive_field(layers), reaches(nodes, 572)["bottom"]
    assert {b - a + 1 for a, b in zip(reach.first, reach.last, strict=True)} == {field.size}
    assert {b - a for a, b in zip(reach.first, reach.first[1:], strict=False)} == {field.jump}


@pytest.mark.parametrize("name", ["down1", "up1"])
def test_pixels_behind_the_picture_are_its_last(name: str) -> None:
    cut, whole = reaches(plain(True), 48, 41)[name], reaches(plain(True), 48)[name]
    assert cut.last == tuple(min(v, 40) for v in whole.last)


def test_maps_lie_on_the_picture() -> None:
    """The middle of what a cell sees is where the cell is drawn."""
    for reach in reaches(plain(False), 572).values():
        middle = len(reach.first) // 2
        centre = (reach.first[middle] + reach.last[middle] + 1) / 2
        assert abs(reach.left + (middle + 0.5) * reach.jump - centre) <= 8
    assert reaches(plain(False), 572)["up1"].left == 92
