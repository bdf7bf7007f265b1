"""Transposed convolution: how a convolution can make a map larger, stepped through cell by cell."""

import streamlit as st

from core.concepts.transposed import snippet
from core.concepts.transposed.screen import controls, story
from core.concepts.transposed.screen.transposed_player import transposed_player
from core.ui import page, picker, state, steps
from core.ui.kit import pointing
from core.ui.language import gettext as _

page.header(
    _("Transposed convolution"),
    _(
        "How can a convolution make a map larger? Three ways to the same sums: step through them, point at a cell, edit"
        " a number."
    ),
)
picture = picker.current()


@state.once
def setting() -> controls.Setting:
    """The parameters, before any of their widgets is drawn."""
    return controls.setting()


@state.once
def presets() -> None:
    """The row of presets, for the steps that depend on the parameters."""
    controls.presets(setting())


def ways() -> None:
    """The player between its parameters, and what the ways have to do with each other."""
    stage, side = st.columns([3.05, 1])
    found = setting()
    with stage:
        transposed_player(found.axis, found.x, found.kernel, controls.taker(found))
    with side:
        controls.controls(found)
    presets()
    pointing.pointing(
        _(
            "[Paint and add](part:paint): every input cell stamps the kernel, scaled by its value, and stamps add up."
            " The same sums come from sliding the kernel, turned by half a turn, over the input with zeros put in, and"
            " from the matrix of a convolution, transposed. [The formula](part:formula) says how many cells come out."
        )
    )
    story.legend()


def size() -> None:
    """A guess, and the formula with the numbers of every preset."""
    story.quiz()
    story.sizes()


def back() -> None:
    """Through the convolution and back."""
    presets()
    story.there_and_back(setting(), picture)


def overlap() -> None:
    """Where stamps overlap unevenly."""
    presets()
    story.overlap(setting())


def exact() -> None:
    """Where the usual sentences are inexact, and the same in PyTorch."""
    found = setting()
    story.honest_box(found, picture)
    page.copy_as_pytorch(snippet.transposed(found.axis, found.x, found.kernel))


steps.walk(
    steps.Step("ways", _("Three ways to one sum"), ways),
    steps.Step("size", _("How large?"), size),
    steps.Step("back", _("There and back"), back),
    steps.Step("overlap", _("Checkerboards"), overlap),
    steps.Step("enlarge", _("A photo, enlarged"), lambda: story.checkerboard(picture)),
    steps.Step("exact", _("To be exact"), exact),
)
