"""DeconvNet: its size, its mirror, and the promise of unpooling."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch import nn

from core.models.deconvnet import (
    DeconvNet,
    SwitchDecoder,
    deconvnet,
    deconvnet_mobilenetv2,
    deconvnet_slim,
    pool,
    unpool,
)
from core.models.mobilenetv2 import PYRAMID_CHANNELS


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_full_width_has_the_published_number_of_parameters():
    with torch.device("meta"):
        network = deconvnet().eval()
        assert count(network) == 251_805_653
        assert network(torch.empty(1, 3, 224, 224)).shape == (1, 21, 224, 224)


def test_the_way_up_mirrors_the_way_down():
    with torch.device("meta"):
        network = deconvnet()
    widths = [[unit[0].out_channels for unit in block] for block in network.up]
    assert widths == [[512, 512, 512], [512, 512, 256], [256, 256, 128], [128, 64], [64, 64]]
    assert [len(block) for block in network.down] == [2, 2, 3, 3, 3]
    assert all(unit[0].stride == (1, 1) for block in network.up for unit in block), "unpooling enlarges, nothing else"


def test_slim_fits_its_budget():
    assert 2 * count(deconvnet_slim()) <= 8_000_000, "bytes as fp16"


sides = st.integers(1, 7)


@settings(deadline=None)
@given(st.data())
def test_unpooling_puts_every_value_back_at_its_switch(data):
    shape = (data.draw(st.integers(1, 2)), data.draw(st.integers(1, 3)), data.draw(sides) + 1, data.draw(sides) + 1)
    x = torch.from_numpy(data.draw(arrays.arrays("float64", shape, elements=st.integers(-99, 99).map(float))))
    pooled = pool(x)
    back = unpool(pooled.values, pooled.switches, pooled.size)
    assert back.shape == x.shape
    assert torch.equal(back.flatten(2).gather(2, pooled.switches.flatten(2)), pooled.values.flatten(2))
    here = torch.zeros(x.shape, dtype=torch.bool).flatten(2).scatter(2, pooled.switches.flatten(2), True).view(x.shape)
    assert torch.equal(back[here], x[here]), "a maximum stands where it stood"
    assert not back[~here].any(), "and nothing else does"
    assert here.sum() == pooled.values.numel(), "windows do not share a switch"


@settings(deadline=None)
@given(st.integers(2, 9), st.integers(2, 9), st.integers(0, 2**31))
def test_unpooling_equals_pytorchs(height, width, seed):
    """Also with values that are not the pooled ones: in the network a deconvolution's output takes the switches."""
    generator = torch.Generator().manual_seed(seed)
    pooled = pool(torch.randn(2, 3, height, width, generator=generator, dtype=torch.float64))
    other = torch.randn(pooled.values.shape, generator=generator, dtype=torch.float64)
    expected = F.max_unpool2d(other, pooled.switches, 2, output_size=(height, width))
    assert torch.equal(unpool(other, pooled.switches, pooled.size), expected)


def test_switches_carry_position_through_the_network():
    """Shifting a bright pixel inside one 2x2 window moves the finest switch and nothing that is pooled."""
    a, b = torch.zeros(2, 1, 1, 4, 4)
    a[..., 0, 0] = b[..., 1, 1] = 1
    first, second = pool(a), pool(b)
    assert torch.equal(first.values, second.values)
    assert unpool(*first)[..., 0, 0] == 1
    assert unpool(*second)[..., 1, 1] == 1


def test_gradients_flow_to_the_value_at_the_switch_only():
    x = torch.tensor([[[[1.0, 3.0], [2.0, 0.0]]]], requires_grad=True)
    unpool(*pool(x)).sum().backward()
    assert torch.equal(x.grad, torch.tensor([[[[0.0, 1.0], [0.0, 0.0]]]]))


@pytest.mark.parametrize("size", [(224, 224), (256, 288), (100, 230)])
def test_any_size_comes_back(size):
    network = DeconvNet(classes=5, channels=(2, 3, 4, 5, 6), hidden=7).eval()
    with torch.inference_mode():
        assert network(torch.randn(1, 3, *size)).shape == (1, 5, *size)


@pytest.mark.parametrize(("size", "edges"), [((100, 230), (13, 13, 62, 62)), ((224, 149), (37, 38, 0, 0))])
def test_a_smaller_picture_stands_in_the_middle_of_its_repeated_border(size, edges):
    network = DeconvNet(classes=5, channels=(2, 3, 4, 5, 6), hidden=7).eval()
    x = torch.randn(1, 3, *size)
    left, right, top, bottom = edges
    with torch.inference_mode():
        whole = network(F.pad(x, edges, mode="replicate"))
        cut = whole[..., top : whole.shape[-2] - bottom, left : whole.shape[-1] - right]
        assert torch.equal(network(x), cut)


def test_encode_and_decode_are_the_forward_pass():
    network = DeconvNet(classes=5, channels=(2, 3, 4, 5, 6), hidden=7).eval()
    x = torch.randn(1, 3, 224, 224)
    with torch.inference_mode():
        code, poolings = network.encode(x)
        assert code.shape == (1, 7, 1, 1)
        assert [pooling.size for pooling in poolings] == [(224, 224), (112, 112), (56, 56), (28, 28), (14, 14)]
        assert torch.equal(network.decode(code, poolings), network(x))


def test_every_convolution_but_the_last_has_batch_normalisation_and_dropout_sits_nowhere():
    with torch.device("meta"):
        network = deconvnet_slim()
    layers = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d))]
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    assert [m.out_channels for m in layers[:-1]] == [m.num_features for m in norms]
    assert not any(isinstance(m, (nn.Dropout, nn.Dropout2d)) for m in network.modules())


def test_only_the_first_deconvolution_enlarges():
    with torch.device("meta"):
        network = deconvnet_slim()
    layers = [m for m in network.modules() if isinstance(m, nn.ConvTranspose2d)]
    assert layers[0].kernel_size == (7, 7)
    for layer in layers[1:]:
        assert (layer.kernel_size, layer.stride, layer.padding) == ((3, 3), (1, 1), (1, 1))


# ------------------------------------------------------------------------------------ the path up on a shared encoder


def pyramid(height: int = 3, width: int = 4, **options: object) -> list[torch.Tensor]:
    """Random maps of a picture of 32 n + 1 pixels a side, finest first; the coarsest has ``height x width`` cells."""
    steps = [16 // 2**level for level in range(5)]
    return [
        torch.randn(1, channels, step * (height - 1) + 1, step * (width - 1) + 1, **options)  # type: ignore[call-overload]
        for step, channels in zip(steps, PYRAMID_CHANNELS, strict=True)
    ]


@pytest.fixture
def decoder() -> SwitchDecoder:
    torch.manual_seed(0)
    return SwitchDecoder(classes=4).eval()


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 2**31))
@settings(deadline=None, max_examples=30)
def test_odd_sides_come_back(n, m, seed):
    """2 n + 1 -> n + 1 -> 2 n + 1: the last window holds a single row or column, and its value returns there."""
    x = torch.randn(1, 2, 2 * n + 1, 2 * m + 1, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    pooled = pool(x)
    assert pooled.values.shape == (1, 2, n + 1, m + 1)
    back = unpool(pooled.values, pooled.switches, pooled.size)
    assert back.shape == x.shape
    assert torch.equal(back[..., -1, -1], x[..., -1, -1]), "alone in its window"
    rows, columns = torch.div(pooled.switches, 2 * m + 1, rounding_mode="floor"), pooled.switches % (2 * m + 1)
    assert torch.equal(rows // 2, torch.arange(n + 1)[:, None].expand_as(rows))
    assert torch.equal(columns // 2, torch.arange(m + 1).expand_as(columns))
    assert (back != 0).sum() == 2 * (n + 1) * (m + 1)


def test_switches_are_those_of_the_encoders_maps(decoder):
    maps = pyramid()
    poolings = decoder.poolings(maps)
    assert len(poolings) == 4, "strides 2, 4, 8 and 16; the map at 32 is the bottom's"
    for level, (pooling, map_) in enumerate(zip(poolings, maps[:-1], strict=True)):
        assert pooling.size == tuple(map_.shape[-2:])
        assert pooling.values.shape[-2:] == maps[level + 1].shape[-2:], "as coarse as the next map"
        own = pool(map_)
        channels = map_.shape[1]
        for share in range(decoder.shares[::-1][level]):  # a path up that is wider shares switches in turn
            part = slice(share * channels, (share + 1) * channels)
            assert torch.equal(pooling.switches[:, part], own.switches)
        assert pooling.switches.shape[1] == channels * decoder.shares[::-1][level]


def test_values_stand_where_the_maxima_stood(decoder):
    """The way up puts what the level below made, channel by channel, to the places that the poolings remember."""
    maps, large = pyramid(), []

    def keep(_module, inputs):
        large.append(inputs[0])

    handles = [block.register_forward_pre_hook(keep) for block in decoder.up]
    with torch.inference_mode():
        levels = decoder.climb(maps)
        poolings = decoder.poolings(maps)[::-1]
    for handle in handles:
        handle.remove()
    assert [tuple(level.shape[1:]) for level in levels] == [
        (96, 3, 4), (96, 5, 7), (48, 9, 13), (32, 17, 25), (32, 33, 49),
    ]  # fmt: skip
    for before, unpooled, pooling in zip(levels, large, poolings, strict=False):
        at = unpooled.flatten(2).gather(2, pooling.switches.flatten(2)).view_as(before)
        assert torch.equal(at, before)
        assert unpooled.count_nonzero() == before.count_nonzero(), "and nothing else does"


def test_the_way_up_knows_the_finer_maps_by_their_switches_alone(decoder):
    """Values of the encoder's finer maps may change as they like while the largest of each window stays the largest."""
    maps = pyramid()
    with torch.inference_mode():
        answer = decoder(maps)
        assert answer.shape == (1, 4, 33, 49)
        assert torch.equal(decoder([*(3 * m + 7 for m in maps[:-1]), maps[-1]]), answer)
        moved = [m.flip(-1) for m in maps[:-1]]
        assert not torch.equal(decoder([*moved, maps[-1]]), answer), "where the largest stand does matter"


def test_gradients_reach_every_place_and_only_through_the_bottom(decoder):
    maps = pyramid(2, 2, dtype=torch.float64, requires_grad=True)
    decoder = decoder.double()
    for module in decoder.modules():  # nothing is clipped, so that what is connected has a gradient
        if isinstance(module, nn.ReLU):
            module.forward = lambda x: x
        elif isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.constant_(module.weight, 0.05)
    levels = decoder.climb(maps)
    for level in levels[1:]:
        every = torch.autograd.grad(level.sum(), levels[0], retain_graph=True)[0]
        assert (every.abs().sum(1) > 0).all(), "each cell of the bottom is put somewhere and read"
    answer = decoder(maps)
    answer.sum().backward()
    assert (maps[-1].grad.abs().sum(1) > 0).all()
    assert all(m.grad is None for m in maps[:-1]), "a switch is a place, and a place has no gradient"
    bias = torch.autograd.grad(decoder(maps).sum(), decoder.score.bias)[0]
    assert torch.equal(bias, torch.full_like(bias, 17 * 17)), "every place of the answer is the score's"


def test_parameters_of_the_path_up_are_counted(decoder):
    def unit(inputs, outputs):  # 3x3 with bias, and BatchNorm's two values a channel
        return 9 * inputs * outputs + outputs + 2 * outputs

    widths = (96, 96, 48, 32)  # the encoder's 96, 32, 24 and 16, shared once, 3, 2 and 2 times
    wanted = unit(320, 160) + unit(160, 96)
    for width, following in zip(widths, (96, 48, 32, 32), strict=True):
        wanted += unit(width, width) + unit(width, following)
    assert count(SwitchDecoder()) == wanted + 32 * 21 + 21
    assert count(deconvnet_mobilenetv2()) == count(SwitchDecoder()) + 1_795_936, "MobileNetV2's own"
    layers = [m for m in decoder.modules() if isinstance(m, nn.ConvTranspose2d)]
    assert len(layers) == 8
    assert all((m.kernel_size, m.stride, m.padding) == ((3, 3), (1, 1), (1, 1)) for m in layers), "they keep the size"


@pytest.mark.parametrize("size", [(65, 97), (50, 33), (64, 100)])
def test_on_the_shared_encoder_any_size_comes_back(size):
    network = deconvnet_mobilenetv2(classes=5).eval()
    with torch.inference_mode():
        assert network(torch.randn(1, 3, *size)).shape == (1, 5, *size)
