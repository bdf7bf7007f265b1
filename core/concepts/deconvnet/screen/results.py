"""What the page about DeconvNet shows, computed once per picture and network and forgotten an hour later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.concepts.deconvnet import enlarging, hourglass
from core.concepts.deconvnet.enlarging import COARSE, Enlargements
from core.concepts.deconvnet.hourglass import NETWORKS, Hourglass, Size
from core.concepts.deconvnet.screen.hourglass import payload
from core.engine import inference
from core.models import weights
from core.models.registry import spec
from core.pictures.images import Picture
from core.ui.budget import remembered
from core.ui.kit.feature_sheets import Gallery

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


def networks() -> list[str]:
    """The networks that climb by unpooling and whose weights are bundled."""
    return [name for name in NETWORKS if weights.present(name)]


@remembered
def _seen(network: str, digest: str, _picture: Picture) -> Seen:
    glass = hourglass.look(inference.load(network), _picture)
    gallery = Gallery(glass.stages)
    return Seen(glass, payload(glass, gallery), gallery)


def seen(network: str, picture: Picture) -> Seen:
    """:func:`core.concepts.deconvnet.hourglass.look`, remembered. Needs PyTorch and the weights.

    Raises:
        core.errors.SegScopeError: the network cannot be loaded.
    """
    return _seen(network, picture.digest, picture)


@remembered
def _without_switches(
    network: str, digest: str, _start: hourglass.Floats, _sizes: list[Size], _filled: Size, _pixels: Size
) -> Bytes:
    return hourglass.without_switches(inference.load(network), _start, _sizes, _filled, _pixels)


def without_switches(picture: Picture, glass: Hourglass) -> Bytes:
    """:func:`core.concepts.deconvnet.hourglass.without_switches`, remembered."""
    height, width = glass.ids.shape
    sizes = [level.size for level in glass.levels]
    return _without_switches(glass.network, picture.digest, glass.up[0].maps, sizes, glass.filled, (height, width))


@remembered
def _probability(network: str, digest: str, target: int, _glass: Hourglass) -> hourglass.Floats:
    return inference.run(_glass.probability, target).value


def probability(picture: Picture, glass: Hourglass, target: int) -> hourglass.Floats:
    """:meth:`core.concepts.deconvnet.hourglass.Hourglass.probability`, remembered."""
    return _probability(glass.network, picture.digest, target, glass)


@remembered
def _enlargements(whole: bool, digest: str, _pixels: Bytes) -> Enlargements:
    return enlarging.enlargements(inference.load(COARSE), _pixels)


def enlargements(picture: Picture, found: Seen | None) -> tuple[Bytes, Enlargements]:
    """:func:`core.concepts.deconvnet.enlarging.enlargements` of what DeconvNet saw, remembered, and that picture. Needs
    PyTorch.

    Raises:
        core.errors.SegScopeError: the network cannot be loaded.
    """
    pixels = found.glass.pixels if found else hourglass.given(spec(COARSE), picture)
    return pixels, _enlargements(not found or found.glass.shared, picture.digest, pixels)
