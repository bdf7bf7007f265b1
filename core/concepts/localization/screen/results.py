"""What the page about localisation shows, kept between reruns, by the picture's digest and the pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from core.concepts.localization import heat_sources, window_sweep
from core.concepts.localization import strides as by_stride
from core.concepts.localization.window_sweep import FieldOf, Grade
from core.engine import inference
from core.models import weights
from core.models.measured import measurements
from core.models.registry import spec
from core.pictures.images import Picture
from core.pictures.reference import Reference
from core.ui.budget import remembered

Bytes = npt.NDArray[np.uint8]
PATCHES = tuple(f"patch-{size}" for size in window_sweep.WINDOWS)
FREE = "unet-mobilenetv2"
"""The network that escapes: coarse maps for context, fine ones for places."""


def strongest() -> str:
    """The bundled network with the best measured mean IoU on VOC."""
    known = {name: m.voc.miou for name, m in measurements().items() if m.voc and weights.present(name)}
    return max(known, key=lambda name: known[name]) if known else "fcn8s"


@remembered
def sweep(digest: str, x: int, y: int, _pixels: Bytes) -> npt.NDArray[np.float32]:
    """:func:`core.concepts.localization.window_sweep.sweep` of all four classifiers."""
    models = {size: inference.load(f"patch-{size}") for size in window_sweep.WINDOWS}
    return window_sweep.sweep(models, _pixels, x, y)


@remembered
def dense(digest: str, network: str, _pixels: Bytes) -> Bytes:
    """:func:`core.concepts.localization.window_sweep.dense`."""
    return window_sweep.dense(inference.load(network), _pixels)


def truth(picture: Picture, pixels: Bytes, reference: Reference | None) -> Bytes:
    """The mask that counts as right: the visitor's, or else the strongest network's."""
    if reference is not None:
        return window_sweep.at_scale(reference.ids, pixels)
    return dense(picture.digest, strongest(), pixels)


@remembered
def grades(digest: str, marked: str, _pixels: Bytes, _truth: Bytes) -> tuple[list[tuple[float, ...]], list[float]]:
    """Grades of the four classifiers and of U-Net, and what the strides of the same five permit at best."""
    names = (*PATCHES, FREE)
    found: list[Grade] = [window_sweep.grade(_truth, dense(digest, name, _pixels)) for name in names]
    strides = [spec(name).output_stride for name in names]
    limits = {stride: window_sweep.ceiling(_truth, stride) for stride in set(strides)}
    return [tuple(g) for g in found], [limits[stride] for stride in strides]


@remembered
def _strides(digest: str, marked: str, _pixels: Bytes, _truth: Bytes | None) -> list[tuple[Any, ...]]:
    return [tuple(each) for each in by_stride.read(inference.load(by_stride.NETWORK), _pixels, _truth)]


def strides(picture: Picture, pixels: Bytes, reference: Reference | None) -> list[by_stride.Read]:
    """:func:`core.concepts.localization.strides.read` against the reference, where there is one."""
    truth = window_sweep.at_scale(reference.ids, pixels) if reference is not None else None
    found = _strides(picture.digest, reference.digest if reference else "", pixels, truth)
    return [by_stride.Read(*each) for each in found]


@remembered
def shares(digest: str, _pixels: Bytes) -> Bytes:
    """FCN-8s's softmax, ``uint8 (21, h, w)``."""
    return heat_sources.probabilities(inference.load("fcn8s"), _pixels)


@remembered
def activation(digest: str, wanted: tuple[int, ...], _pixels: Bytes) -> tuple[Any, ...]:
    """The class activation map and the ImageNet id that it is about."""
    return tuple(heat_sources.activation(inference.load("efficientnet-lite0"), _pixels, wanted))


@remembered
def _field(digest: str, x: int, y: int, layer: int, _pixels: Bytes) -> tuple[Any, ...]:
    return tuple(window_sweep.field(inference.load("fcn8s"), _pixels, x, y, layer))


def field(digest: str, x: int, y: int, layer: int, pixels: Bytes) -> FieldOf:
    """:func:`core.concepts.localization.window_sweep.field` of a layer of FCN-8s's encoder."""
    return FieldOf(*_field(digest, x, y, layer, pixels))
