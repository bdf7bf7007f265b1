"""The overlap-tile strategy on the reader's picture: mirrored border, tiles one by one, stitched, against one pass."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.concepts.unet.screen import results
from core.concepts.unet.screen.tile_player import tile_player
from core.models.registry import spec
from core.pictures.images import Picture
from core.ui import state
from core.ui.language import gettext as _

TILES = {"unet-em": 572, "unet-nuclei": 316}
"""Side of a tile's input: the paper's, and one of which a picture of 256 pixels takes four."""
STRIDES = {"unet-em": ("384", "388"), "unet-nuclei": ("128", "132")}
"""The largest multiple of 16 with which tiles leave no gap, and the tile's whole answer."""


def whose() -> str:
    """What is said where the chosen network answers for all that it is given."""
    names = " · ".join(_(spec(name).title) for name in TILES)
    return _(
        "This U-Net pads and answers for everything that it is given, so it needs no overlapping tiles. The published"
        " one does: choose one of the unpadded networks above ({names})."
    ).format(names=names)


@st.fragment
def draw(picture: Picture, network: str) -> None:
    """The player, and below it what the two ways differ by."""
    tile, strides = TILES[network], STRIDES[network]
    st.markdown(
        _(
            "The unpadded network answers for {answer} pixels of the {tile} it is given. So the picture is extended by"
            " its mirror image, and tiles are laid so that their answers meet. Each margin is computed again by the"
            " neighbour."
        ).format(answer=strides[1], tile=tile)
    )
    stride = int(
        state.choice(_("Pixels from tile to tile"), "stride", strides, strides[0], format_func=lambda code: code)
    )
    from core.passes.tiling import Tiling

    with st.spinner(_("The tiles go through the network.")):
        tiled = results.tiled(network, picture.digest, tile, stride, picture)
    height, width = tiled.pixels.shape[:2]
    tiling = Tiling(height, width, tile, stride)
    tile_player(f"{network}/{picture.digest}", tiling, tiled)
    largest = float(tiled.difference.max())
    with st.container(horizontal=True):
        st.metric(_("Input pixels per answered pixel of a tile"), f"{tiling.repetition:.2f} ×")
        st.metric(_("Largest difference from one pass"), "0" if largest == 0 else f"{largest:.2g}")
        st.metric(
            _("Pixels with other scores"),
            f"{np.count_nonzero(tiled.difference > 0) / tiled.difference.size:.0%}",
        )
    st.caption(
        _(
            "The scores have a standard deviation of {spread:.2g}. With {even} = {sixteens} · 16 every tile groups the"
            " pixels in sixteens as the one pass does. With {whole} the tiles of a row stand {shifts} pixels beside"
            " those groups, and so on in turn: where it is not 0, the poolings see other groups. Every answer has its"
            " full surroundings either way."
        ).format(
            spread=tiled.spread,
            even=strides[0],
            sixteens=int(strides[0]) // 16,
            whole=strides[1],
            shifts=", ".join(map(str, Tiling(height, width, tile, int(strides[1])).shifts)),
        )
    )
