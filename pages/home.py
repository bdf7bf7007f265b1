"""The map of the story, under a picture that answers wherever it is touched."""

import streamlit as st

from core.models.imagenet import class_names
from core.precomputed import FIRST_VIEW
from core.ui import page, picker, results
from core.ui.components.score_explorer import score_explorer
from core.ui.language import gettext as _
from core.ui.panels import story, target

page.header(
    _("See inside the networks that cut a picture into objects"),
    _("A network can name a whole picture. How does it learn to say *where*? Move the frame, or point at the map."),
)

picture = picker.current()
grid = results.scan("efficientnet-lite0", picture, FIRST_VIEW)
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

st.subheader(_("The chapter in six steps"), anchor=False)
story.draw()
