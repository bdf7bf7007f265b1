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
_SCENES = ("horses", "street", "coffee", "people", "portrait", "cells", "kitten", "cat", "dog")
STAND_IN = "kitten"
"""The sample whose object is taken where that of the visitor's picture is too large."""
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


def _source(picture: Picture) -> tuple[Picture, Answer, tuple[float, float]]:
    """Whose object is cut out: its picture, PSPNet's answer, and the place that names the object, as shares."""
    here, pinned = looks.pspnet(picture), state.to_shares(levels.pin(picture))
    mask, label = scenes.object_at(here.ids, *pinned)
    if not scenes.too_large(mask):
        return picture, here, pinned
    other = images.sample(STAND_IN)
    st.markdown(
        _(
            "In your picture “{name}” covers {share:.0%}: with it cut out, hardly any other scene would be seen. So the"
            " cat of the sample “{sample}” is cut out here."
        ).format(name=_(VOC[label]), share=float(mask.mean()), sample=_(_title(STAND_IN)))
    )
    return other, looks.pspnet(other), (0.5, 0.5)


def _title(key: str) -> str:
    return next(entry.title for entry in images.SAMPLES if entry.key == key)


def another_scene(picture: Picture) -> None:
    """Choose a scene, see both masks, and compare the pinned pixel with and without the pyramid."""
    st.markdown(
        _(
            "An object is cut out along the network’s own mask and laid into another sample, at the same place. Its"
            " pixels stay as they were; only what surrounds it is another. So whatever changes inside it comes from the"
            " surroundings. (Where the mask is coarse, a rim of the old surroundings comes along.)"
        )
    )
    sample = picker.current_sample()
    own, (source, here, pinned) = sample.key if sample else "", _source(picture)
    if source is not picture:
        own = STAND_IN
    codes = [key for key in _SCENES if key != own]
    scene = state.choice(_("Scene"), "scene", codes, codes[0], format_func=lambda key: _(_title(key)), look="pills")
    mask, label = scenes.object_at(here.ids, *pinned)
    at = scenes.inside(mask, *pinned)
    moved = scenes.pasted(source, mask, images.sample(scene))
    there = looks.pspnet(moved)
    left, right = st.columns(2)
    views = (
        (left, source, here, _("Own scene: {classes}"), _("The picture under the network’s mask")),
        (right, moved, there, _("Other scene: {classes}"), _("The object in another scene, under the network’s mask")),
    )
    for column, shown, found, caption, alt in views:
        column.image(_shown(shown, found, at), caption.format(classes=_found(found)), "stretch", alt=alt)
    ways = [
        (_("own scene"), here),
        (_("other scene"), there),
        (_("own scene, pyramid off"), looks.pspnet(source, OFF)),
        (_("other scene, pyramid off"), looks.pspnet(moved, OFF)),
    ]
    values = np.array([found.at(*at) for _title, found in ways])  # (4, 21)
    order = [int(i) for i in np.argsort(-values.max(0), kind="stable")[:3]]
    lines = ["| " + " | ".join([_("at the ringed pixel"), *(_(VOC[i]) for i in order)]) + " |"]
    lines.append("| --- |" + " ---: |" * len(order))
    for (title, _answer), row in zip(ways, values, strict=True):
        lines.append(f"| {title} | " + " | ".join(f"{row[i]:.1%}" for i in order) + " |")
    st.markdown("\n".join(lines))
    what = _("There is no object in this mask, so a disc around the pixel was cut out.") if label == 0 else ""
    became, share = scenes.turned_into(there.ids[mask], label)
    kept = _("{same:.0%} of the object’s pixels keep their class.").format(
        same=float((here.ids == there.ids)[mask].mean())
    )
    if share:
        kept += " " + _("Of the others most become “{name}”: {share:.0%} of the object.").format(
            name=_(VOC[became]), share=share
        )
    st.markdown(kept)
    st.caption(
        _(
            "With the pyramid off the class may change all the same: the encoder, too, sees far beyond the pixel, so"
            " context does not come from pooling alone."
        )
        + " "
        + what
    )
