"""The live part of the page about DeconvNet: which network climbs, and the hourglass of its maps."""

from __future__ import annotations

import streamlit as st

from core.concepts.deconvnet.hourglass import SHARED, SLIM
from core.concepts.deconvnet.screen import results
from core.concepts.deconvnet.screen.hourglass import hourglass
from core.concepts.deconvnet.screen.results import Seen
from core.errors import SegScopeError
from core.models.registry import spec
from core.pictures.images import Picture
from core.ui import state
from core.ui.kit import from_scratch
from core.ui.language import gettext as _
from core.ui.language import translate_error


def choose() -> str:
    """The widget for the network, and what the one from scratch can know; an empty name if no weights are here."""
    names = results.networks()
    if not names:
        st.info(
            _(
                "DeconvNet’s trained weights are not in this copy of SegScope, so its own maps and mask are left out."
                " Everything below that needs no weights is here."
            )
        )
        return ""
    titles = {
        SHARED: _(spec(SHARED).title),
        SLIM: _("{title}, from scratch: for looking inside").format(title=_(spec(SLIM).title)),
    }
    network = state.choice(_("Network"), "net", names, names[0], format_func=titles.__getitem__, look="pills")
    if network == SLIM and (known := from_scratch.sentence(SLIM, SHARED)):
        st.caption(known)
    return network


def pass_of(picture: Picture, network: str) -> Seen | None:
    """The pass of ``network``; ``None`` where it cannot run. Needs PyTorch."""
    if not network:
        return None
    try:
        return results.seen(network, picture)
    except SegScopeError as error:
        st.error(translate_error(error))
        return None


def live(picture: Picture, found: Seen) -> None:
    """The hourglass."""
    hourglass(found.data, picture.digest)
    height, width = found.glass.pixels.shape[:2]
    said = (
        _("One pass over your picture, {height} × {width} pixels: every map is that pass’s own.")
        if found.glass.shared
        else _("One pass over the central square of your picture, {height} × {width}: every map is that pass’s own.")
    )
    st.caption(said.format(height=height, width=width))
