"""ASPP on the visitor's picture: branches as live maps with switches, a guess, and rates that are too large."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core import facts
from core.concepts.deeplab import atrous
from core.maths import geometry
from core.models.registry import spec
from core.passes import without_parts
from core.pictures.images import Picture
from core.pictures.labels import VOC
from core.ui import kept, state
from core.ui.kit import looks, pointing, which_part
from core.ui.kit.parts import Kind, Part, bars, parts
from core.ui.language import cited
from core.ui.language import gettext as _
from core.viz import sprites

KEY = "parts-of-aspp"
NETWORKS = ["deeplabv3", "deeplabv3plus"]
CHANNELS = 6
TIMES = ("1", "2", "3", "4", "6")
ON = (1,) * 5


def _names(aspp: looks.Aspp) -> list[str]:
    return ["1 × 1", *(_("3 × 3, rate {rate}").format(rate=rate) for rate in aspp.rates), _("image pooling")]


def _part(index: int, aspp: looks.Aspp, on: bool) -> Part:
    maps = aspp.maps[index]
    rows, columns = maps.shape[1:]
    pooled = index == len(aspp.maps) - 1  # constant maps: the strongest instead of the most varied
    varied = np.argsort(-(sprites.strength if pooled else sprites.variance)(maps), kind="stable")[:CHANNELS]
    sheet = sprites.sheet(np.concatenate([maps.mean(0, keepdims=True), maps[varied]]))
    kind: Kind = "taps"
    readout = _("Row {row}, column {column}: mean {value}; {taps} of 9 taps meet the map.")
    if index == 0:
        kind, note = "point", _("each cell by itself")
        readout = _("Row {row}, column {column}: mean {value}, from this cell alone.")
    elif pooled:
        kind, note = "whole", _("the mean of all cells, everywhere the same")
        readout = _("Row {row}, column {column}: mean {value}, from the whole picture.")
    else:
        rate = aspp.rates[index - 1]
        note = _(
            "{span} × {span} cells; all taps meet the map at {share:.0%} of the positions; {off:.0%} of the weight lies"
            " on the outer taps"
        ).format(span=atrous.field((rate,)), share=atrous.share(rows, columns, rate), off=aspp.off_centre[index - 1])
    sheet = replace(sheet, channels=np.concatenate([[-1], varied]))
    rate = aspp.rates[index - 1] if kind == "taps" else 0
    return Part(_names(aspp)[index], note, on, sheet, kind, readout, rate)


def _switch() -> None:
    if sent := kept.taken(KEY, "switch", 1, 0, len(ON) - 1):
        now = kept.whole("on", ON, 0, 1)
        kept.put("on", tuple(1 - v if i == sent[0] else v for i, v in enumerate(now)), ON)


def _pin() -> None:
    if sent := kept.taken(KEY, "pin", 2, 0, state.THOUSAND):
        kept.put_pin(sent)


@state.once
def chosen() -> str:
    """The network, set once for all steps."""
    titles = {name: _(spec(name).title) for name in NETWORKS}
    return state.choice(_("Network"), "net", NETWORKS, NETWORKS[0], format_func=titles.__getitem__)


def on() -> tuple[bool, ...]:
    """Which branches are on."""
    return tuple(bool(v) for v in kept.whole("on", ON, 0, 1))


def branches(picture: Picture) -> None:
    """A guess, and the branches with their switches."""
    network, speak = chosen(), on()
    aspp = looks.aspp(network, picture)
    everything, answer = looks.deeplab(network, picture), looks.deeplab(network, picture, speak)
    pin = looks.pinned(everything)
    names = [_(name) for name in VOC]
    rows, columns = aspp.maps.shape[2:]
    st.markdown(
        _(
            "*ASPP* (atrous spatial pyramid pooling) reads the encoder’s last map in several branches side by side:"
            " cell by cell, with taps at the rates {rates}, and as one mean of everything, *image pooling*. Switch a"
            " branch off to see what the mask loses."
        ).format(rates=", ".join(map(str, aspp.rates)))
    )
    parts(
        picture.pixels,
        answer.ids,
        aspp.input_size,
        aspp.stride,
        [_part(i, aspp, speak[i]) for i in range(len(speak))],
        bars(everything, answer, pin, names),
        pin,
        names,
        key=KEY,
        active=1,
        on_switch=_switch,
        on_pin=_pin,
    )
    width, height = aspp.input_size
    wide, high = geometry.extended(width), geometry.extended(height)
    beyond = ""
    if (wide, high) != (width, height):
        beyond = " " + _(
            "The input of {width} × {height} pixels is extended to {wide} × {high}: the last rows or columns of a map"
            " may stand beyond the picture."
        ).format(width=width, height=height, wide=wide, high=high)
    st.markdown(
        _("{changed:.1%} of the pixels have another class than with everything on.").format(
            changed=without_parts.changed(everything, answer)
        )
    )
    pointing.pointing(
        _(
            "[The 1 × 1 branch](part:0) sees one cell at a time, [the largest rate](part:3) nine cells far apart,"
            " [image pooling](part:4) everything at once: touch a map to see what its cell hangs on."
        )
    )
    predict(picture, network)
    st.caption(
        _(
            "A branch that is off gives zeros after its ReLU; no weight is changed. The map has {rows} × {columns}"
            " cells. They stand at pixels, {stride} apart, the first in the corner; a square shows the pixels nearest"
            " to its cell."
        ).format(rows=rows, columns=columns, stride=aspp.stride)
        + beyond
    )


def predict(picture: Picture, network: str) -> None:
    """Which branch does the mask need most?"""
    which_part.predict(
        "deeplab/branch",
        _("Switch off one branch alone. Without which one does the mask of this photo change most?"),
        _names(looks.aspp(network, picture)),
        network + picture.digest,
        lambda on: looks.deeplab(network, picture, on),
    )


def large_rates(picture: Picture) -> None:
    """Rates beyond the map, with and without image pooling."""
    st.subheader(_("On this photo: rates too large, and image pooling"), anchor=False)
    aspp = looks.aspp(NETWORKS[0], picture)
    rows, columns = aspp.maps.shape[2:]
    st.markdown(
        _(
            "A larger rate is not always more context. On this map of {rows} × {columns} cells no position has all"
            " nine taps from rate {last} on, and from rate {alone} on every 3 × 3 kernel is a 1 × 1. Image pooling"
            " sees the whole picture at any rate: that is why it is there."
        ).format(
            rows=rows,
            columns=columns,
            last=atrous.first_without_nine(min(rows, columns)),
            alone=max(rows, columns),
        )
    )
    times = int(
        state.choice(_("Multiply the three rates by"), "times", TIMES, TIMES[0], format_func=lambda code: f"× {code}")
    )
    before = looks.deeplab(NETWORKS[0], picture)
    with_pooling = looks.deeplab(NETWORKS[0], picture, times=times)
    without = looks.deeplab(NETWORKS[0], picture, (True,) * 4 + (False,), times=times)
    lines = [
        "| " + " | ".join([_("rate"), _("all nine taps at"), _("taps that meet the map, on average")]) + " |",
        "| ---: | ---: | ---: |",
    ]
    for rate in (times * r for r in aspp.rates):
        nine, mean = atrous.share(rows, columns, rate), atrous.mean_taps(rows, columns, rate)
        lines.append(f"| {rate} | {nine:.0%} | {mean:.1f} |")
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.markdown("\n".join(lines))
    with right, st.container(horizontal=True):
        same = [1 - without_parts.changed(before, after) for after in (with_pooling, without)]
        st.metric(_("Same class as untouched, with image pooling"), f"{same[0]:.1%}")
        st.metric(_("Without image pooling"), f"{same[1]:.1%}")
    three, fourth, pooled = facts.DEEPLABV3_ASPP, facts.DEEPLABV3_FOURTH_RATE, facts.DEEPLABV3_IMAGE_POOLING
    st.caption(
        _(
            "These weights were trained at × 1, so other rates test them and do not train them. The authors trained"
            " each variant: three rates {three}, a fourth rate of 24 {fourth}, image pooling instead {pooled}"
            " ({source}, {where}, {data}, mIoU)."
        ).format(
            three=three.text,
            fourth=fourth.text,
            pooled=pooled.text,
            source=three.source,
            where=cited(three.where),
            data=three.data,
        )
    )
