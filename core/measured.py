"""What SegScope measured about its own networks: ``core/weights/results.json``, which ``core.training`` writes.

Reading it needs no PyTorch, so a page shows these figures at once. Nothing here is typed in: a network that was not
measured has no figures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import N_, SegScopeError

FILE = Path(__file__).parent / "weights" / "results.json"


class MeasuredError(SegScopeError):
    """The file of measurements cannot be read."""


@dataclass(frozen=True)
class Scores:
    """How well a network did on the test pictures of one data set.

    Attributes:
        pictures: how many there were.
        miou: mean IoU over the classes, 0 to 1.
        accuracy: share of pixels with the right class, 0 to 1.
        boundary: F1 of the outlines within two pixels (:func:`core.metrics.boundary_score`), 0 to 1.
        iou: IoU of each class by its name in the data set, 0 to 1.
    """

    pictures: int
    miou: float
    accuracy: float
    boundary: float
    iou: Mapping[str, float]


@dataclass(frozen=True)
class Measured:
    """The measurements of one network; a data set on which it was not measured is ``None``."""

    voc: Scores | None
    pets: Scores | None


def _scores(entry: Any) -> Scores | None:
    if entry is None:
        return None
    figures = {name: float(entry[name]) for name in ("miou", "accuracy", "boundary")}
    iou = {str(name): float(value) for name, value in entry["iou"].items() if value is not None}
    return Scores(int(entry["pictures"]), iou=iou, **figures)


def measurements(file: Path = FILE) -> dict[str, Measured]:
    """Every measured segmenter of photos by its registry name; empty where nothing was measured yet.

    Raises:
        MeasuredError: the file is damaged.
    """
    if not file.is_file():
        return {}
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        return {
            name: Measured(_scores(entry.get("voc")), _scores(entry.get("pets")))
            for name, entry in known.items()
            if "voc" in entry or "pets" in entry
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MeasuredError(
            N_("The measurements {file} are damaged: restore the file, or measure again with python -m core.training."),
            file=file.name,
        ) from error
