"""The first step: sliders, and the masks of two networks on the disturbed photo."""

from __future__ import annotations

import streamlit as st

from core.concepts.stress.screen import results
from core.concepts.stress.screen.results import Seen, Setting
from core.models import segmenters
from core.models.registry import spec
from core.passes.stress import kinds
from core.pictures.images import Picture
from core.ui import kept, state
from core.ui.kit import panes
from core.ui.kit.panes import Layer, Pane
from core.ui.language import gettext as _

NETWORKS = segmenters.networks()
PAIR = ("fcn32s", "deeplabv3plus")
PIN = (500, 500)
KEY = "panes-of-stress"
DEFAULTS = {"blur": 30}
"""Strengths at first: something is to be seen."""


def title(name: str) -> str:
    """A network's name."""
    return _(spec(name).title)


def settle() -> None:
    """At the top of the page: take the setting from the address where that leads; every step reads it, one draws it."""
    for code, default in zip("ab", PAIR, strict=True):
        state.bind_choice(code, NETWORKS, default)
    for kind in kinds.KINDS.values():
        state.bind_int(kind.name, kind.low, kind.high, DEFAULTS.get(kind.name, 0), kind.step)


def pair() -> tuple[str, str]:
    """The two networks."""
    return str(st.session_state[state.key("a")]), str(st.session_state[state.key("b")])


def pin() -> tuple[int, int]:
    """The pinned pixel in thousandths."""
    return kept.pin(PIN)


def setting() -> Setting:
    """What the sliders say."""
    strengths = tuple(int(st.session_state[state.key(name)]) for name in kinds.KINDS)
    return Setting(strengths, state.to_shares(pin()))


def _sliders() -> None:
    entries = list(kinds.KINDS.values())
    columns = [*st.columns(5), *st.columns(5)]  # two rows, so that a phone has them in order
    for column, kind in zip(columns, entries, strict=True):
        with column:
            unit = _("tenths of a pixel") if kind.divide == 10 else kind.unit
            label = _("{title}, {unit}").format(title=_(kind.title), unit=unit)
            state.slider(label, kind.name, kind.low, kind.high, DEFAULTS.get(kind.name, 0), kind.step)


def on_pin(key: str = KEY) -> None:
    """Take the pin that the panes ``key`` sent."""
    if new := kept.taken(key, "pin", 2, 0, state.THOUSAND):
        kept.put_pin(new, PIN)


def _clear() -> None:
    for name in kinds.KINDS:
        st.session_state[state.key(name)] = 0
        state.write(name, 0, DEFAULTS.get(name, 0))


def draw(picture: Picture) -> None:
    """Controls, the networks folded away so that the masks are in the first screen, and four masks: each network before
    and after."""
    one, other = map(title, pair())
    with st.container(horizontal=True):
        with st.popover(_("Networks: {one} and {other}").format(one=one, other=other), key="stress-networks"):
            for code, default, label in zip("ab", PAIR, (_("One network"), _("Another network")), strict=True):
                state.choice(label, code, NETWORKS, default, format_func=title, look="pills")
        st.button(_("Back to the clean photo"), key="stress-clean", on_click=_clear)
    _sliders()
    _masks(picture)


def _masks(picture: Picture) -> None:
    now = setting()
    shown: list[Pane] = []
    found = {name: results.seen(name, picture, now) for name in pair()}
    for name, seen in found.items():
        shown.append(Pane(_("{network}, clean").format(network=title(name)), [Layer("ids", seen.clean)]))
        note = _("Agreement with the clean answer: {share:.0%}.").format(share=seen.agreement)
        shown.append(
            Pane(_("{network}, disturbed").format(network=title(name)), [Layer("ids", seen.now)], photo=1, note=note)
        )
    panes.panes([results.working(picture), results.changed(picture, now)], shown, key=KEY, pin=pin(), on_pin=on_pin)
    st.markdown(sentence(found))


def sentence(found: dict[str, Seen]) -> str:
    """Which of the two keeps more, from the numbers."""
    names = list(found)
    if len(names) < 2:
        return ""
    one, other = (found[name].agreement for name in names)
    if abs(one - other) < 0.005:
        return _("Both keep {share:.0%} of their clean answer.").format(share=one)
    keeps, loses = (names[0], names[1]) if one > other else (names[1], names[0])
    return _("**{keeps}** keeps more of its clean answer than {loses}: {most:.0%} against {least:.0%}.").format(
        keeps=title(keeps), loses=title(loses), most=max(one, other), least=min(one, other)
    )


def photo_only(picture: Picture) -> None:
    """While no network answers: the photo, disturbed as the sliders say."""
    now = setting()
    pixels = kinds.working(picture.pixels)
    worse = kinds.together(pixels, None, now.named, now.at)[0]
    shown = [Pane(_("The photo"), []), Pane(_("The disturbed photo"), [], photo=1)]
    panes.panes([pixels, worse], shown, key=KEY, pin=pin())
