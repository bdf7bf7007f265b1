"""From a grid of scores to a class for every pixel: what upsampling is, and FCN's three ways there."""

from __future__ import annotations

import streamlit as st

from core import facts
from core.models.measured import measurements
from core.models.registry import spec
from core.ui.language import gettext as _

NETWORKS = ("fcn32s", "fcn16s", "fcn8s")


def _outlines() -> str:
    """What the additions do to the outlines of the networks here, with a blank in front; nothing without figures."""
    known = measurements()
    found = [voc.boundary for name in NETWORKS if name in known and (voc := known[name].voc)]
    if len(found) != len(NETWORKS) or sorted(found) != found:
        return ""
    return " " + _(
        "Here, on MobileNetV2, the outlines follow: the boundary score on VOC’s test pictures is {scores}."
    ).format(scores=", ".join(f"{score:.0%}" for score in found))


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
            " In the paper each of the two additions makes the mask better: {scores} ({data}; {source}, {where})."
        ).format(
            coarse=spec("fcn32s").output_stride,
            middle=spec("fcn16s").output_stride,
            fine=spec("fcn8s").output_stride,
            scores=", ".join(fact.text for fact in scores),
            data=_(scores[0].data),
            source=scores[0].source,
            where=scores[0].where,
        )
        + _outlines()
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
