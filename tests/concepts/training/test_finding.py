"""When a run found a class: from then on and until the end."""

from __future__ import annotations

from types import SimpleNamespace

from core.concepts.training import finding


def frames(*iou: tuple[float, ...]) -> list[SimpleNamespace]:
    return [SimpleNamespace(step=10 * number, iou=(1.0, *each)) for number, each in enumerate(iou)]


def test_it_counts_from_when_it_stays_found() -> None:
    seen = frames((0.1, 0.6), (0.6, 0.2), (0.4, 0.7), (0.5, 0.8))
    assert finding.found_at(seen, 1) == 30
    assert finding.found_at(seen, 2) == 20
    assert finding.last_found(seen) == 1


def test_nothing_is_last_before_all_are_found() -> None:
    assert finding.last_found([]) is None
    assert finding.last_found(frames((0.9, 0.4))) is None
    assert finding.last_found(frames((0.9, 0.6))) == 2, "of two at the same step the worse"
