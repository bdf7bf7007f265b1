"""One network at three output strides: the same sight, a coarser map, and what becomes of the outline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core import facts
from core.concepts.localization.screen import results
from core.concepts.localization.strides import NETWORK, Read
from core.maths import arithmetic, geometry
from core.models.registry import spec
from core.pictures.images import Picture
from core.ui import own_mask
from core.ui.language import gettext as _
from core.viz.overlays import classes_over


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


def draw(picture: Picture, pixels: np.ndarray) -> None:
    """What localization is, the three masks, and the numbers below them."""
    reference = own_mask.current(picture)
    seen = results.strides(picture, pixels, reference)
    st.markdown(
        _(
            "**Localization** says where a thing is: which pixels it covers, or the box around it. **Context** is what"
            " surrounds a place and helps to name it. U-Net’s authors call the two a trade-off ({source}, section 1):"
            " to see more context, a network adds poolings or strides, and each doubles the distance between the cells"
            " of its map. Here only that distance changes: “{title}” reads your photo three times with the same"
            " weights, and each cell sees the same {field} × {field} pixels."
        ).format(
            source=facts.UNET,
            title=_(spec(NETWORK).title),
            field=f"{arithmetic.receptive_field(arithmetic.mobilenetv2()).size:,}",
        )
    )
    height, width = pixels.shape[:2]
    for column, each in zip(st.columns(len(seen)), seen, strict=True):
        cells = _("stride {stride}: {rows} × {columns} cells").format(
            stride=each.stride,
            rows=geometry.cells(height, each.stride),
            columns=geometry.cells(width, each.stride),
        )
        column.image(
            classes_over(pixels, each.ids, [""] * 256),
            caption=cells + ", " + _("boundary score {share:.0%}").format(share=each.grade.boundary),
            width="stretch",
            alt=_("The mask over your photo, at an output stride of {stride} pixels").format(stride=each.stride),
        )
    note = (
        ""
        if reference is not None
        else " "
        + _(
            "This photo has no reference mask, so the answer at the finest stride counts as right: the numbers say how"
            " much a stride changes, not which mask is true."
        )
    )
    st.markdown(says(seen) + note)
    st.caption(
        _(
            "The boundary score is the F1 of the outlines within two pixels ({source}). What a stride permits: the mask"
            " that counts as right, averaged over cells of that side and interpolated back; no network is involved in"
            " that."
        ).format(source=facts.BOUNDARY)
    )
