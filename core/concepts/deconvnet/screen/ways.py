"""What the page about DeconvNet tells of ways to enlarge: the same few numbers in three ways, the switches' worth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.concepts.deconvnet import unpooling
from core.concepts.deconvnet.enlarging import Enlargements
from core.concepts.deconvnet.screen import results
from core.concepts.deconvnet.screen.results import Seen
from core.errors import SegScopeError
from core.maths import metrics
from core.pictures import labels
from core.pictures.images import Picture
from core.ui.kit.loupe import Enlarged, loupe
from core.ui.language import gettext as _
from core.ui.language import translate_error
from core.viz import overlays, palettes

Bytes = npt.NDArray[np.uint8]
DOT = 5
"""Side in pixels at which an unpooled number is drawn: a single pixel of a photo is hard to see."""


def heat(pixels: Bytes, values: npt.NDArray[np.float32]) -> Bytes:
    """Probabilities over the photo, ``uint8 (h, w, 3)``."""
    return overlays.heat_over(pixels, values, 0.75)


def dots(pixels: Bytes, values: npt.NDArray[np.float32]) -> Bytes:
    """The few values of an unpooled map over the darkened photo, each a square of :data:`DOT` pixels."""
    grey = np.repeat((unpooling.brightness(pixels) * 0.4)[..., None], 3, 2)
    out, reach = grey.astype(np.uint8), DOT // 2
    colours = palettes.magnitude()[palettes.quantise(values, 0, 1)]
    for row, column in np.argwhere(values > 0):
        square_of = np.s_[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
        out[square_of] = colours[row, column]
    return out


def _enlarged(picture: Picture, found: Seen | None) -> tuple[Bytes, Enlargements] | None:
    try:
        return results.enlargements(picture, found)
    except SegScopeError as error:
        st.error(translate_error(error))
        return None


def comparison(picture: Picture, found: Seen | None) -> None:
    """The same few numbers enlarged in three ways, and what trained deconvolutions make of such a map."""
    if (known := _enlarged(picture, found)) is None:
        return
    pixels, coarse = known
    height, width = pixels.shape[:2]
    rows, columns = coarse.coarse.shape
    sentences = [
        _(
            "FCN-32s gives “{target}” a probability in each of {rows} × {columns} cells. Here are those {count}"
            " numbers, brought to {height} × {width} in three ways."
        ).format(
            target=_(labels.VOC[coarse.target]),
            rows=rows,
            columns=columns,
            count=rows * columns,
            height=height,
            width=width,
        )
    ]
    if found:
        sentences.append(_("Beside them stands what DeconvNet’s deconvolutions make of its own coarse map."))
    st.markdown(" ".join(sentences))

    def empty(values: npt.NDArray[np.float32]) -> str:
        return _("{share:.1%} of the cells are empty").format(share=unpooling.empty_share(values))

    versions = [
        Enlarged(_("FCN-32s: bilinear"), _("filled, but details are lost"), heat(pixels, coarse.bilinear)),
        Enlarged(_("Unpooled without switches"), empty(coarse.cornered), dots(pixels, coarse.cornered)),
        Enlarged(_("Unpooled with switches"), empty(coarse.switched), dots(pixels, coarse.switched)),
    ]
    if found:
        likely = results.probability(picture, found.glass, coarse.target)
        versions += [
            Enlarged(_("Trained deconvolutions"), empty(likely), heat(pixels, likely)),
            _masked(_("DeconvNet’s mask"), _("the best class of every pixel"), pixels, found.glass.ids),
        ]
    else:
        versions.append(_masked(_("FCN-32s’s mask"), _("from the bilinear scores"), pixels, coarse.ids))
    loupe(versions, key="loupe-of-unpooling")
    st.caption(
        _(
            "Dark is 0, bright is 1. With switches each number goes to the brightest pixel of the {cell} × {cell}"
            " square that begins where its cell stands: the switches are those of five poolings of the photo’s"
            " brightness. Without, it goes to the corner. A number whose cell stands beyond the photo is not shown."
            " Each fills one pixel; it is drawn as {dot} × {dot} to be seen."
        ).format(cell=2**unpooling.POOLINGS, dot=DOT)
    )
    st.markdown(_("**Unpooling enlarges and puts in place. The deconvolutions keep the size and fill in.**"))


def _mask(pixels: Bytes, ids: Bytes) -> Bytes:
    """Without outlines and names: a loupe stands over single pixels."""
    return overlays.classes_over(pixels, ids, [""] * 256, 0.6, outline=False)


def _masked(title: str, note: str, pixels: Bytes, ids: Bytes) -> Enlarged:
    """A mask over the photo, its classes named over it."""
    words = [(x, y, _(labels.VOC[i])) for x, y, i in overlays.places_of_names(ids)]
    return Enlarged(title, note, _mask(pixels, ids), words)


def worth(picture: Picture, found: Seen) -> None:
    """DeconvNet's mask with and without switches, beside FCN-32s's."""
    if (known := _enlarged(picture, found)) is None:
        return
    pixels, coarse = known
    glass, without = found.glass, results.without_switches(picture, found.glass)
    kept = (
        _("What the coarsest map knows is unchanged; only where the maxima stood is forgotten.")
        if glass.shared
        else _("What fc7 knows is unchanged; only where the maxima stood is forgotten.")
    )
    st.markdown(
        _("The same trained network once more, but every switch now points at the corner of its window.") + " " + kept
    )
    share = metrics.mean_iou(metrics.confusion(glass.ids, without, len(labels.VOC)))
    loupe(
        [
            _masked(_("FCN-32s’s mask"), _("no unpooling at all"), pixels, coarse.ids),
            _masked(_("DeconvNet’s mask"), _("with its switches"), pixels, glass.ids),
            _masked(
                _("Its switches taken away"),
                _(
                    "mIoU with the mask on the left: {share:.0%}; background on {ground:.0%} of the pixels, on the left"
                    " on {with_them:.0%}"
                ).format(share=share, ground=float((without == 0).mean()), with_them=float((glass.ids == 0).mean())),
                pixels,
                without,
            ),
        ],
        key="loupe-of-switches",
    )
