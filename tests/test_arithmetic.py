"""Sizes against PyTorch, receptive fields against a gradient, published sizes against the papers."""

from __future__ import annotations

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from core import arithmetic as ar

small = st.integers(1, 5)


@given(size=st.integers(1, 40), kernel=small, stride=small, padding=st.integers(0, 3), dilation=st.integers(1, 3))
def test_convolution_size_is_pytorchs(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    layer = ar.Layer("conv", kernel, stride, padding, dilation)
    x, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    if size + 2 * padding < layer.effective_kernel:
        with pytest.raises(ar.SizeError, match="enlarge the picture"):
            layer.output_size(size)
        with pytest.raises(RuntimeError):
            torch.nn.functional.conv1d(x, weight, None, stride, padding, dilation)
    else:
        out = torch.nn.functional.conv1d(x, weight, None, stride, padding, dilation)
        assert layer.output_size(size) == out.shape[-1]


@given(size=st.integers(1, 40), kernel=small, stride=small, padding=st.integers(0, 2), ceil=st.booleans())
def test_pooling_size_is_pytorchs(size: int, kernel: int, stride: int, padding: int, ceil: bool) -> None:
    assume(padding <= kernel // 2 and size + 2 * padding >= kernel)
    out = torch.nn.functional.max_pool1d(torch.zeros(1, 1, size), kernel, stride, padding, ceil_mode=ceil)
    assert ar.Layer("pool", kernel, stride, padding, ceil=ceil).output_size(size) == out.shape[-1]


@given(
    size=st.integers(1, 12),
    kernel=small,
    stride=small,
    padding=st.integers(0, 4),
    extra=st.integers(0, 4),
    dilation=st.integers(1, 3),
)
def test_transposed_size_is_pytorchs(
    size: int, kernel: int, stride: int, padding: int, extra: int, dilation: int
) -> None:
    x, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    try:
        expected = torch.nn.functional.conv_transpose1d(x, weight, None, stride, padding, extra, 1, dilation).shape[-1]
    except RuntimeError:
        with pytest.raises(ar.SizeError):
            ar.transposed_output_size(size, kernel, stride, padding, extra, dilation)
    else:
        assert ar.transposed_output_size(size, kernel, stride, padding, extra, dilation) == expected


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
