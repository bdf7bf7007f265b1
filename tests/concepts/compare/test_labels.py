"""Names in the chart: none over another, none over a point."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from core.concepts.compare import labels


def test_a_box_stands_beside_its_point() -> None:
    for place in labels.PLACES:
        found = labels.box(100, 50, 40, place)
        mark = labels.Box(100 - labels.MARK / 2, 50 - labels.MARK / 2, 100 + labels.MARK / 2, 50 + labels.MARK / 2)
        assert (found.right - found.left, found.bottom - found.top) == (40, labels.LINE)
        assert found.shared(mark) == 0
        down, across = place.split()
        assert {"top": found.bottom < 50, "middle": found.top < 50 < found.bottom, "bottom": found.top > 50}[down]
        assert {"left": found.right < 100, "center": found.left == 80, "right": found.left > 100}[across]


def test_shared_is_the_area_of_the_common_rectangle() -> None:
    one = labels.Box(0, 0, 10, 4)
    assert one.shared(labels.Box(6, 1, 20, 3)) == 8
    assert one.shared(labels.Box(10, 0, 20, 4)) == 0
    assert one.shared(labels.Box(0, 9, 10, 12)) == 0


CROWD = [(300.0, 60.0), (300.0, 66.0), (299.0, 82.0), (420.0, 40.0), (426.0, 48.0), (480.0, 49.0), (505.0, 47.0)]
"""As the chart has them: three FCNs that cost the same and score nearly the same, two DeepLabs, their neighbours."""


@pytest.mark.parametrize("width", [40.0, 60.0])
def test_names_of_a_crowd_keep_out_of_each_others_way(width: float) -> None:
    places = labels.placed(CROWD, [width] * len(CROWD))
    boxes = [labels.box(x, y, width, place) for (x, y), place in zip(CROWD, places, strict=True)]
    assert [pair for pair in combinations(range(len(CROWD)), 2) if boxes[pair[0]].shared(boxes[pair[1]])] == []


def test_where_there_is_room_a_name_stands_above_its_point() -> None:
    assert labels.placed([(100.0, 100.0), (400.0, 300.0)], [50.0, 80.0]) == ["top center", "top center"]
    assert labels.placed([], []) == []


def test_nothing_chosen_last_is_worse_than_all_above() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        points = [tuple(p) for p in rng.uniform((0, 0), (600, 300), (8, 2))]

        def covered(places: list[str], points: list[tuple[float, ...]] = points) -> float:
            boxes = [labels.box(x, y, 70, place) for (x, y), place in zip(points, places, strict=True)]
            return sum(a.shared(b) for a, b in combinations(boxes, 2))

        assert covered(labels.placed(points, [70.0] * 8)) <= covered(["top center"] * 8)  # type: ignore[arg-type]
