"""From a grid of scores to a class for every pixel: what upsampling is, and FCN's three ways there."""

from __future__ import annotations

import streamlit as st

from core import facts
from core.models.registry import spec
from core.ui.language import gettext as _

NETWORKS = ("fcn32s", "fcn16s", "fcn8s")


def draw() -> None:
    """Three paragraphs, with the paper's figures."""
    scores = [facts.REPORTED[name] for name in NETWORKS]
    converted = facts.FCN_CONVERTED
    some = next(iter(converted.values()))
    st.markdown(
        _(
            "Strides and pooling **downsample**: the grid has fewer cells than the photo has pixels. For a class at"
            " every pixel its scores are **upsampled** again. Nearest neighbour, bilinear interpolation, unpooling and"
            " transposed convolution are all kinds of upsampling."
        )
        + "\n\n"
        + _(
            "**FCN-32s** enlarges the scores of the last map, {coarse} pixels from cell to cell, in one step."
            " **FCN-16s** doubles them and adds scores read from the map at stride {middle}; **FCN-8s** doubles the sum"
            " and adds scores read from the map at stride {fine}. Only then do they enlarge, {middle} and {fine} times."
            " With each of the two additions the mask follows the outlines more closely: {scores} ({data}; {source},"
            " {where})."
        ).format(
            coarse=spec("fcn32s").output_stride,
            middle=spec("fcn16s").output_stride,
            fine=spec("fcn8s").output_stride,
            scores=", ".join(fact.text for fact in scores),
            data=_(scores[0].data),
            source=scores[0].source,
            where=scores[0].where,
        )
        + "\n\n"
        + _(
            "FCN’s authors transformed three classifiers in this way and measured each: {figures} ({data}; {source},"
            " {where})."
        ).format(
            figures=", ".join(f"{spec(name).title} {fact.text}" for name, fact in converted.items()),
            data=_(some.data),
            source=some.source,
            where=some.where,
        )
    )
