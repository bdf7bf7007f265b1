"""When a network breaks: a photo disturbed by hand, curves of all networks, single pixels, shifts, changes by depth."""

import streamlit as st

from core.engine import inference
from core.ui import page, picker, steps
from core.ui.language import gettext as _

page.header(
    _("Stress"),
    _("When does a network break? Disturb the photo until the mask goes, and see which network holds longer."),
)


def walk() -> None:
    """The steps. Their panels are imported here, because they bring PyTorch, for which the page does not wait."""
    from core.concepts.stress.screen import exactly, live, measured
    from core.ui.kit import made_for

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

    def alone() -> None:
        """The pinned pixel, and the photo moved by single pixels."""
        measured.smallest(picture)
        st.subheader(_("Shifted by a few pixels"), anchor=False)
        measured.shifting(picture)

    def exact() -> None:
        """What these disturbances are and are not, and the same in PyTorch."""
        exactly.honest_box()
        exactly.code(picture, sample)

    steps.walk(
        steps.Step("disturb", _("Disturb it"), watch),
        steps.Step("breaks", _("Where does each break?"), steps.with_torch(lambda: measured.breaking(picture))),
        steps.Step("pixel", _("One pixel, few pixels"), steps.with_torch(alone)),
        steps.Step("depth", _("Where inside does it change?"), steps.with_torch(lambda: measured.by_depth(picture))),
        steps.Step("exact", _("To be exact"), steps.with_torch(exact)),
    )


if not page.waiting_for_torch():
    walk()
