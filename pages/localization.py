"""Localisation: how much context a pixel's class needs, what that costs in place, and how a heatmap becomes a box."""

from collections.abc import Callable

import streamlit as st

from core.concepts.localization import strides, window_sweep
from core.concepts.localization.screen import boxes, exactly, stride, window
from core.ui import page, picker, steps
from core.ui.kit import made_for
from core.ui.language import gettext as _

page.header(
    _("Context against localization"),
    _("How much must a network see to name a pixel, and what blurs where things are?"),
)
picture, sample = picker.current(), picker.current_sample()
pixels = window_sweep.render(picture.pixels)
path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
made_for.notice(strides.NETWORK)


def with_torch(draw: Callable[[], None]) -> Callable[[], None]:
    """``draw``, once PyTorch is there."""
    return lambda: None if page.waiting_for_torch() else draw()


def outline() -> None:
    """A guess, then the curves."""
    with st.container():  # grows with a guess; what stands below stays the same element and keeps its state
        window.curves(picture, pixels)


def exact() -> None:
    """Where the usual sentences are inexact, and the measurements on the test pictures."""
    exactly.honest_box()
    window.tested()


steps.walk(
    steps.Step("stride", _("Only the stride"), with_torch(lambda: stride.draw(picture, pixels))),
    steps.Step("window", _("Four windows"), with_torch(lambda: window.probe(picture, pixels))),
    steps.Step("outline", _("The best outline?"), with_torch(outline)),
    steps.Step("field", _("What matters?"), with_torch(lambda: window.fields_of(picture, pixels))),
    steps.Step("box", _("Heatmap to box"), with_torch(lambda: boxes.draw(picture, pixels, path))),
    steps.Step("exact", _("To be exact"), exact),
)
