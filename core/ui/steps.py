"""A page is walked: three to six named steps, one in sight, each with one idea and one figure.

A page ends with one call, which reads like its table of contents::

    steps.walk(
        steps.Step("lose", _("What a fully connected layer loses"), lose),
        steps.Step("keep", _("What a 1×1 convolution keeps"), keep),
    )

Only the step in sight is drawn, so only that is computed and sent. It lies in the address (``?step=keep``), which makes
the browser's Back walk through steps; ``?step=all`` is everything on one page, for those who print. What a reader has
set in a step is there when they come back to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from core.ui import kept, origins, page, state
from core.ui.component import register
from core.ui.language import gettext as _
from core.ui.story import available, pages

ALL = "all"
"""The step that is all of them, one under the other."""
PARAMETER = "step"
KEY = "steps"
FORWARD, BACK = "KeyN", "KeyB"
"""Keys on the keyboard, whatever letter a reader's language has there; no player uses them."""

_mount = register(__file__, room=(48, 48))


class Step(NamedTuple):
    """One step of a page.

    Attributes:
        name: a short ASCII word, which stands in the address.
        title: a few words in the reader's language.
        draw: draws it; called only when it is in sight.
    """

    name: str
    title: str
    draw: Callable[[], object]


def with_torch(draw: Callable[[], object]) -> Callable[[], None]:
    """``draw`` once PyTorch is there; until then a notice that fills in by itself."""

    def draw_then() -> None:
        if not page.waiting_for_torch():
            draw()

    return draw_then


def walk(*steps: Step) -> None:
    """Draw the strip of steps, the one in sight, and the way on."""
    names = [step.name for step in steps]
    now = current(*names)
    _keep_settings()

    def chosen() -> None:
        if name := kept.code(KEY, "chosen", (*names, ALL)):
            _go(name, names[0])

    _mount(
        key=KEY,
        data={
            "label": _("Steps of this page"),
            "titles": [step.title for step in steps],
            "names": names,
            "now": now,
            "all": _("All on one page"),
            "forward": FORWARD,
            "back": BACK,
        },
        height="content",
        on_chosen_change=chosen,
    )
    for step in steps:
        if now in (ALL, step.name):
            with st.container(key=f"step-of-{step.name}"):
                if now == ALL:
                    st.subheader(step.title, anchor=False)
                step.draw()
    if now in (ALL, names[-1]):
        origins.draw(state.recall("page_name", ""))
    _foot(steps, now)


def current(*names: str) -> str:
    """Which step is in sight, of the page's ``names``: the first, until the reader goes on."""
    return kept.value(PARAMETER, names[0], lambda: state.read_choice(PARAMETER, (*names, ALL), names[0]))


def _go(name: str, first: str) -> None:
    kept.put(PARAMETER, name, first)


def _keep_settings() -> None:
    """Streamlit forgets the value of a widget that a run does not draw, unless it is set again."""
    for key in [str(key) for key in st.session_state if str(key).startswith(state.key(""))]:
        if isinstance(value := st.session_state[key], str | int | float | tuple | list):
            st.session_state[key] = value


def _foot(steps: tuple[Step, ...], now: str) -> None:
    """Back and on, and behind the last step the next page of the story; what that has to do with this one."""
    names = [step.name for step in steps]
    with st.container(
        key="steps-foot", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        at = names.index(now) if now in names else len(names) - 1
        if now != ALL and at > 0:
            st.button(f"← {steps[at - 1].title}", key="step-back", on_click=_go, args=(names[at - 1], names[0]))
        if now != ALL and at + 1 < len(names):
            st.button(
                f"{steps[at + 1].title} →",
                key="step-on",
                type="primary",
                on_click=_go,
                args=(names[at + 1], names[0]),
            )
        else:
            _next_page()
    if thread := _thread():
        st.caption(_(thread))


def _next_page() -> None:
    """The link to the page that follows in the story; nothing on the last one."""
    entries = list(available())
    here = next((i for i, entry in enumerate(entries) if entry.name == state.recall("page_name", "")), len(entries))
    if here + 1 < len(entries):
        following = entries[here + 1]
        label = _("Next page: {title}").format(title=_(following.title))
        st.page_link(pages()[following.name], label=label, icon=":material/arrow_forward:")


def _thread() -> str:
    """What this page has to do with the one before and the one after it, as it is written in the story."""
    name = state.recall("page_name", "")
    return next((entry.thread for entry in available() if entry.name == name), "")
