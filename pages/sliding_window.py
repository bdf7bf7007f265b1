"""Patches, sliding window, one pass: the same heatmap three times, and why one way is so much faster."""

import os
from typing import NamedTuple

import streamlit as st

from core.concepts.sliding_window import snippet
from core.concepts.sliding_window.race import Result
from core.concepts.sliding_window.screen import curve, lanes, pieces, story
from core.concepts.sliding_window.track import STRIDES
from core.engine import inference
from core.models.registry import spec
from core.passes.heatmaps import SIDES, Crop, View
from core.ui import page, picker, state, steps
from core.ui.kit import made_for, scans
from core.ui.language import gettext as _

page.header(
    _("Sliding window or one pass?"),
    _("Why is one pass over the whole picture so much faster than a classifier that slides over it?"),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()


class Setting(NamedTuple):
    """What runs over the photo, and how."""

    network: str
    view: View
    stride: int
    threads: int


CORES = [str(n) for n in range(1, min(4, os.cpu_count() or 1) + 1)]
CROPS: tuple[Crop, ...] = ("whole", "square")
STEP = SIDES[1] - SIDES[0]


@state.once
def setting() -> Setting:
    """Network, input, stride and threads, as they are or are going to be: their widgets may stand below."""
    here = lanes.networks()
    crop: Crop = state.bind_choice("crop", CROPS, CROPS[0])[1]
    return Setting(
        state.bind_choice("net", here, here[0])[1],
        View(crop, state.bind_int("side", SIDES[0], SIDES[-1], 448, STEP)[1]),
        int(state.bind_choice("stride", [str(s) for s in STRIDES], "32")[1]),
        int(state.bind_choice("threads", CORES, "1")[1]),
    )


@state.once
def choose() -> None:
    """The widgets for it, drawn once for all steps; what they hold is read before."""
    network, here = setting().network, lanes.networks()
    left, right = st.columns([7, 3], vertical_alignment="bottom")
    with left:
        state.choice(_("Network"), "net", here, here[0], format_func=lambda n: _(spec(n).title), look="pills")
    with right:
        titles: dict[Crop, str] = {"whole": _("whole photo"), "square": _("central square")}
        state.choice(_("Input"), "crop", CROPS, CROPS[0], format_func=titles.__getitem__)
    one, two, three = st.columns([3, 3, 2], vertical_alignment="bottom")
    with one:
        state.slider(_("Shorter side in pixels"), "side", SIDES[0], SIDES[-1], 448, STEP)
    with two:
        state.choice(_("Stride in pixels"), "stride", [str(s) for s in STRIDES], "32")
    with three:
        state.choice(_("Threads"), "threads", CORES, "1")
    made_for.notice(network)


@state.once
def looked_for() -> lanes.Looked:
    """The windows of the setting, and what is looked for in them."""
    now = setting()
    return lanes.looked(now.network, now.view, picture, sample, now.stride)


def raced() -> Result | None:
    """The result of this visitor's race with this setting, once there is one."""
    if not lanes.started():
        return None
    now = setting()
    return lanes.told(lanes.course(now.network, picture, now.view, now.stride, now.threads, looked_for().what))


def race() -> None:
    """The bet and the three lanes; what is set stands below, so that the lanes stand in the first screen."""
    now, what = setting(), looked_for().what
    lanes.lanes(lanes.course(now.network, picture, now.view, now.stride, now.threads, what), picture, what)
    page.waiting_for_torch()
    choose()


def again() -> None:
    """How often a place is read, and what that costs."""
    choose()
    now, result = setting(), raced()
    if not page.waiting_for_torch():
        counted = story.redundancy(now.network, looked_for().windows, now.view.render(picture.pixels))
        story.multiply_adds(counted, result)


def curves() -> None:
    """Time against the number of answers."""
    choose()
    now = setting()
    curve.draw(now.network, picture, now.threads, raced())


def exact() -> None:
    """The bill layer by layer, where the usual sentences are inexact, and the same in PyTorch."""
    choose()
    now, found, result = setting(), looked_for(), raced()
    if ready:
        story.layers(now.network, found.windows)
    grid = found.grid if ready and not result else None
    cell = scans.differences(now.network, picture, now.view, grid.hottest(found.what.ids)) if grid else None
    story.honest_box(now.network, found.windows, result, cell)
    path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
    page.copy_as_pytorch(snippet.race(now.network, picture, path, now.view, found.windows, found.what.ids))


def tiles() -> None:
    """Tile by tile against pieces cut apart."""
    if not page.waiting_for_torch():
        pieces.draw(picture)


steps.walk(
    steps.Step("race", _("Bet and race"), race),
    steps.Step("again", _("The same sums, again and again"), again),
    steps.Step("curve", _("Time against answers"), curves),
    steps.Step("tiles", _("Pictures too large for memory"), tiles),
    steps.Step("exact", _("To be exact"), exact),
)
