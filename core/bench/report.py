"""One measurement, the machine it was made on, and three ways to print them: table, JSON, README."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


@dataclass(frozen=True)
class Measurement:
    """One line of the report.

    Attributes:
        what: what was measured.
        value: the median, in ``unit``.
        unit: ``s``, ``ms``, ``/s`` or ``kB`` (1000 bytes).
        against: what it is compared with; empty for nothing.
        baseline: the median of that, in the same unit.
        samples: how often it was measured.
    """

    what: str
    value: float
    unit: str
    against: str = ""
    baseline: float | None = None
    samples: int = 1

    @property
    def ratio(self) -> float | None:
        """``value / baseline``."""
        return self.value / self.baseline if self.baseline else None


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


HEADS = ("Measured", "Median", "Compared with", "Its median", "Ratio", "Samples")


def rows(measurements: Sequence[Measurement]) -> list[tuple[str, ...]]:
    """The cells of the table, without its head."""
    return [
        (
            m.what,
            _number(m.value, m.unit),
            m.against,
            _number(m.baseline, m.unit),
            "" if m.ratio is None else f"{m.ratio:.2f}",
            str(m.samples),
        )
        for m in measurements
    ]


def table(measurements: Sequence[Measurement]) -> str:
    """For a terminal: aligned columns, numbers to the right."""
    cells = [HEADS, *rows(measurements)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rule = "  ".join("-" * width for width in widths)
    lines = [
        "  ".join(
            f"{c:<{w}}" if i in (0, 2) else f"{c:>{w}}" for i, (c, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in cells
    ]
    return "\n".join([lines[0], rule, *lines[1:]])


def markdown(measurements: Sequence[Measurement], machine: dict[str, str], notes: Sequence[str]) -> str:
    """For the README: the table, and under it the machine."""
    head = ["| " + " | ".join(HEADS) + " |", "|---|---:|---|---:|---:|---:|"]
    body = ["| " + " | ".join(line) + " |" for line in rows(measurements)]
    where = "Measured with `python -m core.bench` on " + ", ".join(f"{key} {value}" for key, value in machine.items())
    return "\n".join([*head, *body, "", where + ".", *notes])


def as_json(measurements: Sequence[Measurement], machine: dict[str, str], notes: Sequence[str]) -> str:
    """For programs."""
    entries = [asdict(m) | {"ratio": m.ratio} for m in measurements]
    return json.dumps({"machine": machine, "measurements": entries, "notes": list(notes)}, indent=2, ensure_ascii=False)


def into_readme(path: Path, text: str) -> None:
    """Replace what stands between the two markers of the README; a file without them gets them at its end."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    section = f"{BEGIN}\n{text}\n{END}"
    before, begin, rest = old.partition(BEGIN)
    _, end, after = rest.partition(END)
    new = before + section + after if begin and end else f"{old.rstrip()}\n\n{section}\n".lstrip()
    path.write_text(new, encoding="utf-8")
