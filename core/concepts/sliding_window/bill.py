"""What each way of painting a heatmap costs in multiply-adds, layer by layer, and what the windows repeat."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from core.concepts.sliding_window.windows import Counts, Windows, tile_for

if TYPE_CHECKING:
    from core.models.layer_costs import LayerCost  # imports PyTorch, for which the first view does not wait


@dataclass(frozen=True)
class Line:
    """One layer.

    Attributes:
        layer: its path in the network read as convolutions.
        window: multiply-adds for one window.
        windows: for all windows.
        once: for one pass over the whole picture.
    """

    layer: str
    window: int
    windows: int
    once: int

    @property
    def ratio(self) -> float:
        """How many times as much the windows compute."""
        return self.windows / self.once


@dataclass(frozen=True)
class Bill:
    """All layers of a network that multiply.

    Attributes:
        lines: in the order in which they run.
        first: rows and columns of the first layer's map in one pass: how many windows compute each of them.
    """

    lines: tuple[Line, ...]
    first: tuple[Counts, Counts]

    @property
    def windows(self) -> int:
        """Multiply-adds of all windows. Batches change nothing about it."""
        return sum(line.windows for line in self.lines)

    @property
    def once(self) -> int:
        """Multiply-adds of one pass."""
        return sum(line.once for line in self.lines)

    @property
    def ratio(self) -> float:
        """The speed-up that counting predicts."""
        return self.windows / self.once


def costs(model: str, windows: Windows) -> tuple[tuple[LayerCost, ...], tuple[LayerCost, ...]]:
    """The layers for one window, and for one pass over the whole picture."""
    from core.models import layer_costs

    if windows.margin:
        whole = tile_for(windows.height), tile_for(windows.width)
        return layer_costs.layers(model, windows.side, windows.side), layer_costs.layers(model, *whole)
    return (
        layer_costs.layers(model, windows.side, windows.side, whole=False),
        layer_costs.layers(model, windows.height, windows.width),
    )


@cache
def bill(model: str, windows: Windows) -> Bill:
    """Count for network ``model``. Needs PyTorch, but no weights and no picture.

    Raises:
        core.models.registry.RegistryError: no such network.
    """
    window, whole = costs(model, windows)
    lines = tuple(
        Line(b.path, a.multiply_adds, a.multiply_adds * len(windows), b.multiply_adds)
        for a, b in zip(window, whole, strict=True)
    )
    first = windows.recomputed(whole[0].stride, window[0].output[1], whole[0].output[1:])
    return Bill(lines, first)
