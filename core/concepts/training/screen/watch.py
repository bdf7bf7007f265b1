"""The first step of the page: a network that starts from noise and learns, and a guess about what it finds last."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.concepts.training import finding
from core.concepts.training.screen import lab as labs
from core.concepts.training.screen.lab import Lab
from core.concepts.training.screen.learning_player import Row, learning_player
from core.engine import inference
from core.passes.learning import tasks
from core.ui import page, state
from core.ui.language import gettext as _
from core.ui.language import ngettext, translate_error

if TYPE_CHECKING:
    from core.passes.learning.run import Options, Training  # imports PyTorch


PRESSED = ("train", "pause", "step", "again", "slow", "missing")
"""What the player tells: its buttons, and that it lacks frames."""


def news(lab: Lab) -> str:
    """One line: how far the runs are, how fast, and what went wrong."""
    from core.passes.learning.trainer import training

    if not lab.runs:
        return ""
    step = lab.runs[0].step
    if place := lab.place():
        return _("Others train now: you are number {place} in the line.").format(place=place)
    said = []
    if lab.running:
        said.append(_("Step {step}, {pace:.0f} steps a second.").format(step=step, pace=lab.pace()))
        if (others := training()) > 1:
            said.append(_("{count} people are training: each has 1/{count} of the speed.").format(count=others))
    elif step:
        said.append(_("Step {step}.").format(step=step))
    else:
        said.append(_("It knows nothing yet: its weights are random numbers. Press “Train”."))
    said += [text for run in lab.runs if (text := trouble(run))]
    if lab.over and not any(run.exploded for run in lab.runs):
        said.append(_("This is the end of the run."))
    return " ".join(dict.fromkeys(said))


def trouble(run: Training) -> str:
    """What a learning rate that does not fit did to a run, in a sentence; empty where it did nothing."""
    if run.exploded:
        return _(
            "The loss is not a number any more: that is what too large a learning rate does. Choose a smaller one."
        )
    if run.grows:
        return _("The loss grows instead of falling: the learning rate is too large. Choose a smaller one.")
    if run.stuck:
        return _("The loss hardly falls: the learning rate is too large, or too small. Choose another one.")
    return ""


def _press(lab: Lab, key: str, what: str) -> None:
    labs.only(key)
    if what == "train":
        lab.learn()
    elif what == "step":
        lab.learn(1)
    elif what == "pause":
        lab.pause()
    elif what == "again":
        lab.begin()
    elif what == "missing":
        lab.forget_sent()
    elif what == "slow":
        lab.slow = bool(st.session_state[f"learning_player-of-{key}"].slow)
        if lab.running:
            lab.pause()
            lab.learn()


def _draw(key: str, lab: Lab, titles: tuple[str, ...], polled: bool) -> None:
    if lab.running != polled:
        st.rerun()  # the whole page: it settles whether this part asks again by itself
    if st.session_state.pop(f"training-anew-{key}", False):
        lab.forget_sent()
    found = lab.news()
    if lab.error is not None:
        st.error(translate_error(lab.error))
    rows = [Row(lab.name, title, *new) for title, new in zip(titles, found, strict=False)]
    if not rows:
        rows = [Row("", title, (), ()) for title in titles]
    learning_player(
        lab.options[0].task,
        rows,
        running=lab.running,
        over=lab.over,
        slow=lab.slow,
        ready=bool(lab.runs),
        news=news(lab),
        key=f"learning_player-of-{key}",
        **{f"on_{what}_change": partial(_press, lab, key, what) for what in PRESSED},
    )  # fmt: skip


def play(key: str, options: tuple[Options, ...], titles: tuple[str, ...]) -> Lab:
    """The player of runs with ``options``, polled while they learn."""
    lab = labs.of(key, options)
    st.session_state[f"training-anew-{key}"] = True  # this run of the page draws the player anew
    running = lab.running
    # a fragment in either case: the same player stays on the page, whether it is polled or not
    st.fragment(_draw, run_every=0.5 if running else None)(key, lab, titles, running)
    return lab


def choose_task() -> str:
    """What is to be learned."""
    titles = {name: _(task.title) for name, task in tasks.TASKS.items()}
    return state.choice(_("What it learns"), "task", titles, "shapes", format_func=titles.__getitem__, look="pills")


def guess(lab: Lab) -> None:
    """The guess, and what came of it once everything is found."""
    classes = [_(name) for name in tasks.task(lab.options[0].task).classes]
    if len(classes) < 3:
        return
    with page.predict_box(
        _("Which shape will it find last, and what does it say to it before? The guess is ungraded.")
    ):
        codes = {str(label): name for label, name in enumerate(classes) if label}
        bet = st.pills(
            _("Found last"),
            list(codes),
            format_func=codes.__getitem__,
            key="training-bet",
            label_visibility="collapsed",
        )
        frames = lab.runs[0].kept() if lab.runs else ()
        last = finding.last_found(frames)
        if last is None:
            st.caption(
                _("The answer stands here once every shape has an IoU of {level} on the held-out pictures.").format(
                    level=finding.FOUND
                )
            )
            return
        at = ", ".join(
            ngettext("{name} after {n} step", "{name} after {n} steps", step).format(name=classes[label], n=step)
            for label in range(1, len(classes))
            if (step := finding.found_at(frames, label)) is not None
        )
        said = _("Found: {at}. Last: {last}.").format(at=at, last=classes[last])
        if bet:
            said += " " + (
                _("So it was.") if bet == str(last) else _("You had guessed: {name}.").format(name=codes[bet])
            )
        st.markdown(said)


def watch() -> None:
    """Draw the step."""
    st.markdown(
        _(
            "A U-Net with {parameters:,} parameters begins with random weights. In each step it looks at {batch}"
            " pictures, compares its probabilities with the masks, and moves every weight a little against its"
            " gradient."
        ).format(parameters=tasks.PARAMETERS, batch=tasks.BATCH)
    )
    task = choose_task()
    if not inference.ready():
        waiting(task)
        page.waiting_for_torch()  # below, so that the player stays where it is when this goes
        return
    from core.passes.learning.run import Options

    lab = play(f"watch-{task}", (Options(task=task),), ("",))
    guess(lab)


def waiting(task: str) -> None:
    """The held-out pictures and their masks, which need no PyTorch, as long as it is on its way; in the place and under
    the name of the player that follows."""
    learning_player(
        task,
        [Row("", "", (), ())],
        running=False,
        over=False,
        slow=False,
        ready=False,
        news="",
        key=f"learning_player-of-watch-{task}",
    )
