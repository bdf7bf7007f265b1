"""The table of all networks, its chart of accuracy against cost, and both as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.concepts.compare import scoreboard
from core.concepts.compare.labels import placed
from core.concepts.compare.mask_sheet import sheet
from core.concepts.compare.scoreboard import Row
from core.concepts.compare.screen.more import networks
from core.concepts.compare.work import Progress
from core.errors import N_
from core.maths.metrics import VOID
from core.models.registry import spec
from core.pictures.images import Picture, encode_png
from core.pictures.labels import VOC
from core.pictures.reference import Reference
from core.ui import state
from core.ui.language import cited
from core.ui.language import gettext as _
from core.viz.palettes import OKABE_ITO

COSTS: dict[str, tuple[str, Callable[[Row], float | None]]] = {
    "madds": (N_("multiply-adds, billions"), lambda r: r.multiply_adds / 1e9 if r.multiply_adds else None),
    "params": (N_("parameters, millions"), lambda r: r.parameters / 1e6 if r.parameters else None),
    "ms": (N_("milliseconds, measured here"), lambda r: r.milliseconds),
}
GAINS: dict[str, tuple[str, Callable[[Row], float | None]]] = {
    "voc": (N_("VOC mIoU, %"), lambda r: None if r.voc_miou is None else 100 * r.voc_miou),
    "pets": (N_("pets mIoU, %"), lambda r: None if r.pets_miou is None else 100 * r.pets_miou),
    "outline": (N_("VOC boundary score, %"), lambda r: None if r.voc_boundary is None else 100 * r.voc_boundary),
}


def rows(progress: Progress | None) -> list[Row]:
    """The table as far as it is known."""
    costs, seconds = (progress.costs, progress.seconds) if progress else ({}, {})
    return scoreboard.rows(networks(), costs, seconds)


def _percent(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 1)


def _encoder(row: Row) -> str:
    if row.weights == "torchvision":
        return _("torchvision’s")
    return _("shared") if row.encoder else _("its own")


_Column = tuple[list[Any], Any]
"""Values, and Streamlit's configuration of their column."""


def _drawn(columns: dict[str, _Column], key: str, alt: str) -> None:
    st.dataframe(
        {name: values for name, (values, _config) in columns.items()},
        column_config={name: config for name, (_values, config) in columns.items() if config},
        hide_index=True,
        height="content",
        key=key,
        placeholder="–",
        alt=alt,
    )


def table(progress: Progress | None) -> None:
    """What the networks cost, and below what they can: as one table it would be cut. A click on a head sorts by it."""
    known = rows(progress)
    number = st.column_config.NumberColumn
    names: _Column = ([_(r.title) for r in known], st.column_config.TextColumn(pinned=True, width="medium"))
    costs: dict[str, _Column] = {
        _("Network"): names,
        _("Encoder"): ([_encoder(r) for r in known], None),
        _("Output stride"): ([r.output_stride for r in known], number(format="%d")),
        _("Parameters"): ([r.parameters for r in known], number(format="localized")),
        _("Multiply-adds, billions"): (
            [None if r.multiply_adds is None else r.multiply_adds / 1e9 for r in known],
            number(
                format="%.2f", help=_("Of one pass over a square with the side to which this network scales photos.")
            ),
        ),
        _("Side, px"): ([r.input_side for r in known], number(format="%d")),
        _("ms here"): (
            [r.milliseconds for r in known],
            number(format="%.0f", help=_("Median of the timed passes over this photo on this machine.")),
        ),
        _("× fastest"): ([r.relative for r in known], number(format="%.2f")),
        _("Passes"): ([r.passes or None for r in known], number(format="%d")),
    }
    gains: dict[str, _Column] = {
        _("Network"): names,
        _("VOC mIoU, %"): ([_percent(r.voc_miou) for r in known], number(format="%.1f")),
        _("VOC boundary, %"): ([_percent(r.voc_boundary) for r in known], number(format="%.1f")),
        _("Pets mIoU, %"): ([_percent(r.pets_miou) for r in known], number(format="%.1f")),
        _("Pets boundary, %"): ([_percent(r.pets_boundary) for r in known], number(format="%.1f")),
        _("Paper, %"): ([r.paper for r in known], number(format="%.1f")),
        _("Paper’s data"): ([_(r.paper_data) for r in known], None),
    }
    _drawn(costs, "compare-table", _("What every network costs"))
    _drawn(gains, "compare-gains", _("The scores of every network, and the figure of its paper"))
    sources = [f"{_(r.title)}: {cited(r.paper_source)}" for r in known if r.paper_source]
    st.caption(_("Paper’s source") + ": " + "; ".join(sources) + ".")
    words = _(
        "Our scores are on test pictures that no network learned from: a subset of VOC 2012, and Oxford-IIIT Pet."
        " The paper’s figure belongs to the paper’s own, larger network and its own data. Click a head to sort."
    )
    if any(r.weights == "torchvision" for r in known):
        words += " " + _(
            "Torchvision’s networks were not scored here: theirs is the figure that torchvision states for these very"
            " weights."
        )
    st.caption(words)


WIDE, HIGH = 1000, 320
"""The chart's inside in pixels, on a page as wide as they get."""


def _room(values: Sequence[float]) -> tuple[float, float]:
    """An axis from 0 on which the names at the first and at the last point are not cut."""
    most = max(values, default=0.0) or 1.0
    return min(0.0, min(values, default=most) - 0.18 * most), 1.18 * most


def _wide(name: str) -> float:
    """About so many pixels: Hangul is as wide as it is high."""
    return sum(12.0 if "가" <= letter <= "힣" else 6.6 for letter in name)


def _places(points: Sequence[tuple[float, float]], names: Sequence[str]) -> list[str]:
    """Where each name stands in the chart (:mod:`core.concepts.compare.labels`)."""
    if not points:
        return []
    (left, right), (low, high) = (_room(axis) for axis in zip(*points, strict=True))
    at = [((x - left) / (right - left) * WIDE, (high - y) / (high - low) * HIGH) for x, y in points]
    return placed(at, [_wide(name) for name in names])


def from_scratch() -> str:
    """Why the networks of their own topology lie so low; empty where there are none."""
    own = [spec(name) for name in networks() if spec(name).weights == "bundled" and not spec(name).encoder]
    twins = [spec(name) for name in networks() if spec(name).encoder and spec(name).paper in {one.paper for one in own}]
    if not own or not twins:
        return ""
    return _(
        "**Why {names} lie so low:** each learned from scratch, with a small encoder of its own, and sees the photo"
        " reduced ({sides}). That says little about the idea: {twins} have the same idea on the shared encoder."
    ).format(
        names=", ".join(_(one.title) for one in own),
        sides=", ".join(_("{title}: {side} pixels").format(title=_(one.title), side=one.short_side) for one in own),
        twins=", ".join(_(one.title) for one in twins),
    )


def chart(progress: Progress) -> None:
    """Accuracy against cost, one named point for each network."""
    left, right = st.columns(2)
    with left:
        gain = state.choice(_("Accuracy"), "y", GAINS, "voc", format_func=lambda c: _(GAINS[c][0]))
    with right:
        cost = state.choice(_("Cost"), "x", COSTS, "madds", format_func=lambda c: _(COSTS[c][0]))
    points = [(r, COSTS[cost][1](r), GAINS[gain][1](r)) for r in rows(progress)]
    shown = [(r, x, y) for r, x, y in points if x is not None and y is not None]
    places = [(x, y) for _r, x, y in shown]
    stands = dict(
        zip((r.network for r, _x, _y in shown), _places(places, [_(r.title) for r, _x, _y in shown]), strict=True)
    )
    figure = go.Figure()
    for shared, symbol, colour in ((True, "circle", OKABE_ITO[5]), (False, "diamond", OKABE_ITO[6])):
        some = [(r, x, y) for r, x, y in shown if bool(r.encoder) is shared]
        if some:
            figure.add_scatter(
                x=[x for _r, x, _y in some],
                y=[y for _r, _x, y in some],
                text=[_(r.title) for r, _x, _y in some],
                mode="markers+text",
                textposition=[stands[r.network] for r, _x, _y in some],
                name=_("shared encoder") if shared else _("its own topology"),
                marker={"size": 12, "symbol": symbol, "color": colour},
                hovertemplate="%{text}: %{x:.3g}, %{y:.1f}<extra></extra>",
                cliponaxis=False,
            )
    figure.update_layout(
        xaxis={"title": _(COSTS[cost][0]), "range": _room([x for x, _y in places])},
        yaxis={"title": _(GAINS[gain][0]), "range": _room([y for _x, y in places])},
        height=420,
        margin={"l": 10, "r": 30, "t": 30, "b": 10},
        legend={"orientation": "h", "y": -0.2},
    )
    st.plotly_chart(figure, key="compare-chart", config={"displayModeBar": False})
    if why := from_scratch():
        st.markdown(why)
    missing = [_(r.title) for r, x, y in points if x is None or y is None]
    if missing and progress.running:
        st.caption(
            _("A network’s point appears as soon as its cost is known. Still to come: {names}.").format(
                names=", ".join(missing)
            )
        )
    elif missing:
        st.caption(_("Not measured, so not drawn: {names}.").format(names=", ".join(missing)))


def _sheet(picture: Picture, masks: Sequence[tuple[str, Any]], opacity: float) -> bytes:
    # Pillow's own font has no Hangul, so the sheet names classes in English whatever the page's language is
    clean = [(title, np.where(ids == VOID, 0, ids).astype(np.uint8)) for title, ids in masks]
    return encode_png(sheet(picture.pixels, clean, VOC, opacity), compress_level=6)


def downloads(picture: Picture, progress: Progress, reference: Reference | None, opacity: float) -> None:
    """The table as CSV, the masks as one PNG."""
    answers = dict(progress.answers)

    def masks() -> list[tuple[str, Any]]:  # unpacked on a click
        found = [(spec(name).title, answer.ids) for name, answer in answers.items()]
        return found if reference is None else [("Reference", reference.ids), *found]

    table = scoreboard.to_csv(rows(progress))
    with st.container(horizontal=True):
        # As functions, called on a click: a file would be another one with every step of the counting, and the browser
        # would look for the one before.
        st.download_button(
            _("Save the table (CSV)"),
            lambda: table,
            "segscope-networks.csv",
            "text/csv",
            key="compare-csv",
            on_click="ignore",
        )
        if answers or reference is not None:
            st.download_button(
                _("Save the masks (PNG)"),
                lambda: _sheet(picture, masks(), opacity),
                "segscope-masks.png",
                "image/png",
                key="compare-png",
                on_click="ignore",
            )
