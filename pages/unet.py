"""U-Net: every depth of the network, alive, with faders on the connections that bring the places back."""

import streamlit as st

from core.concepts.unet import snippet
from core.concepts.unet.screen import live, structure, tiles
from core.ui import page, picker
from core.ui.language import gettext as _

page.header(
    _("U-Net: see every depth"),
    _("What does each depth of a U-Net see, and what do the skip connections bring back?"),
)
picture, sample = picker.current(), picker.current_sample()
network = live.choose()
ready = not page.waiting_for_torch()
if ready:
    live.draw(picture, network)
    if network in tiles.TILES:
        st.subheader(_("Tile by tile"), anchor=False)
        tiles.draw(picture, network)
    st.subheader(_("How it is built"), anchor=False)
    structure.draw()
structure.honest_box()
path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
page.copy_as_pytorch(snippet.faders(network, picture, path, live.gains()))
if ready:
    live.settle(picture, network)
