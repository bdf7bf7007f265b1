"""The table of all networks: what each costs, how well it does, what its paper reports; as rows and as CSV.

Published figures come from :mod:`core.facts`, our own from :mod:`core.models.measured`, costs and times from the
caller, who counted and measured them. Nothing is typed in here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from statistics import median
from typing import TYPE_CHECKING

from core import facts
from core.models.measured import measurements
from core.models.registry import spec

if TYPE_CHECKING:
    from core.models.costs import Cost  # imports PyTorch, for which the first page does not wait


@dataclass(frozen=True)
class Row:
    """One network. ``None`` where something is not known (yet).

    Attributes:
        network: registry name.
        title: for people.
        encoder: encoder that it shares with others, empty for a network of its own topology.
        weights: ``bundled``, or ``torchvision`` for a network whose weights are torchvision's, trained on COCO: not
            part of the controlled comparison.
        output_stride: input pixels between two cells of the coarsest map that is classified.
        parameters: trainable values.
        multiply_adds: of one pass over a square of ``input_side`` pixels.
        input_side: that side, to which the shorter side of a photo is brought (the longer one where the network wants
            the whole photo in a square).
        milliseconds: median of the timed passes over this photo, from prepared input to class ids.
        passes: how many were timed.
        relative: ``milliseconds`` over those of the fastest network.
        voc_miou, voc_boundary, pets_miou, pets_boundary: our measurements, 0 to 1.
        paper: the figure of the paper, in percent; for torchvision's weights the one that torchvision states for them.
        paper_data: data set, split and circumstances of that figure.
        paper_source: where it stands.
    """

    network: str
    title: str
    encoder: str
    weights: str
    output_stride: int
    parameters: int | None
    multiply_adds: int | None
    input_side: int
    milliseconds: float | None
    passes: int
    relative: float | None
    voc_miou: float | None
    voc_boundary: float | None
    pets_miou: float | None
    pets_boundary: float | None
    paper: float | None
    paper_data: str
    paper_source: str


def rows(names: Sequence[str], costs: Mapping[str, Cost], seconds: Mapping[str, Sequence[float]]) -> list[Row]:
    """The table.

    Args:
        names: registry names of the networks.
        costs: what is known of their costs, each at the network's own ``short_side``.
        seconds: the timed passes of each.

    Raises:
        core.models.measured.MeasuredError: the file of measurements is damaged.
    """
    known = measurements()
    times = {name: 1000 * median(seconds[name]) for name in names if seconds.get(name)}
    fastest = min(times.values(), default=0.0)
    out = []
    for name in names:
        entry, ours, cost = spec(name), known.get(name), costs.get(name)
        reported, time = facts.REPORTED.get(name) or facts.RELEASED.get(name), times.get(name)
        voc, pets = (ours.voc, ours.pets) if ours else (None, None)
        out.append(
            Row(
                network=name,
                title=entry.title,
                encoder=entry.encoder,
                weights=entry.weights,
                output_stride=entry.output_stride,
                parameters=cost.parameters if cost else None,
                multiply_adds=cost.multiply_adds if cost else None,
                input_side=entry.short_side,
                milliseconds=time,
                passes=len(seconds.get(name, ())),
                relative=time / fastest if time and fastest else None,
                voc_miou=voc.miou if voc else None,
                voc_boundary=voc.boundary if voc else None,
                pets_miou=pets.miou if pets else None,
                pets_boundary=pets.boundary if pets else None,
                paper=reported.value if reported else None,
                paper_data=reported.data if reported else "",
                paper_source=f"{reported.source}, {reported.where}" if reported else "",
            )
        )
    return out


# -------------------------------------------------------------------------------------------------------- CSV

_COLUMNS = [field.name for field in fields(Row)]


def to_csv(table: Sequence[Row]) -> str:
    """The table with one line for each network and full precision; an unknown figure is an empty cell."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in table:
        writer.writerow(
            {k: "" if v is None else repr(v) if isinstance(v, float) else v for k, v in asdict(row).items()}
        )
    return out.getvalue()
