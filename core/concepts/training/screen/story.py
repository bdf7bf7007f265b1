"""The last step: what is small here, and what our own trainings were, by their records."""

from __future__ import annotations

import streamlit as st

from core.models import measured
from core.models.registry import SPECS
from core.ui import page
from core.ui.kit import trained
from core.ui.language import gettext as _

COMPARED = ("fcn8s", "pspnet", "deeplabv3", "deeplabv3plus")


def honest_box() -> None:
    """Draw it."""
    page.honest_box(
        _(
            "**What is small here.** 64 × 64 pixels, 30,000 weights, at most 256 made pictures and 2,000 steps: a"
            " minute and a half. A real training has photos, millions of weights, hours or days, and a graphics card."
        ),
        _("**What our own networks took.**") + (trained.sentence(COMPARED) or " " + _("No record is here.")),
        _(
            "**Their learning curves are not shown,** because their records hold none: they say how many batches, how"
            " long, on which pictures, and the scores at the end."
        ),
        _(
            "**A head from strokes is not a trained network.** It has learned one picture. Its encoder brings what was"
            " learned from many thousand photos before, and that is why a few strokes are enough."
        ),
    )


def records() -> None:
    """What the records of our own trainings say, folded away."""
    rows = [
        f"| {_(SPECS[name].title)} | {batches:,} | {minutes:,.0f} |"
        for name, (batches, minutes) in measured.trainings().items()
        if name in SPECS
    ]
    if rows:
        head = "| {} | {} | {} |\n|---|---:|---:|".format(_("Network"), _("Batches"), _("Minutes"))
        with st.expander(_("Our own trainings, by their records")):
            st.markdown("\n".join([head, *rows]))
