"""PSPNet's table with every figure's source, and where the usual sentences are inexact."""

from __future__ import annotations

import streamlit as st

from core import facts
from core.concepts.pspnet import pyramid
from core.concepts.pspnet.screen import levels
from core.maths import arithmetic, geometry
from core.models.measured import measurements
from core.models.registry import spec
from core.passes import without_parts
from core.pictures.images import Picture
from core.ui import page
from core.ui.kit import looks, trained
from core.ui.language import cited
from core.ui.language import gettext as _

NAME, OTHER = "pspnet", "fcn32s"


def table(picture: Picture | None) -> None:
    """Baseline, one global mean, the whole pyramid; ``picture`` is ``None`` while PyTorch loads."""
    ways = [
        (_("no pooling (baseline)"), facts.PSPNET_BASELINE, (False,) * 4),
        (_("one global mean"), facts.PSPNET_GLOBAL, (True, False, False, False)),
        (_("the whole pyramid"), facts.PSPNET_PYRAMID, (True,) * 4),
    ]
    head = ["", _("paper: trained so, mIoU"), _("here: switched off, same class as the whole")]
    lines = ["| " + " | ".join(head) + " |", "| --- | ---: | ---: |"]
    for title, fact, on in ways:
        same = "…"
        if picture is not None:
            same = f"{1 - without_parts.changed(looks.pspnet(picture), looks.pspnet(picture, on)):.1%}"
        lines.append(f"| {title} | {fact.text} | {same} |")
    st.markdown("\n".join(lines))
    source = facts.PSPNET_PYRAMID
    st.caption(
        _(
            "Paper: {source}, {where}, {data}; each row is a network of its own, trained that way. Here: one trained"
            " network on your picture with levels switched off, which says how much this network leans on them, not"
            " how good a network without them would be."
        ).format(source=source.source, where=cited(source.where), data=source.data)
    )
    measured = measurements()
    found = {name: measured[name].voc for name in (NAME, OTHER) if name in measured}
    ours, other = found.get(NAME), found.get(OTHER)
    if ours and other:
        st.markdown(
            _(
                "Measured here on {pictures} test pictures of a VOC subset (`core/weights/results.json`): {ours} for"
                " {name} and {other} for {other_name}, a head without any pooling on the same encoder, at output"
                " stride {stride} and so not the paper’s baseline."
            ).format(
                pictures=ours.pictures,
                ours=f"{ours.miou:.1%}",
                name=_(spec(NAME).title),
                other=f"{other.miou:.1%}",
                other_name=_(spec(OTHER).title),
                stride=spec(OTHER).output_stride,
            )
            + trained.sentence([NAME, OTHER])
        )


def honest_box(picture: Picture) -> None:
    """Where the usual sentences are inexact."""
    rows, columns = levels.map_cells(picture)
    width, height = levels.size(picture)
    wide, high = geometry.extended(width), geometry.extended(height)
    finest = pyramid.LEVELS[-1]
    overlap = _(
        "**Bins overlap.** {finest} does not always divide the map: of the {rows} rows {shared_rows} and of the"
        " {columns} columns {shared_columns} belong to two neighbouring bins of the finest level."
    ).format(
        finest=finest,
        rows=rows,
        columns=columns,
        shared_rows=pyramid.shared(rows, finest),
        shared_columns=pyramid.shared(columns, finest),
    )
    if (wide, high) != (width, height):
        overlap += " " + _(
            "And the input of {width} × {height} pixels is extended to {wide} × {high}, so bins at the right or lower"
            " edge average a little of what is no picture."
        ).format(width=width, height=height, wide=wide, high=high)
    field = arithmetic.receptive_field(arithmetic.mobilenetv2(spec(NAME).output_stride)).size
    page.honest_box(
        overlap,
        _(
            "**A bin speaks beyond its borders.** Its vector is enlarged bilinearly with corners aligned: the first bin"
            " stands at the first cell and the last one at the last, not in the middle of what they average, and each"
            " fades out where the next one stands. At level 2 × 2 all four stand in the corners and reach across the"
            " whole map. The 3 × 3 convolution behind carries every bin one cell further."
        ),
        _(
            "**A difference is not a share.** What vanishes with a level is not what the level “contributed”: the"
            " layers behind are not linear, and levels may repeat each other. So single"
            " differences need not add up to that of all levels."
        ),
        _(
            "**Context is not only pooling.** A cell of the encoder sees {field} × {field} pixels in theory, around the"
            " pixel at which it stands; this input has {width} × {height}. The paper’s point is that the *empirical*"
            " field is far smaller than the theoretical one."
        ).format(field=field, width=width, height=height),
        _("**This PSPNet is smaller than the paper’s.**")
        + " "
        + " ".join(_(departure) for departure in spec(NAME).departures),
    )
