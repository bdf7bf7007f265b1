"""What the page about DeconvNet tells around its players: the hourglass, the comparison, the meter, honest limits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st

from core import metrics, resolution, unpooling
from core.errors import SegScopeError
from core.facts import DECONVNET_PARAMETERS
from core.hourglass import CELLS, COARSE, NETWORK, SIDE, Enlargements, square
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


def look(picture: Picture) -> tuple[Enlargements | None, Seen | None]:
    """Both networks on the picture; says what is missing. Needs PyTorch."""
    try:
        coarse = results.enlargements(picture)
        if results.trained():
            return coarse, results.seen(picture, coarse.target)
    except SegScopeError as error:
        st.error(translate_error(error))
        return None, None
    st.info(
        _(
            "DeconvNet’s trained weights are not in this copy of SegScope, so its own maps and mask are left out."
            " Everything below that needs no weights is here."
        )
    )
    return coarse, None


def live(picture: Picture, found: Seen) -> None:
    """The hourglass, and a guess about it."""
    hourglass(found.data, picture.digest)
    st.caption(
        _("One pass over the central square of your picture, {side} × {side}: every map is that pass’s own.").format(
            side=SIDE
        )
    )


def _painted(values: npt.NDArray[np.float32]) -> Bytes:
    """Probabilities in viridis, ``uint8 (224, 224, 3)``."""
    return palettes.magnitude()[palettes.quantise(values, 0, 1)]


def comparison(picture: Picture, coarse: Enlargements, found: Seen | None) -> None:
    """The same 49 numbers enlarged in three ways, and what trained deconvolutions make of such a map."""
    names, pixels = results.names(), square(picture)
    target = names[coarse.target]
    st.markdown(
        _(
            "FCN-32s gives “{target}” a probability in each of {cells} × {cells} cells. Here are those {count} numbers,"
            " brought to {side} × {side} in three ways."
        ).format(target=target, cells=CELLS, count=CELLS**2, side=SIDE)
        + " "
        + (
            _("Beside them, what DeconvNet’s deconvolutions make of its own {cells} × {cells} map.").format(cells=CELLS)
            if found
            else ""
        )
    )

    def mask(ids: Bytes) -> Bytes:
        return overlays.classes_over(pixels, ids, names, 0.6)

    def empty(values: npt.NDArray[np.float32]) -> str:
        return _("{share:.1%} of the cells are empty").format(share=unpooling.empty_share(values))

    versions = [
        Enlarged(_("FCN-32s: bilinear"), _("complete, but details are lost"), _painted(coarse.bilinear)),
        Enlarged(_("Unpooled, no switches"), empty(coarse.cornered), _painted(coarse.cornered)),
        Enlarged(_("Unpooled with switches"), empty(coarse.switched), _painted(coarse.switched)),
    ]
    if found:
        agreement = _agreement(found.ids, results.without_switches(picture, found.code), len(names))
        versions += [
            Enlarged(_("Trained deconvolutions"), empty(found.likely), _painted(found.likely)),
            Enlarged(_("DeconvNet’s mask"), _("with switches"), mask(found.ids)),
            Enlarged(
                _("Its switches taken away"),
                _("mIoU with the mask beside it: {share:.0%}").format(share=agreement),
                mask(results.without_switches(picture, found.code)),
            ),
        ]
    versions.append(Enlarged(_("FCN-32s’s mask"), _("from the bilinear scores"), mask(coarse.ids)))
    loupe(versions, key="deconvnet_loupe")
    st.caption(
        _(
            "Dark is 0, bright is 1. The switches of the three unpooled pictures are those of five poolings of the"
            " photo’s brightness: each number goes to the brightest pixel of its {cell} × {cell} square."
        ).format(cell=2**unpooling.POOLINGS)
    )
    st.markdown(_("**Unpooling enlarges and puts in place. The deconvolutions keep the size and fill in.**"))


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
            first, last = found.empty[0], found.empty[-1]
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
                " that so deep a network gets stuck in a poor local optimum without it. There is no dropout in its"
                " convolutional layers; VGG16’s classifier has it, behind fc6 and fc7, where here BatchNorm stands."
            )
        )
        st.markdown(
            _(
                "**This is a small copy.** {departures} As published it has {full} parameters, here {small}. The paper"
                " trains in two stages, on single objects first, and combines many proposals per photo."
            ).format(
                departures=" ".join(_(sentence) for sentence in entry.departures),
                full=DECONVNET_PARAMETERS.text,
                small=f"{_parameters():,}",
            )
        )
        st.markdown(
            _(
                "**FCN-32s is another network too.** It stands on another encoder ({departure}), so the comparison"
                " shows what the ways of enlarging do, not which network is better."
            ).format(departure=_(spec(COARSE).departures[0]).rstrip("."))
        )


@st.cache_data(show_spinner=False)
def _parameters() -> int:
    import torch

    from core.models.registry import build

    with torch.device("meta"):
        return sum(parameter.numel() for parameter in build(NETWORK).parameters())
