"""A picture in pieces through the unpadded U-Net: with overlap as its paper has it, and cut apart without.

With overlap every tile brings 92 pixels of its neighbours along on each side, and the pieces fit together exactly (at
strides that are multiples of 16). Cut apart without overlap, a piece knows nothing of its neighbours; its surroundings
are its own mirror image, and the answers on both sides of a cut disagree: a seam.

Source: Ronneberger, Fischer, Brox 2015, figure 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.concepts.sliding_window.curve import square
from core.concepts.sliding_window.windows import MARGIN, tile_for
from core.engine.inference import LoadedModel, run
from core.passes.tiling import mirror, one_pass, overlap_tile
from core.pictures.images import Picture

Floats = npt.NDArray[np.float32]
NEAR = 8
"""Pixels on each side of a cut that count as the seam."""


def cut_apart(network: Callable[[Tensor], Tensor], x: Tensor, stride: int) -> Tensor:
    """Scores from pieces of ``stride x stride`` pixels, each mirrored at its own borders: (B, C, H, W) -> (B, ., H, W).

    Args:
        network: unpadded, ``(B, C, tile, tile) -> (B, classes, tile - 184, tile - 184)``.
        x: the picture.
        stride: side of a piece in pixels.
    """
    height, width = x.shape[-2:]
    rows = []
    for top in range(0, height, stride):
        pieces = []
        for left in range(0, width, stride):
            piece = x[..., top : top + stride, left : left + stride]
            tile = tile_for(stride)
            answer = network(mirror(piece, -MARGIN, -MARGIN, tile, tile))
            pieces.append(answer[..., : piece.shape[-2], : piece.shape[-1]])
        rows.append(torch.cat(pieces, -1))
    return torch.cat(rows, -2)


def near_cuts(height: int, width: int, stride: int, reach: int = NEAR) -> npt.NDArray[np.bool_]:
    """Which pixels lie within ``reach`` of a cut inside the picture: ``bool (height, width)``."""

    def along(length: int) -> npt.NDArray[np.bool_]:
        place = np.arange(length)
        cuts = np.arange(stride, length, stride)
        if not len(cuts):
            return np.zeros(length, bool)
        return np.asarray((np.abs(place[:, None] + 0.5 - cuts) < reach).any(1))

    rows, columns = along(height), along(width)
    return rows[:, None] | columns[None, :]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The probability of one class at every pixel, three times, ``float32 (H, W)``.

    Attributes:
        once: one pass over the whole picture.
        overlap: tiles that overlap.
        apart: pieces without overlap.
        stride: side of a piece.
    """

    once: Floats
    overlap: Floats
    apart: Floats
    stride: int

    @property
    def _near(self) -> npt.NDArray[np.bool_]:
        height, width = self.once.shape
        return near_cuts(height, width, self.stride)

    @property
    def exact(self) -> float:
        """Largest difference between overlapping tiles and one pass."""
        return float(np.abs(self.overlap - self.once).max())

    @property
    def seam(self) -> float:
        """Mean difference between pieces and one pass near the cuts."""
        return float(np.abs(self.apart - self.once)[self._near].mean())

    @property
    def elsewhere(self) -> float:
        """The same far from the cuts."""
        return float(np.abs(self.apart - self.once)[~self._near].mean())


def compare(model: LoadedModel, picture: Picture, side: int, stride: int, of: int = 0) -> Comparison:
    """Run ``model`` over the central square of the picture in the three ways.

    Args:
        model: ``unet-em``.
        side: of the square in pixels.
        stride: side of a piece, a multiple of 16 smaller than ``side``.
        of: the class whose probability is kept.
    """
    x = model.prepare(square(picture, side)).mean(1, keepdim=True)  # (1, 1, side, side)
    network = model.module

    def shares(scores: Tensor) -> Floats:
        return np.asarray(scores.softmax(1)[0, of].numpy(), np.float32)

    # three calls: somebody else may have a turn in between
    once = run(lambda: shares(one_pass(network, x))).value
    overlap = run(lambda: shares(overlap_tile(network, x, tile_for(stride), stride))).value
    apart = run(lambda: shares(cut_apart(network, x, stride))).value
    return Comparison(once, overlap, apart, stride)
