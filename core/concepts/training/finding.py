"""What a run found, and when: the answer to the guess before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.passes.learning.run import Frame  # imports PyTorch

FOUND = 0.5
"""IoU on held-out pictures from which on a class counts as found."""


def found_at(frames: Sequence[Frame], label: int, level: float = FOUND) -> int | None:
    """The step from which on class ``label`` stays found until the last frame; ``None`` where it is not found.

    A class that was found and lost again counts from when it was found for good.
    """
    step = None
    for frame in frames:
        if frame.iou[label] < level:
            step = None
        elif step is None:
            step = frame.step
    return step


def last_found(frames: Sequence[Frame]) -> int | None:
    """The class that was found last, once all are found; of two at the same step the one that is worse in the end."""
    if not frames:
        return None
    at = {label: found_at(frames, label) for label in range(1, len(frames[-1].iou))}
    if any(step is None for step in at.values()):
        return None
    return max(at, key=lambda label: (at[label] or 0, -frames[-1].iou[label]))
