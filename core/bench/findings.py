"""What a measurement with many visitors has found, and how it says so: lines, JSON, and the exit status."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeVar

T = TypeVar("T")

RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True)
class Finding:
    """One line of the report: something measured, and what it should be.

    Attributes:
        what: what was measured.
        value: in ``unit``.
        target: what it should not exceed; ``None`` where there is no such thing.
        least: what it should reach; ``None`` where there is no such thing.
    """

    what: str
    value: float
    unit: str
    target: float | None = None
    least: float | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the targets are kept."""
        if self.target is None and self.least is None:
            return None
        return (self.target is None or self.value <= self.target) and (self.least is None or self.value >= self.least)


@dataclass
class Load:
    """What has been found so far."""

    findings: list[Finding] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def add(self, what: str, value: float, unit: str, target: float | None = None, least: float | None = None) -> None:
        """Note one finding, and say so."""
        self.findings.append(Finding(what, value, unit, target, least))
        print(line(self.findings[-1]), file=sys.stderr, flush=True)

    def times(self, what: str, seconds: Sequence[float], target: float | None = None) -> None:
        """Note the median and the 95th percentile of some times."""
        self.add(f"{what}, median", median(seconds), "s")
        self.add(f"{what}, 95th percentile", percentile(seconds, 95), "s", target)

    async def all(self, visits: Iterable[Awaitable[T]]) -> list[T]:
        """All ``visits`` at the same time; what fails is noted."""
        done = await asyncio.gather(*visits, return_exceptions=True)
        self.failures += [f"{type(d).__name__}: {d}" for d in done if isinstance(d, BaseException)]
        return [d for d in done if not isinstance(d, BaseException)]


def line(finding: Finding) -> str:
    """One finding as text."""
    wanted = [("at most", finding.target), ("at least", finding.least)]
    said = ", ".join(f"{word} {value:g}" for word, value in wanted if value is not None)
    kept = f"  ({said}: {'kept' if finding.holds else 'MISSED'})" if said else ""
    return f"{finding.what}: {finding.value:.3g} {finding.unit}{kept}"


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest of ``values`` that at least ``share`` percent of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def memory(pid: int) -> float:
    """Megabytes (1e6 bytes) of main memory that the process ``pid`` has."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        kilobytes = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS")).split()[1]
    else:
        kilobytes = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(pid)], check=True, capture_output=True
        ).stdout.decode()
    return int(kilobytes) * 1024 / 1e6


def write(name: str, findings: Sequence[Finding], notes: Sequence[str], machine: dict[str, str]) -> str:
    """The report as JSON."""
    entries = [asdict(f) | {"holds": f.holds} for f in findings]
    text = {"measured": name, "machine": machine, "findings": entries, "failures": list(notes)}
    return json.dumps(text, indent=2, ensure_ascii=False) + "\n"


def say(name: str, load: Load, machine: dict[str, str], as_json: bool, keep: bool) -> int:
    """Print the report, and write it to ``core/results`` if it is to be kept; returns the exit status."""
    failures = sorted(set(load.failures))[:10]
    text = write(name, load.findings, failures, machine)
    if keep:
        (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")
    if as_json:
        print(text, end="")
    else:
        print(*map(line, load.findings), *failures, sep="\n")
        print(", ".join(f"{key} {value}" for key, value in machine.items()))
    return int(bool(failures) or any(f.holds is False for f in load.findings))
