"""Fully connected layer against 1x1 convolution: why one loses position and the other keeps it."""

import streamlit as st

from core.concepts.fcn import snippet
from core.concepts.fcn.screen import exactly, fold_row, grid_size, upsampling
from core.engine import inference
from core.errors import SegScopeError
from core.models.registry import spec
from core.passes import heatmaps
from core.passes.heatmaps import NATIVE_VIEW, SIDES, Crop, ScoreGrid, View
from core.passes.precomputed import FIRST_VIEW
from core.ui import kept, page, picker, state, steps
from core.ui.kit import download, made_for, pointing, scans, target
from core.ui.kit.score_explorer import score_explorer
from core.ui.language import gettext as _
from core.ui.language import translate_error

NETWORKS = heatmaps.networks()

page.header(
    _("Fully connected layer or 1×1 convolution?"),
    _("Why does a fully connected layer lose position, and how do the same weights, read as convolutions, keep it?"),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()


@state.once
def setting() -> tuple[str, View]:
    """The network and how it reads the photo, set once for all steps."""
    left, middle, right = st.columns([9, 6, 7], vertical_alignment="bottom")
    with left:
        network = state.choice(
            _("Network"), "net", NETWORKS, NETWORKS[0], format_func=lambda n: _(spec(n).title), look="pills"
        )
    with middle:
        titles: dict[Crop, str] = {"whole": _("whole photo"), "square": _("central square")}
        crop = state.choice(_("Input"), "crop", titles, FIRST_VIEW.crop, format_func=titles.__getitem__)
    with right:
        side = state.slider(
            _("Shorter side in pixels"), "side", SIDES[0], SIDES[-1], FIRST_VIEW.side, SIDES[1] - SIDES[0]
        )
    return network, View(crop, side)


@state.once
def wanted() -> tuple[target.Target, ScoreGrid | None, ScoreGrid | None]:
    """What the heat is about, and the scores of the central square and of the whole, where the network can be asked."""
    network, view = setting()
    made_for.notice(network)
    alone = grid = None
    if spec(network).weights != "torchvision" or (ready and download.available(network)):
        try:
            alone, grid = scans.scan(network, picture, NATIVE_VIEW), scans.scan(network, picture, view)
        except SegScopeError as error:
            st.error(translate_error(error))
    elif ready:
        download.offer(network)
    return target.choose(picture, sample, grid), alone, grid


def places() -> None:
    """The same weights as a fully connected layer and as a convolution, on the photo."""
    network, view = setting()
    what, alone, grid = wanted()
    if alone and grid:
        score_explorer(picture, view, grid, ids=what.ids, target=what.name, alone=alone, pin=kept.pin())
        pointing.pointing(
            _(
                "[The classifier](part:classifier) gives one list for the whole square: what stood where is gone."
                " [Every cell of the map](part:map) is the same classifier, read at one place, and"
                " [the frame](part:frame) is what that cell has seen."
            )
        )
        download.whose(network)
    page.waiting_for_torch()


def sizes() -> None:
    """How many cells come out, and what the classifier itself does with another size."""
    network, view = setting()
    grid_size.growth(network, *view.input_size(picture.pixels.shape[1], picture.pixels.shape[0]))
    if not page.waiting_for_torch():
        grid_size.refusals()


def weights() -> None:
    """A row of the fully connected layer, folded to a kernel."""
    network, _view = setting()
    if not page.waiting_for_torch():
        fold_row.draw(network)


def exact() -> None:
    """Where the usual sentence is inexact, and the same in PyTorch."""
    network, view = setting()
    what, _alone, grid = wanted()
    measured = scans.differences(network, picture, view, grid.hottest(what.ids)) if ready and grid else None
    exactly.honest_box(measured)
    path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
    page.copy_as_pytorch(snippet.heatmap(network, picture, path, view, what.ids))


steps.walk(
    steps.Step("places", _("Lose or keep the place"), places),
    steps.Step("sizes", _("Any size of photo"), sizes),
    steps.Step("weights", _("From a row to a kernel"), weights),
    steps.Step("up", _("Back up to pixels"), upsampling.draw),
    steps.Step("exact", _("To be exact"), exact),
)
