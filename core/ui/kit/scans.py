"""Results shared between reruns and visitors, so that moving a slider back costs nothing.

Streamlit hashes large arrays by sampling them, which mixes up pictures; the key here is always the SHA-256 of the
picture's bytes, and the picture itself travels unhashed. Results are numbers about a picture, never the picture, and
are dropped an hour after they were made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.engine import inference
from core.passes import heatmaps, precomputed
from core.passes.heatmaps import Differences, ScoreGrid, View
from core.pictures.images import Picture
from core.ui.budget import remembered

if TYPE_CHECKING:
    pass  # imports PyTorch, for which the first page does not wait


@remembered
def _scan(model: str, digest: str, crop: heatmaps.Crop, side: int, _picture: Picture) -> ScoreGrid:
    return heatmaps.scan(inference.load(model), _picture, View(crop, side))


def scan(model: str, picture: Picture, view: View) -> ScoreGrid | None:
    """:func:`core.passes.heatmaps.scan`; ``None`` while PyTorch is still loading and the answer is not stored.

    Raises:
        core.errors.SegScopeError: the network cannot be loaded.
    """
    stored = precomputed.find(model, picture, view)
    if stored is not None:
        return stored
    return _scan(model, picture.digest, view.crop, view.side, picture) if inference.ready() else None


@remembered
def _differences(
    model: str, digest: str, crop: heatmaps.Crop, side: int, cell: tuple[int, int], _picture: Picture
) -> Differences:
    return heatmaps.differences(inference.load(model), _picture, View(crop, side), cell)


def differences(model: str, picture: Picture, view: View, cell: tuple[int, int]) -> Differences:
    """:func:`core.passes.heatmaps.differences`, remembered. Needs PyTorch."""
    return _differences(model, picture.digest, view.crop, view.side, cell, picture)
