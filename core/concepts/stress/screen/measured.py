"""The further steps: every network's curve, the smallest change that flips a pixel, shifts, and changes by depth."""

from __future__ import annotations

import streamlit as st

from core.concepts.stress.screen import live, results
from core.concepts.stress.screen.results import Shifts
from core.engine import inference
from core.models.registry import spec
from core.passes.stress import answers, kinds
from core.passes.stress.answers import Flips, Sweep
from core.pictures.images import Picture
from core.pictures.labels import VOC
from core.ui import state
from core.ui.kit import errands, guess, panes
from core.ui.kit.curves import Line, curves
from core.ui.kit.panes import Layer, Pane
from core.ui.language import gettext as _

FIRST = "blur"
SHIFT, PIXEL = "panes-of-shift", "panes-of-pixel"
GUESS = "stress/longest"


def settle() -> None:
    """At the top of the page: which disturbance the curves are about."""
    state.bind_choice("kind", kinds.KINDS, FIRST)


# ---------------------------------------------------------------------------------------------------- curves


def _titles() -> dict[str, str]:
    return {name: live.title(name) for name in live.NETWORKS}


def breaking(picture: Picture) -> None:
    """All networks under one disturbance."""
    name = state.choice(
        _("Disturbance"), "kind", kinds.KINDS, FIRST, format_func=lambda n: _(kinds.KINDS[n].title), look="pills"
    )
    guess.ask(GUESS, _("Which network keeps its clean answer longest?"), _titles())
    at = live.setting().at if name == "patch" else kinds.CENTRE
    errands.panel(
        "stress-sweep",
        (picture.digest, name, at),
        lambda: answers.sweep(live.NETWORKS, results.working(picture), name, at),
        lambda latest, running: _sweep(latest, name, running),
        start=_("Try all networks"),
        works=_("{done} of {steps} passes"),
    )


def _sweep(latest: Sweep, name: str, running: bool) -> None:
    kind = kinds.KINDS[name]
    curves(
        [
            Line(
                live.title(network),
                [
                    (strength / kind.divide, value)
                    for strength, value in zip(curve.strengths, curve.values, strict=True)
                ],
                mark=None if (at := curve.breaks()) is None else at / kind.divide,
            )
            for network, curve in latest.curves.items()
        ],
        key="curves-of-stress",
        title=_("Agreement with the clean answer over the strength of the disturbance"),
        x=_("{title}, {unit}").format(title=_(kind.title), unit=kind.unit),
        y=_("agreement with the clean answer (mean IoU)"),
        span=(0, kind.high / kind.divide),
        level=answers.BROKEN,
    )
    if running:
        return
    head = [_("network"), _("breaks at"), _("mean agreement")]
    lines = ["| " + " | ".join(head) + " |", "| --- | ---: | ---: |"]
    for network, curve in sorted(latest.curves.items(), key=lambda pair: -pair[1].mean):
        at = curve.breaks()
        words = _("never") if at is None else kind.words(round(at, 1))
        lines.append(f"| {live.title(network)} | {words} | {curve.mean:.2f} |")
    st.markdown("\n".join(lines))
    if said := guess.judge(GUESS, _titles(), max(latest.curves, key=lambda network: latest.curves[network].mean)):
        st.markdown(said)
    st.caption(
        _(
            "A network breaks where the agreement falls to {level:.0%} (dot on the line), read between two points. It"
            " is agreement with its own clean answer: a network that is wrong from the start can keep that well."
        ).format(level=answers.BROKEN)
    )


# ------------------------------------------------------------------------------------------------- one pixel


def smallest(picture: Picture) -> None:
    """For the pinned pixel, the weakest setting of every disturbance that gives it another class."""
    name = live.pair()[1]
    panes.panes(
        [results.working(picture)],
        [Pane(_("{network}, clean").format(network=live.title(name)), [Layer("ids", results.clean(name, picture))])],
        key=PIXEL,
        pin=live.pin(),
        on_pin=lambda: live.on_pin(PIXEL),
    )
    st.markdown(
        _(
            "For the pinned pixel and for **{network}**: every disturbance alone, from weak to strong,"
            " until the pixel’s class is another one. Settings of the sliders are tried and no others. Somebody who"
            " looks for a change of single pixels on purpose finds a much smaller one."
        ).format(network=live.title(name))
    )
    at = live.setting().at
    errands.panel(
        "stress-flips",
        (picture.digest, name, at),
        lambda: answers.flips(inference.load(name), results.working(picture), at),
        _flips,
        start=_("Find the smallest change"),
        works=_("{done} of {steps} disturbances"),
    )


def _flips(latest: Flips, _running: bool) -> None:
    head = [_("disturbance"), _("weakest setting that flips"), _("share of its range"), _("the pixel becomes")]
    lines = ["| " + " | ".join(head) + " |", "| --- | ---: | ---: | --- |"]
    order = sorted(latest.found, key=lambda f: 2.0 if f.strength is None else f.strength / kinds.KINDS[f.kind].high)
    for flip in order:
        kind = kinds.KINDS[flip.kind]
        if flip.strength is None:
            none = _("none of {n}").format(n=flip.tried)
            lines.append(f"| {_(kind.title)} | {none} | – | {_(VOC[flip.before])} |")
        else:
            share = flip.strength / kind.high
            lines.append(f"| {_(kind.title)} | {kind.words(flip.strength)} | {share:.0%} | {_(VOC[flip.after])} |")
    st.markdown("\n".join(lines))


# --------------------------------------------------------------------------------------------------- shifting


def shifting(picture: Picture) -> None:
    """A window that moves pixel by pixel."""
    names = live.pair()
    st.markdown(
        _(
            "A window moves over the photo in steps of 2 pixels. What both windows show is the same to the last pixel,"
            " and yet pixels change their class: with a stride of {stride} the cells of the map stand on other pixels"
            " each time. After {stride} pixels they stand on the same ones again; what still differs then comes from"
            " the window’s rim, which has moved, and from layers that see everything."
        ).format(stride=max(spec(name).output_stride for name in names))
    )
    errands.panel(
        "stress-shift",
        (picture.digest, names),
        lambda: results.shifts(names, picture),
        lambda latest, running: _shift(picture, latest, running),
        start=_("Move the window"),
        works=_("{done} of {steps} passes"),
    )


def _shift(picture: Picture, latest: Shifts, running: bool) -> None:
    if not running:
        pixels = results.working(picture)
        panes.panes(
            [pixels],
            [
                Pane(
                    live.title(name),
                    [
                        Layer("ids", shift.mask(i), label=_("{offset} pixels to the right").format(offset=offset))
                        for i, offset in enumerate(shift.offsets)
                    ],
                    note=_("By shifting alone, up to {share:.1%} of the pixels change their class.").format(
                        share=shift.jitter
                    ),
                )
                for name, shift in latest.found.items()
            ],
            key=SHIFT,
            slider=_("Shift"),
        )
    curves(
        [
            Line(live.title(name), [(o, 1 - v) for o, v in zip(shift.offsets, shift.values, strict=True)])
            for name, shift in latest.found.items()
        ],
        key="curves-of-shift",
        title=_("What shifting alone changes"),
        x=_("shift in pixels"),
        y=_("share of pixels that change their class"),
        span=(0, answers.MOST_SHIFT),
        high=max(0.05, *(shift.jitter for shift in latest.found.values())),
    )


# --------------------------------------------------------------------------------------------------- by depth


def by_depth(picture: Picture) -> None:
    """Where inside the networks the disturbance of the sliders grows or dies away."""
    now = live.setting()
    if now.clean:
        st.markdown(_("Nothing is disturbed: move a slider in the first step."))
        return
    kinds_on = ", ".join(_(kinds.KINDS[name].title) for name, strength in now.named.items() if strength)
    st.markdown(
        _(
            "The disturbances of the first step ({which}) change every map on the way through a network. Where the"
            " curve rises, the layers make the change larger; where it falls, they take it back."
        ).format(which=kinds_on)
    )
    found = {name: results.depths(name, picture, now) for name in live.pair()}
    curves(
        [
            Line(live.title(name), [(i / max(len(d) - 1, 1), value) for i, (_path, value) in enumerate(d)])
            for name, d in found.items()
        ],
        key="curves-of-depth",
        title=_("Change of the maps by depth"),
        x=_("depth, from the first map to the last"),
        y=_("size of the change over the size of the clean map"),
        span=(0, 1),
        high=max(0.1, *(value for d in found.values() for _p, value in d)),
        percent=True,
        whole=True,
    )
    parts = []
    for name, depths in found.items():
        path, value = max(depths, key=lambda pair: pair[1])
        parts.append(
            _("In {network} the maps change most at `{path}`, by {share:.0%} of their size.").format(
                network=live.title(name), path=path, share=value
            )
        )
    st.markdown(" ".join(parts))
