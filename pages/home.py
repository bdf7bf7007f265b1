"""What segmentation is, how a network that names pictures can say where, and the way through the chapter."""

import streamlit as st

from core.concepts.home.screen import chapters, question
from core.concepts.home.screen.five_tasks import five_tasks
from core.errors import SegScopeError
from core.models.imagenet import class_names
from core.models.registry import spec
from core.passes import heatmaps
from core.passes.precomputed import FIRST_VIEW
from core.ui import page, picker, state, steps
from core.ui.kit import made_for, pointing, scans, target
from core.ui.kit.score_explorer import score_explorer
from core.ui.language import gettext as _
from core.ui.language import translate_error

NETWORKS = heatmaps.networks(offline=True)

page.header(
    _("See inside the networks that cut a picture into objects"),
    _("**Image segmentation** gives every pixel of a picture a class. What is that good for, and how does it work?"),
)


def what() -> None:
    """Segmentation beside its neighbours."""
    five_tasks()
    question.answers()
    pointing.pointing(
        _(
            "[One picture](part:picture), [five questions](part:question), and"
            " [more and more answers](part:answers). The answers here were drawn by hand; a network has to learn them"
            " from many such pictures."
        )
    )
    chapters.counted()


def where() -> None:
    """A network that names whole pictures, asked at every place."""
    picture = picker.current()
    _bound, network = state.bind_choice("net", NETWORKS, NETWORKS[0])
    grid = None
    try:
        grid = scans.scan(network, picture, FIRST_VIEW)
    except SegScopeError as error:
        st.error(translate_error(error))
    if grid is None:
        page.waiting_for_torch()
    else:
        wanted = target.first(picker.current_sample(), grid)
        score_explorer(picture, FIRST_VIEW, grid, ids=wanted.ids, target=wanted.name, guess="home/hottest")
        pointing.pointing(
            _(
                "A network that was trained to name whole pictures ({classes} classes, no outlines) is read at {cells}"
                " places in one pass. Move [the frame](part:frame): [each cell of the map](part:map) says what the"
                " network sees in it. From this the networks of the chapter begin."
            ).format(classes=f"{len(class_names()):,}", cells=grid.rows * grid.columns)
        )
    made_for.notice(network)
    state.choice(_("Network"), "net", NETWORKS, NETWORKS[0], format_func=lambda n: _(spec(n).title))


steps.walk(
    steps.Step("what", _("What is segmentation?"), what),
    steps.Step("where", _("From a name to a place"), where),
    steps.Step("chapter", _("The chapter"), chapters.draw),
)
