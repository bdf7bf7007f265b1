"""Patches, sliding window, one pass: the same heatmap three times, and why one way is so much faster."""

import os

import streamlit as st

from core.concepts.sliding_window import snippet
from core.concepts.sliding_window.screen import (
    curve,
    lanes,
    pieces,
    story,
)
from core.concepts.sliding_window.track import STRIDES, windows_of
from core.engine import inference
from core.errors import SegScopeError
from core.models.registry import spec
from core.passes.heatmaps import SIDES, Crop, View
from core.ui import page, picker, state
from core.ui.kit import made_for, scans
from core.ui.language import gettext as _
from core.ui.language import translate_error

page.header(
    _("Sliding window or one pass?"),
    _("Why is one pass over the whole picture so much faster than a classifier that slides over it?"),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()
here = lanes.networks()
cores = [str(n) for n in range(1, min(4, os.cpu_count() or 1) + 1)]

left, right = st.columns([7, 3], vertical_alignment="bottom")
with left:
    network = state.choice(_("Network"), "net", here, here[0], format_func=lambda n: _(spec(n).title), look="pills")
with right:
    titles: dict[Crop, str] = {"whole": _("whole photo"), "square": _("central square")}
    crop = state.choice(_("Input"), "crop", titles, "whole", format_func=titles.__getitem__)
one, two, three = st.columns([3, 3, 2], vertical_alignment="bottom")
with one:
    side = state.slider(_("Shorter side in pixels"), "side", SIDES[0], SIDES[-1], 448, SIDES[1] - SIDES[0])
with two:
    stride = int(state.choice(_("Stride in pixels"), "stride", [str(s) for s in STRIDES], "32"))
with three:
    threads = int(state.choice(_("Threads"), "threads", cores, "1"))
view = View(crop, side)
made_for.notice(network)
windows = windows_of(network, view, picture, stride)

grid = None
try:
    grid = None if windows.margin else scans.scan(network, picture, view)
except SegScopeError as error:
    st.error(translate_error(error))
what = lanes.painted(network, sample, grid)
st.caption(
    _("All three lanes paint the probability of “{name}” with the same weights, dark for 0.").format(name=what.name)
)
result = lanes.lanes(lanes.course(network, picture, view, stride, threads, what), picture)
page.waiting_for_torch()

if ready:
    again, costs = st.columns([3, 2], gap="large")
    with again:
        st.subheader(_("The same sums, again and again"), anchor=False)
        counted = story.redundancy(network, windows, view.render(picture.pixels))
    with costs:
        st.subheader(_("The bill"), anchor=False)
        story.multiply_adds(counted, windows, result)
st.subheader(_("Time against the number of answers"), anchor=False)
curve.draw(network, picture, threads)

if ready:
    st.subheader(_("Pictures too large for memory"), anchor=False)
    pieces.draw(picture)
cell = scans.differences(network, picture, view, grid.hottest(what.ids)) if ready and grid and not result else None
story.honest_box(network, windows, result, cell)
path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
page.copy_as_pytorch(snippet.race(network, picture, path, view, windows, what.ids))
