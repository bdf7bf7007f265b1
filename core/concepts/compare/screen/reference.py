"""How well each network agrees with a reference mask: the sample's, or the visitor's own, as a file or drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.concepts.compare import votes
from core.concepts.compare.answers import Answer
from core.concepts.compare.screen import polygon_pen
from core.concepts.compare.votes import Score
from core.concepts.compare.work import Progress
from core.errors import SegScopeError
from core.models.registry import spec
from core.pictures import reference
from core.pictures.images import Picture
from core.pictures.labels import VOC
from core.pictures.reference import Reference
from core.ui import kept, own_mask, state
from core.ui.budget import remembered
from core.ui.kit.file_gate import contents, file_gate
from core.ui.kit.two_shapes import two_shapes
from core.ui.language import gettext as _
from core.ui.language import translate_error

_ERROR = "compare-reference-error"
_FILE = "compare-reference-file"
TRY = "compare-try-scores"
"""Key of the expander with the two shapes."""


def title(found: Reference) -> str:
    """What to call it."""
    return _("Reference, drawn by hand") if found.bundled else _("Your reference")


def _take(make: Any) -> None:
    """Keep what ``make()`` gives; when it refuses, its sentence, and what was there stays."""
    st.session_state.pop(_ERROR, None)
    try:
        st.session_state[own_mask.KEY] = make()
    except SegScopeError as error:
        st.session_state[_ERROR] = error


def _widget() -> str:
    return f"{_FILE}-{st.session_state.get(_FILE, 0)}"


def _on_file(picture: Picture) -> None:
    file = st.session_state.get(_widget())  # unknown where this is called once more: see the picker
    if file is not None:
        st.session_state[_FILE] = st.session_state.get(_FILE, 0) + 1  # an empty widget for the next one
        _take(lambda: reference.decode(contents(file), picture))


def _on_drawn(picture: Picture) -> None:
    shapes = kept.sent(polygon_pen.KEY, "drawn")
    _take(lambda: reference.draw(shapes, picture))


def _forget() -> None:
    st.session_state.pop(own_mask.KEY, None)
    st.session_state.pop(_ERROR, None)


@remembered
def _score(truth: str, picture: str, network: str, _truth: np.ndarray[Any, Any], _answer: Answer) -> Score:
    return votes.score(_truth, _answer.ids)


def scores(found: Reference, progress: Progress) -> dict[str, Score]:
    """How well every network that has answered agrees with the reference."""
    return {
        name: _score(found.digest, found.picture, name, found.ids, answer) for name, answer in progress.answers.items()
    }


def draw(picture: Picture, progress: Progress | None) -> None:
    """The scores against the reference that there is, and the two ways to bring one."""
    found = own_mask.current(picture)
    if found is None:
        st.markdown(_("Say what is where in this picture, and see how well each network agrees with you."))
    elif found.bundled:
        st.markdown(
            _(
                "The reference of this picture was drawn by hand for SegScope, before any network was asked. Bring or"
                " draw your own, and it takes its place."
            )
        )
    else:
        st.markdown(
            _("You have said what is where in this picture: so well does each network agree with you.")
            + (f"\n\n{taken_for(found)}" if found.how else "")
        )
    if found is not None and progress is not None and progress.answers:
        _scores(found, progress)
    elif found is not None:
        with st.container(border=True, height=260):
            st.markdown(_("The scores of each network stand here as soon as its mask is there."))
    _bring(picture)
    if isinstance(error := st.session_state.get(_ERROR), SegScopeError):
        st.error(translate_error(error))
    if found is not None and not found.bundled:
        st.button(_("Forget the reference"), key="compare-forget", on_click=_forget)


def taken_for(found: Reference) -> str:
    """What a file was taken for, in words: which of the ways to read it, and how much of each class that gave."""
    labels, counts = np.unique(found.ids, return_counts=True)
    each = zip(labels.tolist(), (100 * counts / found.ids.size).tolist(), strict=True)
    shares = ", ".join(
        f"{_(VOC[i]) if i < len(VOC) else _('not counted')} {'<1' if share < 0.5 else round(share)} %"
        for i, share in sorted(each, key=lambda pair: -pair[1])
    )
    sentences = {
        reference.COLOURS: _("Your mask was read by its colours, which are VOC’s: {shares}."),
        reference.VALUES: _("Your mask was read by its grey values, as class ids: {shares}."),
        reference.POSITIONS: _(
            "Your mask was read by the positions in its palette, whose colours are not VOC’s: {shares}."
        ),
    }
    return sentences[found.how].format(shares=shares)


def _bring(picture: Picture) -> None:
    ways = {"file": _("a PNG of class ids"), "pen": _("drawn here")}
    way = state.choice(_("Your own reference"), "ref", ways, "file", format_func=ways.__getitem__)
    if way == "pen":
        polygon_pen.polygon_pen(picture, 8, lambda: _on_drawn(picture))
        return
    width, height = picture.original_size
    file_gate(_FILE, "image/png")
    st.file_uploader(
        _("PNG of the photo’s size ({width} × {height}): class ids in grey or a palette, or VOC’s colours").format(
            width=width, height=height
        ),
        key=_widget(),
        on_change=_on_file,
        args=(picture,),
    )
    with st.expander(_("Class ids")):
        st.markdown(" · ".join(f"{i} {_(name)}" for i, name in enumerate(VOC)) + " · 255 " + _("not counted"))


def _scores(found: Reference, progress: Progress) -> None:
    each = scores(found, progress)
    marked = [int(i) for i in np.unique(found.ids) if i < len(VOC)]
    columns: dict[str, list[Any]] = {_("Network"): [_(spec(name).title) for name in each]}
    columns[_("mIoU, %")] = [100 * s.miou for s in each.values()]
    columns[_("Boundary, %")] = [100 * s.boundary for s in each.values()]
    columns[_("Accuracy, %")] = [100 * s.accuracy for s in each.values()]
    for i in marked:
        columns[_("IoU of {name}, %").format(name=_(VOC[i]))] = [
            100 * s.iou[i] if i in s.iou else None for s in each.values()
        ]
    number = st.column_config.NumberColumn(format="%.1f")
    st.dataframe(
        columns,
        column_config={_("Network"): st.column_config.TextColumn(pinned=True)}
        | dict.fromkeys(list(columns)[1:], number),
        hide_index=True,
        height="content",
        key="compare-scores",
        placeholder="–",
        alt=_("How well each network agrees with the reference"),
    )
    st.caption(
        _(
            "mIoU: mean over the classes that the reference or the network has; a class that is not there costs a"
            " network as much as one that it misses. Boundary: F1 of the outlines within two pixels."
        )
    )
    _play()


@st.fragment
def _play() -> None:
    """What both scores count, to try out; it is sent when it is unfolded."""
    with st.expander(_("Try out what IoU and the boundary score count"), key=TRY, on_change="rerun") as box:
        if box.open:
            two_shapes(("iou", "boundary"), key="two_shapes-of-compare")
