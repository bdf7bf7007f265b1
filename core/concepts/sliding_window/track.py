"""What is raced over: a picture prepared for a network, cut into windows, and the same answers from one pass.

A track is a classifier that is asked window by window or everywhere at once, or the unpadded U-Net that goes over the
picture tile by tile or in one pass. Both answer with a grid of cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from core.concepts.sliding_window.windows import NATIVE, Windows, sliding
from core.passes import heatmaps
from core.passes.heatmaps import View

if TYPE_CHECKING:
    from torch import Tensor, nn

    from core.engine.inference import LoadedModel
    from core.pictures.images import Picture

Floats = npt.NDArray[np.float32]

BLOCK = 8
"""Pixels along one side of a cell of U-Net's heat, the mean of its pixels."""
STRIDES = (32, 64, 128, 224)
"""Strides on offer; all are multiples of 32, the total stride of every classifier here."""


@dataclass(frozen=True)
class Cells:
    """Where the cells of the heat lie on the input.

    Attributes:
        rows, columns: cells.
        size: pixels along one side of a cell.
        first: pixels from the picture's edge to the first cell.
        block: cells along one side that one window answers for.
    """

    rows: int
    columns: int
    size: int
    first: int
    block: int


def cells_of(windows: Windows) -> Cells:
    """One cell at the centre of each of a classifier's windows; squares of :data:`BLOCK` pixels for tiles."""
    if windows.margin:
        return Cells(windows.height // BLOCK, windows.width // BLOCK, BLOCK, 0, windows.stride // BLOCK)
    return Cells(windows.rows, windows.columns, windows.stride, NATIVE // 2 - windows.stride // 2, 1)


class Track(Protocol):
    """A network and an input, ready to run."""

    windows: Windows
    cells: Cells
    networks: tuple[nn.Module, ...]
    answer_side: int
    """Places along one side of a window's scores in :meth:`join`: 1, or the pixels that a tile answers for."""

    def cut(self, first: int, many: int) -> Tensor:
        """Windows ``first`` to ``first + many``: ``(many, C, side, side)``."""
        ...

    def ask(self, patches: Tensor) -> Tensor:
        """Scores of every window."""
        ...

    def everywhere(self) -> Tensor:
        """The scores of all windows from one pass, shaped as :meth:`join` gives them."""
        ...

    def join(self, answers: list[Tensor]) -> Tensor:
        """The windows' scores side by side: ``(classes, rows, columns)``."""
        ...

    def heat(self, scores: Tensor) -> Floats:
        """Cells from joined scores, 0 to 1: ``float32 (rows, columns)``."""
        ...


class ClassifierTrack:
    """A classifier with windows of 224 pixels. One cell for each window, at its centre.

    Args:
        model: a classifier of the registry.
        pixels: ``uint8 (H, W, 3)``, the input.
        stride: pixels between windows, a multiple of 32.
        ids: classes whose probabilities are added.
    """

    def __init__(self, model: LoadedModel, pixels: npt.NDArray[np.uint8], stride: int, ids: tuple[int, ...]) -> None:
        self.windows = sliding(pixels.shape[0], pixels.shape[1], stride)
        self.classifier, self.network = model.module, heatmaps.converted(model)
        self.networks: tuple[nn.Module, ...] = (self.classifier, self.network)
        self.ids, self.answer_side = list(ids), 1
        self.cells = cells_of(self.windows)
        self._x = model.prepare(pixels)  # (1, 3, H, W)
        self._corners = list(self.windows.corners())

    def cut(self, first: int, many: int) -> Tensor:
        import torch

        side = self.windows.side
        parts = [self._x[..., t : t + side, left : left + side] for t, left in self._corners[first : first + many]]
        return torch.cat(parts)

    def ask(self, patches: Tensor) -> Tensor:
        scores: Tensor = self.classifier(patches)  # (B, classes)
        return scores

    def everywhere(self) -> Tensor:
        scores: Tensor = self.network(self._x)[0]  # (classes, every 32 pixels)
        step = self.windows.stride // heatmaps.STRIDE
        return scores[:, ::step, ::step][:, : self.cells.rows, : self.cells.columns]

    def join(self, answers: list[Tensor]) -> Tensor:
        import torch

        return torch.cat(answers).T.reshape(-1, self.cells.rows, self.cells.columns)

    def heat(self, scores: Tensor) -> Floats:
        return np.asarray(scores.softmax(0)[self.ids].sum(0).cpu().numpy(), np.float32)


class TileTrack:
    """The unpadded U-Net with tiles that overlap by its margins; the picture is mirrored outside.

    Args:
        model: ``unet-em``.
        pixels: ``uint8 (H, W, 3)``.
        stride: pixels that each tile answers for, a multiple of 16, so that tiles repeat the one pass exactly.
        ids: classes whose probabilities are added.
    """

    def __init__(self, model: LoadedModel, pixels: npt.NDArray[np.uint8], stride: int, ids: tuple[int, ...]) -> None:
        self.height, self.width = pixels.shape[:2]
        self.windows = sliding(self.height, self.width, stride, tiles=True)
        self.network = model.module
        self.networks: tuple[nn.Module, ...] = (model.module,)
        self.ids, self.answer_side = list(ids), stride
        self.cells = cells_of(self.windows)
        self._x = model.prepare(pixels).mean(1, keepdim=True)  # (1, 1, H, W)
        self._corners = list(self.windows.corners())

    def cut(self, first: int, many: int) -> Tensor:
        import torch

        from core.passes.tiling import mirror

        side = self.windows.side
        return torch.cat([mirror(self._x, t, left, side, side) for t, left in self._corners[first : first + many]])

    def ask(self, patches: Tensor) -> Tensor:
        stride = self.windows.stride
        scores: Tensor = self.network(patches)[..., :stride, :stride]  # (B, classes, stride, stride)
        return scores

    def everywhere(self) -> Tensor:
        from core.passes.tiling import one_pass

        return one_pass(self.network, self._x)[0]

    def join(self, answers: list[Tensor]) -> Tensor:
        import torch

        parts = torch.cat(answers)  # (N, classes, stride, stride)
        grid = parts.view(self.windows.rows, self.windows.columns, *parts.shape[1:]).permute(2, 0, 3, 1, 4)
        return grid.reshape(parts.shape[1], -1, self.windows.columns * parts.shape[-1])[:, : self.height, : self.width]

    def heat(self, scores: Tensor) -> Floats:
        shares = scores.softmax(0)[self.ids].sum(0)
        high, wide = shares.shape[0] // BLOCK, shares.shape[1] // BLOCK
        blocks = shares[: high * BLOCK, : wide * BLOCK].reshape(high, BLOCK, wide, BLOCK).mean((1, 3))
        return np.asarray(blocks.cpu().numpy(), np.float32)


def is_tiled(model: str) -> bool:
    """Whether network ``model`` goes over a picture in overlapping tiles and not in a classifier's windows."""
    from core.models.registry import spec

    return spec(model).labels == "em"


def track_of(model: LoadedModel, pixels: npt.NDArray[np.uint8], stride: int, ids: tuple[int, ...]) -> Track:
    """The track over an input ``uint8 (H, W, 3)``."""
    if model.spec.labels == "em":
        return TileTrack(model, pixels, stride, ids)
    return ClassifierTrack(model, pixels, stride, ids)


def track(model: LoadedModel, picture: Picture, view: View, stride: int, ids: tuple[int, ...]) -> Track:
    """The track for ``picture`` as seen through ``view``."""
    return track_of(model, view.render(picture.pixels), stride, ids)


def windows_of(model: str, view: View, picture: Picture, stride: int) -> Windows:
    """Where the windows of :func:`track` lie, without PyTorch."""
    height, width = picture.pixels.shape[:2]
    across, down = view.input_size(width, height)
    return sliding(down, across, stride, is_tiled(model))
