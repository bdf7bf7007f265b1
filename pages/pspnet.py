"""PSPNet: what is here depends on what surrounds it, so every place is told the means of larger and larger parts."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import inference, snippets_pspnet
from core.ui import page, picker
from core.ui.language import gettext as _
from core.ui.panels import pspnet_exactly, pspnet_levels, pspnet_scene

page.header(
    _("Pyramid pooling: PSPNet"),
    _("How does a place learn what scene it lies in, and what does the mask lose without that?"),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()
path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"


@st.fragment
def pyramid(end: DeltaGenerator) -> None:
    """The levels, the guess, the other scene, and the code for what is on; ``end`` is the code's place on the page."""
    on = pspnet_levels.levels(picture)
    pspnet_levels.predict(picture)
    st.subheader(_("Same pixel, another scene"), anchor=False)
    pspnet_scene.another_scene(picture)
    with end.container():
        page.copy_as_pytorch(snippets_pspnet.pyramid(picture, path, on))


bins, below, end = st.container(), st.container(), st.empty()
with bins:
    if not page.waiting_for_torch():
        pyramid(end)
with below:
    st.subheader(_("What averaging keeps"), anchor=False)
    pspnet_levels.colours(picture)
    st.subheader(_("Baseline, global mean, pyramid"), anchor=False)
    pspnet_exactly.table(picture if ready else None)
    pspnet_exactly.honest_box(picture)
page.reset_button()
