"""The step with the brush: strokes on the reader's photo teach a head on the shared encoder's maps."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.concepts.training.screen import stroke_brush
from core.engine import inference
from core.errors import SegScopeError
from core.passes.learning import simulated, strokes
from core.passes.learning.strokes import COLOURS, STRIDES, Head, Maps, Stroke
from core.pictures.images import Picture, encode_png
from core.ui import kept, own_mask, page, picker, state
from core.ui.budget import remembered
from core.ui.language import gettext as _
from core.ui.language import translate_error

Ids = npt.NDArray[np.uint8]
_STROKES, _HEAD, _ERROR = "training-strokes", "training-head", "training-strokes-error"


@remembered
def _maps(digest: str, _picture: Picture) -> Maps:
    return strokes.maps(_picture)


@remembered
def _first(digest: str, truth: str, _object: npt.NDArray[np.bool_]) -> tuple[Stroke, ...]:
    """The two strokes that a sample opens with: where its object is widest, and its background."""
    radius = max(2.0, min(_object.shape) / 60)
    found = (simulated.stroke_through(where, label, radius) for where, label in ((_object, 1), (~_object, 0)))
    return tuple(stroke for stroke in found if stroke is not None)


def truth_of(picture: Picture) -> Ids | None:
    """Where the picture's main object is, by its reference (:func:`core.passes.learning.simulated.main_object`)."""
    found = own_mask.current(picture)
    return None if found is None else simulated.main_object(found.ids)


def _known(picture: Picture) -> tuple[Stroke, ...]:
    """The strokes on ``picture``: the visitor's, or those that it opens with."""
    kept = st.session_state.get(_STROKES)
    if isinstance(kept, tuple) and kept[0] == picture.digest:
        own: tuple[Stroke, ...] = kept[1]
        return own
    found = own_mask.current(picture)
    truth = truth_of(picture)
    if found is None or truth is None or st.session_state.get(_HEAD) is not None:
        return ()
    return _first(picture.digest, found.digest, truth == 1)


def _on_strokes(picture: Picture) -> None:
    size = picture.pixels.shape[1], picture.pixels.shape[0]
    st.session_state.pop(_ERROR, None)
    try:
        st.session_state[_STROKES] = (picture.digest, strokes.read(kept.sent(stroke_brush.KEY, "strokes"), size))
    except SegScopeError as error:
        st.session_state[_ERROR] = error


def _chosen() -> tuple[int, ...]:
    """Which maps the head reads."""
    kinds = {"maps": _("Maps of the encoder"), "colours": _("Raw colours alone")}
    kind = state.choice(_("The head reads"), "reads", kinds, "maps", format_func=kinds.__getitem__)
    with st.container(horizontal=True):
        on = [
            state.toggle(_("Stride {stride}").format(stride=stride), f"s{stride}", True, disabled=kind == "colours")
            for stride in STRIDES
        ]
    return (COLOURS,) if kind == "colours" else tuple(s for s, yes in zip(STRIDES, on, strict=True) if yes)


def _kept_head() -> Head | None:
    head = st.session_state.get(_HEAD)
    return head if isinstance(head, Head) else None


def _learned(found: Maps, known: tuple[Stroke, ...], chosen: tuple[int, ...]) -> tuple[Head, Ids]:
    """The head and its mask, through the queue."""

    def compute() -> tuple[Head, Ids]:
        head = strokes.learn(found, known, chosen)
        return head, strokes.mask(head, found)

    return inference.run(compute).value


def said(head: Head, mask: Ids, truth: Ids | None) -> str:
    """What taught, and how good the mask is, in a line."""
    text = _("{pixels:,} pixels under the strokes taught {weights:,} weights.").format(
        pixels=head.pixels, weights=head.weights.size
    )
    if truth is not None and set(head.labels) <= {0, 1}:
        text += " " + _("IoU with the hand-drawn reference: {iou:.2f}.").format(iou=simulated.score(mask, truth))
    return text


def teach() -> None:
    """Draw the step."""
    picture = picker.current()
    st.markdown(
        _(
            "Paint a stroke on the object and one on the background. The pixels under them teach a 1×1 convolution on"
            " the maps of an encoder that rests; where the mask is wrong, add a third."
        )
    )
    left, right = st.columns([2, 1], gap="large")
    with right:
        classes = int(state.choice(_("Classes"), "classes", [str(n) for n in range(2, 6)], "2"))
        chosen = _chosen()
        below = st.container()
    with left:
        st.fragment(_draw)(picture, classes, chosen)
    with below:
        st.fragment(_strides)(picture)


def _draw(picture: Picture, classes: int, chosen: tuple[int, ...]) -> None:
    known, truth = _known(picture), truth_of(picture)
    if not inference.ready():
        stroke_brush.stroke_brush(picture, known, classes, None, "", partial(_on_strokes, picture))
        page.waiting_for_torch()
        return
    head, mask, news = None, None, ""
    try:
        found = _maps(picture.digest, picture)
        if known:
            head, mask = _learned(found, known, chosen)
            news = said(head, mask, truth)
        elif (kept := _kept_head()) is not None:
            mask = inference.run(lambda: strokes.mask(kept, found)).value
            news = _("The head that you kept, on a picture that it was not taught on.") + (
                " " + _("IoU with the hand-drawn reference: {iou:.2f}.").format(iou=simulated.score(mask, truth))
                if truth is not None and set(kept.labels) <= {0, 1}
                else ""
            )
        else:
            news = _("Draw a stroke on the object and one on the background.")
    except SegScopeError as error:
        news = translate_error(error)
    if isinstance(refused := st.session_state.get(_ERROR), SegScopeError):
        news = translate_error(refused)
    stroke_brush.stroke_brush(picture, known, classes, mask, news, partial(_on_strokes, picture))
    with st.container(horizontal=True):
        if mask is not None:
            st.download_button(_("Save the mask"), encode_png(mask, 6), "mask.png", "image/png", on_click="ignore")
        if known:
            st.download_button(
                _("Save the strokes"), _strokes_file(known, picture), "strokes.png", "image/png", on_click="ignore"
            )
        if head is not None:
            st.button(_("Keep this head for the next picture"), on_click=partial(_keep, head))
        elif _kept_head() is not None:
            st.button(_("Forget the head"), on_click=partial(_keep, None))


def _strokes_file(known: tuple[Stroke, ...], picture: Picture) -> bytes:
    return encode_png(strokes.painted(known, (picture.pixels.shape[1], picture.pixels.shape[0])), 6)


def _keep(head: Head | None) -> None:
    st.session_state[_HEAD] = head


def _strides(picture: Picture) -> None:
    """IoU with each stride alone, asked for by a button: what context gives and what localisation."""
    truth, known = truth_of(picture), _known(picture)
    if not inference.ready() or truth is None or len({stroke.label for stroke in known}) != 2:
        return
    if not st.button(_("Try each stride alone")):
        return
    found, rows = _maps(picture.digest, picture), []
    for title, chosen in [
        *((_("stride {stride} alone").format(stride=s), (s,)) for s in STRIDES),
        (_("all strides"), STRIDES),
        (_("raw colours"), (COLOURS,)),
    ]:
        try:
            _head, mask = _learned(found, known, chosen)
        except SegScopeError as error:
            st.caption(translate_error(error))
            return
        rows.append(f"| {title} | {simulated.score(mask, truth):.2f} |")
    st.markdown("\n".join(["| {} | IoU |".format(_("The head reads")), "|---|---|", *rows]))
    st.caption(
        _(
            "Fine maps know where an edge is and not what it belongs to; coarse ones know what is there and not exactly"
            " where. Together they do both. Colours alone cannot tell two things of one colour apart."
        )
    )
