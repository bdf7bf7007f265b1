"""PSPNet: what is here depends on what surrounds it, so every place is told the means of larger and larger parts."""

import streamlit as st

from core.concepts.pspnet import snippet
from core.concepts.pspnet.screen import exactly, levels, scene
from core.engine import inference
from core.ui import page, picker, steps
from core.ui.kit import made_for
from core.ui.language import gettext as _

page.header(
    _("Pyramid pooling: PSPNet"),
    _("How does a place learn what scene it lies in, and what does the mask lose without that?"),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()
made_for.notice("pspnet")


def averages() -> None:
    """What pooling keeps of the picture."""
    levels.colours(picture)


def pyramid() -> None:
    """The bins and the switches, and a guess about them beside the mask that it speaks of."""
    if not page.waiting_for_torch():
        st.fragment(levels.levels)(picture)
        st.fragment(levels.predict)(picture)


def elsewhere() -> None:
    """The same pixel in another scene."""
    if not page.waiting_for_torch():
        st.fragment(scene.another_scene)(picture)


def exact() -> None:
    """Baseline, global mean and pyramid; where the usual sentences are inexact; the same in PyTorch."""
    exactly.table(picture if ready else None)
    exactly.honest_box(picture)
    path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
    page.copy_as_pytorch(snippet.pyramid(picture, path, levels.on()))


steps.walk(
    steps.Step("averages", _("What averaging keeps"), averages),
    steps.Step("pyramid", _("Switch its levels off"), pyramid),
    steps.Step("scene", _("Same pixel, another scene"), elsewhere),
    steps.Step("exact", _("To be exact"), exact),
)
