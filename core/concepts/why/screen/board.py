"""The first step: a photo, the answer, and which cells at each depth speak for the class of the pinned pixel."""

from __future__ import annotations

import streamlit as st

from core.concepts.why import asking
from core.concepts.why.screen import results
from core.concepts.why.screen.results import Asked
from core.models import segmenters
from core.models.registry import spec
from core.passes.attribution.gradients import Cam
from core.pictures.images import Picture
from core.pictures.labels import VOC
from core.ui import kept, own_mask, state
from core.ui.kit import panes
from core.ui.kit.panes import Layer, Pane
from core.ui.language import gettext as _

NETWORKS = segmenters.networks()
FIRST = "deeplabv3plus"
PIN = (420, 330)
DEEPEST = 99
"""The slider's place at first: the last map, wherever that is."""


def network() -> str:
    """The choice of the network."""
    return state.choice(
        _("Network"), "net", NETWORKS, FIRST, format_func=lambda name: _(spec(name).title), look="pills"
    )


def settle() -> None:
    """At the top of the page: take the question from the address where that leads. Every step reads it, and only one
    draws its widgets."""
    state.bind_choice("net", NETWORKS, FIRST)
    state.bind_choice("of", (asking.ANSWER, *(f"c{label}" for label in range(len(VOC)))), asking.ANSWER)
    state.bind("all", False, lambda: bool(state.read_int("all", 0, 0, 1)))
    state.bind("vs", False, lambda: bool(state.read_int("vs", 0, 0, 1)))


def chosen() -> str:
    """The network that the page speaks of."""
    return str(st.session_state[state.key("net")])


def pin() -> tuple[int, int]:
    """The pinned pixel in thousandths."""
    return kept.pin(PIN)


def title(label: int) -> str:
    """A class's name in the reader's language."""
    return _(VOC[label])


def asked(picture: Picture, name: str, widgets: bool = False) -> Asked:
    """What is asked of network ``name``: from the controls, which are drawn with ``widgets``, or as they stand."""
    here = results.subject(name, picture)
    x, y = state.to_shares(pin())
    ranking = asking.classes(here, x, y)
    codes = [asking.ANSWER, *(f"c{label}" for label in ranking[1:])]
    words = {asking.ANSWER: _("its answer: {name}").format(name=title(ranking[0]))}
    words |= {f"c{label}": title(label) for label in ranking[1:]}
    if widgets:
        left, middle, right = st.columns([5, 2, 3], vertical_alignment="bottom")
        with left:
            code = state.choice(_("Why, or why not …"), "of", codes, asking.ANSWER, words.__getitem__, look="pills")
        with middle:
            whole = state.toggle(_("All of its pixels"), "all")
        with right:
            contrast = state.toggle(_("Against the best other class"), "vs")
    else:
        code, whole, contrast = (st.session_state[state.key(key)] for key in ("of", "all", "vs"))
    label = int(code[1:]) if code in codes[1:] else ranking[0]
    return Asked(name, picture.digest, pin(), label, bool(whole), bool(contrast))


def place(cam: Cam, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Where a map lies over the photo: left, top, width, height in shares of its sides."""
    rows, columns = cam.where
    return (
        (columns.first - columns.step / 2) / size[1],
        (rows.first - rows.step / 2) / size[0],
        columns.step * cam.heat.shape[1] / size[1],
        rows.step * cam.heat.shape[0] / size[0],
    )


def layer(cam: Cam, size: tuple[int, int]) -> Layer:
    """A depth for the slider."""
    rows, columns = cam.heat.shape
    note = _("{channels} maps of {rows} × {columns} cells.").format(channels=cam.channels, rows=rows, columns=columns)
    return panes.heat(cam.heat, label=cam.path, note=note, place=place(cam, size))


def depth(count: int) -> int:
    """The slider's place, as the address says."""
    return min(kept.value("depth", DEEPEST, lambda: state.read_int("depth", DEEPEST, 0, DEEPEST)), count - 1)


def _on_pin(key: str) -> None:
    if new := kept.taken(key, "pin", 2, 0, state.THOUSAND):
        kept.put_pin(new, PIN)


def _on_depth(key: str) -> None:
    if new := kept.taken(key, "at", 1, 0, DEEPEST):
        kept.put("depth", new[0], DEEPEST)


def sentence(name: str, found: asking.Verdict) -> str:
    """What the network says of the pixel."""
    text = _(
        "**{network}** says **{first}** here ({chance:.0%}); next comes {second} ({other:.0%}), {margin:.1f} points of"
        " score behind."
    ).format(
        network=_(spec(name).title),
        first=title(found.label),
        chance=found.chance,
        second=title(found.second),
        other=found.other,
        margin=found.margin,
    )
    if found.truth is None:
        return text
    if found.truth == found.label:
        return text + " " + _("The reference says so too.")
    return (
        text
        + " "
        + _("The reference says **{truth}**: number {rank} here, {behind:.1f} points behind.").format(
            truth=title(found.truth), rank=found.rank, behind=found.behind
        )
    )


def draw(picture: Picture) -> None:
    """Controls, panes, and what they show."""
    name = network()
    what = asked(picture, name, widgets=True)
    here, cams = results.subject(name, picture), results.cams(what, picture)
    left, top, right, bottom = results.box(name, picture, what.pin)
    height, width = here.size
    reference = own_mask.current(picture)
    found = asking.verdict(here, *state.to_shares(what.pin), reference.ids if reference else None)
    st.markdown(sentence(name, found))
    layers = [layer(cam, here.size) for cam in cams.depths]
    subject = title(what.label)
    panes.panes(
        [here.pixels],
        [
            Pane(_("The answer"), [Layer("ids", here.ids)]),
            Pane(_("Seg-Grad-CAM for {name}").format(name=subject), layers),
            Pane(
                _("Gradient × input"),
                [panes.signed(cams.at_input)],
                note=_("Orange pixels raise the score, blue ones lower it, counted from an empty picture."),
            ),
        ],
        key="panes-of-why",
        pin=what.pin,
        box=(left / width, top / height, right / width, bottom / height),
        slider=_("Depth"),
        at=depth(len(layers)),
        on_pin=lambda: _on_pin("panes-of-why"),
        on_at=lambda: _on_depth("panes-of-why"),
    )
    st.markdown(
        _(
            "**Seg-Grad-CAM** weighs each map of a depth by how much the class’s score grows with it, and adds them up:"
            " bright cells speak for the class. The slider goes from the first map to the last."
        )
    )
    whole = (right - left) * (bottom - top) >= height * width
    field = (
        _("Every pixel of this photo can matter to the pinned one: the dashed frame is the photo’s own.")
        if whole
        else _("Nothing outside the dashed frame, {width} × {height} pixels, can matter to the pinned one.").format(
            width=right - left, height=bottom - top
        )
    )
    st.caption(
        field
        + " "
        + _(
            "All depths come from one pass forth and one back: {both:.0f} ms, against {forth:.0f} ms for the answer"
            " alone."
        ).format(both=1000 * cams.seconds, forth=1000 * here.seconds)
    )
