"""Overlap over all kernels and strides, and five ways to double a picture, against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.concepts.transposed import checkerboard as cb

F = torch.nn.functional


@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 3))
def test_phases_are_the_inside_of_a_transposed_convolution(kernel: int, stride: int, dilation: int) -> None:
    size = 40
    out = F.conv_transpose1d(torch.ones(1, 1, size), torch.ones(1, 1, kernel), stride=stride, dilation=dilation)[
        0, 0
    ].tolist()
    start = stride * (dilation * (kernel - 1) // stride + 1)  # every phase is complete from here on
    assert tuple(out[start : start + stride]) == cb.phase_counts(kernel, stride, dilation)
    inner = out[start : start + 3 * stride]
    assert cb.even(kernel, stride, dilation) is (min(inner) == max(inner))


@given(st.integers(1, 12), st.integers(1, 6))
def test_even_without_dilation_means_divisible(kernel: int, stride: int) -> None:
    assert cb.even(kernel, stride) is (kernel % stride == 0)


def test_published_overlaps() -> None:
    assert cb.phase_counts(3, 2) == (2, 1)
    assert cb.phase_counts(2, 2) == (1, 1)
    assert cb.phase_counts(4, 2) == (2, 2)


@pytest.mark.parametrize("shape", [(5, 5), (4, 7)])
def test_resizing_is_pytorchs(shape: tuple[int, int]) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    given_ = torch.from_numpy(x)[None, None]
    for method in ("nearest", "bilinear"):
        theirs = F.interpolate(given_, scale_factor=2, mode=method)[0, 0].numpy()
        np.testing.assert_allclose(cb.METHODS[method][1](x), theirs, atol=1e-12)
    wide = F.pad(F.interpolate(given_, scale_factor=2, mode="nearest"), (1, 1, 1, 1), mode="replicate")
    theirs = F.conv2d(wide, torch.full((1, 1, 3, 3), 1 / 9, dtype=torch.float64))[0, 0].numpy()
    np.testing.assert_allclose(cb.METHODS["resize"][1](x), theirs, atol=1e-12)


@pytest.mark.parametrize(("method", "kernel", "extra"), [("k3s2", 3, 1), ("k4s2", 4, 0)])
def test_transposed_convolutions_are_pytorchs(method: str, kernel: int, extra: int) -> None:
    x = np.random.default_rng(1).normal(size=(6, 4))
    wide = F.pad(torch.from_numpy(x)[None, None], (2, 2, 2, 2), mode="replicate")
    weight = torch.full((1, 1, kernel, kernel), 4 / kernel**2, dtype=torch.float64)
    theirs = F.conv_transpose2d(wide, weight, stride=2, padding=1, output_padding=extra)[0, 0, 4:-4, 4:-4].numpy()
    np.testing.assert_allclose(cb.METHODS[method][1](x), theirs, atol=1e-12)


def test_only_uneven_overlap_ripples() -> None:
    assert cb.ripple("k3s2", 1) == pytest.approx((4 - 1) * 4 / 9)
    assert cb.ripple("k3s2", 3) > cb.ripple("k3s2", 1)
    for method in set(cb.METHODS) - {"k3s2"}:
        assert cb.ripple(method, 3) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("method", list(cb.METHODS))
def test_doubling_a_picture(method: str) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (6, 5, 3), np.uint8)
    out = cb.doubled(pixels, method, 3)
    assert out.shape == (48, 40, 3)
    assert out.dtype == np.uint8
    if method == "nearest":
        assert np.array_equal(out[::8, ::8], pixels)
