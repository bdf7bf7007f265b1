"""What the heatmap is about: a group of ImageNet classes, or one class out of the thousand."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from core.errors import N_
from core.models.imagenet import Group, groups, titles
from core.passes.heatmaps import ScoreGrid
from core.pictures.images import Picture, Sample
from core.pictures.labels import VOC
from core.ui import state
from core.ui.language import current
from core.ui.language import gettext as _

_ONE = "class"
_GROUP_OF = {"cat": "cat", "dog": "dog", "bird": "bird", "car": "vehicle", "bus": "vehicle", "bicycle": "vehicle"}


class Target(NamedTuple):
    """Classes whose probabilities are added, and what they are called."""

    ids: tuple[int, ...]
    name: str


def _voc(*names: str) -> tuple[int, ...]:
    return tuple(VOC.index(name) for name in names)


_VOC_GROUPS = {
    "cat": Group("cat", N_("cat"), _voc("cat")),
    "dog": Group("dog", N_("dog"), _voc("dog")),
    "bird": Group("bird", N_("bird"), _voc("bird")),
    "person": Group("person", N_("person"), _voc("person")),
    "vehicle": Group("vehicle", N_("any road vehicle"), _voc("bicycle", "bus", "car", "motorbike")),
    "furniture": Group("furniture", N_("any furniture"), _voc("chair", "dining table", "sofa")),
}
"""The same for classifiers of VOC's twenty classes."""


def _groups(labels: str) -> dict[str, Group]:
    return groups() if labels == "imagenet-1k" else _VOC_GROUPS


def names_of(labels: str) -> tuple[str, ...]:
    """What the classes of a label set are called, by id, in the reader's language."""
    return titles(current()) if labels == "imagenet-1k" else tuple(_(name) for name in VOC)


def _first_guess(sample: Sample | None, grid: ScoreGrid | None, labels: str) -> tuple[str, int]:
    """Group and class to begin with: what the sample shows, otherwise what the network is surest of in the photo."""
    known = _groups(labels)
    best = int(grid.probabilities.max((0, 1)).argmax()) if grid else known["cat"].ids[0]
    for thing in sample.objects if sample else ():
        if _GROUP_OF.get(thing, thing) in known:
            return _GROUP_OF.get(thing, thing), best
    within = [key for key, group in known.items() if best in group.ids]
    return (within[0] if within else _ONE if grid else "cat"), best


def _named(group: str, label: int, labels: str) -> Target:
    if group == _ONE:
        return Target((label,), names_of(labels)[label])
    return Target(_groups(labels)[group].ids, _(_groups(labels)[group].title))


def first(sample: Sample | None, grid: ScoreGrid | None) -> Target:
    """What a picture is about before anybody chose, for a classifier of ImageNet's classes."""
    return _named(*_first_guess(sample, grid, "imagenet-1k"), "imagenet-1k")


def chosen(picture: Picture, sample: Sample | None, grid: ScoreGrid | None, labels: str) -> Target:
    """What :func:`choose` is going to say, for a figure above its widgets. A new picture, and another label set, start
    with their own first guess; a choice in the URL wins over that.

    Args:
        grid: the scores of the picture, if they are known already.
        labels: the network's label set.
    """
    group, best = _first_guess(sample, grid, labels)
    seen, subject = state.key("picture-of-target"), f"{picture.digest}/{labels}"
    if st.session_state.get(seen, subject) != subject and not state.url_leads():
        for name in ("of", "label"):
            st.session_state.pop(state.key(name), None)
            state.write(name, None)
    st.session_state[seen] = subject
    _bound, kind = state.bind_choice("of", [*_groups(labels), _ONE], group)
    if kind != _ONE:
        return _named(kind, best, labels)
    return _named(_ONE, int(st.session_state[_label(best, labels)["key"]]), labels)


def _label(best: int, labels: str) -> dict[str, Any]:
    # no value is the default: what the first guess is depends on the picture, and a shared address must not
    bound = state.bind("label", -1, lambda: state.read_int("label", best, 0, len(names_of(labels)) - 1))
    if not 0 <= int(st.session_state[bound["key"]]) < len(names_of(labels)):
        st.session_state[bound["key"]] = best
    return bound


def choose(picture: Picture, sample: Sample | None, grid: ScoreGrid | None, labels: str) -> Target:
    """The two widgets, which say what :func:`chosen` says."""
    chosen(picture, sample, grid, labels)
    group, best = _first_guess(sample, grid, labels)
    kinds = {key: _(entry.title) for key, entry in _groups(labels).items()} | {_ONE: _("one class")}
    kind = state.choice(_("Look for"), "of", kinds, group, format_func=kinds.__getitem__, look="pills")
    if kind != _ONE:
        return _named(kind, best, labels)
    names = names_of(labels)
    bound = _label(best, labels)
    label = int(st.session_state[bound["key"]])
    # a select box keeps the words that it began with: each language and each label set has its own
    shown = f"{bound['key']}-{current()}" + ("" if labels == "imagenet-1k" else f"-{labels}")
    st.session_state[shown] = label

    def chose() -> None:
        st.session_state[bound["key"]] = st.session_state[shown]
        bound["on_change"]()

    title = _("Class (type to search all {count})").format(count=len(names))
    st.selectbox(
        title,
        range(len(names)),
        format_func=lambda i: f"{names[i]} ({i})",
        key=shown,
        on_change=chose,
    )
    return _named(_ONE, label, labels)
