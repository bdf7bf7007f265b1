"""Named kernels and inputs: FCN's formula, exact fractions, edits that survive another size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.maths.transposed import Axis, paint
from core.models import kernels, weights

sizes = st.integers(1, 7)


@given(sizes)
def test_bilinear_is_fcns(size: int) -> None:
    """The formula of the authors' ``surgery.py``, in floating point."""
    factor = (size + 1) // 2
    centre = factor - 1 if size % 2 else factor - 0.5
    y, x = np.ogrid[:size, :size]
    theirs = (1 - abs(x - centre) / factor) * (1 - abs(y - centre) / factor)
    np.testing.assert_allclose(kernels.bilinear(size).values, theirs, atol=1e-15)


@pytest.mark.parametrize("stride", [2, 4])
def test_bilinear_interpolates(stride: int) -> None:
    size, kernel = 5, 2 * stride - stride % 2
    x = np.random.default_rng(0).normal(size=(size, size))
    axis = Axis(size, kernel, stride, stride // 2)
    ours = paint(x, kernels.bilinear(kernel).values, axis, axis)
    theirs = torch.nn.functional.interpolate(torch.from_numpy(x)[None, None], scale_factor=stride, mode="bilinear")
    inner = slice(stride, -stride)
    np.testing.assert_allclose(ours[inner, inner], theirs[0, 0].numpy()[inner, inner], atol=1e-12)


@given(st.sampled_from(list(kernels.KERNELS)), sizes, st.integers(0, 99))
def test_every_kernel_has_its_size_and_repeats(name: str, size: int, seed: int) -> None:
    kernel = kernels.named(name, size, seed)
    assert kernel.numerators.shape == (size, size)
    assert kernel.numerators.dtype == np.int64
    assert kernel.denominator >= 1
    assert np.array_equal(kernel.numerators, kernels.named(name, size, seed).numerators)
    assert len(kernel.in_hundredths()) == size * size
    assert np.abs(np.array(kernel.in_hundredths()) / 100 - kernel.values.ravel()).max() <= 0.005 + 1e-12


def test_edges_answer_to_edges_alone() -> None:
    for size in range(2, 7):
        assert kernels.named("edge", size).numerators.sum() == 0
        assert kernels.named("edge", size).numerators[0, -1] == 1


@given(st.sampled_from(list(kernels.INPUTS)), sizes, st.integers(0, 99))
def test_inputs_are_small_integers(name: str, size: int, seed: int) -> None:
    x = kernels.pattern(name, size, seed)
    assert x.shape == (size, size)
    assert x.dtype == np.int64
    assert np.abs(x).max() <= 9


@given(sizes, sizes, st.integers(0, 99))
def test_edits_survive_another_size(before: int, after: int, seed: int) -> None:
    edited = kernels.pattern("random", before, seed)
    base = kernels.pattern("count", after)
    out = kernels.refitted(tuple(edited.ravel().tolist()), base)
    common = min(before, after)
    assert out.shape == base.shape
    assert np.array_equal(out[:common, :common], edited[:common, :common])
    out[:common, :common] = base[:common, :common]
    assert np.array_equal(out, base)


def test_squares_and_digits_of_a_picture() -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:, 30:] = 255  # the right half is white
    assert kernels.square(pixels, 4).tolist() == [[[0] * 3] * 2 + [[255] * 3] * 2] * 4
    assert kernels.digits(pixels, 4).tolist() == [[0, 0, 9, 9]] * 4
    assert kernels.digits(np.full((9, 9, 3), 128, np.uint8), 1).tolist() == [[5]]


@pytest.mark.parametrize("size", sorted(kernels.LEARNED))
def test_the_learned_kernel_is_the_strongest_of_its_layer(size: int) -> None:
    network = weights.load("unet-em")
    layer = network.get_parameter(kernels.LEARNED[size]).detach()
    assert layer.shape[-1] == size
    each = layer.flatten(0, 1)
    strongest = each[each.square().sum((1, 2)).argmax()].double().numpy()
    found = kernels.named("learned", size)
    assert np.abs(found.values - strongest).max() <= 0.5 / kernels.OWN_DENOMINATOR + 1e-9
    assert "learned" in kernels.available(size)


def test_sizes_and_files_without_a_learned_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kernels.learned(5) is None
    assert "learned" not in kernels.available(5)
    assert (kernels.named("learned", 5).numerators == 1).all()
    kernels.learned.cache_clear()
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    assert kernels.learned(2) is None
    (tmp_path / "unet-em.safetensors").write_bytes(b"not a file of weights")
    kernels.learned.cache_clear()
    assert kernels.learned(2) is None
    kernels.learned.cache_clear()
