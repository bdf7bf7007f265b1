"""DeepLab: context by spreading the taps of a kernel, and outlines by a small decoder."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.concepts.deeplab import snippet
from core.concepts.deeplab.screen import (
    aspp as deeplab_aspp,
)
from core.concepts.deeplab.screen import (
    atrous,
    decoder,
    exactly,
)
from core.engine import inference
from core.ui import page, picker
from core.ui.kit import made_for
from core.ui.language import gettext as _

page.header(
    _("Atrous convolution and DeepLab"),
    _("How can a network see far without shrinking its map, and who gives the outlines back?"),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()
made_for.notice(exactly.NAME)
path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"


@st.fragment
def aspp(end: DeltaGenerator) -> None:
    """The branches, the guess, and the code for what is on; ``end`` is the code's place on the page."""
    network, on = deeplab_aspp.branches(picture)
    deeplab_aspp.predict(picture, network)
    with end.container():
        page.copy_as_pytorch(snippet.aspp(picture, path, network, on))


st.fragment(atrous.player)(picture)

st.subheader(_("Where the taps miss the map"), anchor=False)
st.fragment(atrous.taps)()

st.subheader(_("Gridding and its cure"), anchor=False)
st.fragment(atrous.gridding)()

st.subheader(_("ASPP: several rates at once"), anchor=False)
branches, rest = st.container(), st.container()
exactly.honest_box(picture, ready)
end = st.empty()
if not page.waiting_for_torch():
    with branches:
        aspp(end)
    with rest:
        st.subheader(_("Rates too large, and image pooling"), anchor=False)
        st.fragment(deeplab_aspp.large_rates)(picture)
        st.subheader(_("Sharper outlines"), anchor=False)
        st.fragment(decoder.outlines)(picture)
        st.subheader(_("Where the low-level maps come in"), anchor=False)
        decoder.low_level(picture)
