"""DeconvNet: what pooling forgets, what switches remember, and how deconvolutions fill in."""

import streamlit as st

from core.concepts.deconvnet import hourglass, snippet
from core.concepts.deconvnet.screen import (
    grid,
    live,
    story,
    ways,
)
from core.ui import page, picker
from core.ui.kit import made_for
from core.ui.language import gettext as _

page.header(
    _("DeconvNet: there and back"),
    _("Pooling forgets where things stood. How can a network that squeezes a photo into a few cells draw it again?"),
)
picture, sample = picker.current(), picker.current_sample()
network = live.choose()
made_for.notice(network or hourglass.SHARED)
ready = not page.waiting_for_torch()
found = live.live(picture, network) if ready else None
grid.predict()

st.subheader(_("One pooling, cell by cell"), anchor=False)


@st.fragment  # an edited cell sends this part alone
def play() -> None:
    """The player and its code."""
    setting = grid.play(picture)
    page.copy_as_pytorch(snippet.unpooling(setting.x, setting.kernel, setting.remember))


play()
if ready:
    ways.comparison(picture, found)

st.subheader(_("Resolution meter"), anchor=False)


@st.fragment  # a dot that has come to rest changes the address, nothing else
def meter() -> None:
    """The meter, whose dot lives in the URL."""
    story.meter(picture)


meter()
story.honest_box(found)
if found:
    path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
    page.copy_as_pytorch(snippet.network(network, picture, path), "network")
