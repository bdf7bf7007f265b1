"""Two shapes over each other, a reference and a prediction, whose IoU and boundary score follow the pointer."""

from __future__ import annotations

from collections.abc import Sequence

from core.maths import shapes
from core.ui.component import register
from core.ui.kit import standing
from core.ui.language import gettext as _

_mount = register(__file__, room=(645, 387))
DISTANCE = 2
"""Tolerance of the boundary score in pixels, as everywhere (:func:`core.maths.metrics.boundary_score`)."""


def two_shapes(modes: Sequence[str], *, key: str) -> None:
    """Draw the player; what it counts is what :func:`core.maths.metrics.iou` and ``boundary_score`` count.

    Args:
        modes: ``iou`` or ``boundary`` or both; the first is shown first.
        key: ``two_shapes-of-`` and where it stands.
    """
    _mount(
        key=key,
        data={
            "modes": list(modes),
            "size": [shapes.SIZE[1], shapes.SIZE[0]],
            "middle": list(shapes.MIDDLE),
            "halves": {kind: list(half) for kind, half in shapes.HALVES.items()},
            "least": {kind: shapes.least(kind) for kind in shapes.HALVES},
            "most": shapes.MOST,
            "distance": DISTANCE,
            "begin": standing.begin(),
            "text": _texts(modes),
        },
    )


def _texts(modes: Sequence[str]) -> dict[str, str]:
    try_it = _(
        "Lay it over and grow it by 4 pixels: a large shape keeps most of its IoU and has no boundary score left."
        " Grow the thin bar by 2: its boundary score stays whole, and its IoU loses more than half."
    )
    alone = _(
        "Lay it over and grow it by 2 pixels: a large shape keeps most of its IoU, and the thin bar loses more than"
        " half of it."
    )
    return {
        "label": _("Two shapes to lay over each other"),
        "iou": "IoU",
        "boundary": _("Boundary score"),
        "stage": _("The reference and the prediction, in pixels"),
        "hold": _(
            "The prediction. Drag it; arrow keys move it by a pixel, with Shift by eight, and Home lays it over the"
            " reference."
        ),
        "offset": _("Prediction against reference: x {x}, y {y} pixels."),
        "sum": _("overlap / union = {both} / {either} = {share}"),
        "precision": _("precision: {hits} / {all} = {share} of the prediction’s outline"),
        "recall": _("recall: {hits} / {all} = {share} of the reference’s outline"),
        "f1": _("boundary score (F1) = 2 × {precision} × {recall} / ({precision} + {recall}) = {share}"),
        "none": _("boundary score (F1) = 0: no pixel of an outline is near the other one."),
        "both": _("both: {count}"),
        "missed": _("only the reference: {count}"),
        "extra": _("only the prediction: {count}"),
        "truth": _("reference’s outline"),
        "prediction": _("prediction’s outline"),
        "counts": _("full: inside the other’s band of {distance} pixels, counts"),
        "lost": _("dots: outside of it, does not count"),
        "disc": _("Disc"),
        "square": _("Square"),
        "bar": _("Thin bar"),
        "kinds": _("Shape"),
        "centre": _("Lay it over"),
        "grow": _("Prediction larger or smaller, on every side"),
        "pixels": _("{n} px"),
        "hint": try_it if len(modes) > 1 else alone,
    }
