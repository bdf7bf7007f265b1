"""Transposed convolution: how a convolution can make a map larger, stepped through cell by cell."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.concepts.transposed import snippet
from core.concepts.transposed.screen import controls, story
from core.concepts.transposed.screen.transposed_player import transposed_player
from core.ui import page, picker
from core.ui.language import gettext as _

page.header(
    _("Transposed convolution"),
    _("How can a convolution make a map larger? Three ways to see one sum: step, scrub, point, edit."),
)
picture = picker.current()


@st.fragment  # a new parameter sends this part alone, not the pictures between it and the end
def play(end: DeltaGenerator) -> None:
    """All that depends on the parameters; ``end`` is the place below the pictures."""
    setting = controls.setting()
    controls.presets(setting)
    stage, side = st.columns([3.05, 1])
    with stage:
        transposed_player(setting.axis, setting.x, setting.kernel, controls.taker(setting))
    with side:
        controls.controls(setting)
    story.legend()
    story.quiz()

    st.subheader(_("There and back"), anchor=False)
    story.there_and_back(setting, picture)

    st.subheader(_("Where checkerboards come from"), anchor=False)
    story.overlap(setting)
    with end.container():
        story.honest_box(setting, picture)
        page.copy_as_pytorch(snippet.transposed(setting.axis, setting.x, setting.kernel))


top, below, end = st.container(), st.container(), st.empty()
with top:
    play(end)
with below:
    story.checkerboard(picture)
