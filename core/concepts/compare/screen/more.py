"""Networks that the reader may add to the comparison: torchvision's own, once their weights have been fetched."""

from __future__ import annotations

import streamlit as st

from core.models import segmenters
from core.models.registry import spec
from core.ui import state
from core.ui.kit import download
from core.ui.language import gettext as _

_MOST = len(segmenters.optional())


def _wanted() -> list[str]:
    """What the URL asks for, in the order of the registry."""
    named = str(st.query_params.get("with", "")).split(".")[:_MOST]
    return [name for name in segmenters.optional() if name in named]


def _added() -> list[str]:
    """What the reader added, whether it is here or not."""
    own = state.key("with")
    if own not in st.session_state:
        st.session_state[own] = _wanted()
    names: list[str] = st.session_state[own]
    return names


def choose(ready: bool) -> tuple[str, ...]:
    """The networks to compare in this run: those that are bundled, and what the reader added as far as it is here.

    Call it before :func:`draw` and before anything that asks :func:`networks`.
    """
    if state.url_leads():
        st.session_state[state.key("with")] = _wanted()
    here = (name for name in _added() if ready and download.available(name))
    st.session_state[state.key("networks")] = names = (*segmenters.networks(), *here)
    return names


def networks() -> tuple[str, ...]:
    """What :func:`choose` found last: for parts of the page that run again alone."""
    names: tuple[str, ...] = st.session_state.get(state.key("networks")) or segmenters.networks()
    return names


def _toggle(name: str) -> None:
    before = _added()
    now = [other for other in segmenters.optional() if (other in before) is not (other == name)]
    st.session_state[state.key("with")] = now
    state.write("with", ".".join(now) or None)


def draw(ready: bool) -> None:
    """The choice, and the download of what was chosen and is not here yet.

    Buttons, for they hold no value: the page runs again whenever a mask is there, and a value that the server sets may
    be lost on its way to the browser when the next run begins too soon.
    """
    st.markdown(
        _("**Torchvision’s own networks**, to be added"),
        help=_(
            "Trained by torchvision on COCO’s pictures of VOC’s 20 classes. Their weights are fetched once and stay on"
            " this machine."
        ),
    )
    added = _added()
    with st.container(horizontal=True, gap="small"):
        for name in segmenters.optional():
            words = _("Leave out {title}") if name in added else _("Add {title} · {size} MB")
            st.button(
                words.format(title=_(spec(name).title), size=spec(name).download_mb),
                key=f"add-{name}",
                on_click=_toggle,
                args=(name,),
            )
    for name in added if ready else ():
        if not download.available(name):
            download.offer(name)
        elif name not in networks():  # it has arrived since this run began
            st.rerun()
