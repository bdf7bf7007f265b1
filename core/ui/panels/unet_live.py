"""The live part of the page about U-Net: which network, the U, its faders."""

from __future__ import annotations

import streamlit as st

from core.images import Picture
from core.models import weights
from core.models.registry import spec
from core.reference import Reference
from core.segmentation import SHORT_SIDE, WIDEST
from core.ui import kept, picker, state, unet_results
from core.ui.components.u_map import KEY, u_map
from core.ui.language import gettext as _
from core.ui.panels import compare_reference

ALL = ("unet-mobilenetv2", "unet", "unet-em")
FULL = (100,) * 4
NOWHERE = (-1, -1)
FARTHEST = int(SHORT_SIDE * WIDEST)
"""Longer side of the largest input, in pixels."""
_EFFECT = "unet-effect"
_WORTH = "unet-worth"


def networks() -> list[str]:
    """The networks whose weights are here."""
    return [name for name in ALL if weights.present(name)]


def choose() -> str:
    """The widget for the network; the cell picture is one click away from the network that is made for it."""
    names = networks()
    titles = {name: _(spec(name).title) for name in names}
    network = state.choice(_("Network"), "net", names, names[0], format_func=titles.__getitem__, look="pills")
    sample = picker.current_sample()
    if network == "unet-em" and sample is not None and sample.key != "cells":
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(_("This network was trained on micrographs of nerve tissue. A photo means nothing to it."))
            st.button(_("Take the picture of a cell"), on_click=picker.choose, args=("cells",))
    return network


def gains() -> tuple[int, ...]:
    """The faders, finest first, in percent."""
    return kept.whole("skips", FULL, 0, 100)


def _follow(name: str, count: int, high: int, default: tuple[int, ...]) -> None:
    if (found := kept.taken(KEY, name, count, 0, high)) is not None:
        kept.put({"gains": "skips", "pin": "pin"}[name], found, default)


def _open() -> None:
    name = getattr(st.session_state.get(KEY), "box", None)
    if name in unet_results.STAGES:
        kept.put("box", str(name), "down1")


def _effect(subject: str) -> None:
    name = getattr(st.session_state.get(KEY), "effect", None)
    if name in unet_results.STAGES:
        st.session_state[_EFFECT] = subject, name


def _counted(network: str, picture: Picture, reference: Reference | None) -> str:
    return f"{network}/{picture.digest}/{reference.digest if reference else ''}"


@st.fragment
def draw(picture: Picture, network: str) -> None:
    """The U. What each skip connection is worth joins it once :func:`settle` has computed it."""
    faders = gains()
    reference = compare_reference.current(picture) if network != "unet-em" else None
    seen = unet_results.seen(network, picture, faders, reference)
    wanted, effects = st.session_state.get(_EFFECT), None
    if wanted and wanted[0] == seen.subject:
        effects = wanted[1], unet_results.effects(network, picture.digest, wanted[1], picture)
    known = st.session_state.get(_WORTH) == _counted(network, picture, reference)
    box = kept.value("box", "down1", lambda: state.read_choice("box", unet_results.STAGES, "down1"))
    height, width = seen.pixels.shape[:2]
    pin = kept.value("pin", NOWHERE, lambda: state.read_ints("pin", NOWHERE, 0, FARTHEST))
    u_map(
        seen,
        faders,
        unet_results.worth(network, picture, reference) if known else None,
        effects,
        box=box,
        pin=(pin[0], pin[1]) if 0 <= pin[0] < width and 0 <= pin[1] < height else None,
        given=reference is not None,
        events={
            "on_gains_change": lambda: _follow("gains", 4, 100, FULL),
            "on_pin_change": lambda: _follow("pin", 2, FARTHEST, NOWHERE),
            "on_box_change": _open,
            "on_effect_change": lambda: _effect(seen.subject),
            "on_missing_change": lambda: None,
        },
    )


def settle(picture: Picture, network: str) -> None:
    """At the end of the page: compute what each skip connection is worth, once all else is on screen, and show it."""
    reference = compare_reference.current(picture) if network != "unet-em" else None
    counted = _counted(network, picture, reference)
    if st.session_state.get(_WORTH) != counted:
        unet_results.worth(network, picture, reference)
        st.session_state[_WORTH] = counted
        st.rerun()
