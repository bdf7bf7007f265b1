"""Sizes against PyTorch, receptive fields against a gradient, published sizes against the papers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from core.maths import arithmetic as ar

setting = st.integers(0, 5)  # kernel, stride and dilation, which may not be 0
padding_of = st.integers(-1, 4)
most = settings(max_examples=600)


def _size(function: Callable[[], torch.Tensor]) -> int | None:
    """What PyTorch computes; nothing where it refuses."""
    try:
        return function().shape[-1]
    except RuntimeError:
        return None


def _agree(ours: Callable[[], int], theirs: int | None) -> None:
    if theirs is None:
        with pytest.raises(ar.SizeError) as refusal:
            ours()
        assert str(refusal.value).endswith(".")
    else:
        assert ours() == theirs


@most
@given(size=st.integers(0, 40), kernel=setting, stride=setting, padding=padding_of, dilation=setting)
def test_convolution_is_pytorchs_in_size_and_in_what_it_refuses(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    x, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    layer = ar.Layer("conv", kernel, stride, padding, dilation)
    theirs = _size(lambda: torch.nn.functional.conv1d(x, weight, None, stride, padding, dilation))
    _agree(lambda: layer.output_size(size), theirs)


def test_the_least_size_that_is_named_is_the_least() -> None:
    for kernel, stride, padding, dilation, ceil in product(range(1, 5), range(1, 4), range(3), range(1, 4), (0, 1)):
        layer = ar.Layer("pool", kernel, stride, min(padding, kernel // 2), dilation, ceil=bool(ceil))
        sizes = {}
        for size in range(12):
            try:
                sizes[size] = layer.output_size(size)
            except ar.SizeError as error:
                least = error.params["least"]
        assert min(sizes) == least


@most
@given(
    size=st.integers(0, 12),
    kernel=setting,
    stride=setting,
    padding=padding_of,
    dilation=setting,
    ceil=st.booleans(),
)
@example(size=2, kernel=3, stride=2, padding=0, dilation=1, ceil=True)  # one window, wider than the input
def test_pooling_is_pytorchs_in_size_and_in_what_it_refuses(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool
) -> None:
    """A layer that rounds down may be a convolution, which may be padded with more than half of its window."""
    assume(ceil or padding <= kernel // 2)
    layer = ar.Layer("pool", kernel, stride, padding, dilation, ceil=ceil)
    pool = torch.nn.functional.max_pool1d
    theirs = _size(lambda: pool(torch.zeros(1, 1, size), kernel, stride, padding, dilation, ceil_mode=ceil))
    _agree(lambda: layer.output_size(size), theirs)


@most
@given(
    size=st.integers(0, 12),
    kernel=setting,
    stride=setting,
    padding=padding_of,
    extra=st.integers(-1, 5),
    dilation=setting,
)
@example(size=0, kernel=1, stride=1, padding=0, extra=1, dilation=2)
def test_transposed_convolution_is_pytorchs_in_size_and_in_what_it_refuses(
    size: int, kernel: int, stride: int, padding: int, extra: int, dilation: int
) -> None:
    x, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    transposed = torch.nn.functional.conv_transpose1d
    theirs = _size(lambda: transposed(x, weight, None, stride, padding, extra, 1, dilation))
    _agree(lambda: ar.transposed_output_size(size, kernel, stride, padding, extra, dilation), theirs)


layers = st.lists(
    st.builds(
        ar.Layer,
        st.just("conv"),
        kernel=st.integers(1, 4),
        stride=st.integers(1, 3),
        padding=st.integers(0, 2),
        dilation=st.integers(1, 2),
    ),
    min_size=1,
    max_size=4,
)


@given(layers, st.integers(60, 90))
def test_receptive_field_is_what_a_gradient_reaches(chain: list[ar.Layer], size: int) -> None:
    try:
        cells = ar.output_size(chain, size)
    except ar.SizeError:
        assume(False)
    x = torch.zeros(1, 1, size, dtype=torch.float64, requires_grad=True)
    y = x
    for layer in chain:
        y = torch.nn.functional.conv1d(
            y,
            torch.ones(1, 1, layer.kernel, dtype=torch.float64),
            None,
            layer.stride,
            layer.padding,
            layer.dilation,
        )
    field, cell = ar.receptive_field(chain), cells // 2
    y[0, 0, cell].backward()
    assert x.grad is not None
    reached = x.grad[0, 0].nonzero().flatten().tolist()
    first = field.start + cell * field.jump
    inside = [p for p in (first, first + field.size - 1) if 0 <= p < size]
    assert all(first <= p < first + field.size for p in reached)
    assert all(p in reached for p in inside)  # both ends are really seen


def test_sizes_of_the_chain_are_listed_in_order() -> None:
    steps = ar.trace_sizes(ar.TORCHVISION_ALEXNET, 224)
    assert [s.size_out for s in steps] == [55, 27, 27, 13, 13, 13, 13, 6, 1]
    assert [s.size_in for s in steps] == [224, 55, 27, 27, 13, 13, 13, 13, 6]


def test_published_grids() -> None:
    assert ar.output_size(ar.CAFFENET, 227) == 1
    assert ar.output_size(ar.CAFFENET, 500) == 10  # FCN paper, section 3.1
    assert ar.output_size(ar.TORCHVISION_ALEXNET, 224) == 1
    assert ar.output_size(ar.TORCHVISION_ALEXNET, 500) == 9
    assert ar.output_size(ar.VGG16, 224) == 1


def test_published_receptive_fields() -> None:
    assert ar.receptive_field(ar.VGG16)[:2] == (404, 32)  # FCN paper, table 1
    assert ar.receptive_field(ar.CAFFENET)[:2] == (355, 32)
    assert ar.receptive_field(ar.GOOGLENET)[:2] == (907, 32)  # the average over 7 x 7 places counts


@pytest.mark.parametrize("name", list(ar.CHAINS))
def test_every_chain_gives_the_closed_form(name: str) -> None:
    assert ar.grid_size(223) == 0
    for side in range(224, 672, 32):
        assert ar.output_size(ar.CHAINS[name], side) == ar.grid_size(side)


@pytest.mark.parametrize("name", list(ar.CHAINS))
@pytest.mark.parametrize("side", [224, 352])
def test_every_chain_is_its_networks(name: str, side: int) -> None:
    from core.models.convolutionalize import FullyConvolutional
    from core.models.registry import build

    with torch.device("meta"), torch.no_grad():
        network = build(name).eval()
        grid = FullyConvolutional(network)(torch.zeros(1, 3, side, side))  # type: ignore[arg-type]
        features = network.features(torch.zeros(1, 3, side, side))
    steps = ar.trace_sizes(ar.CHAINS[name], side)
    assert grid.shape[-1] == steps[-1].size_out
    assert features.shape[-1] == steps[-1].size_in


@pytest.mark.parametrize("name", ["alexnet", "vgg16", "googlenet"])
def test_first_refused_side_is_really_the_first(name: str) -> None:
    from core.models.registry import build

    side = ar.first_refused_side(ar.CHAINS[name])
    with torch.device("meta"), torch.no_grad():
        features = build(name).eval().features
        shapes = [features(torch.zeros(1, 3, s, s)).shape[-1] for s in (224, side - 1, side)]
    assert shapes[0] == shapes[1] == shapes[2] - 1


def test_only_layers_that_change_the_size_are_kept() -> None:
    assert [s.layer.name for s in ar.resizing_steps(ar.VGG16, 224)] == [f"pool{i}" for i in range(1, 6)] + ["fc6"]


@pytest.mark.parametrize("stride", [8, 16, 32])
def test_mobilenetv2_is_the_networks(stride: int) -> None:
    from core.models.mobilenetv2 import MobileNetV2

    with torch.device("meta"):
        network = MobileNetV2(stride)
        spread = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d) and m.kernel_size == (3, 3)]
        found = ar.mobilenetv2(stride)
        assert [(n.kernel, n.stride, n.padding, n.dilation) for n in found] == [
            (m.kernel_size[0], m.stride[0], m.padding[0], m.dilation[0])  # type: ignore[index]
            for m in spread
        ]
        assert network(torch.zeros(1, 3, 321, 97)).shape[-2:] == tuple(ar.output_size(found, s) for s in (321, 97))
    field = ar.receptive_field(found)
    assert field.jump == stride
    assert field.start + field.size // 2 == 0, "cell i stands at pixel i x stride, in the middle of its field"
