"""The fold animation on real weights: which network, which row."""

from __future__ import annotations

import streamlit as st

from core.concepts.fcn.screen import results
from core.concepts.fcn.screen.fold import fold_player
from core.errors import SegScopeError
from core.models.registry import SPECS
from core.ui import state
from core.ui.kit import download
from core.ui.language import gettext as _
from core.ui.language import translate_error

FLATTENING = ("alexnet", "vgg16", "alexnet-slim", "vgg16-slim")
"""Networks whose first fully connected layer sees a flattened map, so that a row folds into squares."""


def choices(current: str) -> list[str]:
    """Networks whose weights are here: the page's own first if it flattens, then others, then those that average."""
    here = [name for name in FLATTENING if name in SPECS and download.available(name)]
    if current in here:
        here.remove(current)
        return [current, *here]
    return [*here, current] if download.available(current) else here


def draw(current: str) -> None:
    """The section. Needs PyTorch.

    Args:
        current: the network that the page is about.
    """
    names = choices(current)
    if not names:
        st.caption(_("Fetch the weights above to see their rows."))
        return
    st.markdown(
        _(
            "A fully connected layer is a matrix: each row holds the weights of one of its outputs, one for every value"
            " of the map. Play, and a row is cut, folded and stacked until it is a kernel that reads the map in place."
            " *fc6* is the first such layer of AlexNet and VGG16; the *slim* ones have the same layers with fewer maps."
        )
    )
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        name = state.choice(
            _("Weights of"), "fold", names, names[0], format_func=lambda n: _(SPECS[n].title), look="pills"
        )
    try:
        rows = results.fold(name, 0).rows
    except SegScopeError as error:
        st.error(translate_error(error))
        return
    with right:
        row = state.slider(_("Row of the matrix"), "row", 0, rows - 1, 0)
    flattens = name in FLATTENING
    fold_player(results.fold(name, row), layer="fc6" if flattens else "fc", row=row)
    if not flattens:
        st.caption(
            _(
                "{title} averages its map first, so a row has one value for each channel and folds into a 1 × 1 kernel."
                " AlexNet and VGG16 flatten theirs; their rows fold into squares."
            ).format(title=_(SPECS[name].title))
        )
