"""Networks that the reader may add to the comparison: torchvision's own, once their weights have been fetched."""

from __future__ import annotations

import streamlit as st

from core import comparison
from core.models.registry import spec
from core.ui import state
from core.ui.language import gettext as _
from core.ui.panels import weights

_MOST = len(comparison.optional())


def _wanted() -> list[str]:
    """What the URL asks for, in the order of the registry."""
    named = str(st.query_params.get("with", "")).split(".")[:_MOST]
    return [name for name in comparison.optional() if name in named]


def choose(ready: bool) -> tuple[str, ...]:
    """The networks to compare in this run: those that are bundled, and what the reader added as far as it is here.

    Call it before :func:`draw` and before anything that asks :func:`networks`.
    """
    own = state.key("with")
    if state.url_leads() or own not in st.session_state:
        st.session_state[own] = _wanted()
    added = [name for name in comparison.optional() if name in st.session_state[own]] if ready else []
    names = (*comparison.networks(), *(name for name in added if weights.available(name)))
    st.session_state[state.key("networks")] = names
    return names


def networks() -> tuple[str, ...]:
    """What :func:`choose` found last: for parts of the page that run again alone."""
    names: tuple[str, ...] = st.session_state.get(state.key("networks")) or comparison.networks()
    return names


def _title(name: str) -> str:
    return _("{title} · {size} MB").format(title=spec(name).title, size=spec(name).download_mb)


def draw(ready: bool) -> None:
    """The choice, and the download of what was chosen and is not here yet."""
    own = state.key("with")

    def follow() -> None:
        chosen = [name for name in comparison.optional() if name in st.session_state[own]]
        state.write("with", ".".join(chosen) or None)

    chosen = st.pills(
        _("Add torchvision’s own networks"),
        comparison.optional(),
        selection_mode="multi",
        format_func=_title,
        key=own,
        on_change=follow,
        help=_(
            "Trained by torchvision on COCO’s pictures of VOC’s 20 classes. Their weights are fetched once and stay on"
            " this machine."
        ),
    )
    for name in chosen if ready else ():
        if not weights.available(name):
            weights.offer(name)
        elif name not in networks():  # it has arrived since this run began
            st.rerun()
