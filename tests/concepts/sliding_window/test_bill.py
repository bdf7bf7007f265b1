"""The bill of windows and one pass: sums of the layers, equal to PyTorch's counter."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from core.concepts.sliding_window.bill import bill
from core.concepts.sliding_window.windows import sliding
from core.models.layer_costs import _on_meta


def counted(name: str, height: int, width: int, whole: bool) -> int:
    network, x = _on_meta(name, height, width, whole)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(x)
    return counter.get_total_flops() // 2


@pytest.mark.parametrize("name", ["efficientnet-lite0", "googlenet", "alexnet-slim", "vgg16-slim"])
@pytest.mark.parametrize("stride", [32, 224])
def test_classifiers(name: str, stride: int) -> None:
    windows = sliding(448, 480, stride)
    ours = bill(name, windows)
    assert ours.windows == len(windows) * counted(name, 224, 224, whole=False)
    assert ours.once == counted(name, 448, 480, whole=True)
    assert ours.ratio == ours.windows / ours.once
    rows, columns = ours.first
    assert rows.max() * columns.max() == (49 if stride == 32 else 1)
    side = {"alexnet-slim": 55, "vgg16-slim": 224}.get(name, 112)  # of the first layer's map of a window
    assert np.sum(rows) * np.sum(columns) == len(windows) * side**2


def test_tiles() -> None:
    windows = sliding(256, 320, 64, tiles=True)
    ours = bill("unet-em", windows)
    assert ours.windows == 4 * 5 * counted("unet-em", 252, 252, whole=True)
    assert ours.once == counted("unet-em", 444, 508, whole=True)
    rows, columns = ours.first
    assert len(rows) == 442
    assert rows.min() >= 1
    assert columns.min() >= 1


def test_no_overlap_no_gain() -> None:
    assert bill("efficientnet-lite0", sliding(448, 448, 224)).ratio < 1.2
    assert bill("efficientnet-lite0", sliding(640, 640, 32)).ratio > 20


@pytest.mark.parametrize("name", ["efficientnet-lite0", "googlenet", "alexnet-slim", "vgg16-slim"])
@pytest.mark.parametrize(("height", "width"), [(224, 224), (448, 448), (448, 608), (448, 672), (320, 480)])
def test_windows_that_share_nothing_cost_no_more_than_one_pass(name: str, height: int, width: int) -> None:
    """The page says that one pass saves nothing at a stride of 224, not that it is even."""
    assert bill(name, sliding(height, width, 224)).ratio <= 1.001


def test_the_more_answers_a_picture_has_room_for_the_more_one_pass_saves() -> None:
    ratios = [bill("efficientnet-lite0", sliding(side, side, 32)).ratio for side in (224, 320, 448, 640)]
    assert ratios == sorted(ratios)
    assert ratios[-1] > 2 * ratios[1]
