"""Transposed convolution: how a convolution can make a map larger, stepped through cell by cell."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.concepts.transposed import snippet
from core.ui import page, picker
from core.ui.components.transposed_player import transposed_player
from core.ui.language import gettext as _
from core.ui.panels import transposed_controls, transposed_story

page.header(
    _("Transposed convolution"),
    _("How can a convolution make a map larger? Three ways to see one sum: step, scrub, point, edit."),
)
picture = picker.current()


@st.fragment  # a new parameter sends this part alone, not the pictures between it and the end
def play(end: DeltaGenerator) -> None:
    """All that depends on the parameters; ``end`` is the place below the pictures."""
    setting = transposed_controls.setting()
    transposed_controls.presets(setting)
    stage, side = st.columns([3.05, 1])
    with stage:
        transposed_player(setting.axis, setting.x, setting.kernel, transposed_controls.taker(setting))
    with side:
        transposed_controls.controls(setting)
    transposed_story.quiz()

    st.subheader(_("There and back"), anchor=False)
    transposed_story.there_and_back(setting, picture)

    st.subheader(_("Where checkerboards come from"), anchor=False)
    transposed_story.overlap(setting)
    with end.container():
        transposed_story.honest_box(setting, picture)
        page.copy_as_pytorch(snippet.transposed(setting.axis, setting.x, setting.kernel))


top, below, end = st.container(), st.container(), st.empty()
with top:
    play(end)
with below:
    transposed_story.checkerboard(picture)
page.reset_button()
