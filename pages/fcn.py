"""Fully connected layer against 1x1 convolution: why one loses position and the other keeps it."""

import streamlit as st

from core.concepts.fcn import snippet
from core.concepts.fcn.screen import exactly, fold_row, grid_size, halves, upsampling
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

NETWORKS = heatmaps.networks(labels=heatmaps.LABELS)
CROPS: tuple[Crop, ...] = ("whole", "square")

page.header(
    _("Fully connected layer or 1×1 convolution?"),
    _("Why does a fully connected layer lose position, and how do the same weights, read as convolutions, keep it?"),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()


@state.once
def network() -> str:
    """The network that is chosen, or is going to be: its widget may stand below."""
    return state.bind_choice("net", NETWORKS, NETWORKS[0])[1]


@state.once
def choose() -> None:
    """The widget for it, for the steps that depend on it."""
    made_for.notice(network())
    ready = inference.ready()
    state.choice(
        _("Network"), "net", NETWORKS, NETWORKS[0], format_func=lambda n: download.title(n, ready), look="pills"
    )


@state.once
def view() -> View:
    """How the network reads the photo, or is going to."""
    crop: Crop = state.bind_choice("crop", CROPS, FIRST_VIEW.crop)[1]
    return View(crop, state.bind_int("side", SIDES[0], SIDES[-1], FIRST_VIEW.side, SIDES[1] - SIDES[0])[1])


@state.once
def choose_view() -> None:
    """The widgets for it, which :func:`view` has told already."""
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        titles: dict[Crop, str] = {"whole": _("whole photo"), "square": _("central square")}
        state.choice(_("Input"), "crop", CROPS, FIRST_VIEW.crop, format_func=titles.__getitem__)
    with right:
        state.slider(_("Shorter side in pixels"), "side", SIDES[0], SIDES[-1], FIRST_VIEW.side, SIDES[1] - SIDES[0])


@state.once
def scores() -> tuple[ScoreGrid | None, ScoreGrid | None]:
    """The scores of the central square and of the whole, where the network can be asked."""
    name = network()
    if spec(name).weights != "torchvision" or (ready and download.available(name)):
        try:
            return scans.scan(name, picture, NATIVE_VIEW), scans.scan(name, picture, view())
        except SegScopeError as error:
            st.error(translate_error(error))
    elif ready:
        download.offer(name)
    return None, None


@state.once
def wanted() -> target.Target:
    """What the heat is about."""
    return target.chosen(picture, sample, scores()[1], spec(network()).labels)


def places() -> None:
    """The same weights as a fully connected layer and as a convolution, on the photo."""
    alone, grid = scores()
    what, labels = wanted(), spec(network()).labels
    if alone and grid:
        score_explorer(
            picture,
            view(),
            grid,
            ids=what.ids,
            target=what.name,
            alone=alone,
            pin=kept.pin(),
            guess="fcn/hottest",
            names=target.names_of(labels),
        )
        pointing.pointing(
            _(
                "[The classifier](part:classifier) adds up all places into one list for the whole square: what stood"
                " where is gone."
                " [Every cell of the map](part:map) is the same classifier, read at one place, and"
                " [the frame](part:frame) is what that cell has seen."
            )
        )
    choose()
    choose_view()
    target.choose(picture, sample, grid, labels)
    if grid:
        download.whose(network())
    page.waiting_for_torch()


def sizes() -> None:
    """One network at four sizes."""
    if not page.waiting_for_torch():
        if scores()[1] is not None:
            halves.sizes(network(), picture, wanted())
        choose()


def weights() -> None:
    """A row of the fully connected layer, folded to a kernel."""
    if not page.waiting_for_torch():
        fold_row.draw(network())


def up() -> None:
    """Back to pixels: three networks, two additions, and what upsampling is."""
    if not page.waiting_for_torch():
        halves.additions(picture)
    upsampling.draw()


def exact() -> None:
    """Where the usual sentence is inexact, tables, and the same in PyTorch."""
    grid, what = scores()[1], wanted()
    measured = scans.differences(network(), picture, view(), grid.hottest(what.ids)) if ready and grid else None
    exactly.honest_box(measured)
    st.subheader(_("Which sizes the classifiers themselves take"), anchor=False)
    grid_size.growth(network(), *view().input_size(picture.pixels.shape[1], picture.pixels.shape[0]))
    if ready:
        grid_size.refusals()
    path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
    page.copy_as_pytorch(snippet.heatmap(network(), picture, path, view(), what.ids))


steps.walk(
    steps.Step("places", _("Lose or keep the place"), places),
    steps.Step("sizes", _("Any size of photo"), sizes),
    steps.Step("weights", _("From a row to a kernel"), weights),
    steps.Step("up", _("Back up to pixels"), up),
    steps.Step("exact", _("To be exact"), exact),
)
