"""The grid of masks that fills in network by network: the work behind it, its progress, and what the URL says of it."""

from __future__ import annotations

import time

import streamlit as st

from core.concepts.compare.answers import Answer, answer
from core.concepts.compare.screen import mask_grid, results
from core.concepts.compare.screen import reference as compare_reference
from core.concepts.compare.screen.mask_grid import Question, Setting
from core.concepts.compare.screen.more import networks
from core.concepts.compare.work import Comparing, Progress
from core.models import segmenters
from core.models.measured import measurements
from core.models.registry import spec
from core.pictures.images import Picture
from core.pictures.reference import Reference
from core.ui import kept, state
from core.ui.budget import remembered
from core.ui.language import gettext as _
from core.ui.language import ngettext, translate_error

POLL = 0.5
"""Seconds between two looks at work that is going on."""
MORE = 5
"""Timed passes that one press of the button adds."""


def job(picture: Picture) -> Comparing:
    """This visitor's comparison of ``picture``."""
    return results.job(picture, networks())


def begin(picture: Picture) -> Comparing:
    """The comparison, at work unless the visitor has stopped it. Needs PyTorch."""
    work = job(picture)
    if st.session_state.get(state.key("stopped")) != picture.digest:
        work.start(picture)
    return work


# ---------------------------------------------------------------------------------------------- what the URL says


CENTRE = (500, 500)
"""The pixel that is pinned at first."""


def _whole(picture: Picture) -> state.Photo:
    height, width = picture.pixels.shape[:2]
    return 0, 0, width, height


FIRST_PAIR = ("fcn32s", "deeplabv3plus")
"""The two masks under the swipe at first: the same encoder, and between them the chapter's whole idea of an outline."""


def _default(names: tuple[str, ...]) -> Setting:
    left, right = (
        name if name in names else fallback
        for name, fallback in zip(FIRST_PAIR, (names[0], names[-1]) if names else ("", ""), strict=True)
    )
    return Setting(CENTRE, 60, left, right)


def setting(picture: Picture) -> Setting:
    """Pin in thousandths, tint and the two masks under the swipe, as they are now."""
    own, default = state.key("setting"), _default(segmenters.networks())
    named = (*segmenters.networks(), *segmenters.optional(), "reference")  # also what is still being fetched
    known: tuple[str, Setting] | None = st.session_state.get(own)
    if known is None or state.url_leads():
        found = Setting(
            state.read_pin(CENTRE),
            state.read_int("tint", default.opacity, 0, 100, 5),
            state.read_choice("a", named, default.left),
            state.read_choice("b", named, default.right),
        )
    elif known[0] != picture.digest:  # a pixel of another picture means nothing here
        found = known[1]._replace(pin=default.pin)
        state.write(state.PIN, None)
    else:
        return known[1]
    st.session_state[own] = (picture.digest, found)
    st.session_state[own + "-told"] = (found, time.monotonic_ns())
    return found


def _settle(picture: Picture) -> None:
    names = networks()
    default, now = _default(segmenters.networks()), setting(picture)
    match kept.sent(mask_grid.KEY, "setting"):
        case {"pin": [int(x), int(y)], "opacity": int(tint), "left": str(left), "right": str(right)}:
            known, whole = (*names, "reference"), _whole(picture)
            same = state.to_pixel(now.pin, whole) == (x, y)  # several thousandths show one pixel: it keeps its own
            now = Setting(
                now.pin if same else state.to_pin((x, y), whole),
                min(max(tint, 0), 100) // 5 * 5,
                left if left in known else now.left,
                right if right in known else now.right,
            )
        case _:
            return
    st.session_state[state.key("setting")] = (picture.digest, now)
    state.write(state.PIN, now.pin, CENTRE)
    state.write("tint", now.opacity, default.opacity)
    state.write("a", now.left, default.left)
    state.write("b", now.right, default.right)


# -------------------------------------------------------------------------------------------------------- guesses


def _questions(progress: Progress, reference: Reference | None) -> list[Question]:
    if progress.votes is None:
        return []
    found = [
        Question(
            _("Which network will stand most apart from the others on this picture?"),
            {name: round(share, 5) for name, share in progress.votes.dissent.items()},
            _("Yes: {best} differs from the others on {value} of the picture, on average."),
            _("{best} stands most apart: it differs from the others on {value} of the picture, {yours} on {other}."),
        )
    ]
    if reference is not None:
        scores = compare_reference.scores(reference, progress)
        found.insert(
            0,
            Question(
                _("Which network will agree best with the reference?"),
                {name: round(score.miou, 5) for name, score in scores.items()},
                _("Yes: {best} agrees best, with a mean IoU of {value}."),
                _("{best} agrees best, with a mean IoU of {value}; {yours} reaches {other}."),
            ),
        )
    known = measurements()
    outlines = {n: m.voc.boundary for n in progress.votes.names if (m := known.get(n)) is not None and m.voc}
    if len(outlines) > 1:
        found.append(
            Question(
                _("Which network drew the best outlines on our test pictures?"),
                outlines,
                _("Yes: {best}, with a boundary score of {value}."),
                _("It is {best}, with a boundary score of {value}; {yours} reaches {other}."),
            )
        )
    return found


# -------------------------------------------------------------------------------------------------------- drawing


@remembered
def _reference_answer(digest: str, _reference: Reference) -> Answer:
    return answer(_reference.ids)


def grid(picture: Picture, progress: Progress | None, reference: Reference | None) -> None:
    """The masks that are there; none of them before PyTorch is."""
    now, shown = setting(picture), progress.names if progress else networks()
    if st.session_state.get(state.key("shown")) != shown:  # the URL may have named what is there only now
        st.session_state[state.key("shown")] = shown
        st.session_state[state.key("setting") + "-told"] = (now, time.monotonic_ns())
    _told, serial = st.session_state[state.key("setting") + "-told"]
    errors = progress.errors if progress else {}
    tiles = [(name, _(spec(name).title), translate_error(errors[name]) if name in errors else "") for name in shown]
    mask_grid.mask_grid(
        picture,
        tiles,
        progress.answers if progress else {},
        progress.votes if progress else None,
        now._replace(pin=state.to_pixel(now.pin, _whole(picture))),
        _questions(progress, reference) if progress else [],
        reference=(compare_reference.title(reference), _reference_answer(reference.digest, reference))
        if reference
        else None,
        serial=serial,
        on_setting=lambda: _settle(picture),
    )


def _stop(picture: Picture) -> None:
    job(picture).stop()
    st.session_state[state.key("stopped")] = picture.digest


def _go_on(picture: Picture, rounds: int) -> None:
    st.session_state.pop(state.key("stopped"), None)
    work = job(picture)
    work.forgive()
    work.ask_for(rounds)
    work.start(picture)


def status(picture: Picture, progress: Progress) -> None:
    """How far the work is, and the button that stops it or goes on."""
    left, right = st.columns([5, 1.3], vertical_alignment="center")
    missing = len(job(picture).names) - len(progress.answers) - len(progress.errors)
    share = progress.done / progress.total if progress.total else 1.0
    timed = min((len(t) for t in progress.seconds.values()), default=0)
    if progress.error is not None:
        st.error(translate_error(progress.error))
    if progress.running:
        if progress.place:
            words = ngettext(
                "This server is busy with other comparisons: {n} is to end before yours begins.",
                "This server is busy with other comparisons: {n} are to end before yours begins.",
                progress.place,
            ).format(n=progress.place)
        elif progress.now and missing:
            words = _("{title} is looking at the photo: {done} of {total} tasks.").format(
                title=_(spec(progress.now).title), done=progress.done, total=progress.total
            )
        else:
            words = _("Counting and timing: {done} of {total} tasks.").format(done=progress.done, total=progress.total)
        left.progress(share, words)
        right.button(_("Stop"), key="compare-stop", on_click=_stop, args=(picture,), width="stretch")
    elif share < 1:
        left.progress(share, _("Stopped: {done} of {total} tasks.").format(done=progress.done, total=progress.total))
        right.button(_("Go on"), key="compare-go-on", on_click=_go_on, args=(picture, 0), width="stretch")
    else:
        left.caption(_("Every network has answered; each was timed {n} times.").format(n=timed))
        again = (picture, timed + MORE)
        right.button(_("Time again"), key="compare-again", on_click=_go_on, args=again, width="stretch")


def _news(progress: Progress) -> tuple[object, ...]:
    """What the page draws beside the status; new times alone wait until all are there."""
    # costs come one by one where they are counted first
    counted = len(progress.costs) >= len(progress.answers), max(0, len(progress.costs) - len(progress.answers))
    broken = progress.error is not None
    return len(progress.answers), progress.votes is None, counted, len(progress.errors), progress.running, broken


def _watch(picture: Picture, work: Comparing, drawn: tuple[object, ...]) -> None:
    progress = work.progress()
    if _news(progress) != drawn:
        st.rerun()
    status(picture, progress)


def watch(picture: Picture, work: Comparing) -> Progress:
    """The status, which looks after the work while it goes on and runs the page again when there is news.

    Returns:
        What the rest of this run is to draw.
    """
    progress = work.progress()
    fragment = st.fragment(run_every=POLL if progress.running else None)(_watch)
    fragment(picture, work, _news(progress))
    return progress
