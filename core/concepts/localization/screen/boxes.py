"""From a heatmap to a box."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core import facts
from core.concepts.localization import (
    heat_sources,
    snippet,
    window_sweep,
)
from core.concepts.localization.screen import results
from core.concepts.localization.screen.box_finder import KEY, Given, Source, box_finder
from core.maths.boxes import Box
from core.models.imagenet import titles
from core.pictures.images import Picture
from core.pictures.labels import VOC
from core.ui import kept, own_mask, page, picker, state
from core.ui.language import current
from core.ui.language import gettext as _

LEVEL = 128
CODES = ("cam", "fcn", "mask")
FEWEST = 0.002
"""Share of the photo that a class must cover to be offered."""


def present(shares: np.ndarray) -> list[int]:
    """The classes that are the likeliest at many pixels, largest first, without the background; one to six."""
    ids = shares.argmax(0)
    counts = np.bincount(ids.ravel(), minlength=len(VOC))
    order = [int(i) for i in np.argsort(-counts, kind="stable") if i and counts[i] >= FEWEST * ids.size]
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
    if code := kept.code(KEY, "source", CODES):
        kept.put("heat", code, "fcn")


def draw(picture: Picture, pixels: np.ndarray, path: str) -> None:
    """The widget for the class, the finder, and the script; ``path`` is where the script finds the picture."""
    shares = results.shares(picture.digest, pixels)
    codes = {str(i): _(VOC[i]) for i in present(shares)}
    first = next(iter(codes))
    st.markdown(
        _(
            "A **bounding box** has upright sides, so two opposite corners fix it: (left, top) and (right, bottom). The"
            " other two corners only repeat these four numbers."
        )
    )
    chosen = state.choice(_("Class"), "cls", list(codes), first, format_func=codes.__getitem__, look="pills")
    _finder(picture, pixels, int(chosen), path)


def _given(picture: Picture, pixels: np.ndarray, label: int) -> Given | None:
    """The box that counts as right: of the visitor's own reference mask, or else drawn by hand, as box or as mask."""
    reference = own_mask.current(picture)
    box: Box | None = None
    if (sample := picker.current_sample()) is not None and (reference is None or reference.bundled):
        size = pixels.shape[1], pixels.shape[0]
        box = heat_sources.reference_box(sample, label, picture.original_size, size)
    if box is None and reference is not None:
        box = heat_sources.marked_box(window_sweep.at_scale(reference.ids, pixels), label)
    if box is None:
        return None
    return Given(_("Your reference mask") if reference and not reference.bundled else _("Drawn by hand"), box)


@st.fragment
def _finder(picture: Picture, pixels: np.ndarray, label: int, path: str) -> None:
    shares = results.shares(picture.digest, pixels)
    mask = np.where(results.dense(picture.digest, "fcn8s", pixels) == label, 255, 0).astype(np.uint8)
    sources = [Source("fcn", _("FCN-8s: probability"), shares[label]), Source("mask", _("FCN-8s: mask"), mask)]
    ours = -1
    if wanted := heat_sources.imagenet_ids(label):
        heat, ours = results.activation(picture.digest, wanted, pixels)
        sources.insert(0, Source("cam", _("class activation map"), heat))
    asked = kept.value("heat", "fcn", _read)
    code = asked if asked in (s.code for s in sources) else "fcn"
    given = _given(picture, pixels, label)
    box_finder(pixels, f"{picture.digest}/{label}", sources, (code, level()), given, _level, _source)
    about = (
        _(
            "The class activation map is EfficientNet-Lite0’s score map of “{name}”, one of ImageNet’s classes: the"
            " weights of that class, applied to every place of the last map instead of to its mean ({source})."
        ).format(name=titles(current())[ours], source=facts.CAM)
        if ours >= 0
        else _("ImageNet has no class for this, so there is no class activation map.")
    )
    where = _("Coordinates are pixels of the network’s input, {width} × {height}.")
    st.caption(about + " " + where.format(width=pixels.shape[1], height=pixels.shape[0]))
    page.copy_as_pytorch(snippet.box(picture, path, label, level(), code, ours))
