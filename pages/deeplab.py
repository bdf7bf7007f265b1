"""DeepLab: context by spreading the taps of a kernel, and outlines by a small decoder."""

import streamlit as st

from core.concepts.deeplab import snippet
from core.concepts.deeplab.screen import aspp, atrous, decoder, exactly
from core.engine import inference
from core.ui import page, picker, steps
from core.ui.kit import made_for
from core.ui.language import gettext as _

page.header(
    _("Atrous convolution and DeepLab"),
    _("How can a network see far without shrinking its map, and what gives the outlines back?"),
)
picture, sample, ready = picker.current(), picker.current_sample(), inference.ready()
made_for.notice(exactly.NAME)


def spread() -> None:
    """The player of an atrous convolution."""
    st.fragment(atrous.player)(picture)


def misses() -> None:
    """A guess, and the map of valid taps."""
    st.fragment(atrous.taps)()


def several() -> None:
    """ASPP: its branches, their switches, a guess, and rates that are too large."""
    if not page.waiting_for_torch():
        st.fragment(aspp.branches)(picture)
        st.fragment(aspp.large_rates)(picture)


def outlines() -> None:
    """The divider, and where the low-level maps come in."""
    if not page.waiting_for_torch():
        st.fragment(decoder.outlines)(picture)
        decoder.low_level(picture)


def exact() -> None:
    """Prices, scores, where the usual sentences are inexact, and the same in PyTorch."""
    if ready:
        decoder.prices()
        decoder.figures()
    exactly.honest_box(picture, ready)
    if ready:
        path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
        page.copy_as_pytorch(snippet.aspp(picture, path, aspp.chosen(), aspp.on()))


steps.walk(
    steps.Step("spread", _("Spread the taps"), spread),
    steps.Step("taps", _("Where the taps miss the map"), misses),
    steps.Step("grid", _("Gridding and its cure"), st.fragment(atrous.gridding)),
    steps.Step("aspp", _("ASPP: several rates at once"), several),
    steps.Step("outlines", _("Sharper outlines"), outlines),
    steps.Step("exact", _("To be exact"), exact),
)
