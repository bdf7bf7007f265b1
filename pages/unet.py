"""U-Net: every depth of the network, alive, with faders on the connections that bring the places back."""

import streamlit as st

from core.concepts.unet import snippet
from core.concepts.unet.screen import live, structure, tiles
from core.ui import page, picker, state, steps
from core.ui.language import gettext as _

page.header(
    _("U-Net: see every depth"),
    _("What does each depth of a U-Net see, and what do the skip connections bring back?"),
)
picture, sample = picker.current(), picker.current_sample()


@state.once
def network() -> str:
    """Which U-Net, set once for all steps."""
    return live.choose()


def cut() -> None:
    """The mask, the faders, the guess."""
    above, below = st.container(), st.container()
    with below:
        chosen = network()
    with above:
        if not page.waiting_for_torch():
            live.draw(picture, chosen, "cut")


def depths() -> None:
    """The U with its maps, and all channels of one box."""
    chosen = network()
    if not page.waiting_for_torch():
        live.draw(picture, chosen, "depths")


def tile_by_tile() -> None:
    """The overlap-tile strategy, of the networks that have one."""
    chosen = network()
    if chosen not in tiles.TILES:
        st.markdown(tiles.whose())
    elif not page.waiting_for_torch():
        tiles.draw(picture, chosen)


def built() -> None:
    """Sizes for any valid input."""
    if not page.waiting_for_torch():
        structure.draw()


def exact() -> None:
    """Where the usual sentences are inexact, and the same in PyTorch."""
    structure.honest_box()
    path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
    page.copy_as_pytorch(snippet.faders(network(), picture, path, live.gains()))


steps.walk(
    steps.Step("cut", _("Cut a skip connection"), cut),
    steps.Step("depths", _("What each depth sees"), depths),
    steps.Step("tiles", _("Tile by tile"), tile_by_tile),
    steps.Step("built", _("How it is built"), built),
    steps.Step("exact", _("To be exact"), exact),
)
live.settle(picture)
