"""Training: a network learns while one watches, and a head learns from a few strokes."""

import streamlit as st

from core.concepts.training.screen import choose, story, teach, under_glass, watch
from core.ui import page
from core.ui.language import gettext as _

page.header(
    _("Watch a network learn"),
    _("How does a network come to give each pixel its class, and what can a few strokes on a photo teach?"),
)
STEPS = (
    ("watch", "", watch.watch),
    ("choose", _("Choose what differs"), choose.choose),
    ("glass", _("One step under the glass"), under_glass.under_glass),
    ("teach", _("Teach with three strokes"), teach.teach),
)
for _name, title, draw in STEPS:
    if title:
        st.subheader(title, anchor=False)
    draw()
story.honest_box()
story.records()
page.reset_button()
