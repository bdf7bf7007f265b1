"""Parameters, presets and edited cells of the page about transposed convolution, all of them in the URL."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from core.concepts.transposed.screen.transposed_player import KEY
from core.errors import N_
from core.maths.arithmetic import SizeError
from core.maths.transposed import Axis, repaired
from core.models.kernels import INPUTS, OWN_DENOMINATOR, Integers, Kernel, available, named, pattern, refitted
from core.ui import kept, state
from core.ui.language import gettext as _
from core.ui.language import translate_error

# Name in the URL, label, lowest, highest, default, field of Axis
NUMBERS = (
    ("i", N_("input size i"), 1, 12, 3, "size"),
    ("k", N_("kernel k"), 1, 5, 3, "kernel"),
    ("s", N_("stride s"), 1, 4, 2, "stride"),
    ("p", N_("padding p"), 0, 4, 0, "padding"),
    ("o", N_("output padding o"), 0, 3, 0, "output_padding"),
    ("d", N_("dilation d"), 1, 3, 1, "dilation"),
)


@dataclass(frozen=True)
class Preset:
    """A named combination; the axis with its input size, and a kernel's name."""

    title: str
    axis: Axis
    kernel: str = "ones"


PRESETS = {
    "unet": Preset(N_("U-Net: k2 s2"), Axis(3, 2, 2), "learned"),
    "uneven": Preset(N_("Checkerboard: k3 s2"), Axis(3, 3, 2)),
    "fcn": Preset(N_("FCN, bilinear: k4 s2 p1"), Axis(3, 4, 2, 1), "bilinear"),
    "deconvnet": Preset(N_("DeconvNet, no growth: k3 s1 p1"), Axis(4, 3, 1, 1), "random"),
    "doubling": Preset(N_("Exactly double: k3 s2 p1 o1"), Axis(3, 3, 2, 1, 1), "edge"),
    "dilated": Preset(N_("Dilated: k3 d2"), Axis(3, 3, 1, 0, 0, 2)),
}
OWN, YOURS = "own", N_("yours")
SEEDS = (0, 20, 0)
"""Lowest, highest and default seed of random numbers."""


@dataclass(frozen=True)
class Setting:
    """What the page shows.

    Attributes:
        wanted: the parameters as they were set.
        axis: the nearest possible ones.
        error: why they differ, or ``None``.
        x: the input.
        kernel: the weights.
    """

    wanted: Axis
    axis: Axis
    error: SizeError | None
    x: Integers
    kernel: Kernel


def presets(setting: Setting) -> None:
    """The row of presets; the one that is on screen is lit."""
    current, kernel = setting.wanted, st.session_state[state.key("w")]
    st.session_state["transposed_presets"] = next(
        (code for code, p in PRESETS.items() if replace(p.axis, size=current.size) == current and p.kernel == kernel),
        None,
    )
    st.pills(
        _("Presets"),
        list(PRESETS),
        format_func=lambda code: _(PRESETS[code].title),
        key="transposed_presets",
        on_change=_choose,
        label_visibility="collapsed",
    )


def _choose() -> None:
    preset = PRESETS.get(st.session_state["transposed_presets"] or "")
    if preset is None:
        return
    for name, _label, _low, _high, default, field in NUMBERS:
        _set(name, getattr(preset.axis, field), default)
    _set("w", preset.kernel, "ones")


def _set(name: str, value: int | str, default: int | str) -> None:
    st.session_state[state.key(name)] = value
    state.write(name, value, default)


def setting() -> Setting:
    """What the widgets are going to say, made possible if need be: the player is above them on a phone, and drawn first
    so that they do not have to make way for it."""
    wanted = Axis(
        **{field: state.bind_int(name, low, high, default)[1] for name, _l, low, high, default, field in NUMBERS}
    )
    axis, error = repaired(wanted)
    return Setting(wanted, axis, error, _input(axis.size), _kernel(axis.kernel))


def controls(setting: Setting) -> None:
    """The widgets, which say what ``setting`` is, and below them why that is not what they were set to."""
    with st.container(horizontal=True, gap="xsmall"):
        for name, label, low, high, default, _field in NUMBERS:
            bound, _value = state.bind_int(name, low, high, default)
            st.number_input(_(label), low, high, step=1, width=124, **bound)
    _chosen(_("Input"), "in", _inputs(), "count", "xseed")
    _chosen(_("Kernel"), "w", _kernels(setting.axis.kernel), "ones", "seed")
    if setting.error is not None:
        st.warning(
            translate_error(setting.error)
            + " "
            + _("Until then, padding {p} and output padding {o} are shown.").format(
                p=setting.axis.padding, o=setting.axis.output_padding
            )
        )


def _chosen(label: str, name: str, names: dict[str, str], default: str, seed: str) -> None:
    chosen = state.choice(label, name, names, default, lambda code: _(names[code]), look="radio", horizontal=True)
    if chosen == "random":
        state.slider(_("Seed"), seed, *SEEDS)


def _inputs() -> dict[str, str]:
    return INPUTS | ({OWN: YOURS} if _edited("x", 99) else {})


def _kernels(size: int) -> dict[str, str]:
    return available(size) | ({OWN: YOURS} if _edited("wx", 999) else {})


def _seed(chosen: str, name: str) -> int:
    return state.bind_int(name, *SEEDS)[1] if chosen == "random" else 0


def _input(size: int) -> Integers:
    _bound, name = state.bind_choice("in", _inputs(), "count")
    if name == OWN:
        return refitted(_edited("x", 99), pattern("count", size))
    return pattern(name, size, _seed(name, "xseed"))


def _kernel(size: int) -> Kernel:
    _bound, name = state.bind_choice("w", _kernels(size), "ones")
    if name == OWN:
        return Kernel(refitted(_edited("wx", 999), named("ones", size).numerators * OWN_DENOMINATOR), OWN_DENOMINATOR)
    return named(name, size, _seed(name, "seed"))


def _edited(name: str, most: int) -> tuple[int, ...]:
    """Edited cells of a square, in reading order: from the URL when it leads, else from the session; may be empty."""
    own = state.key(name)
    if state.url_leads() or own not in st.session_state:
        count = str(st.query_params.get(name, "")).count(".") + 1
        absent = (most + 1,) * count
        values = state.read_ints(name, absent, -most, most) if count <= 144 else absent
        st.session_state[own] = values if values != absent and math.isqrt(count) ** 2 == count else ()
    edited: tuple[int, ...] = st.session_state[own]
    return edited


def taker(setting: Setting) -> partial[None]:
    """What the player calls after an edit of ``setting``."""
    return partial(_take, setting)


def _take(setting: Setting) -> None:
    edit, numbers = kept.sent(KEY, "edit"), kept.cell(KEY, "edit", "cell", "units")
    if numbers is None:
        return
    cell, units = numbers
    if edit.get("board") == "input":
        name, choice, most = "x", "in", 99
        values = setting.x.ravel().tolist()
    elif edit.get("board") == "kernel":
        name, choice, most = "wx", "w", 999
        values = list(setting.kernel.in_hundredths())
    else:
        return
    if not (0 <= cell < len(values) and abs(units) <= most):
        return
    values[cell] = units
    st.session_state[state.key(name)] = tuple(values)
    state.write(name, tuple(values))
    _set(choice, OWN, "")
