"""Seconds against the number of answers, on logarithmic axes: measured points, and published ones beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.concepts.sliding_window.curve import Point
from core.concepts.sliding_window.race import WAYS
from core.ui.component import register
from core.ui.language import gettext as _
from core.viz.palettes import OKABE_ITO

_mount = register(__file__, room=(282, 546))

_LOOK = {"single": ("square", OKABE_ITO[6]), "batched": ("circle", OKABE_ITO[1]), "once": ("triangle", OKABE_ITO[5])}


class Published(NamedTuple):
    """A figure from a paper: which way, answers, seconds, and the sentence that names it."""

    way: str
    answers: int
    seconds: float
    says: str


def seconds(value: float) -> str:
    """``12.3 ms`` or ``4.56 s``, in the reader's language."""
    return f"{1000 * value:.3g} ms" if value < 1 else _("{seconds} s").format(seconds=f"{value:.3g}")


def time_curves(points: Sequence[Point], published: Sequence[Published], tiles: bool, key: str = "time_curves") -> None:
    """Draw the chart.

    Args:
        points: what was measured here; may be empty.
        published: figures of papers.
        tiles: whether windows are U-Net's tiles.
    """
    titles = {
        "single": _("One tile at a time") if tiles else _("One window at a time"),
        "batched": _("Tiles in batches") if tiles else _("Windows in batches"),
        "once": _("One pass"),
    }
    says = _("{way}, {answers} answers: {median} (median of {runs} runs, from {low} to {high}).")
    _mount(
        key=key,
        data={
            "series": [
                {
                    "title": titles[way],
                    "shape": _LOOK[way][0],
                    "colour": _LOOK[way][1],
                    "points": [
                        {
                            "answers": p.answers,
                            "seconds": p.median,
                            "low": min(p.seconds),
                            "high": max(p.seconds),
                            "says": says.format(
                                way=titles[way],
                                answers=p.answers,
                                median=seconds(p.median),
                                runs=len(p.seconds),
                                low=seconds(min(p.seconds)),
                                high=seconds(max(p.seconds)),
                            ),
                        }
                        for p in sorted(points, key=lambda p: p.answers)
                        if p.way == way
                    ],
                }
                for way in WAYS
                if any(p.way == way for p in points)
            ],
            "published": [p._asdict() | {"title": titles[p.way]} for p in published],
            "text": {
                "seconds": _("{seconds} s"),
                "label": _(
                    "Chart of seconds against answers, both axes in powers of ten; the table below has its numbers"
                ),
                "answers": _("answers (cells of the heatmap)"),
                "published": _("published (FCN, “a typical GPU”)"),
                "hint": _("Point at a mark, or reach it with the Tab key, to read it."),
            },
        },
    )
