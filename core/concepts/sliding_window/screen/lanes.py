"""The race's half on the server: starting, watching and stopping it, and what is told about its result."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import streamlit as st

from core.concepts.sliding_window import race
from core.concepts.sliding_window.race import WAYS, Course, Lane, Race, Result
from core.concepts.sliding_window.screen.race import race_lanes
from core.concepts.sliding_window.track import cells_of, is_tiled, windows_of
from core.concepts.sliding_window.windows import Windows
from core.errors import SegScopeError
from core.models import weights
from core.models.registry import SPECS, spec
from core.passes.heatmaps import ScoreGrid, View
from core.pictures import labels
from core.pictures.images import Picture, Sample
from core.ui import budget, guesses, kept
from core.ui.kit import pointing, scans, target
from core.ui.language import current as language
from core.ui.language import gettext as _
from core.ui.language import translate_error

_RACE, _ERROR, _BET, _SEEN = "race_now", "race_error", "race_bet", "race_seen"
CLOSE = 1.25
"""A bet within this factor of what was measured is right."""


def networks() -> list[str]:
    """Names of the networks that can race, in the registry's order: classifiers, which slide over a picture, and those
    that go over it in tiles, as far as their weights come with SegScope."""
    able = (entry for entry in SPECS.values() if entry.kind == "classifier" or is_tiled(entry.name))
    return [entry.name for entry in able if entry.weights == "package" or weights.present(entry.name)]


class Painted(NamedTuple):
    """What the heat means."""

    ids: tuple[int, ...]
    name: str


def painted(model: str, sample: Sample | None, grid: ScoreGrid | None) -> Painted:
    """What to look for in the picture: what the sample shows, otherwise what the network is surest of."""
    names = spec(model).labels
    if names == "em":
        return Painted((0,), _("membrane"))
    if names == "imagenet-1k":
        return Painted(*target.first(sample, grid))
    known = [labels.VOC.index(thing) for thing in (sample.objects if sample else ()) if thing in labels.VOC]
    best = known[0] if known else 1 + int(grid.probabilities[..., 1:].max((0, 1)).argmax()) if grid else 8
    return Painted((best,), _(labels.VOC[best]))


class Looked(NamedTuple):
    """The windows over a photo, what is looked for in them, and one pass over it where there are no margins."""

    windows: Windows
    what: Painted
    grid: ScoreGrid | None


def looked(model: str, view: View, picture: Picture, sample: Sample | None, stride: int) -> Looked:
    """The :class:`Looked` of a setting; a network that cannot be asked is a sentence on the page."""
    windows, grid = windows_of(model, view, picture, stride), None
    try:
        grid = None if windows.margin else scans.scan(model, picture, view)
    except SegScopeError as error:
        st.error(translate_error(error))
    return Looked(windows, painted(model, sample, grid), grid)


def _start(course: Course, picture: Picture) -> None:
    """Race. What another visitor's race of the same course gave is shown at once, but nobody sees it before a start."""
    _stop()
    bet = kept.sent("race", "start")
    st.session_state[_BET] = float(bet) if type(bet) in (int, float) and bet > 0 else 0.0
    seen: frozenset[Course] = st.session_state.get(_SEEN, frozenset())
    st.session_state[_SEEN] = seen | {course}
    if course not in seen and result(course) is not None:
        return
    runner = Race(course, picture)
    try:
        runner.start()
    except SegScopeError as error:
        st.session_state[_ERROR] = error
        return
    st.session_state.pop(_ERROR, None)
    st.session_state[_RACE] = runner


def _stop() -> None:
    runner = st.session_state.get(_RACE)
    if isinstance(runner, Race):
        runner.stop()


def result(course: Course) -> Result | None:
    """What the race of ``course`` gave: the visitor's own, or that of another who looked at the same picture.

    One that is over moves from the session to what is remembered about pictures.
    """
    runner = st.session_state.get(_RACE)
    own = runner if isinstance(runner, Race) and runner.finished.is_set() else None
    if own is not None and own.result is not None and budget.put(("race", own.course), own.result):
        del st.session_state[_RACE]
    found: Result | None = budget.get(("race", course))
    return found if found is not None or own is None or own.course != course else own.result


def started() -> bool:
    """Whether this visitor has started any race."""
    return bool(st.session_state.get(_SEEN))


def told(course: Course) -> Result | None:
    """The result of ``course`` for a visitor who has started that race; nobody is told before the bet."""
    return result(course) if course in st.session_state.get(_SEEN, ()) else None


def _news(result: Result | None, bet: float, running: bool) -> str:
    if running:
        return _("The race runs, the slowest lane first. A change of the settings stops it.")
    if result is None:
        return ""
    said = _(
        "One pass was {single:.1f} times as fast as single windows and {batched:.1f} times as fast as batches of them,"
        " with the same weights."
    ).format(single=result.speed_up("single"), batched=result.speed_up("batched"))
    if bet:
        off, low = max(bet / result.speed_up(), result.speed_up() / bet), bet < result.speed_up()
        if off <= CLOSE:
            verdict = _("Your bet was {bet:g}: right, within a quarter.")
        elif low:
            verdict = _("Your bet was {bet:g}: too low, {off:.1f} times off.")
        else:
            verdict = _("Your bet was {bet:g}: too high, {off:.1f} times off.")
        said = verdict.format(bet=bet, off=off) + " " + said
    return said


def _why(windows: Windows) -> str:
    """Why one pass is faster, and why its heat is not quite that of the windows."""
    said = _(
        "[The windows](part:single) read each pixel {times:.1f} times on average and compute its sums anew each time;"
        " [one pass](part:once) computes them once."
    ).format(times=windows.repetition)
    if windows.margin:
        return said
    return (
        said
        + " "
        + _(
            "Its heat is another one with the same weights: a window that is cut out has zeros around it, where one"
            " pass has the real neighbours."
        )
    )


def _draw(course: Course, picture: Picture) -> None:
    found, runner = told(course), st.session_state.get(_RACE)
    mine = runner if isinstance(runner, Race) and runner.course == course else None
    running = mine is not None and not mine.finished.is_set()
    lanes = mine.snapshot() if mine and (running or not found) else tuple(Lane(way, 0) for way in WAYS)
    if found and not running:
        lanes = found.lanes
    if mine and mine.error and not running:
        st.error(translate_error(mine.error))
    windows = windows_of(course.model, course.view, picture, course.stride)
    bet = float(st.session_state.get(_BET, 0))
    race_lanes(
        lanes,
        windows,
        cells_of(windows),
        photo=course.view.render(picture.pixels),
        mode="running" if running else "done" if found else "idle",
        subject=f"{language()}/{course}",
        news=_news(None if running else found, bet, running),
        bet=bet,
        batch=race.BATCH,
        on_start=partial(_start, course, picture),
        on_stop=_stop,
    )


def _running() -> bool:
    runner = st.session_state.get(_RACE)
    return isinstance(runner, Race) and not runner.finished.is_set()


def _note(found: Result | None) -> None:
    """Count the bet, once its race is over."""
    bet = float(st.session_state.get(_BET, 0))
    if found is not None and bet:
        guesses.note("sliding_window/speed-up", 1 / CLOSE <= bet / found.speed_up() <= CLOSE)


def _lanes(course: Course, picture: Picture, what: Painted, polled: bool) -> None:
    if _running() != polled:
        st.rerun()  # the whole page: it settles whether this part asks again by itself, and shows the result
    _draw(course, picture)
    found = None if polled else told(course)
    _note(found)
    with st.container():
        said = _("All three lanes paint the probability of “{name}” with the same weights, dark for 0.")
        said = said.format(name=what.name)
        if found is not None:
            said += " " + _why(windows_of(course.model, course.view, picture, course.stride))
        pointing.pointing(said)


def lanes(course: Course, picture: Picture, what: Painted) -> None:
    """The race of ``course``: lanes, bet, buttons, replay. A race with other settings is stopped."""
    if isinstance(error := st.session_state.pop(_ERROR, None), SegScopeError):
        st.warning(translate_error(error))
    result(course)  # before a race of another course is dropped
    runner = st.session_state.get(_RACE)
    if isinstance(runner, Race) and runner.course != course:
        runner.stop()
        del st.session_state[_RACE]
    running = _running()
    # a fragment in either case: the same lanes stay on the page, whether they are polled or not
    st.fragment(_lanes, run_every=0.5 if running else None)(course, picture, what, running)


def course(model: str, picture: Picture, view: View, stride: int, threads: int, what: Painted) -> Course:
    """The course that the widgets describe."""
    return Course(model, picture.digest, view, stride, threads, what.ids)


def tiled(model: str) -> bool:
    """Whether ``model`` goes over the picture in tiles."""
    return is_tiled(model)
