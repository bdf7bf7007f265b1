"""Pictures too large for memory: overlapping tiles against pieces cut apart, with seams, repetition and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.concepts.sliding_window.windows import MARGIN, tile_for
from core.engine import inference
from core.pictures.images import Picture
from core.ui import state
from core.ui.budget import remembered
from core.ui.kit.loupe import Enlarged, loupe
from core.ui.language import gettext as _
from core.viz import palettes

if TYPE_CHECKING:
    from core.concepts.sliding_window.pieces import Comparison

NETWORK = "unet-em"
SIDE = 256
"""Pixels along one side of the square that is shown."""
PIECES = (64, 128)
LARGE = (256, 1024, 4096)
"""Sides of the pictures in the table of memory."""
TILE = 572
"""The paper's tile."""


@remembered
def _compared(digest: str, stride: int, _picture: Picture) -> Comparison:
    from core.concepts.sliding_window import pieces

    return pieces.compare(inference.load(NETWORK), _picture, SIDE, stride)


@st.cache_data(max_entries=20, show_spinner=False)
def _memory(side: int) -> int:
    from core.models import layer_costs

    return layer_costs.peak_bytes(NETWORK, side, side)


@st.cache_data(max_entries=4, show_spinner=False)
def _full_width(side: int) -> int:
    from core.models import layer_costs

    return layer_costs.peak_at_full_width(side)


def _coloured(values: npt.NDArray[np.float32], top: float = 1.0) -> npt.NDArray[np.uint8]:
    return np.asarray(palettes.magnitude()[palettes.quantise(values, 0, top)])


def _megabytes(value: float) -> str:
    return f"{value / 1e6:,.0f} MB" if value >= 1e6 else f"{value / 1e3:,.0f} kB"


@st.fragment  # another size of the pieces concerns nothing else on the page
def draw(picture: Picture) -> None:
    """The section. Needs PyTorch."""
    st.markdown(
        _(
            "One pass needs memory for the whole picture’s maps. U-Net reads a large picture tile by tile: each tile"
            " brings {margin} pixels of its neighbours along on every side, and the answers fit together. Cut apart"
            " without overlap, a piece has to invent its surroundings (here its own mirror image), and seams appear."
            " The network looks for membranes in electron micrographs. None of the sample pictures is one, so look at"
            " the seams here, and not at what it marks."
        ).format(margin=MARGIN)
    )
    piece = int(state.choice(_("Side of a piece in pixels"), "piece", [str(p) for p in PIECES], "64"))
    with st.spinner(_("U-Net reads the picture three times.")):
        seen = _compared(picture.digest, piece, picture)
    away = np.abs(seen.apart - seen.once)
    most = float(away.max())
    loupe(
        [
            Enlarged(_("One pass"), _("probability of a membrane, dark for 0"), _coloured(seen.once)),
            Enlarged(
                _("Tiles that overlap"),
                _("largest difference from one pass: {difference:.0e}").format(difference=seen.exact),
                _coloured(seen.overlap),
            ),
            Enlarged(
                _("Pieces cut apart"),
                _("largest difference from one pass: {difference:.2f}").format(difference=most),
                _coloured(seen.apart),
            ),
            Enlarged(
                _("Pieces minus one pass"),
                _("near cuts {near:.3f} on average, elsewhere {far:.3f}").format(near=seen.seam, far=seen.elsewhere),
                _coloured(away, most),
            ),
        ],
        key="tiles-loupe",
    )
    tile = tile_for(piece)
    st.markdown(
        _(
            "A tile of {tile} × {tile} pixels answers for {piece} × {piece}: **{ratio:.1f} input pixels for each"
            " answer**. The pieces without overlap compute just as much, since they too need a margin; they only"
            " fill it badly."
        ).format(tile=tile, piece=piece, ratio=(tile / piece) ** 2)
    )
    fixed, answer = _memory(TILE), TILE - 2 * MARGIN
    st.table(
        [
            {
                _("picture"): f"{side} × {side}",
                _("one pass"): _megabytes(_memory(tile_for(side))),
                _("tiles of {tile}").format(tile=TILE): _megabytes(fixed),
                _("number of tiles"): str((-(-side // answer)) ** 2),
            }
            for side in LARGE
        ]
    )
    st.caption(
        _(
            "Peak memory of input and activations of this U-Net, whose maps have a quarter of the paper’s channels, in"
            " single precision, counted tensor by tensor; weights and scratch space of the library come on top. The"
            " paper’s own width takes {times:.1f} times as much for a tile of {tile}."
        ).format(times=_full_width(TILE) / fixed, tile=TILE)
    )
