"""Where the textbook's sentence about fully connected layers and 1x1 convolutions is inexact, measured."""

from __future__ import annotations

import streamlit as st

from core import facts
from core.maths import arithmetic
from core.passes.heatmaps import NATIVE, Differences
from core.ui import page
from core.ui.language import cited
from core.ui.language import gettext as _


def _small(value: float) -> str:
    """``4.8 × 10⁻⁷`` for tiny numbers, ``2.71`` for others."""
    if value == 0 or value >= 0.01:
        return f"{value:.2f}"
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits} × 10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def measured(differences: Differences) -> None:
    """The differences between grid and classifier on the current photo."""
    with st.container(horizontal=True):
        st.metric(_("Grid against classifier, 224 × 224"), _small(differences.native))
        st.metric(_("Hottest cell against its window, cut out"), _small(differences.window))
        st.metric(_("Scores after shuffling all places of the map"), _small(differences.shuffled))
    st.caption(
        _(
            "Largest difference of any of the 1000 scores before the softmax. The yardstick: the scores of that window"
            " have a standard deviation of {spread}."
        ).format(spread=_small(differences.spread))
    )


def honest_box(differences: Differences | None) -> None:
    """The box; without ``differences`` (PyTorch is still loading) its first part fills in later."""
    alexnet, side = arithmetic.CHAINS["alexnet"], 500
    fc6 = facts.ALEXNET_FC6
    with page.honest_box():
        if differences is not None:
            measured(differences)
            st.markdown(
                _(
                    "**Equal at the native size, not elsewhere.** There the two networks differ by rounding only. But a"
                    " cell of a larger grid is *not* what the classifier says about its window, cut out of the photo:"
                    " then every padded layer sees zeros around the window, in the grid it sees the real neighbours."
                    " Without padding the two are exactly equal. A cell of AlexNet sees {alexnet} pixels a side and one"
                    " of VGG16 {vgg16}, of a window of {native}."
                ).format(
                    alexnet=arithmetic.receptive_field(alexnet).size,
                    vgg16=arithmetic.receptive_field(arithmetic.CHAINS["vgg16"]).size,
                    native=NATIVE,
                )
            )
            st.markdown(
                _(
                    "**Shuffling.** An average does not know where its numbers stood: where the third number is"
                    " practically zero, the network gives the same scores for the places of its map in any order."
                )
            )
        st.markdown(
            _(
                "**“Replace fully connected layers by 1×1 convolutions” is true of all but the first.** AlexNet’s fc6"
                " becomes {window}×{window}, VGG16’s 7×7; only fc7 and fc8 become 1×1. A 1×1 “fc6” would be another"
                " network: {small} weights instead of {large}."
            ).format(
                window=fc6.size,
                small=f"{fc6.channels * fc6.outputs:,}",
                large=f"{fc6.channels * fc6.outputs * fc6.size**2:,}",
            )
        )
        st.markdown(
            _(
                "**{paper} × {paper} or {here} × {here}?** The paper’s AlexNet gives {paper} × {paper} cells at"
                " {side} × {side}, because Caffe’s pooling rounds up. PyTorch’s rounds down: {here} × {here}."
                " The paper reports {pass_ms} for that one pass and {crop_ms} for each of the {crops} crops it replaces"
                " ({source}, {where})."
            ).format(
                paper=arithmetic.output_size(arithmetic.CAFFENET, side),
                here=arithmetic.output_size(alexnet, side),
                side=side,
                pass_ms=facts.FCN_GRID_MS.text,
                crop_ms=facts.FCN_CROP_MS.text,
                crops=arithmetic.output_size(arithmetic.CAFFENET, side) ** 2,
                source=facts.FCN,
                where=cited(facts.FCN_GRID_MS.where),
            )
        )
