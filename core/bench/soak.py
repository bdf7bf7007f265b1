"""Visitors come and go for a long time, and the server's memory is watched: ``python -m core.bench soak --minutes 20``.

Every visitor opens a page, uploads a photo, sees a few other pages, changes widgets and leaves. Half of them lose their
connection on the way and come back to their session and their photo; some are gone in the middle of a page and never
come back. A leak shows as memory, descriptors, threads or temporary files that grow for as long as visitors come.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple

from core import machine
from core.bench.browser import ROOT, process
from core.bench.findings import Load, memory, say
from core.bench.load import ENVIRONMENT, LEAVE, pages, photo, run, settled, warm


class LostError(Exception):
    """A visitor who came back found the photo gone."""


PATH_LENGTH = 5
"""Pages that a visitor sees at most."""
LEAK = 0.02
"""Megabytes for each visit above which memory counts as leaking: a class of 500 would leave 10 MB behind."""


FLAT = 1.05
"""Times as much memory at the end as after the first quarter, when caches are full."""


class Sample(NamedTuple):
    """The server at one moment.

    Attributes:
        visits: how many had ended.
        megabytes: of the server.
        descriptors: that it has open.
        threads: that it runs.
        files: in its folder for temporary files.
        load: busy or waiting processes of the machine, in the mean of the last minute.
    """

    visits: int
    megabytes: float
    descriptors: int = 0
    threads: int = 0
    files: int = 0
    load: float = 0.0


def look(pid: int, temporary: Path, visits: int = 0) -> Sample:
    """The process ``pid``, whose folder for temporary files is ``temporary``. Linux."""
    own = Path(f"/proc/{pid}")
    descriptors, threads = (len(list((own / part).iterdir())) for part in ("fd", "task"))
    files = sum(1 for file in temporary.rglob("*") if file.is_file())
    return Sample(visits, memory(pid), descriptors, threads, files, os.getloadavg()[0])


def calm(samples: Sequence[Sample], size: int = 12) -> list[Sample]:
    """The lowest of each ``size`` samples in a row, a minute's worth: a pass that runs right now takes hundreds of
    megabytes and gives them back, and what leaks stays."""
    return [min(samples[i : i + size], key=lambda s: s.megabytes) for i in range(0, len(samples), size)]


def slope(samples: Sequence[Sample]) -> float:
    """Megabytes that one more visit costs: the median of the slopes between all pairs (Theil-Sen), which a single
    peak does not move. 0 when there are not two samples with different numbers of visits."""
    found = sorted(
        (b.megabytes - a.megabytes) / (b.visits - a.visits)
        for i, a in enumerate(samples)
        for b in samples[i + 1 :]
        if b.visits != a.visits
    )
    middle = len(found) // 2
    return 0.0 if not found else (found[middle] + found[~middle]) / 2


async def visit(address: str, number: int, chance: random.Random, pages: Sequence[str], uploads: float = 0.2) -> int:
    """One visitor, with a photo of their own with the probability ``uploads``; returns the pages seen."""
    from core.bench.load_session import Session

    session = Session(address, chance.choice(["en-US", "ko-KR"]))
    goodbye = True
    try:
        await session.open(chance.choice(["", *pages]))
        own = chance.random() < uploads
        if own:
            await session.upload("picture-file-0", f"{number}.jpg", photo(number))
        route = chance.sample(list(pages), min(len(pages), chance.randint(1, PATH_LENGTH)))
        lost = chance.randrange(len(route)) if chance.random() < 0.5 else -1
        gone = chance.random() < 0.1
        for place, page in enumerate(route):
            if gone and place == len(route) - 1:  # in the middle of it, for ever
                goodbye = False
                with suppress(TimeoutError):
                    await asyncio.wait_for(session.visit(page), chance.random())
                break
            await session.visit(page)
            if place == lost:
                await session.close(goodbye=False)
                await asyncio.sleep(3 * chance.random())
                await session.back()
                if own and "picture-file-1" not in "".join(session.widgets):
                    raise LostError
            if page == "transposed":
                kernel = float(chance.randint(1, 4))
                await session.change("/k", lambda w, kernel=kernel: setattr(w, "double_value", kernel))  # type: ignore[misc]
            elif page == "fcn":
                side = 224 + 32 * chance.randint(0, 6)
                await session.change("/side", lambda w, side=side: w.double_array_value.data.append(side))  # type: ignore[misc]
            await asyncio.sleep(chance.random())  # looking
        if session.failures:
            raise AssertionError(session.failures[0])
        return 1 + len(route)
    finally:
        await session.close(goodbye=goodbye)


async def measure(
    address: str,
    pid: int,
    minutes: float,
    visitors: int,
    pages: Sequence[str],
    uploads: float = 0.2,
    temporary: Path = Path("/nonexistent"),
) -> Load:
    """``visitors`` at a time for ``minutes``; the server is looked at every few seconds."""
    load, chance = Load(), random.Random(0)
    await warm(address, pages)
    await asyncio.sleep(LEAVE + 10)
    before = look(pid, temporary)
    samples: list[Sample] = []
    ended = seen = number = 0
    until = time.monotonic() + 60 * minutes

    async def come() -> None:
        nonlocal ended, seen, number
        while time.monotonic() < until:
            number += 1
            try:
                pages_seen = await visit(address, number, random.Random(chance.random()), pages, uploads)
                seen += pages_seen  # in a line of its own: others have come and gone meanwhile
            except Exception as error:
                load.failures.append(f"{type(error).__name__}: {error}")
            ended += 1

    async def watch() -> None:
        while time.monotonic() < until:
            await asyncio.sleep(5)
            samples.append(look(pid, temporary, ended))
            print(*(f"{name} {value:g}" for name, value in samples[-1]._asdict().items()), file=sys.stderr, flush=True)

    await asyncio.gather(watch(), *(come() for _ in range(visitors)))
    least = await settled([pid], LEAVE + 25)
    report(load, samples, before, look(pid, temporary), least)
    for what, value in (
        ("minutes", minutes), ("visitors at the same time", visitors), ("share of visitors with a photo", uploads),
        ("visits", ended), ("pages seen", seen),
    ):  # fmt: skip
        load.add(what, value, "")
    load.add("visits that failed", len(load.failures), "", 0)
    for kind, many in sorted(Counter(load.failures).items()):
        load.add(f"visits that failed: {kind}", many, "")
    return load


def report(load: Load, samples: Sequence[Sample], before: Sample, after: Sample, least: float) -> None:
    """What the samples say.

    Args:
        samples: while visitors came, in order.
        before, after: when one visitor had seen everything and left, and when all had left.
        least: megabytes at the least after all had left.
    """
    quarter = calm(samples[len(samples) // 4 :])  # caches fill in the first
    if quarter:
        # A minute of many is one of a calm server or of a busy one: middles of several are compared.
        fifth = max(1, len(quarter) // 5)
        first, last = (median(s.megabytes for s in part) for part in (quarter[:fifth], quarter[-fifth:]))
        load.add("memory after the first quarter", first, "MB")
        load.add("memory at the end", last, "MB")
        load.add("memory at the end against after the first quarter", last / first, "times", FLAT)
        load.add("growth with each visit after the first quarter", slope(quarter), "MB", LEAK)
        load.add("busy or waiting processes of the machine meanwhile, median", median(s.load for s in samples), "")
    load.add("memory before they came", before.megabytes, "MB")
    load.add("memory after all have left", least, "MB")
    for name in ("descriptors", "threads", "files"):
        what = {"files": "temporary files"}.get(name, name)
        load.add(f"{what} before they came", getattr(before, name), "")
        if samples:
            load.add(f"{what} at the most", max(getattr(s, name) for s in samples), "")
        load.add(f"{what} after all have left", getattr(after, name), "", getattr(before, name))


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and with ``--write`` keep; returns the exit status: 1 where memory leaks or a visit failed."""
    options = argparse.ArgumentParser(prog="python -m core.bench soak", description=__doc__)
    options.add_argument("--minutes", type=float, default=60, help="how long visitors come")
    options.add_argument("--visitors", type=int, default=8, help="at the same time")
    options.add_argument("--uploads", type=float, default=0.2, help="share of them who bring a photo, 0 to 1")
    options.add_argument("--log", type=Path, help="file for the server's log; SEGSCOPE_LOG=json makes it complete")
    options.add_argument("--json", action="store_true", help="print JSON instead of lines")
    options.add_argument("--write", action="store_true", help="also write core/bench/results/soak.json")
    chosen = options.parse_args(arguments)
    if chosen.minutes <= 0 or chosen.visitors < 1 or not 0 <= chosen.uploads <= 1:
        options.error("a time, at least one visitor, and a share of 0 to 1")
    where = machine.here()
    with tempfile.TemporaryDirectory() as temporary:
        own = ENVIRONMENT | {"TMPDIR": temporary}
        with process(ROOT / "app.py", ROOT, "/readyz", own, log=chosen.log) as (address, pid):
            visits = measure(
                address, pid, chosen.minutes, chosen.visitors, pages(), chosen.uploads, Path(temporary)
            )  # fmt: skip
            load = run(visits)
    return say("soak", load, where, chosen.json, chosen.write)
