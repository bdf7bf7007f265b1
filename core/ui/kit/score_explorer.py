"""A classifier beside its convolutional twin: one vector of scores against a grid of them, explored in the browser."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.models.imagenet import titles
from core.passes.heatmaps import NATIVE, NATIVE_VIEW, STRIDE, ScoreGrid, View
from core.pictures.images import Picture, encode_jpeg
from core.ui import guesses, kept, kept_pictures, state
from core.ui.component import register
from core.ui.kit import standing
from core.ui.language import current
from core.ui.language import gettext as _
from core.viz import palettes

_mount = register(__file__, room=(880, 450))
KEY = "score_explorer"
LEAST_TOP = 0.25
"""Probability at which the scale of a heatmap ends where its peak is lower: faint heat must look faint."""


def _packed(values: npt.NDArray[np.generic]) -> str:
    """Little-endian bytes of an array as text, which is how a component's JSON carries them."""
    return base64.b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode()


def _shares(values: npt.ArrayLike) -> npt.NDArray[np.uint16]:
    """Probabilities as 0 to 65535: a third of the size of the same digits, exact to 0.001 %."""
    return np.asarray(np.clip(np.asarray(values, np.float64) * 65535, 0, 65535).round().astype(np.uint16))


def _photo(picture: Picture, view: View) -> str:
    """The network's input as a ``data:`` address of a JPEG."""

    def make() -> str:
        jpeg = encode_jpeg(view.render(picture.pixels), quality=80)
        return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()

    return kept_pictures.of(picture, view, make)


def photo_on(picture: Picture, view: View) -> state.Photo:
    """Where the whole of ``picture`` lies on the network's input, which ``view`` may have cut out of it."""
    height, width = picture.pixels.shape[:2]
    left, top, right, bottom = view.box(width, height)
    across, down = view.input_size(width, height)
    x, y = across / (right - left), down / (bottom - top)
    return -left * x, -top * y, width * x, height * y


def score_explorer(
    picture: Picture,
    view: View,
    grid: ScoreGrid,
    *,
    ids: Sequence[int],
    target: str,
    alone: ScoreGrid | None = None,
    pin: tuple[int, int] = state.NOWHERE,
    guess: str = "",
    names: Sequence[str] = (),
) -> None:
    """Draw the explorer.

    Args:
        picture: what is looked at.
        view: which part of it, and how large; ``grid`` was computed from it.
        grid: the scores at every place.
        ids: classes whose probabilities are added for the heat.
        target: their name, translated.
        alone: the classifier's answer to the central square at its native size (a grid of one cell); without it the
            left half, the classifier, is left out.
        pin: a pinned pixel, in thousandths of the photo: the window begins there and not at the hottest cell.
        names: of the classes by id; ImageNet's unless it is said.
        guess: name under which the visit's count hears of "where is it hottest?", ``page/question``.
    """

    def guessed() -> None:
        if (hit := kept.flag(KEY, "guess")) is not None:
            guesses.note(guess or "home/hottest", hit)

    width, height = view.input_size(picture.pixels.shape[1], picture.pixels.shape[0])
    heat = grid.heat(ids)
    peak = float(heat.max())
    scale = (
        _("Scale: up to its peak here.")
        if peak >= LEAST_TOP
        else _("The peak is only {peak:.1%}: the scale ends at {top:.0%}.").format(peak=peak, top=LEAST_TOP)
    )
    best, shares = grid.best
    names = names or titles(current())
    crop_ids, crop_shares = (alone.best[0][0, 0], alone.best[1][0, 0]) if alone else (best[0, 0][:0], shares[0, 0][:0])
    shown = {int(i) for i in (*best.flat, *crop_ids)}
    _mount(
        key=KEY,
        on_guess_change=guessed,
        data={
            "subject": f"{picture.digest}/{view}/{sorted(ids)}",
            "photo": _photo(picture, view),
            "width": width,
            "height": height,
            "crop": _photo(picture, NATIVE_VIEW) if alone else "",
            "cropIds": crop_ids.tolist(),
            "cropShares": [round(float(s), 5) for s in crop_shares],
            "rows": grid.rows,
            "columns": grid.columns,
            "native": NATIVE,
            "stride": STRIDE,
            "heat": _packed(_shares(heat)),
            "pin": None if pin == state.NOWHERE else list(state.to_pixel(pin, photo_on(picture, view))),
            "top": round(max(peak, LEAST_TOP), 5),
            "begin": standing.begin(cell=list(state.read_ints("cell", (-1, -1), -1, 99))),
            "bestIds": _packed(best),
            "bestShares": _packed(_shares(shares)),
            "names": {str(i): names[i] for i in sorted(shown)},
            "targets": [int(i) for i in ids if i in shown],
            "target": target,
            "palette": _packed(palettes.magnitude()),
            "compact": alone is None,
            "classifierShape": f"3×{NATIVE}×{NATIVE} → {grid.probabilities.shape[-1]}",
            "convertedShape": f"3×{height}×{width} → {grid.probabilities.shape[-1]}×{grid.rows}×{grid.columns}",
            "legend": _("probability of “{target}” in the window around each place").format(target=target)
            + ". "
            + scale,
            "text": {
                "classifierTitle": _("The classifier"),
                "classifierNote": _("One picture in, one vector of scores out. What stood where is gone."),
                "cropAlt": _("The central square of the photo, the only part that the classifier is given"),
                "convertedTitle": _("The same weights, read as convolutions"),
                "photoLabel": _("Photo with the window of the current cell. Arrow keys move it."),
                "photoAlt": _("The photo under the heatmap"),
                "gridLabel": _("Heatmap, one cell for each window. Arrow keys move between cells."),
                "cellLabel": _("Row {row}, column {column}: {target} {share}"),
                "readout": _(
                    "Row {row}, column {column} sees x {left}–{right}, y {top}–{bottom}."
                    " Best guess: {name}, {best}. For “{target}”: {share}."
                ),
                "opacity": _("Heat over the photo"),
                "hottest": _("Go to the hottest cell"),
                "predict": _("Guess first"),
                "predictStop": _("Show the map"),
                "predictHow": _(
                    "Where will the map be hottest? Click the photo, or move with the arrow keys and press Enter."
                ),
                "verdictHit": _("Exactly there: row {row}, column {column}, {hottest}."),
                "verdictMiss": _(
                    "The hottest cell is row {row}, column {column} with {hottest}; yours has {yours}, {cells} cells"
                    " ({pixels} pixels) away. A cell answers for its whole window, so a part that decides, such as a"
                    " face, can pull the maximum away from the middle of the body."
                ),
            },
        },
    )
