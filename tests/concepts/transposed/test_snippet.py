"""The snippet runs as it stands and prints the numbers that are on screen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.concepts.transposed import snippet
from core.maths import transposed
from core.models import kernels
from tests.support.printed import printed


@given(
    size=st.integers(1, 4),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    extra=st.integers(0, 2),
    dilation=st.integers(1, 2),
    name=st.sampled_from(list(kernels.KERNELS)),
)
@settings(max_examples=25)
def test_transposed_convolution_prints_what_is_shown(
    size: int, kernel: int, stride: int, padding: int, extra: int, dilation: int, name: str
) -> None:
    axis, _ = transposed.repaired(transposed.Axis(size, kernel, stride, padding, extra, dilation))
    x, weights = kernels.pattern("random", size, 3), kernels.named(name, kernel, 5)
    lines = " ".join(printed(snippet.transposed(axis, x, weights))).split()
    shown = transposed.paint(x, weights.values, axis, axis)
    back = axis.twin.output_size(axis.out)
    assert [int(n) for n in (*lines[:2], *lines[-2:])] == [axis.out, axis.out, back, back]
    assert [float(n) for n in lines[2:-2]] == pytest.approx(shown.ravel().tolist(), abs=5.1e-5)
