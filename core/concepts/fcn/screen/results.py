"""What /fcn shows beside its heatmap, remembered. The key is the SHA-256 of the picture's bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from core.concepts.fcn import additions
from core.concepts.fcn.additions import Mask
from core.engine import inference
from core.pictures.images import Picture
from core.ui.budget import remembered

if TYPE_CHECKING:
    from core.models import convolutionalize  # imports PyTorch, for which the first page does not wait


@st.cache_data(max_entries=100, show_spinner=False)
def rigid_outcome(model: str, height: int, width: int) -> convolutionalize.Outcome:
    """:func:`core.models.convolutionalize.rigid_outcome`, remembered. Needs PyTorch."""
    from core.models import convolutionalize

    return convolutionalize.rigid_outcome(model, height, width)


class Fold(NamedTuple):
    """One row of a fully connected layer: its values, and the shape of the kernel that they become."""

    values: bytes  # float32, little-endian, in the row's own order
    shape: tuple[int, int, int]  # (channels, size, size)
    rows: int  # rows of the matrix


@st.cache_data(max_entries=50, show_spinner=False)
def fold(model: str, row: int) -> Fold:
    """Row ``row`` of the first fully connected layer of ``model``. Needs PyTorch and the weights."""
    from core.models import convolutionalize

    classifier = inference.load(model).module
    linear = convolutionalize.first_linear(classifier)  # type: ignore[arg-type]
    size = int(str(classifier.window)) if classifier.pooling == "flatten" else 1
    kernel = convolutionalize.fold_row(linear, row, size)
    return Fold(kernel.numpy().astype("<f4").tobytes(), tuple(kernel.shape), linear.out_features)  # type: ignore[arg-type]


@remembered
def _masks(digest: str, _picture: Picture) -> list[Mask]:
    return additions.masks([inference.load(name) for name in additions.NETWORKS], _picture)


def masks(picture: Picture) -> list[Mask]:
    """:func:`core.concepts.fcn.additions.masks`, remembered. Needs PyTorch.

    Raises:
        core.errors.SegScopeError: a network cannot be loaded.
    """
    return _masks(picture.digest, picture)
