"""What the page about DeconvNet tells around its players: the hourglass, the comparison, the meter, honest limits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st

from core import inference, labels, measured, metrics, resolution, unpooling
from core.errors import SegScopeError
from core.hourglass import CELLS, COARSE, NETWORK, SIDE, Enlargements, Hourglass, square
from core.images import Picture
from core.models.registry import spec
from core.resolution import Dot
from core.ui import deconvnet_results as results
from core.ui import page, state
from core.ui.components.dot_meter import KEY, LARGEST, dot_meter
from core.ui.components.hourglass import hourglass
from core.ui.components.loupe import Enlarged, loupe
from core.ui.deconvnet_results import Seen
from core.ui.language import gettext as _
from core.ui.language import translate_error
from core.viz import overlays, palettes

Bytes = npt.NDArray[np.uint8]


def live(picture: Picture) -> Seen | None:
    """The hourglass; without weights one sentence, and ``None``. Needs PyTorch."""
    if not results.trained():
        st.info(
            _(
                "DeconvNet’s trained weights are not in this copy of SegScope, so its own maps and mask are left out."
                " Everything below that needs no weights is here."
            )
        )
        return None
    try:
        found = results.seen(picture)
    except SegScopeError as error:
        st.error(translate_error(error))
        return None
    hourglass(found.data, picture.digest)
    st.caption(
        _("One pass over the central square of your picture, {side} × {side}: every map is that pass’s own.").format(
            side=SIDE
        )
    )
    return found


DOT = 5
"""Side in pixels at which an unpooled number is drawn: a single pixel of 224 x 224 is hard to see."""


def heat(pixels: Bytes, values: npt.NDArray[np.float32]) -> Bytes:
    """Probabilities over the photo, ``uint8 (224, 224, 3)``."""
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


def comparison(picture: Picture, found: Seen | None) -> None:
    """The same 49 numbers enlarged in three ways, and what trained deconvolutions make of such a map."""
    try:
        coarse = results.enlargements(picture)
    except SegScopeError as error:
        st.error(translate_error(error))
        return
    st.subheader(_("Ways to 224 × 224"), anchor=False)
    pixels = square(picture)
    sentences = [
        _(
            "FCN-32s gives “{target}” a probability in each of {cells} × {cells} cells. Here are those {count} numbers,"
            " brought to {side} × {side} in three ways."
        ).format(target=_(labels.VOC[coarse.target]), cells=CELLS, count=CELLS**2, side=SIDE)
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
        likely = found.glass.probabilities[coarse.target]
        versions += [
            Enlarged(_("Trained deconvolutions"), empty(likely), heat(pixels, likely)),
            Enlarged(_("DeconvNet’s mask"), _("the best class of every pixel"), _mask(pixels, found.glass.ids)),
        ]
    else:
        versions.append(Enlarged(_("FCN-32s’s mask"), _("from the bilinear scores"), _mask(pixels, coarse.ids)))
    loupe(versions, key="loupe-of-unpooling")
    st.caption(
        _(
            "Dark is 0, bright is 1. With switches each number goes to the brightest pixel of its {cell} × {cell}"
            " square: the switches are those of five poolings of the photo’s brightness. Without, it goes to the"
            " corner. Each of the {count} numbers fills one pixel; it is drawn as {dot} × {dot} to be seen."
        ).format(cell=2**unpooling.POOLINGS, count=CELLS**2, dot=DOT)
    )
    st.markdown(_("**Unpooling enlarges and puts in place. The deconvolutions keep the size and fill in.**"))
    if found:
        worth(picture, coarse, found.glass)


def _mask(pixels: Bytes, ids: Bytes) -> Bytes:
    """Without outlines: a loupe stands over single pixels. The font of pictures has Latin letters only."""
    return overlays.classes_over(pixels, ids, labels.VOC, 0.6, outline=False)


def worth(picture: Picture, coarse: Enlargements, glass: Hourglass) -> None:
    """DeconvNet's mask with and without switches, beside FCN-32s's."""
    pixels, without = square(picture), results.without_switches(picture, glass.code)
    st.subheader(_("What are the switches worth?"), anchor=False)
    st.markdown(
        _(
            "The same trained network once more, but every switch now points at the corner of its window. What fc7"
            " knows is unchanged; only where the maxima stood is forgotten."
        )
    )
    share = _agreement(glass.ids, without, len(labels.VOC))
    loupe(
        [
            Enlarged(_("FCN-32s’s mask"), _("no unpooling at all"), _mask(pixels, coarse.ids)),
            Enlarged(_("DeconvNet’s mask"), _("with its switches"), _mask(pixels, glass.ids)),
            Enlarged(
                _("Its switches taken away"),
                _("mIoU with the mask beside it: {share:.0%}").format(share=share),
                _mask(pixels, without),
            ),
        ],
        key="loupe-of-switches",
    )


def _agreement(a: Bytes, b: Bytes, classes: int) -> float:
    return metrics.mean_iou(metrics.confusion(a, b, classes))


# ------------------------------------------------------------------------------------------------- resolution meter


def _dot(grey: Bytes) -> Dot:
    """The dot of the URL, or one that stands out a little above the middle."""
    row, column, side = 80, 100, 6
    default = (row, column, side, resolution.contrasting(grey, row, column))
    own = state.key("dot")
    if state.url_leads() or own not in st.session_state:
        st.session_state[own] = state.read_ints("dot", default, 0, 255)
    row, column, side, value = st.session_state[own]
    side = min(max(side, 1), LARGEST)
    return Dot(min(row, SIDE - side), min(column, SIDE - side), side, value)


def _take() -> None:
    match st.session_state[KEY].dot:
        case {"row": int(row), "column": int(column), "side": int(side), "value": int(value)}:
            dot = (row, column, side, value)
            if all(0 <= number <= 255 for number in dot) and 1 <= side <= LARGEST:
                st.session_state[state.key("dot")] = st.session_state["deconvnet_dot"] = dot
                state.write("dot", dot)


def meter(picture: Picture) -> None:
    """Draw a dot and see where it vanishes."""
    grey = unpooling.brightness(square(picture))
    dot = _dot(grey)
    now = dot.row, dot.column, dot.side, dot.value
    if now != st.session_state.get("deconvnet_dot"):  # the URL or a reset moved it, not the browser
        st.session_state["deconvnet_dot"] = now
        st.session_state["deconvnet_dots"] = st.session_state.get("deconvnet_dots", 0) + 1
    st.markdown(
        _(
            "Put a dot on the picture and follow it down. At each depth two things are asked: does the max-pooled map"
            " still know of the dot, and would a mask with one class per cell still show it, as it does where the dot"
            " covers half of a cell?"
        )
    )
    dot_meter(grey, dot, _take, st.session_state["deconvnet_dots"])


# --------------------------------------------------------------------------------------------------------- honesty


def honest_box(found: Seen | None) -> None:
    """Where the usual sentences are inexact."""
    entry = spec(NETWORK)
    same = unpooling.kept_size(SIDE)
    with page.honest_box():
        st.markdown(
            _(
                "**“Deconvolution” is a transposed convolution with stride 1 here, and it does not enlarge.** k ="
                " {k}, s = {s}, p = {p} keeps {i} × {i} at {o} × {o}. It undoes no convolution. Only the very first"
                " one, 7 × 7 on a single cell, makes a map larger."
            ).format(k=same.kernel, s=same.stride, p=same.padding, i=same.size, o=same.out)
        )
        if found:
            first, last = found.glass.levels[-1].empty, found.glass.levels[0].empty
            st.markdown(
                _(
                    "**Unpooling leaves more than three quarters empty.** Values that a ReLU has set to zero add to the"
                    " empty cells: on your picture {first:.0%} at 14 × 14 and {last:.0%} at {side} × {side}. The"
                    " deconvolutions bring that to {dense:.0%} there; they end in a ReLU too."
                ).format(first=first[0], last=last[0], side=SIDE, dense=last[1])
            )
        st.markdown(
            _(
                "**Switches bring back places, not values.** They say where the largest of four stood. The other three"
                " are gone, and what returns is a value of the way up, not the one that was pooled."
            )
        )
        st.markdown(
            _(
                "**BatchNorm is essential.** It follows every convolution and every deconvolution. The authors report"
                " that so deep a network gets stuck in a poor local optimum without it. Dropout does"
                " not sit anywhere in it: VGG16 has dropout behind fc6 and fc7, here BatchNorm stands there too."
            )
        )
        if inference.ready():  # counting needs PyTorch
            departures = " ".join(_(sentence) for sentence in entry.departures)
            st.markdown(
                _(
                    "**This is a small copy.** {departures} As published it has {full} parameters, here {small}. The"
                    " paper trains in two stages, on single objects first, and combines many proposals per photo."
                ).format(
                    departures=departures.replace("~", r"\~"),  # two of them would strike out what is between
                    full=f"{_parameters('deconvnet'):,}",
                    small=f"{_parameters('deconvnet_slim'):,}",
                )
            )
        st.markdown(
            _(
                "**FCN-32s is another network too.** It stands on another encoder ({departure}), so the comparison"
                " shows what the ways of enlarging do, not which network is better."
            ).format(departure=_(spec(COARSE).departures[0]).rstrip("."))
        )
        own, other = (_on_pets(name) for name in (NETWORK, COARSE))
        if found and own is not None and other is not None:
            st.markdown(
                _(
                    "**Its masks are rough.** It has learned from a few thousand photos, without ImageNet before:"
                    " mIoU {own:.0%} on unseen cats and dogs, where FCN-32s reaches {other:.0%}."
                ).format(own=own, other=other)
            )


def _on_pets(name: str) -> float | None:
    """Mean IoU over background, cat and dog on the pets test list, 0 to 1; ``None`` if it was not measured."""
    found = measured.measurements().get(name)
    return found.pets.miou if found and found.pets else None


@st.cache_data(show_spinner=False)
def _parameters(builder: str) -> int:
    import torch

    from core.models import deconvnet

    with torch.device("meta"):
        return sum(parameter.numel() for parameter in getattr(deconvnet, builder)().parameters())
