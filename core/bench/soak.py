"""Visitors come and go for a long time, and the server's memory is watched: ``python -m core.bench soak --minutes 20``.

Every visitor opens a page, sees a few others, changes widgets, now and then uploads a photo, and leaves, some of them
without a good-bye in the middle of a page. A leak shows as memory that grows for as long as visitors come.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from core import machine
from core.bench.browser import ROOT, process
from core.bench.findings import Load, memory, say
from core.bench.load import ENVIRONMENT, LEAVE, pages, photo, run, settled, warm

PATH_LENGTH = 5
"""Pages that a visitor sees at most."""
LEAK = 0.02
"""Megabytes for each visit above which memory counts as leaking: a class of 500 would leave 10 MB behind."""


class Sample(NamedTuple):
    """Memory at one moment.

    Attributes:
        visits: how many had ended.
        megabytes: of the server.
    """

    visits: int
    megabytes: float


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


async def visit(address: str, number: int, chance: random.Random, pages: Sequence[str]) -> int:
    """One visitor; returns the pages seen."""
    from core.bench.load_session import Session

    session = Session(address, chance.choice(["en-US", "ko-KR"]))
    try:
        await session.open(chance.choice(["", *pages]))
        if chance.random() < 0.2:
            await session.upload("picture-file-0", f"{number}.jpg", photo(number))
        route = chance.sample(list(pages), min(len(pages), chance.randint(1, PATH_LENGTH)))
        for page in route:
            await session.visit(page)
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
        await session.close()


async def measure(address: str, pid: int, minutes: float, visitors: int, pages: Sequence[str]) -> Load:
    """``visitors`` at a time for ``minutes``; memory is noted every few seconds."""
    load, chance = Load(), random.Random(0)
    await warm(address, pages)
    samples: list[Sample] = []
    ended = seen = number = 0
    until = time.monotonic() + 60 * minutes

    async def come() -> None:
        nonlocal ended, seen, number
        while time.monotonic() < until:
            number += 1
            try:
                pages_seen = await visit(address, number, random.Random(chance.random()), pages)
                seen += pages_seen  # in a line of its own: others have come and gone meanwhile
            except Exception as error:
                load.failures.append(f"{type(error).__name__}: {error}")
            ended += 1

    async def watch() -> None:
        while time.monotonic() < until:
            await asyncio.sleep(5)
            samples.append(Sample(ended, memory(pid)))
            print(f"{samples[-1].visits} visits, {samples[-1].megabytes:.0f} MB", file=sys.stderr, flush=True)

    await asyncio.gather(watch(), *(come() for _ in range(visitors)))
    late = samples[len(samples) // 2 :]  # caches fill and memory pools grow in the first half
    load.add("minutes", minutes, "")
    load.add("visits", ended, "")
    load.add("pages seen", seen, "")
    load.add("visits that failed", len(load.failures), "", 0)
    load.add("memory in the middle", calm(late)[0].megabytes if late else memory(pid), "MB")
    load.add("memory at the end", calm(late)[-1].megabytes if late else memory(pid), "MB")
    load.add("growth with each visit in the second half", slope(calm(late)), "MB", LEAK)
    load.add("memory after all have left", await settled([pid], LEAVE + 25), "MB")
    return load


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and with ``--write`` keep; returns the exit status: 1 where memory leaks or a visit failed."""
    options = argparse.ArgumentParser(prog="python -m core.bench soak", description=__doc__)
    options.add_argument("--minutes", type=float, default=60, help="how long visitors come")
    options.add_argument("--visitors", type=int, default=8, help="at the same time")
    options.add_argument("--log", type=Path, help="file for the server's log; SEGSCOPE_LOG=json makes it complete")
    options.add_argument("--json", action="store_true", help="print JSON instead of lines")
    options.add_argument("--write", action="store_true", help="also write core/bench/results/soak.json")
    chosen = options.parse_args(arguments)
    if chosen.minutes <= 0 or chosen.visitors < 1:
        options.error("a time and at least one visitor")
    where = machine.here()
    with process(ROOT / "app.py", ROOT, "/readyz", ENVIRONMENT, log=chosen.log) as (address, pid):
        load = run(measure(address, pid, chosen.minutes, chosen.visitors, pages()))
    return say("soak", load, where, chosen.json, chosen.write)
