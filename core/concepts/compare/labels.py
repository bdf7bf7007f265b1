"""Where the names of points stand in a chart, so that they print neither over each other nor over other points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

LINE, MARK, GAP = 15.0, 13.0, 4.0
"""Height of a name, side of a point's mark and the distance between the two, in pixels."""
PLACES = (
    "top center", "bottom center", "middle right", "middle left",
    "top right", "bottom right", "top left", "bottom left",
)  # fmt: skip
"""Where a name may stand beside its point, the best first, in Plotly's words."""


class Box(NamedTuple):
    """A rectangle in pixels: left, upper, right and lower edge."""

    left: float
    top: float
    right: float
    bottom: float

    def shared(self, other: Box) -> float:
        """Square pixels that both cover."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, wide) * max(0.0, high)


def box(x: float, y: float, width: float, place: str) -> Box:
    """What a name of ``width`` pixels covers at ``place`` beside the point (x, y), y downwards."""
    down, across = place.split()
    off = MARK / 2 + GAP
    left = {"left": x - off - width, "center": x - width / 2, "right": x + off}[across]
    middle = off if across == "center" else LINE / 2  # a name beside its point is only half a line up or down
    top = {"top": y - middle - LINE, "middle": y - LINE / 2, "bottom": y + middle}[down]
    return Box(left, top, left + width, top + LINE)


def placed(points: Sequence[tuple[float, float]], widths: Sequence[float]) -> list[str]:
    """A place for each name: three rounds in which each takes the one that covers least of the others and the points.

    Args:
        points: (x, y) of each in pixels, y downwards.
        widths: of the names, in pixels.

    Returns:
        One of :data:`PLACES` for each.
    """
    marks = [Box(x - MARK / 2, y - MARK / 2, x + MARK / 2, y + MARK / 2) for x, y in points]
    chosen = [PLACES[0]] * len(points)

    def covered(i: int, place: str) -> float:
        own = box(*points[i], widths[i], place)
        names = (box(*points[j], widths[j], chosen[j]) for j in range(len(points)) if j != i)
        return sum(map(own.shared, names)) + sum(own.shared(mark) for j, mark in enumerate(marks) if j != i)

    for _round in range(3):
        for i in range(len(points)):
            chosen[i] = min(PLACES, key=lambda place: covered(i, place))  # used at once
    return chosen
