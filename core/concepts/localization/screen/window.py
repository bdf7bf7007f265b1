"""Context against localisation: a pixel's window, the maps and the curves, the receptive fields."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.concepts.localization import fields, window_sweep
from core.concepts.localization.screen import results
from core.concepts.localization.screen.results import FREE, PATCHES
from core.concepts.localization.screen.trade_off import Shown, trade_off
from core.concepts.localization.screen.window_probe import KEY, window_probe
from core.models.measured import measurements
from core.models.registry import spec
from core.pictures.images import Picture
from core.ui import guesses, kept, own_mask, page, state
from core.ui.language import gettext as _

_GUESS = "localization-guess"


def pin(picture: Picture, pixels: np.ndarray, truth: np.ndarray) -> tuple[int, int]:
    """The chosen pixel; before anybody chose, one of an object that only the widest window names rightly."""
    height, width = pixels.shape[:2]
    if (there := kept.pin()) != state.NOWHERE:
        return state.to_pixel(there, (0, 0, width, height))
    narrow, *_between, wide = (results.dense(picture.digest, name, pixels) for name in PATCHES)
    telling = window_sweep.inside((truth > 0) & (truth < 21) & (wide == truth) & (narrow != truth))
    return telling or (width // 2, height // 2)


def _follow(pixels: np.ndarray) -> None:
    if (found := kept.taken(KEY, "pin", 2, 0, window_sweep.LARGEST)) is not None:
        kept.put_pin(state.to_pin((found[0], found[1]), (0, 0, pixels.shape[1], pixels.shape[0])))


def _places(truth: np.ndarray) -> list[tuple[int, int]]:
    """Sixteen pixels for the game, as many on objects as beside them where there are any; the same for a picture."""
    random = np.random.default_rng(0)
    found: list[tuple[int, int]] = []
    for mask in (truth > 0, truth == 0):
        rows, columns = np.nonzero(mask & (truth != 255))
        for i in random.integers(0, len(rows), 8) if len(rows) else ():
            found.append((int(columns[i]), int(rows[i])))
    return found


@st.fragment
def probe(picture: Picture, pixels: np.ndarray) -> None:
    """The window around a pixel."""
    from core.models.patches import CUTS  # needs torch, which is there by now

    truth = results.truth(picture, pixels, own_mask.current(picture))
    x, y = pin(picture, pixels, truth)
    table = results.sweep(picture.digest, x, y, pixels)
    said = int(truth[y, x])
    window_probe(pixels, (x, y), table, 0 if said == 255 else said, _places(truth), lambda: _follow(pixels))
    st.caption(
        _("The patch classifiers are EfficientNet-Lite0, cut off after {blocks} of its 16 blocks.").format(
            blocks=", ".join(str(cut.blocks) for cut in CUTS.values())
        )
    )


@st.fragment
def fields_of(picture: Picture, pixels: np.ndarray) -> None:
    """The receptive fields of the pinned pixel: what could change an answer, and what does."""
    x, y = pin(picture, pixels, results.truth(picture, pixels, own_mask.current(picture)))
    st.markdown(
        _(
            "The **theoretical field** of a layer is every pixel that can change its value at the pinned place. The"
            " **gradient** says how much each of them really does, the brighter the more. Move to a deeper layer: the"
            " field grows, and most of the gradient stays close to the middle. The pixel is the one of the second step."
        )
    )
    deepest = window_sweep.DEEPEST
    layer = state.slider(_("Layer of FCN-8s’s encoder: 0 is the stem, then its blocks"), "layer", 0, deepest, 9)
    field = results.field(picture.digest, x, y, layer, pixels)
    left, right = st.columns([3, 2])
    image = fields.over(pixels, field.gradient, (field.left, field.top, field.size), (x, y, field.core))
    left.image(
        image,
        width="stretch",
        caption=_("White: theoretical field. Orange: 90% of the gradient."),
        alt=_("The gradient of the pinned pixel over your picture, with a frame for each field"),
    )
    right.metric(_("Theoretical field"), f"{field.size} × {field.size}")
    right.metric(_("90% of the gradient"), f"{field.core} × {field.core}")
    right.caption(
        _("That is {share}% of the theoretical field’s area, at pixel ({x}, {y}) of this photo.").format(
            share=f"{100 * field.share:.2g}", x=x, y=y
        )
        + " "
        + _("A step of this layer’s map is {stride} pixels.").format(stride=field.stride)
    )
    right_end, bottom_end = field.left + field.size, field.top + field.size
    if min(field.left, field.top) < 0 or right_end > pixels.shape[1] or bottom_end > pixels.shape[0]:
        right.caption(_("The theoretical field reaches beyond the photo, so parts of its frame are not to be seen."))


def curves(picture: Picture, pixels: np.ndarray) -> None:
    """The dense map of each network, its scores, and the curves."""
    reference = own_mask.current(picture)
    truth = results.truth(picture, pixels, reference)
    marked = reference.digest if reference else results.strongest()
    found, limits = results.grades(picture.digest, marked, pixels, truth)
    names = (*PATCHES, FREE)
    ticks = [*(f"{size} px" for size in window_sweep.WINDOWS), "U-Net"]
    note = _("{accuracy}% of pixels right, boundary error {error}%, stride {stride}")
    maps = [
        Shown(
            _(spec(name).title),
            results.dense(picture.digest, name, pixels),
            note.format(
                accuracy=f"{100 * grade[0]:.1f}",
                error=f"{100 * (1 - grade[2]):.1f}",
                stride=spec(name).output_stride,
            ),
        )
        for name, grade in zip(names, found, strict=True)
    ]
    answered = st.session_state.get(_GUESS) is not None
    lines = [
        (_("context: pixels with the right class"), [g[0] for g in found]),
        (_("localisation: boundary score, F1 within 2 pixels"), [g[2] for g in found]),
        (_("boundary score that the stride alone permits"), limits),
    ]
    # The masks are there to judge by; what they scored would give the answer away.
    trade_off(pixels, maps if answered else [each._replace(note="") for each in maps], ticks, lines if answered else [])
    with page.predict_box(_("Which window gives the best outline on this photo?")):
        guess = st.pills(
            _("Your guess"),
            [*ticks[:-1], ""],
            format_func=lambda tick: tick or _("just show me"),
            key=_GUESS,
            label_visibility="collapsed",
        )  # not in the URL: a shared address must not give the answer away
        if guess is None:
            return
        best = max(range(len(PATCHES)), key=lambda i: found[i][2])
        if guess:
            guesses.note("localization/window", guess == ticks[best])
        st.markdown(verdict(ticks.index(guess) if guess else None, best, ticks, [(g[1], g[2]) for g in found]))
    st.markdown(shows())
    if reference is not None and reference.bundled:
        st.caption(_("Measured against the reference mask that was drawn by hand for this photo."))
    elif reference is not None:
        st.caption(_("Measured against your own reference mask of this photo."))
    else:
        st.caption(
            _(
                "This photo has no reference mask, so “right” means: as {network} says, the strongest bundled network."
                " Bring or draw a mask on the page Compare, and it counts here."
            ).format(network=_(spec(results.strongest()).title))
        )


def verdict(guess: int | None, best: int, ticks: list[str], grades: list[tuple[float, float]]) -> str:
    """Whether the guess was right, by how much it was not, and why.

    Args:
        guess: number of a window, ``None`` without one.
        best: the one with the best outline.
        ticks: what they are called.
        grades: mean IoU and boundary score, 0 to 1, of each.
    """
    values = {"best": ticks[best], "score": f"{grades[best][1]:.0%}"}
    if guess is None:
        said = _("The best outline has {best}: boundary score {score}.").format(**values)
    elif guess == best:
        said = _("**Right:** {best}, with a boundary score of {score}.").format(**values)
    else:
        said = _("**It is {best},** with a boundary score of {score}; {yours} reaches {mine}.").format(
            **values, yours=ticks[guess], mine=f"{grades[guess][1]:.0%}"
        )
    other = guess if guess is not None and guess != best else min(range(len(PATCHES)), key=lambda i: grades[i][1])
    if grades[best][0] > grades[other][0]:
        said += " " + _(
            "It takes less for something else, and what is taken for something else has no right outline: its mean IoU"
            " is {more}, that of {other} {less}."
        ).format(more=f"{grades[best][0]:.0%}", less=f"{grades[other][0]:.0%}", other=ticks[other])
    return said


def shows() -> str:
    """What the curves show and what they do not, by the measurements on the test pictures."""
    text = _(
        "**What this figure shows, and what not.** The four classifiers differ in their window *and* in their stride,"
        " so it cannot tell the two apart. What a stride alone costs is the dashed curve, and the three masks of the"
        " first step."
    )
    known = measurements()
    errors = [1 - voc.boundary for name in PATCHES if name in known and (voc := known[name].voc)]
    if len(errors) == len(PATCHES) and sorted(errors, reverse=True) == errors:
        text += " " + _(
            "It does not show that seeing more blurs: on VOC’s test pictures the boundary error *falls* as the window"
            " grows, from {most:.0%} to {least:.0%}. A small window takes things for something else, and what is taken"
            " for something else has no right outline."
        ).format(most=errors[0], least=errors[-1])
    return text


def tested() -> None:
    """What the networks of the curves reach on the test pictures."""
    names = (*PATCHES, FREE)
    known = measurements()
    measured = [name for name in names if name in known and (known[name].voc or known[name].pets)]
    if not measured:
        return
    columns: dict[str, list[object]] = {_("Network"): [_(spec(name).title) for name in measured]}
    for title, data in (("VOC", "voc"), (_("Pets"), "pets")):
        scores = [getattr(known[name], data) for name in measured]
        columns[_("{data}: mIoU, %").format(data=title)] = [round(100 * s.miou, 1) if s else None for s in scores]
        columns[_("{data}: boundary error, %").format(data=title)] = [
            round(100 * (1 - s.boundary), 1) if s else None for s in scores
        ]
    st.dataframe(columns, hide_index=True, height="content", key="localization-tests")
