"""``python -m core.bench [--json] [--readme]``: measure SegScope here and now.

``python -m core.bench load``, ``soak`` and ``attackers`` measure a server with many visitors, ``learning`` the page
about training: see their --help.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from core import machine
from core.bench import (
    attackers,
    browser,
    crossed,
    forward,
    fuzz,
    learning,
    load,
    pages,
    race,
    report,
    sizing,
    soak,
    throttled,
)  # fmt: skip
from core.bench.report import Measurement

README = Path(__file__).parents[2] / "README.md"

PARTS: dict[str, Callable[[int], Sequence[Measurement]]] = {
    "load": browser.first_page,
    "throttled": throttled.first_picture,
    "start": lambda repeats: [browser.start(max(2, repeats // 3))],
    "rerun": lambda repeats: list(forward.reruns(repeats)),
    "heatmap": lambda repeats: [forward.heatmap(3 * repeats)],
    "race": race.lanes,
    "first": lambda repeats: list(pages.first_pictures(repeats)),
    "payload": lambda repeats: list(pages.payloads(repeats)),
    "frames": lambda repeats: list(pages.frames(repeats)),
    "compare": lambda repeats: [forward.comparison(repeats)],
}

VISITS: dict[str, Callable[[Sequence[str]], int]] = {
    "load": load.main, "soak": soak.main, "sizing": sizing.main, "attackers": attackers.main,
    "fuzz": fuzz.main, "crossed": crossed.main, "learning": learning.main,
}  # fmt: skip
"""Programs of their own, with arguments of their own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with ``--readme`` write; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] in VISITS:
        return VISITS[given[0]](given[1:])
    options = argparse.ArgumentParser(prog="python -m core.bench", description=__doc__)
    options.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options.add_argument("--readme", action="store_true", help="also write the table into README.md")
    options.add_argument("--repeats", type=int, default=9, help="visits, reruns; heatmaps three times as many")
    options.add_argument("--only", choices=PARTS, action="append", help="measure this part only (may be repeated)")
    chosen = options.parse_args(given)
    if chosen.repeats < 1:
        options.error("--repeats must be at least 1")
    where = machine.here()
    measurements: list[Measurement] = []
    notes: list[str] = []
    for name in chosen.only or PARTS:
        print(f"measuring: {name} ...", file=sys.stderr, flush=True)
        try:
            measurements += PARTS[name](chosen.repeats)
        except browser.BrowserError as error:
            notes.append(f"Not measured ({name}): {error}")
    if chosen.json:
        print(report.as_json(measurements, where, notes))
    else:
        print(report.table(measurements))
        print("\n" + ", ".join(f"{key} {value}" for key, value in where.items()), *notes, sep="\n")
    if chosen.readme:
        report.into_readme(README, report.markdown(measurements, where, notes))
    return 1 if notes else 0


if __name__ == "__main__":
    sys.exit(main())
