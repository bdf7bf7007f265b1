"""U-Net: every depth of the network, alive, with faders on the connections that bring the places back."""

import streamlit as st

from core import snippets_unet
from core.ui import page, picker
from core.ui.language import gettext as _
from core.ui.panels import unet_live, unet_structure, unet_tiles

page.header(
    _("U-Net: see every depth"),
    _("What does each depth of a U-Net see, and what do the skip connections bring back?"),
)
picture, sample = picker.current(), picker.current_sample()
network = unet_live.choose()
ready = not page.waiting_for_torch()
if ready:
    unet_live.draw(picture, network)
    if network in unet_tiles.TILES:
        st.subheader(_("Tile by tile"), anchor=False)
        unet_tiles.draw(picture, network)
    st.subheader(_("How it is built"), anchor=False)
    unet_structure.draw()
unet_structure.honest_box()
path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
page.copy_as_pytorch(snippets_unet.faders(network, picture, path, unet_live.gains()))
page.reset_button()
if ready:
    unet_live.settle(picture, network)
