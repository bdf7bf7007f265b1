"""The same pixel in another scene: the object is pasted into a sample, and the classes of its pixel are compared."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.concepts.pspnet import scenes
from core.concepts.pspnet.screen import levels
from core.passes.without_parts import Answer
from core.pictures import images
from core.pictures.images import Picture
from core.pictures.labels import VOC
from core.ui import picker, state
from core.ui.kit import looks
from core.ui.kit.parts import Bytes
from core.ui.language import gettext as _
from core.viz.overlays import classes_over

OFF = (False,) * 4
_SCENES = ("street", "coffee", "horses", "people", "portrait", "cells", "kitten", "cat", "dog")
_WIDEST = 560


def _shown(picture: Picture, answer: Answer, at: tuple[float, float]) -> Bytes:
    """The picture under its mask, with a ring around the pixel, at most 560 pixels wide."""
    step = max(1, -(-picture.pixels.shape[1] // _WIDEST))
    out = classes_over(picture.pixels[::step, ::step], answer.ids[::step, ::step], [""] * len(VOC)).copy()
    height, width = out.shape[:2]
    down, across = np.ogrid[:height, :width]
    far = np.hypot(down - at[1] * height, across - at[0] * width)
    out[(far >= 6) & (far < 9)] = 255
    out[((far >= 4.5) & (far < 6)) | ((far >= 9) & (far < 10.5))] = 0
    return out


def _found(answer: Answer) -> str:
    """The classes of a mask, largest first."""
    counts = np.bincount(answer.ids.ravel(), minlength=len(VOC))
    order = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i] >= 0.005 * answer.ids.size][:4]
    return ", ".join(f"{_(VOC[i])} {counts[i] / answer.ids.size:.0%}" for i in order)


def another_scene(picture: Picture) -> None:
    """Choose a scene, see both masks, and compare the pinned pixel with and without the pyramid."""
    st.markdown(
        _(
            "The object at the pinned pixel is cut out by the network’s own mask, with a rim of its old surroundings"
            " where that is coarse, and laid into another sample, pixel for pixel where it was. Inside it nothing has"
            " changed: whatever changes there comes from the surroundings."
        )
    )
    sample = picker.current_sample()
    codes = [key for key in _SCENES if sample is None or key != sample.key]
    titles = {entry.key: _(entry.title) for entry in images.SAMPLES}
    scene = state.choice(_("Scene"), "scene", codes, codes[0], format_func=titles.__getitem__, look="pills")
    here = looks.pspnet(picture)
    pinned = state.to_shares(levels.pin(picture))
    mask, label = scenes.object_at(here.ids, *pinned)
    at = scenes.inside(mask, *pinned)
    moved = scenes.pasted(picture, mask, images.sample(scene))
    there = looks.pspnet(moved)
    left, right = st.columns(2)
    views = (
        (left, picture, here, _("Here: {classes}"), _("Your picture under the network’s mask")),
        (right, moved, there, _("There: {classes}"), _("The object in another scene, under the network’s mask")),
    )
    for column, shown, found, caption, alt in views:
        column.image(_shown(shown, found, at), caption.format(classes=_found(found)), "stretch", alt=alt)
    ways = [
        (_("here"), here),
        (_("there"), there),
        (_("here, pyramid off"), looks.pspnet(picture, OFF)),
        (_("there, pyramid off"), looks.pspnet(moved, OFF)),
    ]
    values = np.array([found.at(*at) for _title, found in ways])  # (4, 21)
    order = [int(i) for i in np.argsort(-values.max(0), kind="stable")[:3]]
    lines = ["| " + " | ".join([_("at the ringed pixel"), *(_(VOC[i]) for i in order)]) + " |"]
    lines.append("| --- |" + " ---: |" * len(order))
    for (title, _answer), row in zip(ways, values, strict=True):
        lines.append(f"| {title} | " + " | ".join(f"{row[i]:.1%}" for i in order) + " |")
    st.markdown("\n".join(lines))
    what = _("There is no object in this mask, so a disc around the pixel was cut out.") if label == 0 else ""
    same = float((here.ids == there.ids)[mask].mean())
    st.caption(
        _(
            "{same:.0%} of the object’s pixels keep their class. With the pyramid off the class may change all the"
            " same: the encoder, too, sees far beyond the pixel, so context does not come from pooling alone."
        ).format(same=same)
        + " "
        + what
    )
