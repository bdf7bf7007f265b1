"""The sum that makes one cell of a transposed convolution's output, written out: what tests compare players with."""

from __future__ import annotations

from typing import NamedTuple

from core.maths.transposed import Axis


class Term(NamedTuple):
    """One product of an output cell's sum: which input cell and which kernel tap, each as (row, column)."""

    input: tuple[int, int]
    tap: tuple[int, int]


def contributors(rows: Axis, columns: Axis, row: int, column: int) -> list[Term]:
    """The terms of one output cell's sum, in reading order of the input."""
    down = [link for link in rows.links if link.output == row]
    across = [link for link in columns.links if link.output == column]
    return [Term((a.input, b.input), (a.tap, b.tap)) for a in down for b in across]
