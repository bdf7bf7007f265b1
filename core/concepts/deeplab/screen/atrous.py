"""Atrous convolution by itself: the player, the taps that miss, gridding, and what it saves against a stride."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core import facts
from core.concepts.deeplab import atrous
from core.concepts.deeplab.screen import reach as reach_component
from core.concepts.deeplab.screen import tap_map as tap_map_component
from core.concepts.deeplab.screen.atrous_player import atrous_player
from core.maths.transposed import Array
from core.models import kernels
from core.pictures.images import Picture
from core.ui import guesses, kept, page, state
from core.ui.kit import pointing
from core.ui.kit.loupe import Enlarged, loupe
from core.ui.language import cited
from core.ui.language import gettext as _
from core.viz import palettes

SIDE = 11
"""Cells along one side of the player's map."""
LARGE = 120
"""Pixels along one side of the pictures that compare atrous with strided; a multiple of every rate."""
LAST_RATE = 6
DETAIL = 36
"""Pixels along one side of the place that the loupe begins with, about what it shows."""
SHARES = (5, 20, 40, 60, 80)
"""Guesses that are offered, in percent."""
COPRIME = (1, 2, 9)
"""Of :data:`atrous.STACKS`: no common factor, and holes."""
EDGE = kernels.named("edge", atrous.TAPS)


def player(picture: Picture) -> None:
    """The rate, the player, and the same weights against stride and enlargement."""
    bound, rate = state.bind_int("rate", 1, LAST_RATE, 2)
    st.markdown(
        _(
            "A convolution’s kernel reads {taps} × {taps} cells for each cell that it gives; each place that it reads"
            " is called a *tap*. An *atrous* convolution (French: with holes; also dilated) spreads its taps apart: at"
            " rate r the next tap is r cells away. It has as many weights as before and sees further."
        ).format(taps=atrous.TAPS)
    )
    atrous_player(kernels.digits(picture.pixels, SIDE), EDGE, rate)
    st.slider(_("Atrous rate r: cells from one tap to the next"), 1, LAST_RATE, **bound)
    pointing.pointing(
        _(
            "[The input](part:input) is the central square of your picture in {side} × {side} cells (0 black, 9 white);"
            " an edge kernel reads it. At rate {rate} its 9 weights span {span} × {span} cells, and [the"
            " output](part:output) keeps all {side} × {side}."
        ).format(side=SIDE, rate=rate, span=atrous.field((rate,)))
    )
    st.subheader(_("Nine weights, a larger field, every cell kept"), anchor=False)
    _versus(picture, rate)


def _versus(picture: Picture, rate: int) -> None:
    small = kernels.square(picture.pixels, LARGE + 3 * rate).astype(np.float64)
    grey = small @ (0.299, 0.587, 0.114)
    found = atrous.versus(grey, EDGE.numerators, rate)
    extent = float(np.abs(found.atrous).max()) or 1.0

    def coloured(response: atrous.Floats) -> Array:
        return palettes.signed()[palettes.quantise(response, -extent, extent)]

    note = _("{weights} weights, field {field} × {field}, {cells} cells computed")
    usual, weights = 1, atrous.TAPS**2
    near, far = atrous.field((usual,)), atrous.field((rate,))
    inner = np.s_[rate : LARGE + rate]
    ways: list[tuple[str, str, Array]] = [
        (_("The picture"), "", small[inner, inner].round().astype(np.uint8)),
        (
            _("Rate {rate}").format(rate=usual),
            note.format(weights=weights, field=near, cells=f"{found.cells[0]:,}"),
            coloured(found.narrow),
        ),
        (
            _("Rate {rate}").format(rate=rate),
            note.format(weights=weights, field=far, cells=f"{found.cells[1]:,}"),
            coloured(found.atrous),
        ),
        (
            _("Stride {rate}, then enlarged").format(rate=rate),
            note.format(weights=weights, field=far, cells=f"{found.cells[2]:,}"),
            coloured(found.strided),
        ),
    ]
    loupe(
        [Enlarged(*way) for way in ways], key="loupe-of-rates", at=atrous.most_off(found.atrous, found.strided, DETAIL)
    )
    off = float(np.abs(found.atrous - found.strided).mean() / (np.abs(found.atrous).mean() or 1.0))
    st.caption(
        _(
            "Blue negative, orange positive, one scale. Where the strided way computes a cell, both numbers are"
            " equal; between its cells it interpolates and is off by {off:.0%} of the mean response. Atrous"
            " convolution buys the field with {times} times the cells."
        ).format(off=off, times=round(found.cells[1] / found.cells[2]))
    )


def _take_rate() -> None:
    size = int(facts.DEEPLABV3_NINE_TAPS_MAP.value)
    if sent := kept.taken(tap_map_component.KEY, "rate", 1, 1, size - 1):
        kept.put("at", sent[0], 1)


def _judge(guess: int, size: int, rate: int) -> None:
    """Whether the guess is the nearest of those offered, and why the share is what it is."""
    share = 100 * atrous.shares(size, rate).get(atrous.TAPS**2, 0.0)
    right = abs(guess - share) == min(abs(other - share) for other in SHARES)
    guesses.note("deeplab/taps", right)
    said = (
        _("**Right:** {share:.1f}%.")
        if right
        else _("**It is {share:.1f}%,** you said {guess}%: {off:.0f} points off.")
    )
    st.markdown(
        said.format(share=share, guess=guess, off=abs(guess - share))
        + " "
        + _(
            "All nine fit only in the middle {left} × {left} cells, because {rate} cells are needed on every side."
        ).format(left=max(0, size - 2 * rate), rate=rate)
    )


def taps() -> None:
    """A guess, then the map of valid taps."""
    size = int(facts.DEEPLABV3_NINE_TAPS_MAP.value)
    asked = facts.DEEPLABV3_RATES[-1]
    with page.predict_box(
        _(
            "A map of {size} × {size} cells, a 3 × 3 kernel at rate {rate}. At what share of the positions do all"
            " nine taps fall inside the map?"
        ).format(size=size, rate=asked)
    ):
        guess = st.pills(
            _("Your guess"),
            SHARES,
            format_func=lambda share: f"{share}%",
            key="deeplab-taps",
            label_visibility="collapsed",
        )
        if guess is not None:
            _judge(guess, size, asked)
    at = kept.value("at", 1, lambda: state.read_int("at", 1, 1, size - 1))
    tap_map_component.tap_map(size, at, (1, *facts.DEEPLABV3_RATES, 24, 36, size - 1), _take_rate)
    st.caption(
        _("This is the map of {source}, {where}; the taps were counted here.").format(
            source=facts.DEEPLABV3_NINE_TAPS_MAP.source, where=cited(facts.DEEPLABV3_NINE_TAPS_MAP.where)
        )
    )


def _take_stack() -> None:
    codes = [reach_component.code(rates) for rates in atrous.STACKS]
    if sent := kept.code(reach_component.KEY, "stack", codes):
        kept.put("stack", sent, codes[0])


def gridding() -> None:
    """What three layers skip, replayed, and the cure."""
    hole = atrous.first_hole(COPRIME)
    assert hole is not None  # a test holds it
    st.markdown(
        _(
            "Stack three layers of rate 2 and one output cell hangs on every second cell only: neighbours see"
            " different pictures. The result shows a grid: *gridding*. A number in a cell counts the ways on which the"
            " output cell hangs on it; a dashed, empty cell is never read. The cure: begin with rate 1, and let each"
            " next rate be at most the cells that the layers before it reach ({source}). To have no common factor is"
            " not enough: {rates} have none and leave holes, because {rate} is more than the {reach} cells that the"
            " others reach."
        ).format(source=facts.WANG, rates=", ".join(map(str, COPRIME)), rate=hole[0], reach=hole[1])
    )
    codes = [reach_component.code(rates) for rates in atrous.STACKS]
    chosen = kept.value("stack", codes[0], lambda: state.read_choice("stack", codes, codes[0]))
    reach_component.reach(chosen, _take_stack)
