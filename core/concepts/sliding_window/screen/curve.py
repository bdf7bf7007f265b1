"""Curves of time against answers: measuring them here, and the figures of the papers beside them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core import facts, machine
from core.concepts.sliding_window.curve import RUNS, STEPS, Curve, Key, Point
from core.concepts.sliding_window.race import Result
from core.concepts.sliding_window.screen.time_curves import Published, seconds, time_curves
from core.concepts.sliding_window.track import is_tiled
from core.errors import SegScopeError
from core.pictures.images import Picture
from core.ui import budget
from core.ui.language import cited, translate_error
from core.ui.language import gettext as _

_NOW, _ERROR = "curve_now", "curve_error"


def published() -> list[Published]:
    """FCN's three figures for the grid that it names; two of them are figures for one crop, times its number."""
    crops = int(facts.FCN_GRID_SIDE.value) ** 2
    source = f"{facts.FCN}, {cited(facts.FCN_GRID_MS.where)}"
    says = _("AlexNet on what the paper calls a typical GPU, {way}: {answers} answers in {time}. {source}.")
    each = (
        (
            "single",
            facts.FCN_SINGLE_MS.value * crops,
            _("crops one at a time, computed from {each} each"),
            facts.FCN_SINGLE_MS.text,
        ),
        (
            "batched",
            facts.FCN_CROP_MS.value * crops,
            _("crops in batches, computed from {each} each"),
            facts.FCN_CROP_MS.text,
        ),
        ("once", facts.FCN_GRID_MS.value, _("one pass"), ""),
    )
    return [
        Published(
            name,
            crops,
            ms / 1000,
            says.format(way=way.format(each=text), answers=crops, time=seconds(ms / 1000), source=source),
        )
        for name, ms, way, text in each
    ]


def _start(key: Key, picture: Picture) -> None:
    _stop()
    curve = Curve(key, picture)
    try:
        curve.start()
    except SegScopeError as error:
        st.session_state[_ERROR] = error
        return
    st.session_state[_NOW] = curve


def _stop() -> None:
    if isinstance(curve := st.session_state.pop(_NOW, None), Curve):
        curve.stop()


def _measured(key: Key) -> tuple[Point, ...]:
    """The points of a complete measurement, the visitor's own or another's with the same picture; empty without one.

    One that is over moves from the session to what is remembered about pictures.
    """
    curve = st.session_state.get(_NOW)
    if isinstance(curve, Curve) and curve.complete and curve.finished.is_set():
        budget.put(("curve", curve.key), curve.points())
        del st.session_state[_NOW]
    points: tuple[Point, ...] | None = budget.get(("curve", key))
    return points or ()


def _table(points: tuple[Point, ...]) -> None:
    with st.expander(_("The chart as a table")):
        by_answers = {(p.way, p.answers): seconds(p.median) for p in points}
        st.table(
            [
                {
                    _("answers"): str(n),
                    _("single"): by_answers.get(("single", n), "–"),
                    _("in batches"): by_answers.get(("batched", n), "–"),
                    _("one pass"): by_answers.get(("once", n), "–"),
                }
                for n in sorted({p.answers for p in points})
            ]
        )


def _chart(key: Key, points: tuple[Point, ...]) -> None:
    time_curves(points, published(), is_tiled(key.model))
    if points:
        cpu = machine.here()["CPU"]
        st.caption(
            _(
                "Measured on {cpu}, threads: {threads}; medians of {runs} runs in turns, bars from fastest to slowest."
            ).format(cpu=cpu, threads=key.threads, runs=max(len(p.seconds) for p in points))
        )
        _table(points)


def _running() -> bool:
    curve = st.session_state.get(_NOW)
    return isinstance(curve, Curve) and not curve.finished.is_set()


def of_race(raced: Result | None) -> tuple[Point, ...]:
    """The points of a race over windows: what each lane answered, and in how long."""
    if raced is None or is_tiled(raced.course.model):
        return ()
    return tuple(Point(lane.way, lane.heat.size, (lane.seconds,)) for lane in raced.lanes if lane.heat.size)


def _panel(key: Key, picture: Picture, raced: tuple[Point, ...], polled: bool) -> None:
    if _running() != polled:
        st.rerun()
    curve = st.session_state.get(_NOW)
    points = curve.points() if polled and isinstance(curve, Curve) else _measured(key)
    _chart(key, points or raced)  # first, so that it stays in its place
    if not points:
        st.caption(_without(bool(raced)))
    if polled and isinstance(curve, Curve):
        st.progress(curve.share, _("Measuring: {share:.0%}").format(share=curve.share))
        st.button(_("Stop"), key="curve-stop", on_click=_stop)
    else:
        words = _("Measure again") if points else _("Measure on this machine")
        st.button(words, key="curve-start", on_click=partial(_start, key, picture))


def _without(raced: bool) -> str:
    """What stands in the chart before it is measured."""
    if raced:
        return _(
            "No curve yet: the filled marks are your race, the hollow ones the paper’s. Measuring draws the curves"
            " through them."
        )
    return _(
        "No curve yet: the hollow marks are the paper’s figures. Race on the first step, and yours join them; measuring"
        " draws the curves of this machine."
    )


def draw(model: str, picture: Picture, threads: int, raced: Result | None = None) -> None:
    """The chart, the button that measures, and what papers report; before a measurement with the visitor's race."""
    key = Key(model, picture.digest, threads)
    st.markdown(
        _(
            "Windows cost the same each, so their time grows with their number. One pass pays for the picture’s size:"
            " the more answers a picture has room for, the further the curves part. The measurement takes 1 to {most}"
            " answers, {runs} times each."
        ).format(most=STEPS[-1] ** 2, runs=RUNS)
    )
    if isinstance(error := st.session_state.pop(_ERROR, None), SegScopeError):
        st.warning(translate_error(error))
    _measured(key)
    curve = st.session_state.get(_NOW)
    if isinstance(curve, Curve) and curve.key != key:
        _stop()
    elif isinstance(curve, Curve) and curve.error:
        st.error(translate_error(curve.error))
    running = _running()
    st.fragment(_panel, run_every=0.5 if running else None)(key, picture, of_race(raced), running)
    st.markdown(
        _(
            "Others found the same: **{masci} times** faster *training* on whole pictures instead of patches"
            " ({masci_source}, {masci_where}), and U-Net’s 512 × 512 pixels in less than {unet} ({unet_source},"
            " {unet_where})."
        ).format(
            masci=f"{facts.MASCI_SPEED_UP.value:,.0f}",
            masci_source=facts.MASCI,
            masci_where=cited(facts.MASCI_SPEED_UP.where),
            unet=cited(facts.UNET_SECONDS.text),
            unet_source=facts.UNET,
            unet_where=cited(facts.UNET_SECONDS.where),
        )
    )
