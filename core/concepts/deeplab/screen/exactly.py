"""Where the usual sentences about atrous convolution and DeepLab are inexact, with this app's own numbers."""

from __future__ import annotations

import streamlit as st

from core import facts
from core.concepts.deeplab import atrous
from core.maths import arithmetic, geometry
from core.models.measured import comparison
from core.models.registry import spec
from core.passes import without_parts
from core.pictures.images import Picture
from core.ui import page
from core.ui.kit import looks
from core.ui.language import gettext as _

NAME = "deeplabv3"


def pieces(rate: int, stride: int) -> str:
    """On how many taps ``rate`` met the maps of its training, once that is on record."""
    run = comparison()
    if run is None or NAME not in run.names:
        return ""
    met = [
        _("{side} pixels a side, {cells} cells: {taps:.1f} taps").format(
            side=side, cells=cells, taps=atrous.mean_taps(cells, cells, rate)
        )
        for side in run.sides
        for cells in [geometry.cells(side, stride)]
    ]
    return " " + _("It learned from pieces of photos ({pieces}).").format(pieces="; ".join(met))


def _rates_add(picture: Picture, stride: int) -> str:
    """What the three rates add, and what the 1 x 1 branch alone does, behind an encoder that sees far already."""
    everything = looks.deeplab(NAME, picture)
    three = looks.deeplab(NAME, picture, (True, False, False, False, True))
    one = looks.deeplab(NAME, picture, (False, True, True, True, True))
    return _(
        "**The encoder sees far without ASPP.** Its cells see {field} pixels a side in theory, and its authors taught"
        " it under a 1 × 1 convolution and image pooling, without rates. So what these add depends on the photo: here,"
        " without all three, {three:.1%} of this picture’s pixels change their class, without the 1 × 1 branch alone"
        " {one:.1%}."
    ).format(
        field=arithmetic.receptive_field(arithmetic.mobilenetv2(stride)).size,
        three=without_parts.changed(everything, three),
        one=without_parts.changed(everything, one),
    )


def honest_box(picture: Picture, ready: bool) -> None:
    """The box; while PyTorch loads, without the numbers that need the network."""
    stride = spec(NAME).output_stride
    papers = -(-int(facts.DEEPLABV3_CROP.value) // stride)
    with page.honest_box():
        if ready:
            aspp = looks.aspp(NAME, picture)
            side = geometry.cells(spec(NAME).short_side, stride)
            far, last = facts.DEEPLABV3_RATES[-1], aspp.rates[-1]
            st.markdown(
                _(
                    "**The rates here are {rates}, not {paper}.** The paper trains on {crop} pixels, {papers} ×"
                    " {papers} cells at output stride {stride}; there {there:.1f} of the nine taps at rate {far} meet"
                    " the map on average. Here the shorter side is {own} pixels, {side} cells: on a square of that"
                    " side rate {far} would meet it with {here:.1f}, close to a 1 × 1 convolution, and rate {last} does"
                    " with {near:.1f}. Hence smaller rates in the same proportion."
                ).format(
                    rates=", ".join(map(str, aspp.rates)),
                    paper=", ".join(map(str, facts.DEEPLABV3_RATES)),
                    crop=int(facts.DEEPLABV3_CROP.value),
                    papers=papers,
                    stride=stride,
                    far=far,
                    there=atrous.mean_taps(papers, papers, far),
                    here=atrous.mean_taps(side, side, far),
                    last=last,
                    near=atrous.mean_taps(side, side, last),
                    own=spec(NAME).short_side,
                    side=side,
                )
            )
            rows, columns = aspp.maps.shape[2:]
            st.markdown(
                _(
                    "**A branch can be less than it looks.** Rate {last} meets this picture’s {rows} × {columns} cells"
                    " with {mean:.1f} of nine taps on average, and a tap that seldom meets a map is seldom trained."
                    " {off:.0%} of the weight of that branch lies off the middle: nine taps alike would have"
                    " {alike:.0%}, a 1 × 1 convolution in disguise 0%."
                ).format(
                    last=last,
                    rows=rows,
                    columns=columns,
                    mean=atrous.mean_taps(rows, columns, last),
                    off=aspp.off_centre[-1],
                    alike=1 - 1 / atrous.TAPS**2,
                )
                + pieces(last, stride)
            )
            st.markdown(_rates_add(picture, stride))
        st.markdown(
            _(
                "**“No parameters more” is not “no cost more”.** An atrous kernel has the same nine weights, but it"
                " is used to avoid a stride, and then every later layer computes about four times as many cells."
            )
        )
        doubled, plain = (2, 4, 8), (1, 2, 4)
        st.markdown(
            _(
                "**Multi-grid is not always a cure.** The rates {plain} read {plain_used:.0%} of their field;"
                " doubled, as DeepLabv3 does at output stride 16, {doubled} alone would read {doubled_used:.0%}. The"
                " layers of rate 1 before them fill the holes."
            ).format(
                plain=", ".join(map(str, plain)),
                plain_used=atrous.used(plain),
                doubled=", ".join(map(str, doubled)),
                doubled_used=atrous.used(doubled),
            )
        )
        st.markdown(
            _(
                "**A switched-off branch shows what the rest cannot do without it,** not what the branch says. Two"
                " branches that say the same look useless one by one. And the network was never trained without it."
            )
        )
