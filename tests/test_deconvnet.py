"""DeconvNet: its size, its mirror, and the promise of unpooling."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch import nn

from core.models.deconvnet import DeconvNet, deconvnet, deconvnet_slim, pool, unpool


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
