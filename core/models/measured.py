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

FILE = Path(__file__).parents[1] / "weights" / "results.json"


class MeasuredError(SegScopeError):
    """The file of measurements cannot be read."""


@dataclass(frozen=True)
class Scores:
    """How well a network did on the test pictures of one data set.

    Attributes:
        pictures: how many there were.
        miou: mean IoU over the classes, 0 to 1.
        accuracy: share of pixels with the right class, 0 to 1.
        boundary: F1 of the outlines within two pixels (:func:`core.maths.metrics.boundary_score`), 0 to 1.
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


@dataclass(frozen=True)
class Run:
    """The training run that made several networks together, as it wrote itself down.

    Attributes:
        names: the networks, in the order of the file.
        batches: from how many they learned, each from every one.
        planned: how many the run was to have; more than ``batches`` while it is not over.
        batch: crops in each.
        sides: of the crops in pixels, first and second part.
        pictures: photos by training list.
        teacher: registry name of the network whose answers taught beside the masks.
        encoder: what became of the shared encoder meanwhile: ``at rest``.
        minutes: of computing, all parts together: the networks may have learned in several processes, from the same
            batches.
    """

    names: tuple[str, ...]
    batches: int
    planned: int
    batch: int
    sides: tuple[int, ...]
    pictures: Mapping[str, int]
    teacher: str
    encoder: str
    minutes: float


def _known(file: Path) -> dict[str, Any]:
    """The whole file.

    Raises:
        MeasuredError: it is damaged.
    """
    if not file.is_file():
        return {}
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(known, dict):
            raise TypeError
        return known
    except (OSError, ValueError, TypeError) as error:
        raise _damaged(file) from error


def _damaged(file: Path) -> MeasuredError:
    return MeasuredError(
        N_(
            "The measurements {file} are damaged: get the file again with git checkout, install SegScope anew, or"
            " measure again with python -m core.training."
        ),
        file=file.name,
    )


def comparison(file: Path = FILE) -> Run | None:
    """The run of the controlled comparison: one record, the same in every network that it made; ``None`` without one.

    Only the minutes may differ, where the decoders were divided among processes: pictures, their order (``seed``),
    number of batches, schedule and teacher are one.

    Raises:
        MeasuredError: the file is damaged, or two networks of the comparison have different records.
    """
    try:
        made = {
            name: entry["training"]
            for name, entry in _known(file).items()
            if isinstance(entry, dict) and entry.get("training", {}).get("recipe") == "together"
        }
        if not made:
            return None
        first = next(iter(made.values()))
        times = {float(record["minutes"]) for record in made.values()}
        if any(record | {"minutes": 0} != first | {"minutes": 0} for record in made.values()):
            raise ValueError("records differ")
        return Run(
            names=tuple(made),
            batches=int(first["batches"]),
            planned=int(first["planned"]),
            batch=int(first["batch"]),
            sides=tuple(int(side) for side in first["sides"]),
            pictures={str(name): int(count) for name, count in first["pictures"].items()},
            teacher=str(first["teacher"]),
            encoder=str(first["encoder"]),
            minutes=sum(times),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(file) from error


def pictures(name: str, file: Path = FILE) -> int | None:
    """From how many pictures of all its training lists a network learned; ``None`` where its record does not say.

    Raises:
        MeasuredError: the file is damaged.
    """
    try:
        lists = _known(file).get(name, {}).get("training", {}).get("pictures")
        return None if lists is None else sum(int(count) for count in lists.values())
    except (ValueError, TypeError, AttributeError) as error:
        raise _damaged(file) from error


def trainings(file: Path = FILE) -> dict[str, tuple[int, float]]:
    """Batches and minutes of every network whose record says both, by its registry name.

    Raises:
        MeasuredError: the file is damaged.
    """
    try:
        made = {name: entry.get("training", {}) for name, entry in _known(file).items()}
        return {
            name: (int(record["batches"]), float(record["minutes"]))
            for name, record in made.items()
            if "batches" in record and "minutes" in record
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise _damaged(file) from error


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
    try:
        return {
            name: Measured(_scores(entry.get("voc")), _scores(entry.get("pets")))
            for name, entry in _known(file).items()
            if "voc" in entry or "pets" in entry
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(file) from error
