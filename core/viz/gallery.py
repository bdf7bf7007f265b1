"""The sprite sheets of a stage's feature maps: a few for the figure, all of them to browse, one to look at closely.

All three hold bytes from the same quantisation, each map over its own range: what is seen small is what is seen large.
A sheet of many maps holds every n-th cell of large ones; nothing is averaged, so each byte is a cell of the network.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from core.viz import sprites
from core.viz.sprites import SpriteSheet

if TYPE_CHECKING:
    from core.passes.feature_maps import Stage  # imports PyTorch

FIGURE_MAPS = 6
"""Maps that a box of the figure shows: the strongest."""
FIGURE_SIDE = 64
"""Cells along the longer side of a map in a box, at most."""
BROWSE_SIDE = 88
"""The same where all maps are shown."""


class Layout(NamedTuple):
    """How a sheet is laid out.

    Attributes:
        channels: which maps, (N,).
        step: every how many-th cell is shown, beginning in the middle of the first ``step``.
        columns: maps in a row.
        height, width: of a map on the sheet, in shown cells.
    """

    channels: npt.NDArray[np.int64]
    step: int
    columns: int
    height: int
    width: int


class Sheets:
    """The sheets of one stage, made when they are asked for."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    @cached_property
    def low(self) -> npt.NDArray[np.float32]:
        """Smallest value of each map: (C,)."""
        return np.asarray(self.stage.maps.min(axis=(1, 2)))

    @cached_property
    def high(self) -> npt.NDArray[np.float32]:
        """Largest value of each map: (C,)."""
        return np.asarray(self.stage.maps.max(axis=(1, 2)))

    @cached_property
    def strength(self) -> npt.NDArray[np.float64]:
        """Mean magnitude of each map: (C,)."""
        return sprites.strength(self.stage.maps)

    @cached_property
    def variance(self) -> npt.NDArray[np.float64]:
        """Variance of each map over its places: (C,)."""
        return sprites.variance(self.stage.maps)

    @cached_property
    def strongest(self) -> npt.NDArray[np.int64]:
        """Channels, the strongest first: (C,)."""
        return np.asarray(np.argsort(-self.strength, kind="stable").astype(np.int64))

    def layout(self, kind: str) -> Layout:
        """How the sheet ``kind`` is laid out, known before it is made."""
        count, height, width = self.stage.maps.shape
        if kind == "figure":
            channels = self.strongest[:FIGURE_MAPS]
            step, columns = _step(height, width, FIGURE_SIDE), len(channels)
        else:
            channels, step = np.arange(count), _step(height, width, BROWSE_SIDE)
            columns = math.ceil(math.sqrt(count))
        cells = len(range(step // 2, height, step)), len(range(step // 2, width, step))
        return Layout(channels, step, columns, *cells)

    def _sheet(self, layout: Layout) -> SpriteSheet:
        values, low, high = sprites.quantise(self.stage.maps[layout.channels])
        first, step = layout.step // 2, layout.step
        return sprites.arrange(values[:, first::step, first::step], low, high, layout.channels, layout.columns)

    def figure(self) -> SpriteSheet:
        """The strongest maps, side by side in one row."""
        return self._sheet(self.layout("figure"))

    def browse(self) -> SpriteSheet:
        """All maps, in the order of the channels."""
        return self._sheet(self.layout("browse"))

    def single(self, channel: int) -> SpriteSheet:
        """One map, every cell of it."""
        return self._sheet(Layout(np.array([channel]), 1, 1, *self.stage.maps.shape[1:]))


def _step(height: int, width: int, most: int) -> int:
    return math.ceil(max(height, width) / most)
