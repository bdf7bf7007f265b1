"""The third step: is such a map true? Take away what it calls important, and ask a network that has learned nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from core.concepts.why.screen import board, results, ways
from core.concepts.why.screen.results import Asked, Trials
from core.passes.attribution import removal
from core.passes.attribution.question import Floats
from core.pictures.images import Picture
from core.ui.kit import errands, guess, panes
from core.ui.kit.curves import Line, curves
from core.ui.kit.panes import Pane
from core.ui.language import gettext as _

ERRAND, GUESS = "why-trials", "why/deletion"


def titles() -> dict[str, str]:
    """What the methods are called."""
    return {
        results.CAM: "Seg-Grad-CAM",
        results.TIMES: _("Gradient × input"),
        results.INTEGRATED: _("Integrated gradients"),
        results.OCCLUSION: _("Occlusion"),
        results.CHANCE: _("a random order"),
    }


def maps(picture: Picture, asked: Asked) -> dict[str, Floats]:
    """The maps to try, at every pixel: those of the gradients, and the slow ones where they are complete."""
    here, cams = results.subject(asked.network, picture), results.cams(asked, picture)
    cam = cams.depths[board.depth(len(cams.depths))]
    tried = {results.CAM: cam.at_pixels(here.size), results.TIMES: cams.at_input}
    slow = ways.found(asked)
    if slow is not None and slow.done >= slow.steps:
        tried |= slow.maps
    return tried


def draw(picture: Picture) -> None:
    """A guess, the curves, and the network that has learned nothing."""
    asked = board.asked(picture, board.chosen())
    tried = maps(picture, asked)
    words = titles()
    guess.ask(
        GUESS,
        _("Squares are taken away, the most important first. Under which map does the class fall first?"),
        {name: words[name] for name in tried},
    )
    st.markdown(
        _(
            "**Deletion** greys out squares of {tile} pixels in the order of a map; **insertion** brings them back on a"
            " blurred photo. A map that is true makes the class’s probability fall fast in the first and rise fast in"
            " the second. The area below a curve makes methods comparable, on this photo and for this question."
        ).format(tile=removal.TILE)
    )
    question = (asked, board.depth(99), tuple(tried))
    errands.panel(
        ERRAND,
        question,
        lambda: results.trials(asked, picture, tried),
        _curves,
        start=_("Take it apart"),
        works=_("{done} of {steps} passes"),
    )
    if results.INTEGRATED not in tried:
        st.caption(_("Integrated gradients and occlusion are tried too, once the step before has computed them."))


def _curves(latest: Trials, running: bool) -> None:
    words, kinds = titles(), {"deletion": _("Deletion: lower is better"), "insertion": _("Insertion: higher is better")}
    for column, (kind, name) in zip(st.columns(2), kinds.items(), strict=True):
        with column:
            curves(
                [
                    Line(
                        words[method],
                        list(zip(getattr(trial, kind).shares, getattr(trial, kind).chances, strict=True)),
                        faint=method == results.CHANCE,
                    )
                    for method, trial in latest.found.items()
                ],
                key=f"curves-of-{kind}",
                title=name,
                x=_("share of the photo that was changed"),
                y=name,
                span=(0, 1),
                whole=True,
            )
    head = [_("map"), _("deletion, area"), _("insertion, area")]
    lines = ["| " + " | ".join(head) + " |", "| --- | ---: | ---: |"]
    lines += [
        f"| {words[method]} | {trial.deletion.area:.3f} | {trial.insertion.area:.3f} |"
        for method, trial in latest.found.items()
    ]
    st.markdown("\n".join(lines))
    if not running and latest.done >= latest.steps:
        st.markdown(verdict(latest))


def truest(own: dict[str, removal.Trial]) -> str:
    """Under which map the class falls first: the one with the smallest area below its curve of deletion."""
    return min(own, key=lambda name: own[name].deletion.area)


def verdict(latest: Trials) -> str:
    """Which map was best, in a sentence made from the numbers."""
    words = titles()
    own = {name: trial for name, trial in latest.found.items() if name != results.CHANCE}
    least = truest(own)
    most = max(own, key=lambda name: own[name].insertion.area)
    chance = latest.found[results.CHANCE]
    text = _("By deletion **{least}** is the truest here, by insertion **{most}**.").format(
        least=words[least], most=words[most]
    )
    poor = [
        words[name]
        for name, trial in own.items()
        if trial.deletion.area >= chance.deletion.area and trial.insertion.area <= chance.insertion.area
    ]
    if poor:
        text += " " + _("No better than a random order in either: {names}.").format(names=", ".join(poor))
    return f"{text} {guess.judge(GUESS, {name: words[name] for name in own}, least)}".strip()


def control(picture: Picture) -> None:
    """The same maps from a network whose weights were shuffled."""
    asked = board.asked(picture, board.chosen())
    here, own = results.subject(asked.network, picture), results.cams(asked, picture).depths
    found = results.shuffled(asked, picture)
    st.markdown(
        _(
            "Each layer’s weights in random order: the same values, nothing learned. Where its map looks like the"
            " network’s own, the map shows how the network is built and not what it has learned."
        )
    )
    layers = []
    for cam, agreement in zip(found.depths, found.agreement, strict=True):
        layer = board.layer(cam, here.size)
        note = (
            _("One of the two maps is empty: nothing to compare.")
            if math.isnan(agreement)
            else _("Rank correlation with the network’s own: {value:.2f}.").format(value=agreement)
        )
        layers.append(layer._replace(note=note))
    panes.panes(
        [here.pixels],
        [
            Pane(_("The network’s own"), [board.layer(cam, here.size) for cam in own]),
            Pane(_("With shuffled weights"), layers),
        ],
        key="panes-of-control",
        pin=asked.pin,
        slider=_("Depth"),
        at=telling(board.depth(len(layers)), found.agreement),
    )


def telling(at: int, agreement: Sequence[float]) -> int:
    """The depth to begin with: ``at``, or the nearest one where both maps have something to compare."""
    some = [depth for depth, value in enumerate(agreement) if not math.isnan(value)]
    return min(some, key=lambda depth: abs(depth - at), default=at)
