"""What the page about transposed convolution says of its colours."""

from __future__ import annotations

import colorsys
import re

import numpy as np
import pytest
import torch

from core import facts
from core.concepts.transposed.checkerboard import even
from core.concepts.transposed.screen import story
from core.concepts.transposed.screen.controls import PRESETS
from core.maths import transposed
from core.maths.transposed import Axis
from tests.support.paths import ROOT

CSS = (ROOT / "core" / "ui" / "kit" / "grid_board.css").read_text(encoding="utf-8")


def hue(name: str) -> tuple[float, float]:
    """Hue in degrees and saturation, 0 to 1, of the colour called ``--name``."""
    red, green, blue = (int(part, 16) / 255 for part in re.search(rf"--{name}: [^#;]*#(..)(..)(..)", CSS).groups())  # type: ignore[union-attr]  # fmt: skip
    angle, _lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    return 360 * angle, saturation


def test_colours_are_those_that_the_legend_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ".input .cell rect { fill: var(--blue); }" in CSS
    assert ".kernel .cell rect { fill: var(--grey); }" in CSS
    assert re.search(r"\.output \.cell\.stamps1 rect \{ fill: color-mix\(in srgb, var\(--green\)", CSS)
    zeros = re.search(r"\.wide \.cell\.zero rect[^{]*\{([^}]*)\}", CSS)
    assert zeros is not None
    assert "fill: var(--st-background-color)" in zeros[1]
    assert "stroke-dasharray" in zeros[1]
    assert 190 < hue("blue")[0] < 250
    assert 90 < hue("green")[0] < 180
    assert hue("grey")[1] < 0.1
    said: list[str] = []
    monkeypatch.setattr(story.st, "markdown", said.append)
    story.legend()
    assert all(
        word in said[0] for word in ("Blue cells are the input", "grey ones the kernel", "green ones the output")
    )
    assert str(facts.ARITHMETIC) in said[0]


def test_values_come_back_by_exception_only() -> None:
    """ "As a rule" they do not: a kernel of one cell with the weight 1 changes nothing, others do."""
    start = np.arange(16, dtype=np.int64).reshape(4, 4)
    one = transposed.round_trip(start, np.ones((1, 1)), Axis(4, 1))
    assert np.abs(one.difference).max() == 0
    three = transposed.round_trip(start, np.ones((3, 3)), Axis(2, 3))
    assert three.back.shape == start.shape
    assert np.abs(three.difference).max() > 0


@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_a_stride_that_does_not_divide_the_kernel_overlaps_unevenly(dilation: int) -> None:
    for kernel in range(1, 9):
        for stride in range(1, 6):
            assert kernel % stride == 0 or not even(kernel, stride, dilation), (kernel, stride)


def test_sizes_are_pytorchs(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(story.st, "markdown", said.append)
    monkeypatch.setattr(story.st, "caption", said.append)
    story.sizes()
    rows = said[0].splitlines()[2:]
    assert len(rows) == len(PRESETS)
    for row, preset in zip(rows, PRESETS.values(), strict=True):
        axis = preset.axis
        layer = torch.nn.ConvTranspose2d(
            1, 1, axis.kernel, axis.stride, axis.padding, axis.output_padding, dilation=axis.dilation
        )
        assert row.endswith(f"= {layer(torch.zeros(1, 1, axis.size, axis.size)).shape[-1]} |")
