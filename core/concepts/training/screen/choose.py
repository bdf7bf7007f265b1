"""The second step: two runs side by side with the same seed, and what differs between them is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.concepts.training.screen import watch
from core.engine import inference
from core.passes.learning import losses, tasks
from core.ui import page, state
from core.ui.language import gettext as _

if TYPE_CHECKING:
    from core.passes.learning.run import Options  # imports PyTorch

DEPTHS, WIDTHS, PICTURES = ("1", "2", "3", "4"), ("4", "8", "16"), ("4", "16", "64", "256")
RATES = ("0.0005", "0.005", "0.05", "0.5", "50")


def _names() -> dict[str, str]:
    return {
        "depth": _("Depth"),
        "width": _("Channels"),
        "skips": _("Skip connections"),
        "loss": _("Loss"),
        "rate": _("Learning rate"),
        "augment": _("Augmentation"),
        "pictures": _("Pictures that teach"),
    }


def _column(letter: str, task: str, default: dict[str, str]) -> Options:
    """The settings of run ``letter``, each in the address under its name and that letter."""
    from core.passes.learning.run import Options

    text = _names()

    def chosen(name: str, options: tuple[str, ...], titles: dict[str, str] | None = None) -> str:
        shown = titles or {option: option for option in options}
        return state.choice(text[name], letter + name, options, default[name], format_func=shown.__getitem__)

    loss = chosen("loss", tuple(losses.LOSSES), {name: _(title) for name, title in losses.LOSSES.items()})
    one, two = st.columns(2)
    with one:
        depth, pictures = chosen("depth", DEPTHS), chosen("pictures", PICTURES)
        skips = state.toggle(text["skips"], letter + "skips", default["skips"] == "on")
    with two:
        width, rate = chosen("width", WIDTHS), chosen("rate", RATES)
        augment = state.toggle(text["augment"], letter + "augment", False)
    return Options(
        task=task, depth=int(depth), width=int(width), skips=skips, loss=loss, rate=float(rate), augment=augment,
        pictures=int(pictures),
    )  # fmt: skip


DEFAULT = {"depth": "2", "width": "8", "skips": "on", "loss": "cross-entropy", "rate": "0.005", "pictures": "256"}


def _shown(name: str, value: object) -> str:
    if name == "loss":
        return _(losses.LOSSES[str(value)])
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return f"{value:g}" if isinstance(value, float) else str(value)


def differences(one: Options, other: Options) -> str:
    """What differs, in a line with the values of both."""
    text = _names()
    marked = [
        f"**{text[name]}**: A {_shown(name, getattr(one, name))}, B {_shown(name, getattr(other, name))}"
        for name in one.differs(other)
        if name in text
    ]
    return _("What differs: {what}. All else is the same, the seed too.").format(what="; ".join(marked))


def choose() -> None:
    """Draw the step."""
    st.markdown(
        _(
            "Two networks with the same seed: the same first weights where they have the same shape, the same pictures"
            " in the same order. Change one thing in B and see what it does. With 4 pictures a network learns them by"
            " heart; with an object of 1 %, cross-entropy says “background” for long, and Dice does not."
        )
    )
    titles = {name: _(task.title) for name, task in tasks.TASKS.items()}
    task = state.choice(_("What both learn"), "both", titles, "rare", format_func=titles.__getitem__, look="pills")
    if not inference.ready():
        page.waiting_for_torch()
        return
    left, right = st.columns(2, gap="large")
    with left, st.expander(_("Settings of A"), key="training-settings-a"):
        a = _column("a", task, DEFAULT)
    with right, st.expander(_("Settings of B"), key="training-settings-b"):
        b = _column("b", task, {**DEFAULT, "loss": "dice"})
    if a == b:
        st.markdown(_("A and B are the same: change something in one of them."))
    else:
        st.markdown(differences(a, b))
    watch.play("choose", (a, b), ("A", "B"))
