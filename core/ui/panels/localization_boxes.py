"""From a heatmap to a box."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core import heat_sources
from core.images import Picture
from core.labels import VOC
from core.models.imagenet import class_names, groups
from core.ui import kept, localization_results, picker, state
from core.ui.components.box_finder import KEY, Source, box_finder
from core.ui.language import gettext as _

LEVEL = 128
CODES = ("cam", "fcn", "mask")
_GROUPS = {3: "bird", 8: "cat", 12: "dog"}


def present(shares: np.ndarray) -> list[int]:
    """The classes that are the likeliest somewhere, largest first, without the background; at most six."""
    counts = np.bincount(shares.argmax(0).ravel(), minlength=len(VOC))
    order = [int(i) for i in np.argsort(-counts, kind="stable") if i and counts[i]]
    return order[:6] or [int(shares[1:].max((1, 2)).argmax()) + 1]


def _read() -> str:
    return state.read_choice("heat", CODES, "fcn")


def level() -> int:
    """The threshold, 1 to 255."""
    return kept.value("level", LEVEL, lambda: state.read_int("level", LEVEL, 1, 255))


def _level() -> None:
    if (found := kept.taken(KEY, "level", 1, 1, 255)) is not None:
        kept.put("level", found[0], LEVEL)


def _source() -> None:
    if (code := getattr(st.session_state.get(KEY), "source", None)) in CODES:
        kept.put("heat", str(code), "fcn")


def draw(picture: Picture, pixels: np.ndarray) -> int:
    """The widget for the class and the finder.

    Returns:
        The id of the class that is looked for.
    """
    shares = localization_results.shares(picture.digest, pixels)
    codes = {str(i): _(VOC[i]) for i in present(shares)}
    first = next(iter(codes))
    chosen = state.choice(_("Class"), "cls", list(codes), first, format_func=codes.__getitem__, look="pills")
    label = int(chosen)
    _finder(picture, pixels, label)
    return label


@st.fragment
def _finder(picture: Picture, pixels: np.ndarray, label: int) -> None:
    shares = localization_results.shares(picture.digest, pixels)
    wanted = groups()[_GROUPS[label]].ids if label in _GROUPS else ()
    heat, ours = localization_results.activation(picture.digest, wanted, pixels)
    mask = np.where(shares.argmax(0) == label, 255, 0).astype(np.uint8)
    sources = [
        Source("cam", _("class activation map"), heat),
        Source("fcn", _("FCN-8s: probability"), shares[label]),
        Source("mask", _("FCN-8s: mask"), mask),
    ]
    sample, size = picker.current_sample(), (pixels.shape[1], pixels.shape[0])
    given = heat_sources.reference_box(sample, picture.original_size, size) if sample else None
    heat_code = kept.value("heat", "fcn", _read)
    box_finder(pixels, f"{picture.digest}/{label}", sources, (heat_code, level()), given, _level, _source)
    st.caption(
        _("The class activation map is EfficientNet-Lite0’s score map of “{name}”, one of ImageNet’s classes.").format(
            name=class_names()[ours]
        )
        + " "
        + _("Coordinates are pixels of the network’s input, {width} × {height}.").format(width=size[0], height=size[1])
    )
