"""What the page about DeconvNet shows, computed once per picture and forgotten an hour later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core import hourglass, inference
from core.hourglass import COARSE, NETWORK, Enlargements, Hourglass
from core.images import Picture
from core.models import weights
from core.ui.budget import remembered
from core.ui.components.hourglass import payload
from core.ui.feature_sheets import Gallery

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Seen:
    """A pass of DeconvNet and what the browser gets of it at once.

    Attributes:
        glass: the pass.
        data: for the hourglass in the browser.
        gallery: serves all other maps as long as this is remembered.
    """

    glass: Hourglass
    data: dict[str, Any]
    gallery: Gallery


def trained() -> bool:
    """Whether DeconvNet's weights are bundled."""
    return weights.present(NETWORK)


@remembered
def _seen(digest: str, _picture: Picture) -> Seen:
    glass = hourglass.look(inference.load(NETWORK), _picture)
    gallery = Gallery(glass.stages)
    return Seen(glass, payload(glass, gallery), gallery)


def seen(picture: Picture) -> Seen:
    """:func:`core.hourglass.look`, remembered. Needs PyTorch and the weights.

    Raises:
        core.errors.SegScopeError: the network cannot be loaded.
    """
    return _seen(picture.digest, picture)


@remembered
def _without_switches(digest: str, _code: hourglass.Floats) -> Bytes:
    return hourglass.without_switches(inference.load(NETWORK), _code)


def without_switches(picture: Picture, code: hourglass.Floats) -> Bytes:
    """:func:`core.hourglass.without_switches`, remembered."""
    return _without_switches(picture.digest, code)


@remembered
def _enlargements(digest: str, _picture: Picture) -> Enlargements:
    return hourglass.enlargements(inference.load(COARSE), _picture)


def enlargements(picture: Picture) -> Enlargements:
    """:func:`core.hourglass.enlargements`, remembered. Needs PyTorch."""
    return _enlargements(picture.digest, picture)
