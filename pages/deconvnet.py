"""DeconvNet: what pooling forgets, what switches remember, and how deconvolutions fill in."""

import streamlit as st

from core import snippets_deconvnet as snippets
from core.ui import page, picker
from core.ui.language import gettext as _
from core.ui.panels import deconvnet_grid, deconvnet_live, deconvnet_story, deconvnet_ways

page.header(
    _("DeconvNet: there and back"),
    _("Pooling forgets where things stood. How can a network that squeezes a photo into a few cells draw it again?"),
)
picture, sample = picker.current(), picker.current_sample()
network = deconvnet_live.choose()
ready = not page.waiting_for_torch()
found = deconvnet_live.live(picture, network) if ready else None
deconvnet_grid.predict()

st.subheader(_("One pooling, cell by cell"), anchor=False)


@st.fragment  # an edited cell sends this part alone
def play() -> None:
    """The player and its code."""
    setting = deconvnet_grid.play(picture)
    page.copy_as_pytorch(snippets.unpooling(setting.x, setting.kernel, setting.remember))


play()
if ready:
    deconvnet_ways.comparison(picture, found)

st.subheader(_("Resolution meter"), anchor=False)


@st.fragment  # a dot that has come to rest changes the address, nothing else
def meter() -> None:
    """The meter, whose dot lives in the URL."""
    deconvnet_story.meter(picture)


meter()
deconvnet_story.honest_box(found)
if found:
    path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
    page.copy_as_pytorch(snippets.network(network, picture, path), "network")
page.reset_button()
