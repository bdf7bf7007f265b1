"""What the page about transposed convolution tells around its player: there and back, overlap, honest limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core import facts
from core.concepts.transposed.checkerboard import METHODS, doubled, ripple
from core.concepts.transposed.screen.controls import PRESETS, Setting
from core.concepts.transposed.screen.overlap import overlap_map
from core.concepts.transposed.screen.round_trip import round_trip
from core.concepts.transposed.screen.size_quiz import size_quiz
from core.maths import transposed
from core.maths.transposed import Array, Axis
from core.models.kernels import Integers, digits, square
from core.pictures.images import Picture
from core.ui import kept_pictures, page
from core.ui.budget import remembered
from core.ui.kit.grid import size_formula
from core.ui.kit.loupe import Enlarged, loupe
from core.ui.language import gettext as _

LARGEST = 12
"""Cells along one side of the largest map that goes there and back: numbers have to stay readable."""
WIDEST = 24
"""The same for the map of overlaps."""
SMALL, TIMES = 40, 3
"""Side of the picture before it is doubled, and how often."""


def legend() -> None:
    """What the colours mean, whose animation it is, and what else upsamples."""
    st.markdown(
        _(
            "**Colours.** Blue cells are the input, grey ones the kernel, cells without colour and with a dashed rim"
            " are inserted zeros, green ones the output. The animation and its formulas are after {source}."
        ).format(source=facts.ARITHMETIC)
        + "\n\n"
        + _(
            "**Upsampling** makes a map larger, **downsampling** smaller. Nearest neighbour, bilinear interpolation,"
            " unpooling and transposed convolution are kinds of upsampling; of these four the transposed convolution is"
            " the one with weights to learn. Textbooks call it “deconvolution”, and what it does “upsampling”."
        )
    )


def quiz() -> None:
    """Guess output sizes."""
    with page.predict_box():
        size_quiz()


def sizes() -> None:
    """Every preset with the formula filled in."""
    head = _("preset")
    lines = [f"| {head} | (i − 1) s − 2 p + d (k − 1) + o + 1 |", "| --- | --- |"]
    lines += [f"| {_(preset.title)} | {size_formula(preset.axis)} |" for preset in PRESETS.values()]
    st.markdown("\n".join(lines))
    st.caption(
        _(
            "i cells go in along one side; kernel k, stride s, padding p, output padding o, dilation d. The stride"
            " enlarges, padding cuts off, the rest adds a few cells."
        )
    )


def _readable(axis: Axis, most: int) -> Axis:
    """The axis, with fewer cells if more than ``most`` would come out."""
    while axis.out > most and axis.size > 1:
        axis = replace(axis, size=axis.size - 1)
    return axis


def _start(axis: Axis, picture: Picture) -> tuple[Axis, Integers]:
    """The axis of a readable size, and the picture in the size of its output."""
    axis = _readable(axis, LARGEST)
    return axis, kept_pictures.of(picture, ("digits", axis.out), lambda: digits(picture.pixels, axis.out))


def there_and_back(setting: Setting, picture: Picture) -> None:
    """The picture, small, through the convolution and its transposed twin."""
    st.markdown(
        _(
            "The convolution with the same kernel, stride and padding walks the other way: it shrinks what the"
            " transposed one enlarges. Your picture, a few cells large (0 black, 9 white), goes through the convolution"
            " and back through its transposed twin. The *shape* returns; the *values*, as a rule, do not."
        )
    )
    axis, start = _start(setting.axis, picture)
    round_trip(axis, start, setting.kernel)


def overlap(setting: Setting) -> None:
    """Stamps on each cell, and the table over all kernels and strides."""
    st.markdown(
        _(
            "Stamps that do not tile evenly leave some cells with more terms than others. Where the stride does not"
            " divide the kernel, the surplus repeats every few cells, whatever the picture shows."
        )
    )
    overlap_map(_readable(setting.axis, WIDEST))


@remembered
def _versions(digest: str, _pixels: Array) -> list[Array]:
    small = square(_pixels, SMALL)
    return [doubled(small, method, TIMES) for method in METHODS]


def checkerboard(picture: Picture) -> None:
    """The picture enlarged in five ways under a loupe."""
    st.markdown(
        _(
            "**Downsampled** to {small} × {small} pixels, the central square of your picture is **upsampled** again:"
            " doubled {times} times to {large} × {large}. Move the frame: where the kernel is no multiple of the"
            " stride, a checkerboard lies over everything."
            " No weight is learned: in the transposed convolutions and the last version all weights are equal, so only"
            " the overlap differs."
        ).format(small=SMALL, times=TIMES, large=SMALL * 2**TIMES)
    )
    notes = [
        _("ripple on a flat grey: {share:.0%}").format(share=round(ripple(method, TIMES), 6)) for method in METHODS
    ]
    versions = _versions(picture.digest, picture.pixels)
    loupe(
        [
            Enlarged(_(title), note, pixels)
            for (title, _double), note, pixels in zip(METHODS.values(), notes, versions, strict=True)
        ]
    )
    st.caption(
        _(
            "Ripple: from the darkest to the brightest cell that a flat picture turns into,"
            " as a share of its brightness."
        )
    )


def honest_box(setting: Setting, picture: Picture) -> None:
    """Where the usual sentences are inexact, with the numbers of this setting."""
    axis = setting.axis
    small, start = _start(axis, picture)
    change = np.abs(transposed.round_trip(start, setting.kernel.values, small).difference).max()
    cost = transposed.multiplications(axis, axis)
    same, grown = Axis(4, 3, 1, 1), Axis(3, 3)
    page.honest_box(
        _(
            "**“Deconvolution” is a misnomer.** It is the transpose of a convolution, not its inverse: Cᵀ, not C⁻¹."
            " On the way there and back in the third step, values change by up to {change:.4g} on a scale from 0 to 9."
        ).format(change=change),
        _(
            "**Zeros go *between* the cells, and around the map.** Not “around every pixel”: {between} between"
            " neighbours (s − 1), and a border of {border} (d (k − 1) − p; below zero, cells are cut off)."
        ).format(between=axis.stride - 1, border=str(axis.border[0]).replace("-", "−")),
        _(
            "**Stride 1 never multiplies the size: it adds d (k − 1) − 2 p cells, and the output padding.** k = {k}"
            " without padding adds {added}: {small} × {small} becomes {large} × {large}. With padding {p} it adds"
            " {none}: {i} × {i} stays {o} × {o}, as in all 3 × 3 deconvolutions of DeconvNet, where unpooling does the"
            " enlarging."
        ).format(
            k=grown.kernel,
            added=grown.added,
            small=grown.size,
            large=grown.out,
            p=same.padding,
            none=same.added,
            i=same.size,
            o=same.out,
        ),
        _(
            "**The zeros need not be multiplied.** Way (b) explains, but would take {all} multiplications here, of"
            " which {wasted} ({share:.0%}) meet an inserted zero; {needed} are needed. PyTorch computes the same sums"
            " as the gradient of a convolution, which is way (c) without its zeros."
        ).format(
            all=f"{cost.with_zeros:,}",
            wasted=f"{cost.wasted:,}",
            needed=f"{cost.needed:,}",
            share=cost.wasted / cost.with_zeros,
        ),
        _(
            "**Even overlap is no guarantee.** It takes away the checkerboard that is built in; training can still"
            " learn one. Resizing first and convolving afterwards makes it harder (Odena, Dumoulin, Olah, Distill"
            " 2016)."
        ),
    )
