"""What the page about localization answers to a guess: right or not, by how much, and why."""

from __future__ import annotations

from core.concepts.localization.screen import stride, window
from core.concepts.localization.strides import Read
from core.concepts.localization.window_sweep import Grade

TICKS = ["35 px", "67 px", "115 px", "211 px"]


def test_the_best_window_is_named_with_both_scores() -> None:
    grades = [(0.1, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 0.5)]
    right = window.verdict(3, 3, TICKS, grades)
    assert right.startswith("**Right:** 211 px, with a boundary score of 50%.")
    assert "its mean IoU is 40%, that of 35 px 10%" in right
    wrong = window.verdict(1, 3, TICKS, grades)
    assert wrong.startswith("**It is 211 px,** with a boundary score of 50%; 67 px reaches 30%.")
    assert "its mean IoU is 40%, that of 67 px 20%" in wrong
    assert window.verdict(None, 3, TICKS, grades).startswith("The best outline has 211 px: boundary score 50%.")


def test_no_reason_is_given_that_the_numbers_do_not_give() -> None:
    grades = [(0.4, 0.5), (0.4, 0.3), (0.5, 0.4), (0.6, 0.2)]
    assert "mean IoU" not in window.verdict(3, 0, TICKS, grades)


def test_the_nearest_of_the_offered_falls_is_right() -> None:
    seen = [Read(8, None, Grade(1, 1, 0.62), 1.0), Read(32, None, Grade(1, 1, 0.44), 0.5)]  # type: ignore[arg-type]
    assert round(stride.fall(seen)) == 18
    assert stride.verdict(20, seen) == "**Right:** it falls by 18 points. "
    assert stride.verdict(5, seen) == "**It falls by 18 points,** you said 5. "
    assert stride.verdict(None, seen) == ""
