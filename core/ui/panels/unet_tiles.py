"""The overlap-tile strategy on the reader's picture: mirrored border, tiles one by one, stitched, against one pass."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.images import Picture
from core.ui import state, unet_results
from core.ui.components.tile_player import tile_player
from core.ui.language import gettext as _

TILE = 572
STRIDES = ("384", "388")


@st.fragment
def draw(picture: Picture) -> None:
    """The player, and below it what the two ways differ by."""
    st.markdown(
        _(
            "The unpadded network answers for 388 pixels of the 572 it is given. So the picture is extended by its"
            " mirror image, and tiles are laid so that their answers meet. Each margin is computed again by the"
            " neighbour."
        )
    )
    stride = int(
        state.choice(_("Pixels from tile to tile"), "stride", STRIDES, STRIDES[0], format_func=lambda code: code)
    )
    from core.sliding import Tiling

    height, width = picture.pixels.shape[:2]
    tiling = Tiling(height, width, TILE, stride)
    with st.spinner(_("The tiles go through the network.")):
        tiled = unet_results.tiled(picture.digest, stride, picture)
    tile_player(picture, tiling, tiled.ids, tiled.difference)
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
            "The scores have a standard deviation of {spread:.2g}. With 384 = 24 · 16 every tile groups the pixels in"
            " sixteens as the one pass does; 388 shifts every second tile by four pixels, so its poolings see other"
            " groups. No seam is visible either way, because every answer has its full surroundings."
        ).format(spread=tiled.spread)
    )
