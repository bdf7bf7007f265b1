"""The map of the story, under a picture that answers wherever it is touched."""

import streamlit as st

from core.concepts.home.screen import chapters
from core.errors import SegScopeError
from core.models.imagenet import class_names
from core.models.registry import spec
from core.passes import heatmaps
from core.passes.precomputed import FIRST_VIEW
from core.ui import page, picker, state
from core.ui.kit import made_for, scans, target
from core.ui.kit.score_explorer import score_explorer
from core.ui.language import gettext as _
from core.ui.language import translate_error

NETWORKS = heatmaps.networks(offline=True)

page.header(
    _("See inside the networks that cut a picture into objects"),
    _(
        "**Image segmentation** gives every pixel of a picture a class, and so cuts out the objects in it. A network"
        " can name a whole picture. How does it learn to say *where*? Move the frame, or point at the map."
    ),
)

picture = picker.current()
_bound, network = state.bind_choice("net", NETWORKS, NETWORKS[0])
made_for.notice(network)
grid = None
try:
    grid = scans.scan(network, picture, FIRST_VIEW)
except SegScopeError as error:
    st.error(translate_error(error))
if grid is None:
    page.waiting_for_torch()
else:
    wanted = target.first(picker.current_sample(), grid)
    score_explorer(picture, FIRST_VIEW, grid, ids=wanted.ids, target=wanted.name)
    st.caption(
        _(
            "One pass of a network that was trained to name whole pictures ({classes} classes, no outlines), read at"
            " {cells} places at once."
        ).format(classes=f"{len(class_names()):,}", cells=grid.rows * grid.columns)
    )
state.choice(_("Network"), "net", NETWORKS, NETWORKS[0], format_func=lambda n: _(spec(n).title))

st.subheader(_("The chapter in six steps"), anchor=False)
chapters.draw()
