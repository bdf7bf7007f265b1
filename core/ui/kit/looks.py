"""Encoded pictures and the answers of decoders with parts switched off, shared between reruns and visitors.

Keys are the SHA-256 of the picture's bytes; the picture itself travels unhashed. Everything is dropped an hour after
it was made. Needs PyTorch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.engine import inference
from core.models.registry import spec
from core.passes import without_parts
from core.passes.without_parts import Answer, Bins, Look
from core.pictures.images import Picture
from core.ui import kept, state
from core.ui.budget import remembered

if TYPE_CHECKING:
    from core.models.costs import Cost  # imports PyTorch

ALL = (True,) * 5


@remembered
def _look(model: str, digest: str, stride: int, _picture: Picture) -> Look:
    return without_parts.look(inference.load(model), _picture, stride)


def look(model: str, picture: Picture, stride: int = 0) -> Look:
    """:func:`core.passes.without_parts.look`, remembered."""
    return _look(model, picture.digest, stride, picture)


@remembered
def _deeplab(
    model: str, digest: str, stride: int, on: tuple[bool, ...], low_level: bool, times: int, _picture: Picture
) -> Answer:
    return without_parts.deeplab(look(model, _picture, stride), on, low_level, times)


def deeplab(
    model: str, picture: Picture, on: tuple[bool, ...] = ALL, low_level: bool = True, stride: int = 0, times: int = 1
) -> Answer:
    """:func:`core.passes.without_parts.deeplab`, remembered."""
    return _deeplab(model, picture.digest, stride, on, low_level, times, picture)


class Aspp(NamedTuple):
    """The inside of ASPP for a picture.

    Attributes:
        maps: ``float32 (5, 128, h, w)``, each branch after its ReLU.
        rates: atrous rates of the three 3x3 branches, in cells.
        off_centre: share of the weights of those branches that does not lie on the middle tap, 0 to 1.
        stride: input pixels from one cell to the next.
        input_size: (width, height) of the network's input in pixels.
    """

    maps: npt.NDArray[np.float32]
    rates: tuple[int, ...]
    off_centre: tuple[float, ...]
    stride: int
    input_size: tuple[int, int]


@remembered
def _aspp(model: str, digest: str, _picture: Picture) -> Aspp:
    import torch

    from core.passes import ablation

    seen = look(model, _picture)
    aspp = ablation.aspp_of(seen.network)
    maps = inference.run(lambda: torch.cat(ablation.branch_maps(aspp, seen.encoded.pyramid[-1]))).value
    height, width = seen.encoded.size
    stride = seen.network.encoder.output_stride
    return Aspp(maps.numpy(), ablation.rates(aspp), ablation.off_centre(aspp), stride, (width, height))


def aspp(model: str, picture: Picture) -> Aspp:
    """The branches of ASPP for ``picture``."""
    return _aspp(model, picture.digest, picture)


@remembered
def _low_level(digest: str, _picture: Picture) -> npt.NDArray[np.float32]:
    from core.passes import ablation

    seen = look("deeplabv3plus", _picture)
    maps: npt.NDArray[np.float32] = inference.run(ablation.low_level_maps, seen.network, seen.encoded).value[0].numpy()
    return maps


def low_level(picture: Picture) -> npt.NDArray[np.float32]:
    """The low-level maps of DeepLabv3+ where they enter its decoder: ``float32 (48, h, w)``, after their ReLU."""
    return _low_level(picture.digest, picture)


@st.cache_resource(max_entries=8, show_spinner=False)
def prices(model: str, strides: tuple[int, ...]) -> dict[int, Cost]:
    """What ``model`` costs at each output stride, for a square of its short side."""
    from core.models.costs import cost

    return {stride: cost(model, spec(model).short_side, stride) for stride in strides}


MIDDLE = (500, 500)


def pinned(everything: Answer) -> tuple[int, int]:
    """The pinned pixel in thousandths of width and height; before anybody pinned one, the middle, or where that shows
    nothing, the place where ``everything`` is surest of the largest thing that it sees."""
    if (there := kept.pin()) != state.NOWHERE:
        return there
    ids, (x, y) = everything.ids, state.to_shares(MIDDLE)
    counts = np.bincount(ids.ravel(), minlength=2)
    counts[0] = 0
    if ids[int(y * ids.shape[0]), int(x * ids.shape[1])] or not counts.any():
        return MIDDLE
    likely = everything.probabilities[int(counts.argmax())]
    row, column = np.unravel_index(int(likely.argmax()), likely.shape)
    return int((1000 * column + 500) // likely.shape[1]), int((1000 * row + 500) // likely.shape[0])


@remembered
def _pspnet(digest: str, on: tuple[bool, ...], _picture: Picture) -> Answer:
    return without_parts.pspnet(look("pspnet", _picture), on)


def pspnet(picture: Picture, on: tuple[bool, ...] = ALL[:4]) -> Answer:
    """:func:`core.passes.without_parts.pspnet`, remembered."""
    return _pspnet(picture.digest, on, picture)


@remembered
def _bins(digest: str, _picture: Picture) -> Bins:
    return without_parts.bins(look("pspnet", _picture))


def bins(picture: Picture) -> Bins:
    """:func:`core.passes.without_parts.bins`, remembered."""
    return _bins(picture.digest, picture)
