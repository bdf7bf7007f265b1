"""PSPNet: what is here depends on what surrounds it, so every place is told the means of larger and larger parts."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.concepts.pspnet import snippet
from core.concepts.pspnet.screen import exactly, levels, scene
from core.engine import inference
from core.ui import page, picker
from core.ui.kit import made_for
from core.ui.language import gettext as _

page.header(
    _("Pyramid pooling: PSPNet"),
    _("How does a place learn what scene it lies in, and what does the mask lose without that?"),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()
made_for.notice("pspnet")
path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"


@st.fragment
def pyramid(end: DeltaGenerator) -> None:
    """The levels, the guess, the other scene, and the code for what is on; ``end`` is the code's place on the page."""
    on = levels.levels(picture)
    levels.predict(picture)
    st.subheader(_("Same pixel, another scene"), anchor=False)
    scene.another_scene(picture)
    with end.container():
        page.copy_as_pytorch(snippet.pyramid(picture, path, on))


bins, below, end = st.container(), st.container(), st.empty()
with bins:
    if not page.waiting_for_torch():
        pyramid(end)
with below:
    st.subheader(_("What averaging keeps"), anchor=False)
    levels.colours(picture)
    st.subheader(_("Baseline, global mean, pyramid"), anchor=False)
    exactly.table(picture if ready else None)
    exactly.honest_box(picture)
