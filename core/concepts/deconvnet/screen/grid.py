"""The small map that is pooled and unpooled on the page about DeconvNet: its settings, all of them in the URL."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st

from core.concepts.deconvnet.screen.unpool_player import KEY, LARGEST, unpool_player
from core.errors import N_
from core.models.kernels import KERNELS, Integers, Kernel, digits, named, pattern
from core.pictures.images import Picture
from core.ui import guesses, kept, page, state
from core.ui.language import gettext as _

SIDES = ("4", "6")
FILLERS = ("ones", "bilinear", "edge", "random")
"""Kernels of :mod:`core.models.kernels` that make sense at 3 x 3."""
MAPS = {"random": N_("random"), "photo": N_("your picture"), "dot": N_("one dot")}
OWN = "own"
SWITCHES = {"on": N_("with switches"), "off": N_("without: fixed corner")}


class Setting(NamedTuple):
    """What the player shows: the map, the kernel of the transposed convolution, and whether switches are used."""

    x: Integers
    kernel: Kernel
    remember: bool


def _named_map(name: str, side: int, picture: Picture) -> Integers:
    """Values from 0 to 9, as behind a ReLU."""
    if name == "photo":
        return digits(picture.pixels, side)
    return np.abs(pattern(name, side, 3)) * (9 if name == "dot" else 1)


def _edited(side: int) -> tuple[int, ...]:
    """Edited values in reading order, from the URL when it leads, else from the session; empty if there are none."""
    own = state.key("x")
    if state.url_leads() or own not in st.session_state:
        absent = (LARGEST + 1,) * side**2
        values = state.read_ints("x", absent, -LARGEST, LARGEST)
        st.session_state[own] = () if values == absent else values
    values = st.session_state[own]
    return values if len(values) == side**2 else ()


def _offered(side: int) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Maps, ways of unpooling and kernels by their codes, in the reader's language."""
    maps = {code: _(title) for code, title in MAPS.items()} | ({OWN: _("yours")} if _edited(side) else {})
    switches = {code: _(title) for code, title in SWITCHES.items()}
    kernels = {code: _(KERNELS[code]) for code in FILLERS}
    return maps, switches, kernels


def _setting(picture: Picture) -> Setting:
    """What the widgets below the player are going to say: it stands first, also on a phone."""
    side = int(state.bind_choice("n", SIDES, SIDES[0])[1])
    maps, switches, kernels = _offered(side)
    name = state.bind_choice("map", maps, "random")[1]
    remember = state.bind_choice("sw", switches, "on")[1] == "on"
    kernel = state.bind_choice("w", kernels, "bilinear")[1]
    x = np.reshape(_edited(side), (side, side)) if name == OWN else _named_map(name, side, picture)
    return Setting(x, named(kernel, 3, 1), remember)


def _widgets(side: int) -> None:
    maps, switches, kernels = _offered(side)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        state.choice(_("Side"), "n", SIDES, SIDES[0])
        state.choice(_("Map"), "map", maps, "random", maps.__getitem__)
        state.choice(_("Unpooling"), "sw", switches, "on", switches.__getitem__)
        state.choice(_("Kernel"), "w", kernels, "bilinear", kernels.__getitem__)


def _take(x: Integers) -> None:
    """Write an edited cell into session and URL."""
    match kept.cell(KEY, "edit", "cell", "value"):
        case (cell, value) if 0 <= cell < x.size and abs(value) <= LARGEST:
            values = x.ravel().tolist()
            values[cell] = value
            st.session_state[state.key("x")] = tuple(values)
            state.write("x", tuple(values))
            st.session_state[state.key("map")] = OWN
            state.write("map", OWN)


def play(picture: Picture) -> Setting:
    """The player and below it its settings; returns what it shows."""
    setting = _setting(picture)
    unpool_player(setting.x, setting.kernel, setting.remember, partial(_take, setting.x))
    _widgets(len(setting.x))
    return setting


def predict() -> None:
    """What does a deconvolution of this network do to the size?"""
    from core.concepts.deconvnet.unpooling import kept_size

    side = 112
    answers = {"half": side // 2, "same": side, "double": 2 * side}
    truth = kept_size(side).out
    with page.predict_box(
        _(
            "A map of {side} × {side} goes into a deconvolution of this network: 3 × 3, stride 1, padding 1."
            " What comes out?"
        ).format(side=side)
    ):
        guess = st.radio(
            _("What comes out?"),
            list(answers),
            index=None,
            format_func=lambda code: f"{answers[code]} × {answers[code]}",
            horizontal=True,
            label_visibility="collapsed",
            key="deconvnet_guess",
        )
        if guess is None:
            return
        guesses.note("deconvnet/size", answers[guess] == truth)
        size = f"{truth} × {truth}"
        if answers[guess] == truth:
            st.markdown(
                _("Right: {size}. The deconvolution fills in; the unpooling before it enlarged.").format(size=size)
            )
        else:
            st.markdown(
                _(
                    "Not quite. It is {size} and not {guess}: at stride 1, kernel 3 and padding 1 a transposed"
                    " convolution keeps the size. The unpooling before it enlarged."
                ).format(size=size, guess=f"{answers[guess]} × {answers[guess]}")
            )
