"""Results shared between reruns and visitors, so that moving a slider back costs nothing.

Streamlit hashes large arrays by sampling them, which mixes up pictures; the key here is always the SHA-256 of the
picture's bytes, and the picture itself travels unhashed. Results are numbers about a picture, never the picture, and
are dropped an hour after they were made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from core import heatmaps, inference, precomputed
from core.heatmaps import Differences, ScoreGrid, View
from core.images import Picture
from core.ui.budget import remembered

if TYPE_CHECKING:
    from core import convolutionalize  # imports PyTorch, for which the first page does not wait


@remembered
def _scan(model: str, digest: str, crop: heatmaps.Crop, side: int, _picture: Picture) -> ScoreGrid:
    return heatmaps.scan(inference.load(model), _picture, View(crop, side))


def scan(model: str, picture: Picture, view: View) -> ScoreGrid | None:
    """:func:`core.heatmaps.scan`; ``None`` while PyTorch is still loading and the answer is not stored.

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
    """:func:`core.heatmaps.differences`, remembered. Needs PyTorch."""
    return _differences(model, picture.digest, view.crop, view.side, cell, picture)


@st.cache_data(max_entries=100, show_spinner=False)
def rigid_outcome(model: str, height: int, width: int) -> convolutionalize.Outcome:
    """:func:`core.convolutionalize.rigid_outcome`, remembered. Needs PyTorch."""
    from core import convolutionalize

    return convolutionalize.rigid_outcome(model, height, width)


class Fold(NamedTuple):
    """One row of a fully connected layer: its values, and the shape of the kernel that they become."""

    values: bytes  # float32, little-endian, in the row's own order
    shape: tuple[int, int, int]  # (channels, size, size)
    rows: int  # rows of the matrix


@st.cache_data(max_entries=50, show_spinner=False)
def fold(model: str, row: int) -> Fold:
    """Row ``row`` of the first fully connected layer of ``model``. Needs PyTorch and the weights."""
    from core import convolutionalize

    classifier = inference.load(model).module
    linear = convolutionalize.first_linear(classifier)  # type: ignore[arg-type]
    size = int(str(classifier.window)) if classifier.pooling == "flatten" else 1
    kernel = convolutionalize.fold_row(linear, row, size)
    return Fold(kernel.numpy().astype("<f4").tobytes(), tuple(kernel.shape), linear.out_features)  # type: ignore[arg-type]
