"""What each cell sees, against gradients: exactly the pixels with a gradient, at every depth and at the borders."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from core.concepts.unet.receptive_field import Reach, mobilenetv2, plain, reaches
from core.concepts.unet.skips import spots
from core.maths import arithmetic
from core.models.unet import UNet, unet_mobilenetv2


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
        # The last cells that stand on the picture; where nothing is filled in, the last of all.
        low, right = min(height - 1, (x.shape[-2] - 1) // r.jump), min(width - 1, (x.shape[-1] - 1) // c.jump)
        for row, column in {(0, 0), (low // 2, right // 3), (min(1, low), max(0, right - 1)), (low, right)}:
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


@pytest.mark.parametrize(("height", "width"), [(65, 225), (161, 97)])
def test_on_the_shared_encoder(height: int, width: int) -> None:
    x = torch.rand(1, 3, height, width, dtype=torch.float64)
    check(unet_mobilenetv2(), x, (reaches(mobilenetv2(), height), reaches(mobilenetv2(), width)))


def test_what_extends_a_picture_is_nobodys_pixel() -> None:
    """Sides are extended to 32 n + 1 with mid grey: no cell that stands on the picture claims a pixel beyond it."""
    x = torch.rand(1, 3, 70, 150, dtype=torch.float64)
    check(unet_mobilenetv2(), x, (reaches(mobilenetv2(), 97, 70), reaches(mobilenetv2(), 161, 150)))


def test_cells_of_the_shared_encoder_stand_at_multiples_of_their_stride() -> None:
    known = reaches(mobilenetv2(), 321)
    for names, stride in zip((("down1", "up1"), ("down2", "up2"), ("down3", "up3"), ("down4", "up4"), ("bottom",)),
                             (2, 4, 8, 16, 32), strict=True):  # fmt: skip
        for name in names:
            reach = known[name]
            assert reach.jump == stride
            assert len(reach.first) == 320 // stride + 1, "the last cell stands at the last pixel"
            assert reach.left + stride / 2 == 0.5, "the first one stands at the middle of the first pixel"


def test_the_way_down_sees_alike_to_all_sides() -> None:
    """What a cell of the shared encoder sees is symmetric about the pixel at which it stands."""
    known = reaches(mobilenetv2(), 1281)
    for name in ("down1", "down2", "down3", "down4", "bottom"):
        reach = known[name]
        cell = len(reach.first) // 2
        pixel = cell * reach.jump
        assert pixel - reach.first[cell] == reach.last[cell] - pixel > 0


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
