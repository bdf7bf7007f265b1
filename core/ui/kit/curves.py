"""Lines over one axis, named where they end, with the values below the pointer. Drawn in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.ui.component import register
from core.ui.language import gettext as _

_mount = register(__file__, room=(420, 400))


class Line(NamedTuple):
    """One line: its title, and points (x, y) from left to right. ``faint`` ones stand behind, as a ground to compare
    with; ``mark`` is an x at which a dot and a tick stand, such as a point of breaking."""

    title: str
    points: Sequence[tuple[float, float]]
    faint: bool = False
    mark: float | None = None


def curves(
    lines: Sequence[Line],
    *,
    key: str,
    title: str,
    x: str,
    y: str,
    span: tuple[float, float],
    high: float = 1.0,
    level: float | None = None,
    percent: bool = True,
    whole: bool = False,
) -> None:
    """Draw them.

    Args:
        lines: at most a dozen, drawn in the order given; colour and dashes tell them apart, and their names.
        key: ``curves``, or that and ``-of-`` and more.
        title: what is seen, for those who cannot see it.
        x, y: names of the axes, with units.
        span: first and last x.
        high: largest y; the smallest is 0.
        level: a horizontal line to compare with.
        percent: whether y is a share.
        whole: whether x is a share, too.
    """
    _mount(
        key=key,
        data={
            "lines": [
                {
                    "title": line.title,
                    "points": [[round(float(a), 4), round(float(b), 4)] for a, b in line.points],
                    "faint": line.faint,
                    "mark": [] if line.mark is None else [round(float(line.mark), 4)],
                }
                for line in lines
            ],
            "title": title,
            "x": x,
            "y": y,
            "span": [float(v) for v in span],
            "high": float(high),
            "level": [] if level is None else [float(level)],
            "percent": percent,
            "whole": whole,
            "text": {"plot": _("{title}. The arrow keys move along the axis."), "at": _("at {x}: {values}")},
        },
    )
