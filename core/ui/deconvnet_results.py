"""What the page about DeconvNet shows, computed once per picture: small results, never the maps themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from core import hourglass, inference
from core.hourglass import COARSE, NETWORK, Enlargements
from core.images import Picture
from core.models import weights
from core.ui.components.hourglass import payload

_HOUR = 3600
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Seen:
    """A pass of DeconvNet, reduced to what is shown.

    Attributes:
        data: for the hourglass in the browser.
        empty: share of zeros after each unpooling and after its deconvolutions, 7 -> 14 first.
        ids: the mask, ``uint8 (224, 224)``.
        likely: probability of :func:`enlargements`' class, ``float32 (224, 224)``.
        code: fc7's output.
        seconds: of the pass.
    """

    data: dict[str, Any]
    empty: tuple[tuple[float, float], ...]
    ids: Bytes
    likely: hourglass.Floats
    code: hourglass.Floats
    seconds: float


def trained() -> bool:
    """Whether DeconvNet's weights are bundled."""
    return weights.present(NETWORK)


@st.cache_data(max_entries=40, ttl=_HOUR, show_spinner=False)
def _seen(digest: str, target: int, _picture: Picture) -> Seen:
    glass = hourglass.look(inference.load(NETWORK), _picture)
    return Seen(
        payload(glass),
        tuple(level.empty for level in reversed(glass.levels)),
        glass.ids,
        glass.probabilities[target].copy(),
        glass.code,
        glass.seconds,
    )


def seen(picture: Picture, target: int) -> Seen:
    """:func:`core.hourglass.look`, remembered. Needs PyTorch and the weights.

    Args:
        picture: what is looked at.
        target: class whose probability is kept.

    Raises:
        core.errors.SegScopeError: the network cannot be loaded.
    """
    return _seen(picture.digest, target, picture)


@st.cache_data(max_entries=40, ttl=_HOUR, show_spinner=False)
def _without_switches(digest: str, _code: hourglass.Floats) -> Bytes:
    return hourglass.without_switches(inference.load(NETWORK), _code)


def without_switches(picture: Picture, code: hourglass.Floats) -> Bytes:
    """:func:`core.hourglass.without_switches`, remembered."""
    return _without_switches(picture.digest, code)


@st.cache_data(max_entries=40, ttl=_HOUR, show_spinner=False)
def _enlargements(digest: str, _picture: Picture) -> Enlargements:
    return hourglass.enlargements(inference.load(COARSE), _picture)


def enlargements(picture: Picture) -> Enlargements:
    """:func:`core.hourglass.enlargements`, remembered. Needs PyTorch."""
    return _enlargements(picture.digest, picture)
