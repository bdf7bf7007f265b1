"""Every network of the chapter on one photo: masks side by side, costs, scores, and where they differ."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.concepts.compare import snippet
from core.concepts.compare.screen import live, more, reference, story, table, votes
from core.engine import inference
from core.ui import own_mask, page, picker
from core.ui.kit import made_for
from core.ui.language import gettext as _

page.header(
    _("Every network on your photo"),
    _("Which idea draws which outline, and at what price? One photo, one pinned pixel, all networks of the chapter."),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()
names, truth = more.choose(ready), own_mask.current(picture)
made_for.notice("fcn32s")

progress = None
if ready:
    progress = live.watch(picture, live.begin(picture))
else:
    page.waiting_for_torch()


@st.fragment  # what is pinned changes the links of the timeline and nothing else
def masks(timeline: DeltaGenerator) -> None:
    """The grid, and far below it, in ``timeline``, the chapter's timeline."""
    live.grid(picture, progress, truth)
    with timeline.container():
        story.timeline(live.setting(picture).pin)


grid, below, timeline = st.container(), st.container(), st.empty()
with grid:
    masks(timeline)
with below:
    more.draw(ready)
    st.subheader(_("Score against a reference"), anchor=False)
    reference.draw(picture, progress)

    st.subheader(_("What they cost and what they can"), anchor=False)
    table.table(progress)
    if progress:
        table.downloads(picture, progress, truth, live.setting(picture).opacity / 100)
        st.subheader(_("Accuracy against cost"), anchor=False)
        table.chart(progress)
        st.subheader(_("Where they disagree, and how much each sees"), anchor=False)
        votes.draw(progress)

    st.subheader(_("How the chapter got here"), anchor=False)

story.honest_box()
if len(names) > 1:
    path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
    page.copy_as_pytorch(snippet.comparison(names, picture, path))
