"""Fully connected layer against 1x1 convolution: why one loses position and the other keeps it."""

import streamlit as st

from core.concepts.fcn import snippet
from core.concepts.fcn.screen import exactly, fold_row, grid_size, upsampling
from core.engine import inference
from core.errors import SegScopeError
from core.models.registry import spec
from core.passes import heatmaps
from core.passes.heatmaps import NATIVE_VIEW, SIDES, Crop, View
from core.passes.precomputed import FIRST_VIEW
from core.ui import kept, page, picker, state
from core.ui.kit import download, made_for, scans, target
from core.ui.kit.score_explorer import score_explorer
from core.ui.language import gettext as _
from core.ui.language import translate_error

NETWORKS = heatmaps.networks()

page.header(
    _("Fully connected layer or 1×1 convolution?"),
    _("Why does a fully connected layer lose position, and how do the same weights, read as convolutions, keep it?"),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()

left, middle, right = st.columns([9, 6, 7], vertical_alignment="bottom")
with left:
    network = state.choice(
        _("Network"), "net", NETWORKS, NETWORKS[0], format_func=lambda n: _(spec(n).title), look="pills"
    )
with middle:
    titles: dict[Crop, str] = {"whole": _("whole photo"), "square": _("central square")}
    crop = state.choice(_("Input"), "crop", titles, FIRST_VIEW.crop, format_func=titles.__getitem__)
with right:
    side = state.slider(_("Shorter side in pixels"), "side", SIDES[0], SIDES[-1], FIRST_VIEW.side, SIDES[1] - SIDES[0])
view = View(crop, side)
made_for.notice(network)

alone = grid = None
here = spec(network).weights != "torchvision" or (ready and download.available(network))
if here:
    try:
        alone, grid = scans.scan(network, picture, NATIVE_VIEW), scans.scan(network, picture, view)
    except SegScopeError as error:
        st.error(translate_error(error))
elif ready:
    download.offer(network)
wanted = target.choose(picture, sample, grid)
if alone and grid:
    score_explorer(picture, view, grid, ids=wanted.ids, target=wanted.name, alone=alone, pin=kept.pin())
    download.whose(network)
page.waiting_for_torch()

st.subheader(_("How many cells?"), anchor=False)
grid_size.growth(network, *view.input_size(picture.pixels.shape[1], picture.pixels.shape[0]))

if ready:
    st.subheader(_("What a classifier does with another size"), anchor=False)
    grid_size.refusals()

    st.subheader(_("From a row of weights to a kernel"), anchor=False)
    fold_row.draw(network)

st.subheader(_("From scores to pixels: upsampling"), anchor=False)
upsampling.draw()

measured = scans.differences(network, picture, view, grid.hottest(wanted.ids)) if ready and grid else None
exactly.honest_box(measured)
path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
page.copy_as_pytorch(snippet.heatmap(network, picture, path, view, wanted.ids))
page.reset_button()
