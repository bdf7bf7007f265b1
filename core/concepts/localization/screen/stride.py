"""One network at three output strides: the same sight, a coarser map, and what becomes of the outline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core import facts
from core.concepts.localization.screen import results
from core.concepts.localization.strides import NETWORK, STRIDES, Read
from core.maths import arithmetic, geometry
from core.models.registry import spec
from core.pictures.images import Picture
from core.ui import guesses, own_mask, page
from core.ui.kit import pointing
from core.ui.language import gettext as _
from core.viz.overlays import classes_over

POINTS = (0, 5, 10, 20, 40)
"""Guesses that are offered."""
_SEEN = "localization-strides"


def says(seen: Sequence[Read]) -> str:
    """What the figure shows, in a sentence made from its numbers."""
    first, *between, last = (each.grade.boundary for each in seen)
    fine, coarse = seen[0], seen[-1]
    falls = first > max(between) and min(between) > last
    text = (
        _("With every doubling of the stride the outline gets worse on this photo:")
        if falls
        else _("On this photo the outline does not get worse with every doubling of the stride:")
    )
    return (
        text
        + " "
        + _(
            "the boundary score goes from {first:.0%} at stride {fine} to {last:.0%} at stride {coarse}, while the"
            " share of pixels with the right class goes from {before:.1%} to {after:.1%}. At best these strides permit"
            " a boundary score of {best:.0%} and {worst:.0%}."
        ).format(
            first=first,
            fine=fine.stride,
            last=last,
            coarse=coarse.stride,
            before=fine.grade.accuracy,
            after=coarse.grade.accuracy,
            best=fine.limit,
            worst=coarse.limit,
        )
    )


def fall(seen: Sequence[Read]) -> float:
    """By how many points the boundary score falls from the finest to the coarsest stride."""
    return 100 * (seen[0].grade.boundary - seen[-1].grade.boundary)


def verdict(guess: int | None, seen: Sequence[Read]) -> str:
    """Whether ``guess``, one of :data:`POINTS`, is the nearest to :func:`fall`, and by how much it is off."""
    off = fall(seen)
    if guess is None:
        return ""
    right = abs(guess - off) == min(abs(other - off) for other in POINTS)
    said = (
        _("**Right:** it falls by {off:.0f} points.")
        if right
        else _("**It falls by {off:.0f} points,** you said {guess}.")
    )
    return said.format(off=off, guess=guess) + " "


def _cells(pixels: np.ndarray, stride: int) -> str:
    height, width = pixels.shape[:2]
    return _("stride {stride}: {rows} × {columns} cells").format(
        stride=stride, rows=geometry.cells(height, stride), columns=geometry.cells(width, stride)
    )


def draw(picture: Picture, pixels: np.ndarray) -> None:
    """The three masks, a guess, the numbers, and what localization is."""
    reference = own_mask.current(picture)
    with pointing.part("masks"):
        places = [column.empty() for column in st.columns(len(STRIDES))]
    if st.session_state.get(_SEEN) != picture.digest:  # the photo at once, its masks when they are computed
        for place, stride in zip(places, STRIDES, strict=True):
            place.image(pixels, caption=_cells(pixels, stride), width="stretch", alt=_("The picture"))
    seen = results.strides(picture, pixels, reference)
    st.session_state[_SEEN] = picture.digest
    for place, each in zip(places, seen, strict=True):
        place.image(
            classes_over(pixels, each.ids, [""] * 256),
            caption=_cells(pixels, each.stride),
            width="stretch",
            alt=_("The mask over your photo, at an output stride of {stride} pixels").format(stride=each.stride),
        )
    pointing.pointing(
        _(
            "“{title}” reads your photo [three times](part:masks) with the same weights, and each cell sees the same"
            " {field} × {field} pixels. Only the distance between the cells doubles."
        ).format(
            title=_(spec(NETWORK).title),
            field=f"{arithmetic.receptive_field(arithmetic.mobilenetv2()).size:,}",
        )
    )
    st.markdown(
        _(
            "**Localization** says where a thing is: which pixels it covers, or the box around it. **Context** is what"
            " surrounds a place and helps to name it. U-Net’s authors call the two a trade-off ({source}, section 1):"
            " to see more context, a network adds poolings or strides, and each doubles the distance between the cells"
            " of its map."
        ).format(source=facts.UNET)
    )
    _guess(picture, seen, reference is not None)


@st.fragment
def _guess(picture: Picture, seen: Sequence[Read], known: bool) -> None:
    with page.predict_box(
        _("By how many points does the boundary score, 0 to 100, fall from stride {fine} to stride {coarse}?").format(
            fine=seen[0].stride, coarse=seen[-1].stride
        )
    ):
        guess = st.pills(
            _("Your guess"),
            [*POINTS, -1],
            format_func=lambda points: str(points) if points >= 0 else _("just show me"),
            key=f"localization-stride-{picture.digest}",
            label_visibility="collapsed",
        )  # not in the URL: a shared address must not give the answer away
        if guess is None:
            return
        if guess >= 0:
            off = fall(seen)
            guesses.note("localization/stride", abs(guess - off) == min(abs(other - off) for other in POINTS))
        note = (
            ""
            if known
            else " "
            + _(
                "This photo has no reference mask, so the answer at the finest stride counts as right: the numbers say"
                " how much a stride changes, not which mask is true."
            )
        )
        st.markdown(verdict(guess if guess >= 0 else None, seen) + says(seen) + note)
        st.caption(
            _(
                "The boundary score is the F1 of the outlines within two pixels ({source}). What a stride permits: the"
                " mask that counts as right, averaged over cells of that side and interpolated back; no network is"
                " involved in that."
            ).format(source=facts.BOUNDARY)
        )
