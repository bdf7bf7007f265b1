"""From what the load test has measured to machines: ``python -m core.bench sizing [--write]``.

Reads ``core/bench/results/load.json``, which ``python -m core.bench load --write`` leaves, and fills the table of
``docs/sizing.md``. What the file lacks is left out of the table and named. With ``--pages``, memory is measured page by
page as on the smallest free host (:mod:`core.bench.memory`) and kept beside it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.bench import memory, report
from core.errors import N_, SegScopeError

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).with_name("results") / "load.json"
GUIDE = ROOT / "docs" / "sizing.md"
CLASSES = (30, 100, 200, 500)
"""Visitors at once that the table speaks of."""


class SizingError(SegScopeError):
    """No measurements, or none that can be read."""


@dataclass(frozen=True)
class Found:
    """What the load test says; ``None`` for what it does not.

    Attributes:
        base: megabytes of the server when all pages have been seen and nobody is there.
        visitor: megabytes for each idle visitor more.
        rerun: seconds within which 95% of ``together`` simultaneous reruns without a network were answered.
        together: how many those were.
        segmentation: seconds for each segmentation when many wait.
        cores: of the machine.
        processes: that served, each tied to a core if there are several.
        machine: what the machine is, in words.
    """

    base: float | None = None
    visitor: float | None = None
    rerun: float | None = None
    together: int | None = None
    segmentation: float | None = None
    cores: int | None = None
    processes: int | None = None
    machine: str = ""


def read(file: Path = RESULTS) -> Found:
    """The measurements in ``file``.

    Raises:
        SizingError: there is no such file, or it is no report of a load test.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        findings = [(str(one["what"]), float(one["value"])) for one in data["findings"]]
        machine: dict[str, Any] = dict(data["machine"])
    except FileNotFoundError as error:
        raise SizingError(N_("There are no measurements: run python -m core.bench load --write.")) from error
    except (ValueError, KeyError, TypeError) as error:
        raise SizingError(N_("{file} is damaged: run python -m core.bench load --write."), file=file.name) from error

    def value(pattern: str) -> tuple[re.Match[str], float] | None:
        return next(((m, value) for what, value in findings if (m := re.search(pattern, what))), None)

    base, visitor = value("memory of the server when .*nobody"), value("memory for each idle")
    rerun, segmentation = value(r"(\d+) reruns .*95th percentile"), value("seconds for each segmentation")
    cores = re.search(r"\((\d+) cores\)", str(machine.get("CPU", "")))
    processes = str(machine.pop("processes", ""))
    return Found(
        base=base[1] if base else None,
        visitor=visitor[1] if visitor else None,
        rerun=rerun[1] if rerun else None,
        together=int(rerun[0][1]) if rerun else None,
        segmentation=segmentation[1] if segmentation else None,
        cores=int(cores[1]) if cores else None,
        processes=int(processes) if processes.isdecimal() else None,
        machine=", ".join(f"{key} {text}" for key, text in machine.items()),
    )


def rows(found: Found) -> list[tuple[str, ...]]:
    """One row for each size of class: visitors, memory, a change of a setting, a photo for everybody."""
    lines: list[tuple[str, ...]] = []
    for visitors in CLASSES:
        memory = change = photos = "not measured"
        if found.base is not None and found.visitor is not None:
            memory = f"{(found.base + visitors * max(0.0, found.visitor)) / 1000:.1f} GB"
        if found.rerun is not None and found.together:
            change = f"{found.rerun * visitors / found.together:.2g} s"
        if found.segmentation is not None:
            photos = f"{visitors * found.segmentation:.0f} s"
        lines.append((str(visitors), memory, change, photos))
    return lines


HEADS = (
    "Visitors at once",
    "Memory",
    "All change a setting in the same moment: answered within",
    "All hand in a photo in the same moment: the last one is done after",
)


def markdown(found: Found) -> str:
    """The table, what it is made of, and the machine."""
    table = ["| " + " | ".join(HEADS) + " |", "|---:|---:|---:|---:|"]
    table += ["| " + " | ".join(row) + " |" for row in rows(found)]
    parts = []
    if found.processes:
        parts.append(f"{found.processes} processes, each tied to a core" if found.processes > 1 else "one process")
    if found.base is not None and found.visitor is not None:
        parts.append(f"{found.base:.0f} MB when nobody is there, and {found.visitor:.2f} MB for each idle visitor")
    if found.rerun is not None and found.together:
        parts.append(f"95% of {found.together} simultaneous reruns within {found.rerun:.2f} s")
    if found.segmentation is not None:
        each = 60 / found.segmentation if found.segmentation > 0 else float("inf")
        parts.append(f"{found.segmentation:.2f} s for each segmentation, {each:.0f} a minute")
    made = "Measured: " + "; ".join(parts) + "." if parts else "Nothing that the table needs was measured."
    return "\n".join([*table, "", made, "The rest of the table follows in proportion.", f"Machine: {found.machine}."])


def beside(folder: Path = RESULTS.parent) -> list[str]:
    """A sentence for each report on another number of processes, ``load_1.json`` and so on."""
    lines = []
    for file in sorted(folder.glob("load_*.json")):
        found, many = read(file), int(file.stem.partition("_")[2])
        if None in (found.base, found.rerun, found.together, found.segmentation):
            raise SizingError(N_("{file} is damaged: run python -m core.bench load --write."), file=file.name)
        who = "one process that has all cores" if many == 1 else f"{many} processes, each tied to a core"
        lines.append(
            f"The same visitors with {who}: {found.base:.0f} MB when nobody is there; 95% of {found.together}"
            f" simultaneous reruns within {found.rerun:.2f} s; {found.segmentation:.2f} s for each segmentation."
            f" Machine: {found.machine}."
        )
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; with ``--write`` put it into ``docs/sizing.md``. Returns the exit status."""
    options = argparse.ArgumentParser(prog="python -m core.bench sizing", description=__doc__)
    options.add_argument("--write", action="store_true", help="also write it into docs/sizing.md")
    options.add_argument("--pages", action="store_true", help="first measure memory page by page; takes some minutes")
    chosen = options.parse_args(arguments)
    if chosen.pages:
        memory.keep(memory.by_page())
    try:
        text = "\n\n".join(filter(None, [markdown(read()), *beside(), memory.markdown(memory.kept())]))
    except SizingError as error:
        print(error, file=sys.stderr)
        return 1
    print(text)
    if chosen.write:
        report.into_readme(GUIDE, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
