"""What the page about sliding windows tells around its race: what is repeated, what it costs, what is inexact."""

from __future__ import annotations

import streamlit as st

from core import facts
from core.concepts.sliding_window.bill import Bill, bill
from core.concepts.sliding_window.race import Result
from core.concepts.sliding_window.screen.redundancy import redundancy_map
from core.concepts.sliding_window.windows import MARGIN, NATIVE, Windows, sliding
from core.engine import inference
from core.passes.heatmaps import STRIDE, Differences
from core.ui import page
from core.ui.language import cited
from core.ui.language import gettext as _

_BOUND = 1.25
"""Measured and predicted speed-up within this factor of one another count as the same."""


def giga(value: float) -> str:
    """Multiply-adds in thousand millions: ``41.3 G``."""
    return f"{value / 1e9:,.2f} G" if value < 1e10 else f"{value / 1e9:,.1f} G"


def redundancy(model: str, windows: Windows, photo: object) -> Bill:
    """The map, and what it shows in a sentence. Needs PyTorch for the first layer's size."""
    counted = bill(model, windows)
    st.markdown(
        _(
            "{count} windows of {side} × {side} pixels every {stride} pixels read {repetition:.1f} pixels for each"
            " pixel of the picture. In the middle a pixel is read up to **{most} times**, and what the first layer"
            " makes of it is computed as often."
        ).format(
            count=len(windows),
            side=windows.side,
            stride=windows.stride,
            repetition=windows.repetition,
            most=windows.most,
        )
    )
    redundancy_map(windows, counted.first, photo)  # type: ignore[arg-type]
    return counted


def multiply_adds(counted: Bill, result: Result | None) -> None:
    """The two bills, and measured against predicted speed-up."""
    with st.container(horizontal=True):
        st.metric(_("All windows"), giga(counted.windows))
        st.metric(_("One pass"), giga(counted.once))
        st.metric(_("Predicted speed-up"), f"{counted.ratio:.1f}×")
        if result:
            st.metric(_("Measured, single windows"), f"{result.speed_up('single'):.1f}×")
            st.metric(_("Measured, batches"), f"{result.speed_up('batched'):.1f}×")
    st.caption(
        _(
            "Multiply-adds, counted layer by layer. Batches of windows compute the same sums as single windows, so"
            " their bill is the same. Seconds depend on the machine; the bill does not."
        )
    )
    if result:
        st.markdown(_comparison(counted.ratio, result))


def layers(model: str, windows: Windows) -> None:
    """Both bills layer by layer, folded. Needs PyTorch for the layers' sizes."""
    counted = bill(model, windows)
    with st.expander(_("The bill, layer by layer")):
        st.table(
            [
                {
                    _("layer"): line.layer,
                    _("one window"): f"{line.window / 1e6:,.2f} M",
                    _("all {count} windows").format(count=len(windows)): f"{line.windows / 1e6:,.1f} M",
                    _("one pass"): f"{line.once / 1e6:,.2f} M",
                    _("ratio"): f"{line.ratio:.1f}",
                }
                for line in counted.lines
            ]
        )


def _comparison(predicted: float, result: Result) -> str:
    """Why the measured speed-up is not the predicted one."""
    single, batched = result.speed_up("single"), result.speed_up("batched")
    said = _("Counting predicts {predicted:.1f} times, measured are {single:.1f} and {batched:.1f} times.").format(
        predicted=predicted, single=single, batched=batched
    )
    if single > predicted * _BOUND:
        why = _(
            "Single windows lose more than the count says, probably because every small pass pays"
            " for its calls and reads all weights from memory anew, and small maps do not fill the processor."
        )
    elif single < predicted / _BOUND:
        why = _(
            "One pass gains less than the count says, probably because its large maps do not fit into the"
            " processor’s cache and wait for"
            " memory, while a window’s small maps stay in it."
        )
    else:
        why = _("The two agree: here time goes into multiply-adds and little else.")
    if batched > single * _BOUND:
        more = _("Batches are no help here, probably because their maps together are larger than the cache.")
    elif batched < single / _BOUND:
        more = _("Batches save calls and share each read of the weights, but not one multiply-add.")
    else:
        more = _("Batches take about as long as single windows: they save calls, but not one multiply-add.")
    return f"{said} {why} {more}"


def _size(value: float) -> str:
    return f"{value:.2f}" if value >= 0.01 or value == 0 else f"{value:.0e}"


def _apart(model: str, windows: Windows) -> str:
    """What windows that share nothing cost on this input beside one pass, with a blank in front; nothing for tiles, or
    while PyTorch loads."""
    if windows.margin or not inference.ready():
        return ""
    few = sliding(windows.height, windows.width, NATIVE)
    counted, cells = bill(model, few), len(sliding(windows.height, windows.width, STRIDE))
    return " " + _(
        "Here {count} such windows cost {windows} multiply-adds, and one pass {once} for its {cells} answers."
    ).format(count=len(few), windows=giga(counted.windows), once=giga(counted.once), cells=cells)


def honest_box(model: str, windows: Windows, result: Result | None, cell: Differences | None) -> None:
    """Where the textbook's sentences are inexact, with what was measured on this photo."""
    with page.honest_box():
        if result:
            with st.container(horizontal=True):
                st.metric(_("Batches against single windows"), _size(result.batching))
                st.metric(
                    _("One pass against windows, median"),
                    _size(float(sorted(result.border.ravel())[result.border.size // 2])),
                )
                st.metric(_("One pass against windows, most"), _size(float(result.border.max())))
            st.caption(
                _(
                    "Largest difference of any score before the softmax, on this photo. The yardstick: the scores of a"
                    " window have a standard deviation of {spread}."
                ).format(spread=_size(result.spread))
            )
        elif cell:
            st.markdown(
                _(
                    "**Measured on this photo:** the scores of cell ({row}, {column}) differ by up to {window} from the"
                    " classifier’s scores for that window, cut out; their standard deviation is {spread}. The race"
                    " measures every window."
                ).format(
                    row=cell.cell[0] + 1, column=cell.cell[1] + 1, window=_size(cell.window), spread=_size(cell.spread)
                )
            )
        if not windows.margin:
            st.markdown(
                _(
                    "**The same weights, but not quite the same heatmap.** A window that is cut out has zeros around it"
                    " in every padded layer; in one pass the real neighbours stand there. That alone makes the third"
                    " lane’s picture another one: without padding, windows and one pass are exactly equal. Batches"
                    " differ by rounding only."
                )
            )
        st.markdown(
            _(
                "**Nothing is “verified and skipped”.** Textbooks say that one pass skips patches that were checked"
                " already. No network checks anything: neighbouring windows have sums in common, and one pass"
                " *shares* them. At a stride of {native} pixels windows share nothing, and one pass saves nothing: it"
                " also answers for the places between them."
            ).format(native=NATIVE)
            + _apart(model, windows)
        )
        tile = windows.side if windows.margin else 572
        answer = tile - 2 * MARGIN
        st.markdown(
            _(
                "**Tiles are not free of repetition.** U-Net’s tile of {tile} pixels answers for {answer}: its margins"
                " are computed again by its neighbours, {ratio:.2f} input pixels for each answer. Larger tiles repeat"
                " less and need more memory."
            ).format(tile=tile, answer=answer, ratio=(tile / answer) ** 2)
        )
        st.markdown(
            _(
                "**Seconds belong to a machine.** The paper’s {grid} against {crop} a crop is “a typical GPU” with"
                " crops in batches ({source}, {where}); alone a crop took it {alone}. Compare ratios, not seconds."
            ).format(
                grid=facts.FCN_GRID_MS.text,
                crop=facts.FCN_CROP_MS.text,
                alone=facts.FCN_SINGLE_MS.text,
                source=facts.FCN,
                where=cited(facts.FCN_GRID_MS.where),
            )
        )
