"""DeconvNet: what pooling forgets, what switches remember, and how deconvolutions fill in."""

import streamlit as st

from core.concepts.deconvnet import hourglass, snippet
from core.concepts.deconvnet.screen import grid, live, results, story, ways
from core.concepts.deconvnet.screen.results import Seen
from core.ui import page, picker, state, steps
from core.ui.kit import made_for, pointing
from core.ui.language import gettext as _

page.header(
    _("DeconvNet: there and back"),
    _("Pooling forgets where things stood. How can a network that squeezes a photo into a few cells draw it again?"),
)
picture, sample = picker.current(), picker.current_sample()


@state.once
def network() -> str:
    """The network whose maps are shown, chosen once for all steps."""
    name = live.choose()
    made_for.notice(name or hourglass.SHARED)
    return name


@state.once
def found() -> Seen | None:
    """Its pass over the picture."""
    return live.pass_of(picture, network()) if not page.waiting_for_torch() else None


@st.fragment  # an edited cell sends this part alone
def cell() -> None:
    """The player and its code."""
    setting = grid.play(picture)
    pointing.pointing(
        _(
            "Pooling keeps [the largest of four](part:pooled) and a switch, which says where it stood. Unpooling puts"
            " it [back there](part:unpooled) and zeros beside it; a deconvolution [fills in](part:dense)."
        )
    )
    page.copy_as_pytorch(snippet.unpooling(setting.x, setting.kernel, setting.remember))


def depth() -> None:
    """A trained network, depth by depth."""
    if seen := found():
        live.live(picture, seen)
        grid.predict()


def back() -> None:
    """Ways to enlarge the same few numbers."""
    seen = found()
    if not page.waiting_for_torch():
        ways.comparison(picture, seen)


def switches() -> None:
    """The same network without its switches."""
    if seen := found():
        ways.worth(picture, seen)
        if seen.glass.shared and (known := story.on_voc()):
            st.caption(known)


def exact() -> None:
    """Where the usual sentences are inexact, and the same in PyTorch."""
    seen = found()
    story.honest_box(seen)
    if seen:
        path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
        page.copy_as_pytorch(snippet.network(network(), picture, path), "network")


here = bool(results.networks())
steps.walk(
    steps.Step("cell", _("One pooling, there and back"), cell),
    *([steps.Step("depth", _("Through a network"), depth)] if here else []),
    steps.Step("ways", _("Ways back to pixels"), back),
    *([steps.Step("switches", _("What are switches worth?"), switches)] if here else []),
    # a dot that has come to rest changes the address, nothing else
    steps.Step("meter", _("When does a dot vanish?"), st.fragment(lambda: story.meter(picture))),
    steps.Step("exact", _("To be exact"), exact),
)
