"""The panels of FCN's steps that need a network: the same one at four sizes, and 32s, 16s, 8s with their switches."""

from __future__ import annotations

import streamlit as st

from core.concepts.fcn.additions import NETWORKS, STRIDES, Mask
from core.concepts.fcn.screen import results
from core.concepts.fcn.screen.many_sizes import many_sizes
from core.concepts.fcn.screen.skip_switches import skip_switches
from core.errors import SegScopeError
from core.maths import arithmetic
from core.models.measured import measurements
from core.models.registry import spec
from core.passes.heatmaps import NATIVE, STRIDE, View
from core.pictures.images import Picture
from core.ui.kit import guess, pointing, scans
from core.ui.kit.target import Target
from core.ui.language import gettext as _
from core.ui.language import translate_error

SIDES = (NATIVE, 320, 448, 640)
"""Shorter sides at which the network is read, in pixels."""
_CELLS = "fcn/cells"


def sizes(network: str, picture: Picture, what: Target) -> None:
    """One network at four sizes, and a guess about the largest. Needs PyTorch and the weights."""
    read = []
    for side in SIDES:
        view = View("whole", side)
        grid = scans.scan(network, picture, view)
        if grid is None:
            return
        read.append((view, grid))
    many_sizes(picture, read, what.ids, what.name, hidden=not guess.made(_CELLS))
    side, cells = SIDES[-1], arithmetic.grid_size(SIDES[-1])
    told = {"windows": str(round(side / NATIVE)), "cells": str(cells), "strides": str(side // STRIDE)}
    reason = _(
        "It is {cells}: the first window takes {native} pixels, and every {stride} more give one more cell,"
        " ({side} − {native}) / {stride} + 1."
    ).format(cells=cells, native=NATIVE, stride=STRIDE, side=side)
    guess.guess(
        _CELLS,
        _("A side of {native} pixels gives 1 cell. How many cells has a side of {side} pixels?").format(
            native=NATIVE, side=side
        ),
        told,
        "cells",
        _("Right.") + " " + reason,
        _("Not quite.") + " " + reason,
    )
    pointing.pointing(
        _(
            "[The same weights](part:sizes) read the photo at every size: a larger photo has more cells, not larger"
            " ones. A cell always sees a window of {native} × {native} pixels, so in a small photo it sees nearly"
            " everything, and in a large one only a part."
        ).format(native=NATIVE)
    )


def additions(picture: Picture) -> None:
    """The three networks, a guess about the switches, and the figures side by side. Needs PyTorch."""
    try:
        masks = results.masks(picture)
    except SegScopeError as error:
        st.error(translate_error(error))
        return
    skip_switches(picture, masks)
    pointing.pointing(
        _(
            "[The way up](part:way): a coarse map of scores gets twice the side, and the scores of a finer map are"
            " added to it, once in FCN-16s and twice in FCN-8s. [The mask](part:mask) is that of the network as it was"
            " trained. Each addition has a switch, which puts zeros in its place; nothing is trained anew. FCN-32s adds"
            " nothing and has none. [The figures](part:figures) say how many cells decide."
        )
    )
    _which(masks)
    _table(masks)


def _which(masks: list[Mask]) -> None:
    """Without which of FCN-8s's additions does more of the mask change?"""
    changed = {
        stride: next(m.changed for m in masks if m.network == NETWORKS[-1] and m.on == on)
        for stride, on in zip(STRIDES, ((False, True), (True, False)), strict=True)
    }
    names = {str(stride): _("without stride {stride}").format(stride=stride) for stride in STRIDES}
    truth = str(max(changed, key=lambda stride: changed[stride]))
    reason = _(
        "Without the scores at stride {first} {one:.1%} of the pixels change on this photo, without those at stride"
        " {second} {two:.1%}. Try it with the switches above."
    ).format(first=STRIDES[0], second=STRIDES[1], one=changed[STRIDES[0]], two=changed[STRIDES[1]])
    guess.guess(
        "fcn/addition",
        _("FCN-8s adds two finer maps. Which one changes more of this mask when it is left out?"),
        names,
        truth,
        _("Right.") + " " + reason,
        _("It is the other one.") + " " + reason,
    )


def _table(masks: list[Mask]) -> None:
    """Edges against stride: each network with everything on, here and on VOC's test pictures."""
    known = measurements()
    rows = []
    for name in NETWORKS:
        mask = next(m for m in masks if m.network == name and all(m.on))
        voc = known[name].voc if name in known else None
        row = {
            _("network"): _(spec(name).title),
            _("finest stride"): str(spec(name).output_stride),
            _("Cells that decide"): f"{mask.cells[0]} × {mask.cells[1]}",
        }
        if mask.boundary is not None and mask.miou is not None:
            row |= {_("boundary score here"): f"{mask.boundary:.0%}", _("mIoU here"): f"{mask.miou:.0%}"}
        if voc:
            row |= {_("boundary score, VOC"): f"{voc.boundary:.0%}", _("mIoU, VOC"): f"{voc.miou:.0%}"}
        rows.append(row)
    st.markdown(_("**Edges against stride.** The same encoder, the same training; only the additions differ."))
    st.table(rows)
    if said := against(masks):
        st.caption(said)


def against(masks: list[Mask]) -> str:
    """A sentence where the finest network is not the best on this photo; empty where it is, or nobody knows."""
    whole = {name: next(m for m in masks if m.network == name and all(m.on)) for name in NETWORKS}
    known = {name: mask.miou for name, mask in whole.items() if mask.miou is not None}
    if len(known) < len(NETWORKS):
        return ""
    best = max(known, key=known.__getitem__)
    if known[best] <= known[NETWORKS[-1]]:
        return ""
    return _(
        "**This photo goes against the rule:** {best} has an mIoU of {more:.0%} here and {finest} {less:.0%}. One photo"
        " is one photo: the columns on the right are means over VOC’s test pictures."
    ).format(best=_(spec(best).title), more=known[best], finest=_(spec(NETWORKS[-1]).title), less=known[NETWORKS[-1]])
