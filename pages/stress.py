"""When a network breaks: a photo disturbed by hand, curves of all networks, single pixels, shifts, changes by depth."""

import streamlit as st

from core.concepts.stress.screen import exactly, live, measured
from core.engine import inference
from core.ui import page, picker
from core.ui.kit import made_for
from core.ui.language import gettext as _

page.header(
    _("Stress"),
    _("When does a network break? Disturb the photo until the mask goes, and see which network holds longer."),
)
picture, sample = picker.current(), picker.current_sample()
live.settle()
measured.settle()
made_for.notice(live.pair()[0])


def watch() -> None:
    """Sliders and masks."""
    if inference.ready():
        live.draw(picture)
    else:
        live.photo_only(picture)
        page.waiting_for_torch()


watch()
if inference.ready():
    st.subheader(_("Where does each break?"), anchor=False)
    measured.breaking(picture)
    st.subheader(_("The smallest change that flips the pinned pixel"), anchor=False)
    measured.smallest(picture)
    st.subheader(_("Shifted by a few pixels"), anchor=False)
    measured.shifting(picture)
    st.subheader(_("Which step of the network breaks first?"), anchor=False)
    measured.by_depth(picture)
exactly.honest_box()
if inference.ready():
    exactly.code(picture, sample)
page.reset_button()
