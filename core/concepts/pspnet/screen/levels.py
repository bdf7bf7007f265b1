"""The pyramid of PSPNet over the visitor's picture: bins to point at, levels to switch off, and what pooling keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.concepts.pspnet import pyramid
from core.maths import geometry
from core.models.registry import spec
from core.passes import without_parts
from core.passes.segmentation import size_for
from core.pictures.images import Picture
from core.pictures.labels import VOC
from core.ui import kept, state
from core.ui.kit import looks, pointing, which_part
from core.ui.kit.parts import Part, bars, parts
from core.ui.language import gettext as _
from core.viz import sprites

KEY = "parts-of-levels"
CHANNELS = 6
STRIDE = spec("pspnet").output_stride
ON = (1,) * len(pyramid.LEVELS)
_THUMB = 300
_SHOWN = 171
"""Pixels from side to side: five of them fill a page, two a phone."""


def size(picture: Picture) -> tuple[int, int]:
    """(width, height) of PSPNet's input for ``picture``."""
    height, width = picture.pixels.shape[:2]
    return size_for(spec("pspnet"), width, height)


def map_cells(picture: Picture) -> tuple[int, int]:
    """(rows, columns) of PSPNet's last map for ``picture``."""
    width, height = size(picture)
    return geometry.cells(height, STRIDE), geometry.cells(width, STRIDE)


def names() -> list[str]:
    """The levels, coarse to fine."""
    return [_("level {side} × {side}").format(side=side) for side in pyramid.LEVELS]


def colours(picture: Picture) -> None:
    """What averaging leaves of the picture itself, at each level; needs no network."""
    cells, (width, height) = map_cells(picture), size(picture)
    st.markdown(
        _(
            "The pyramid has {count} levels. Each cuts the whole map into bins, {sides}, and keeps one average for each"
            " bin; the averages are handed back to every cell as context."
        ).format(count=len(pyramid.LEVELS), sides=", ".join(f"{side} × {side}" for side in pyramid.LEVELS))
    )
    small = picture.pixels[:: max(1, picture.pixels.shape[1] // _THUMB), :: max(1, picture.pixels.shape[1] // _THUMB)]
    with st.container(horizontal=True):
        st.image(small, _("The picture"), _SHOWN, alt=_("The picture"))
        for side, name in zip(pyramid.LEVELS, names(), strict=True):
            alt = _("Your picture, averaged over {side} × {side} bins").format(side=side)
            st.image(pyramid.averaged(small, (height, width), STRIDE, side), name, _SHOWN, alt=alt)
    st.caption(
        _(
            "Here the colours of your picture are averaged. The network averages its map of {rows} × {columns} cells,"
            " whose channels tell more than a colour: the larger the bin, the more of the scene is in every number."
        ).format(rows=cells[0], columns=cells[1])
    )


def _part(
    index: int, bins: without_parts.Bins, cells: tuple[int, int], on: bool, pin: tuple[int, int], label: int
) -> Part:
    side, maps = pyramid.LEVELS[index], bins.vectors[index]
    varied = np.argsort(-sprites.variance(maps) if side > 1 else -maps.reshape(len(maps), -1).max(1), kind="stable")
    chosen = varied[:CHANNELS]
    sheet = sprites.sheet(np.concatenate([maps.mean(0, keepdims=True), maps[chosen]]))
    rows, columns = pyramid.edges(cells[0], side), pyramid.edges(cells[1], side)
    note = _("a bin: up to {rows} × {columns} cells, averaged in each of {channels} channels").format(
        rows=max(b - a for a, b in rows),
        columns=max(b - a for a, b in columns),
        channels=len(maps),
    )
    readout = _(
        "Bin in row {row}, column {column}: the mean of {cells} cells, {value} over all channels. Without this bin"
        " alone the probability of “{name}” at the pinned pixel changes by {change} points."
    ).replace("{name}", _(VOC[label]))
    titled = replace(sheet, channels=np.concatenate([[-1], chosen]))
    changes = bins.changes(*state.to_shares(pin), label)[index]
    return Part(names()[index], note, on, titled, "bins", readout, 0, rows, columns, changes.tolist())


def _switch() -> None:
    if sent := kept.taken(KEY, "switch", 1, 0, len(ON) - 1):
        now = kept.whole("on", ON, 0, 1)
        kept.put("on", tuple(1 - v if i == sent[0] else v for i, v in enumerate(now)), ON)


def _pin() -> None:
    if sent := kept.taken(KEY, "pin", 2, 0, state.THOUSAND):
        kept.put_pin(sent)


def pin(picture: Picture) -> tuple[int, int]:
    """The pinned pixel in thousandths of width and height."""
    return looks.pinned(looks.pspnet(picture))


def on() -> tuple[bool, ...]:
    """Which levels are on, coarse to fine."""
    return tuple(bool(v) for v in kept.whole("on", ON, 0, 1))


def levels(picture: Picture) -> None:
    """The bins and the switches."""
    speak = on()
    seen, at, bins = looks.look("pspnet", picture), pin(picture), looks.bins(picture)
    everything, now = looks.pspnet(picture), looks.pspnet(picture, speak)
    label = int(everything.at(*state.to_shares(at)).argmax())
    words = [_(name) for name in VOC]
    cells = seen.encoded.cells
    height, width = seen.encoded.size
    parts(
        picture.pixels,
        now.ids,
        (width, height),
        STRIDE,
        [_part(i, bins, cells, speak[i], at, label) for i in range(len(speak))],
        bars(everything, now, at, words),
        at,
        words,
        key=KEY,
        active=1,  # few bins: what one averages is seen at once
        on_switch=_switch,
        on_pin=_pin,
    )
    st.markdown(
        _(
            "{changed:.1%} of the pixels have another class than with all levels on. Switch a level off to see what it"
            " does."
        ).format(changed=without_parts.changed(everything, now))
    )
    pointing.pointing(
        _(
            "Touch [a bin of the finest level](part:3): the picture shows what it averages. [The coarsest"
            " level](part:0) has one bin, the mean of everything."
        )
    )
    st.caption(
        _(
            "A level that is off hands back zeros; no weight is changed. What a bin adds is measured by leaving out"
            " that bin alone."
        )
    )


def predict(picture: Picture) -> None:
    """Which level does the mask need most?"""
    which_part.predict(
        "pspnet/level",
        _("Switch off one level alone. Without which one does the mask of this photo change most?"),
        names(),
        picture.digest,
        lambda speak: looks.pspnet(picture, speak),
    )
