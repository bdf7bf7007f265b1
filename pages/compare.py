"""Every network of the chapter on one photo: masks side by side, costs, scores, and where they differ."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import inference, snippets_compare
from core.ui import page, picker
from core.ui.language import gettext as _
from core.ui.panels import compare_live, compare_more, compare_reference, compare_story, compare_table, compare_votes

page.header(
    _("Every network on your photo"),
    _("Which idea draws which outline, and at what price? One photo, one pinned pixel, all networks of the chapter."),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()
names, reference = compare_more.choose(ready), compare_reference.current(picture)


progress = None
if ready:
    progress = compare_live.watch(picture, compare_live.begin(picture))
else:
    page.waiting_for_torch()


@st.fragment  # what is pinned changes the links of the timeline and nothing else
def masks(story: DeltaGenerator) -> None:
    """The grid, and far below it, in ``story``, the chapter's timeline."""
    compare_live.grid(picture, progress, reference)
    with story.container():
        compare_story.timeline(compare_live.setting(picture).pin)


grid, below, story = st.container(), st.container(), st.empty()
with grid:
    masks(story)
with below:
    compare_more.draw(ready)
    st.subheader(_("Score against a reference"), anchor=False)
    compare_reference.draw(picture, progress)

    st.subheader(_("What they cost and what they can"), anchor=False)
    compare_table.table(progress)
    if progress:
        compare_table.downloads(picture, progress, reference, compare_live.setting(picture).opacity / 100)
        st.subheader(_("Accuracy against cost"), anchor=False)
        compare_table.chart(progress)
        st.subheader(_("Where they disagree, and how much each sees"), anchor=False)
        compare_votes.draw(progress)

    st.subheader(_("How the chapter got here"), anchor=False)

compare_story.honest_box()
if len(names) > 1:
    path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
    page.copy_as_pytorch(snippets_compare.comparison(names, picture, path))
page.reset_button()
