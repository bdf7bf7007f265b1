"""Every network of the chapter on one photo: masks side by side, costs, scores, and where they differ."""

import streamlit as st

from core.concepts.compare import snippet
from core.concepts.compare.screen import live, more, reference, story, table, votes
from core.concepts.compare.work import Progress
from core.engine import inference
from core.ui import own_mask, page, picker, state, steps
from core.ui.kit import made_for
from core.ui.language import gettext as _

page.header(
    _("Every network on your photo"),
    _("Which idea draws which outline, and at what price? One photo, one pinned pixel, all networks of the chapter."),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()
names, truth = more.choose(ready), own_mask.current(picture)
made_for.notice("fcn32s")


@state.once
def progress() -> Progress | None:
    """How far the comparison is; its status stands where this is first asked. It goes on whatever step is in sight."""
    if page.waiting_for_torch():
        return None
    return live.watch(picture, live.begin(picture))


def masks() -> None:
    """The swipe and the grid; the status of the work stands below, so that nothing moves them."""
    grid, below = st.container(key="compare-grid"), st.container()
    with below:
        now = progress()
        more.draw(ready)
    with grid:
        st.fragment(live.grid)(picture, now, truth)  # what is pinned changes nothing else


def against() -> None:
    """Scores against a reference, and the ways to bring one."""
    reference.draw(picture, progress())


def cost() -> None:
    """Accuracy against cost."""
    live.job(picture).costs_first()
    if found := progress():
        table.chart(found)


def differ() -> None:
    """Where the networks disagree, and how much each sees."""
    if found := progress():
        votes.draw(found)


def exact() -> None:
    """The table of everything, both files, what the comparison does not say, and the same in PyTorch."""
    found = progress()
    table.table(found)
    if found:
        table.downloads(picture, found, truth, live.setting(picture).opacity / 100)
    story.honest_box()
    if len(names) > 1:
        path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
        page.copy_as_pytorch(snippet.comparison(names, picture, path))


steps.walk(
    steps.Step("masks", _("All masks"), masks),
    steps.Step("reference", _("Score against a reference"), against),
    steps.Step("cost", _("Accuracy against cost"), cost),
    steps.Step("differ", _("Where they disagree"), differ),
    steps.Step("story", _("How the chapter got here"), lambda: story.timeline(live.setting(picture).pin)),
    steps.Step("exact", _("To be exact"), exact),
)
