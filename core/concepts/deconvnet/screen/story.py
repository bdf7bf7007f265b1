"""What the page about DeconvNet tells below its players: where a dot vanishes, and honest limits."""

from __future__ import annotations

import streamlit as st

from core import facts
from core.concepts.deconvnet import resolution, unpooling
from core.concepts.deconvnet.enlarging import COARSE
from core.concepts.deconvnet.hourglass import SHARED, SIDE, SLIM, Hourglass, square
from core.concepts.deconvnet.resolution import Dot
from core.concepts.deconvnet.screen.dot_meter import KEY, LARGEST, dot_meter
from core.concepts.deconvnet.screen.results import Seen
from core.concepts.deconvnet.unpooling import Bytes
from core.engine import inference
from core.models import measured
from core.models.registry import spec
from core.pictures.images import Picture
from core.ui import kept, page, state
from core.ui.language import gettext as _


def photo_on(picture: Picture) -> state.Photo:
    """Where the whole photo lies on the meter's picture, its central square."""
    height, width = picture.pixels.shape[:2]
    scale = SIDE / min(height, width)
    return (SIDE - width * scale) / 2, (SIDE - height * scale) / 2, width * scale, height * scale


def dot_of(picture: Picture, grey: Bytes) -> Dot:
    """The dot of the URL; or one that stands out, around the pinned pixel, or else a little above the middle.

    A pinned pixel beside the square gives the nearest place inside it.
    """
    row, column, side = 80, 100, 6
    if (pin := kept.pin()) != state.NOWHERE:
        x, y = state.to_pixel(pin, photo_on(picture))
        row, column = (min(max(middle - side // 2, 0), SIDE - side) for middle in (y, x))
    default = (row, column, side, resolution.contrasting(grey, row, column))
    own = state.key("dot")
    if state.url_leads() or own not in st.session_state:
        st.session_state[own] = state.read_ints("dot", default, 0, 255)
    row, column, side, value = st.session_state[own]
    side = min(max(side, 1), LARGEST)
    return Dot(min(row, SIDE - side), min(column, SIDE - side), side, value)


def _take() -> None:
    dot = kept.cell(KEY, "dot", "row", "column", "side", "value")
    if dot is not None and all(0 <= number <= 255 for number in dot) and 1 <= dot[2] <= LARGEST:
        st.session_state[state.key("dot")] = dot
        state.write("dot", dot)


def meter(picture: Picture) -> None:
    """Draw a dot and see where it vanishes."""
    grey = unpooling.brightness(square(picture))
    dot = dot_of(picture, grey)
    st.markdown(
        _(
            "Put a dot on the picture and follow it down. At each depth two things are asked: does the max-pooled map"
            " differ from that of the picture without the dot, and would a mask with one class per cell still show it,"
            " as it does where the dot covers half of a cell?"
        )
    )
    dot_meter(grey, dot, _take)


def honest_box(found: Seen | None) -> None:
    """Where the usual sentences are inexact."""
    same = unpooling.kept_size(SIDE)
    shared = not found or found.glass.shared
    paragraphs = [
        _(
            "**“Deconvolution” is a transposed convolution with stride 1 here, and it does not enlarge.** k = {k}, s ="
            " {s}, p = {p} keeps {i} × {i} at {o} × {o}. It undoes no convolution. Only the very first one of the"
            " published network, 7 × 7 on a single cell, makes a map larger."
        ).format(k=same.kernel, s=same.stride, p=same.padding, i=same.size, o=same.out)
    ]
    if found:
        paragraphs.append(_emptiness(found.glass))
    paragraphs += [
        _(
            "**Switches bring back places, not values.** They say where the largest of four stood. The other three are"
            " gone, and what returns is a value of the way up, not the one that was pooled."
        ),
        _(
            "**BatchNorm is essential, by the authors’ report** ({source}, section 4.1): without it so deep a network"
            " gets stuck in a poor local optimum. In the published network it follows every convolution and every"
            " deconvolution but the last layer, which gives the scores. Dropout sits nowhere in it: VGG16 has dropout"
            " behind fc6 and fc7, here BatchNorm stands there too."
        ).format(source=facts.DECONVNET),
    ]
    if inference.ready():  # counting needs PyTorch
        paragraphs.append(_another_way_down() if shared else _small_copy())
    paragraphs.append(_beside_fcn(shared))
    page.honest_box(*paragraphs)


def _emptiness(glass: Hourglass) -> str:
    """What unpooling leaves empty on this picture, and what the deconvolutions bring that to."""
    coarsest, finest = glass.levels[-1], glass.levels[0]
    return _(
        "**Unpooling leaves about three quarters empty, and more where values are zero.** Behind a ReLU many are: on"
        " your picture {first:.0%} of the cells are empty at {small} and {last:.0%} at {large}. The deconvolutions"
        " bring that to {dense:.0%} there; they end in a ReLU too."
    ).format(
        first=coarsest.empty[0],
        small=" × ".join(map(str, coarsest.size)),
        last=finest.empty[0],
        large=" × ".join(map(str, finest.size)),
        dense=finest.empty[1],
    )


def _departures(name: str) -> str:
    return " ".join(_(sentence) for sentence in spec(name).departures).replace("~", r"\~")  # two would strike out


def _another_way_down() -> str:
    return _(
        "**Its way down is another one.** {departures} As published, with VGG16 on both sides, DeconvNet has {full}"
        " parameters; here the way up has {up} and the encoder {encoder}. The paper trains in two stages, on single"
        " objects first, and combines many proposals per photo."
    ).format(
        departures=_departures(SHARED),
        full=f"{_parameters('deconvnet'):,}",
        up=f"{_parameters('SwitchDecoder'):,}",
        encoder=f"{_parameters('deconvnet_mobilenetv2') - _parameters('SwitchDecoder'):,}",
    )


def _small_copy() -> str:
    return _(
        "**This is a small copy.** {departures} As published it has {full} parameters, here {small}. The paper trains"
        " in two stages, on single objects first, and combines many proposals per photo."
    ).format(
        departures=_departures(SLIM),
        full=f"{_parameters('deconvnet'):,}",
        small=f"{_parameters('deconvnet_slim'):,}",
    )


def _beside_fcn(shared: bool) -> str:
    """What may be concluded from FCN-32s beside this network."""
    if not shared:
        return _(
            "**FCN-32s is another network too.** It stands on another encoder ({departure}), so the comparison shows"
            " what the ways of enlarging do, not which network is better."
        ).format(departure=_(spec(COARSE).departures[0]).rstrip("."))
    text = _(
        "**FCN-32s stands on the same encoder.** Both read its coarsest map; FCN-32s scores its cells and enlarges the"
        " scores by interpolation, while this network climbs with switches."
    )
    run = measured.comparison()
    if run and {SHARED, COARSE} <= set(run.names):
        text += " " + _(
            "Both learned from the same {batches} batches of {batch} crops out of {pictures} photos, in the same order."
        ).format(batches=f"{run.batches:,}", batch=run.batch, pictures=f"{sum(run.pictures.values()):,}")
    return f"{text} {on_voc()}".strip()


def on_voc() -> str:
    """What the shared network and FCN-32s reach on the test pictures; empty without figures."""
    scores = measured.measurements()
    own, other = (scores[name].voc if name in scores else None for name in (SHARED, COARSE))
    if not own or not other:
        return ""
    return _("On VOC’s test pictures: mIoU {own:.0%}, and {other:.0%} for FCN-32s.").format(
        own=own.miou, other=other.miou
    )


@st.cache_data(show_spinner=False)
def _parameters(builder: str) -> int:
    import torch

    from core.models import deconvnet

    with torch.device("meta"):
        return sum(parameter.numel() for parameter in getattr(deconvnet, builder)().parameters())
