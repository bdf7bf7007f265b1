"""What the heatmap is about: a group of ImageNet classes, or one class out of the thousand."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from core.models.imagenet import groups, titles
from core.passes.heatmaps import ScoreGrid
from core.pictures.images import Picture, Sample
from core.ui import state
from core.ui.language import current
from core.ui.language import gettext as _

_ONE = "class"
_GROUP_OF = {"cat": "cat", "dog": "dog", "bird": "bird", "car": "vehicle", "bus": "vehicle", "bicycle": "vehicle"}


class Target(NamedTuple):
    """Classes whose probabilities are added, and what they are called."""

    ids: tuple[int, ...]
    name: str


def _first_guess(sample: Sample | None, grid: ScoreGrid | None) -> tuple[str, int]:
    """Group and class to begin with: what the sample shows, otherwise what the network is surest of in the photo."""
    best = int(grid.probabilities.max((0, 1)).argmax()) if grid else groups()["cat"].ids[0]
    for thing in sample.objects if sample else ():
        if thing in _GROUP_OF:
            return _GROUP_OF[thing], best
    within = [key for key, group in groups().items() if best in group.ids]
    return (within[0] if within else _ONE if grid else "cat"), best


def _named(group: str, label: int) -> Target:
    if group == _ONE:
        return Target((label,), titles(current())[label])
    return Target(groups()[group].ids, _(groups()[group].title))


def first(sample: Sample | None, grid: ScoreGrid | None) -> Target:
    """What a picture is about before anybody chose."""
    return _named(*_first_guess(sample, grid))


def choose(picture: Picture, sample: Sample | None, grid: ScoreGrid | None) -> Target:
    """The two widgets. A new picture starts with its own first guess; a choice in the URL wins over that.

    Args:
        grid: the scores of the picture, if they are known already.
    """
    group, best = _first_guess(sample, grid)
    seen = state.key("picture-of-target")
    if st.session_state.get(seen, picture.digest) != picture.digest and not state.url_leads():
        for name in ("of", "label"):
            st.session_state.pop(state.key(name), None)
            state.write(name, None)
    st.session_state[seen] = picture.digest
    kinds = {key: _(entry.title) for key, entry in groups().items()} | {_ONE: _("one class")}
    chosen = state.choice(_("Look for"), "of", kinds, group, format_func=kinds.__getitem__, look="pills")
    if chosen != _ONE:
        return _named(chosen, best)
    names = titles(current())
    # no value is the default: what the first guess is depends on the picture, and a shared address must not
    bound = state.bind("label", -1, lambda: state.read_int("label", best, 0, len(names) - 1))
    label = int(st.session_state[bound["key"]])
    shown = f"{bound['key']}-{current()}"  # a select box keeps the words that it began with: each language has its own
    st.session_state[shown] = label

    def chose() -> None:
        st.session_state[bound["key"]] = st.session_state[shown]
        bound["on_change"]()

    st.selectbox(
        _("Class (type to search all 1000)"),
        range(len(names)),
        format_func=lambda i: f"{names[i]} ({i})",
        key=shown,
        on_change=chose,
    )
    return _named(_ONE, label)
