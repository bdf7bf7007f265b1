"""A class that opens SegScope at once: ``python -m core.bench load [--sessions 200]``.

Visitors without browsers (:mod:`core.bench.load_session`) speak with a server that is started for them on 127.0.0.1.
They run on the machine that they measure and take a part of it, so a real server does a little better.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from core import machine
from core.bench.browser import ROOT, process
from core.bench.findings import Load, memory, say

if TYPE_CHECKING:
    from core.bench.load_session import Session

T = TypeVar("T")

LEAVE = 20
"""Seconds after which the measured server forgets a visitor who has left; 120 where nobody measures."""
BURSTS = 5
"""How often all visitors change something at the same moment."""


def pages() -> tuple[str, ...]:
    """Addresses of all pages but the first, in the order of the story."""
    from core.ui.story import available

    return tuple(entry.name for entry in available()[1:])


def photo(number: int, side: int = 512) -> bytes:
    """A JPEG that no other number gives: a sample with a mark in its corner, so that no answer is known already."""
    from core.pictures import images

    pixels = images.sample(images.SAMPLES[number % len(images.SAMPLES)].key).pixels[:side, :side].copy()
    pixels[:8, :256:8] = 0
    for bit in range(32):
        pixels[:8, 8 * bit : 8 * bit + 8] = 255 * (number >> bit & 1)
    return images.encode_jpeg(pixels, 90)


async def warm(address: str, pages: Sequence[str]) -> None:
    """One visitor looks at everything: what is loaded once and for all is in memory afterwards."""
    from core.bench.load_session import Session

    session = Session(address)
    await session.open()
    for page in pages:
        await session.visit(page)
    await session.upload("picture-file-0", "warm.jpg", photo(10**6))
    await session.visit("pspnet")
    await session.close()


async def settled(pids: Sequence[int], seconds: float) -> float:
    """The least memory of all of them together within ``seconds``, in megabytes."""
    least, until = sum(map(memory, pids)), time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(1)
        least = min(least, sum(map(memory, pids)))
    return least


async def in_waves(count: int, size: int, visit: Callable[[int], Awaitable[T]], load: Load) -> list[T]:
    """``visit`` for every number below ``count``, ``size`` at a time."""
    done: list[T] = []
    for first in range(0, count, size):
        done += await load.all(visit(i) for i in range(first, min(first + size, count)))
    return done


async def measure(
    addresses: Sequence[str],
    pids: Sequence[int],
    sessions: int,
    segmentations: int,
    comparisons: int,
    pages: Sequence[str],
) -> Load:
    """All scenarios, one after the other, on servers that stand; visitors are dealt out to them in turns."""
    from core.bench.load_session import Session

    load = Load()
    for address in addresses:
        await warm(address, pages)
    await asyncio.sleep(LEAVE + 10)
    base = await settled(pids, 3)
    load.add("memory of the server when all pages have been seen and nobody is there", base, "MB")

    many = len(addresses)
    visitors = [Session(addresses[i % many], "ko-KR" if i % 4 == 3 else "en-US") for i in range(sessions)]
    half = sessions // 2
    opened = await in_waves(sessions, 20, lambda i: visitors[i].open("" if i < half else "transposed"), load)
    load.times(f"opening a page, {sessions} visitors in groups of 20", opened)
    load.add("visitors whose page did not open", sessions - len(opened), "", 0)
    load.add("memory for each idle visitor", (await settled(pids, 3) - base) / sessions, "MB", 2)

    def touch(i: int, number: int) -> Awaitable[float]:
        if i < half:
            code = "en" if (i % 4 == 3) == (number % 2 == 0) else "ko"
            return visitors[i].change("language_switch", lambda w: w.string_array_value.data.append(code))
        return visitors[i].change("/k", lambda w: setattr(w, "double_value", 2.0 + 2 * ((i + number) % 2)))

    touched: list[float] = []
    for number in range(BURSTS):
        touched += await load.all(touch(i, number) for i in range(sessions))
        await asyncio.sleep(1)
    load.times(f"{sessions} reruns without a network at the same time, {BURSTS} times", touched, 2)
    load.add("reruns without an answer", BURSTS * sessions - len(touched), "", 0)

    some = visitors[half : half + segmentations]
    await _segment(load, some)
    await _compare(load, some[:comparisons])
    shown = [f for v in visitors for f in v.failures]
    load.add("error boxes on visitors' pages", len(shown), "", 0)
    load.failures += shown
    load.add("memory while everybody is there", sum(map(memory, pids)), "MB")
    await load.all(v.close() for v in visitors)
    left = await settled(pids, LEAVE + 25)
    load.add("memory after all have left, against before they came", left / base, "times", 1.1)
    return load


async def _segment(load: Load, visitors: Sequence[Session]) -> None:
    """Every visitor uploads a photo, then all open a page that segments it at the same time."""

    async def prepare(i: int) -> None:
        await visitors[i].upload("picture-file-0", f"{i}.jpg", photo(i))
        visitors[i].places.clear()

    await in_waves(len(visitors), 10, prepare, load)
    began = time.perf_counter()
    order: list[int] = []

    async def look(i: int) -> float:
        seconds = await visitors[i].visit("pspnet")
        order.append(i)
        return seconds

    done = await load.all(look(i) for i in range(len(visitors)))
    everything = time.perf_counter() - began
    load.times(f"{len(visitors)} segmentations of different photos at the same time", done)
    load.add("segmentations lost", len(visitors) - len(done), "", 0)
    load.add("seconds for each segmentation, all together", everything / max(1, len(done)), "s")
    seen = [v for v in visitors if v.places]
    load.add("of those visitors, saw their place in the queue", len(seen), "")
    back = sum(b > a for v in seen for a, b in zip(v.places, v.places[1:], strict=False))
    load.add("places in the queue that went backwards", back, "")


COMPARED = "compare-again"
"""The button of a comparison that is done."""
HOWEVER_LONG = 1800.0
"""Seconds in which all of them are done on a slow machine: they are many passes of many networks."""


async def _compare(load: Load, visitors: Sequence[Session]) -> None:
    """Every visitor compares all networks on the photo of their own, at the same time, and stays until it is done."""
    began = time.perf_counter()

    async def look(visitor: Session) -> float:
        await visitor.visit("compare")
        await visitor.shows(COMPARED, HOWEVER_LONG)
        return time.perf_counter() - began

    done = await load.all(look(visitor) for visitor in visitors)
    if done:
        load.times(f"{len(visitors)} comparisons of all networks on different photos at the same time", done)
    load.add("comparisons that were not finished", len(visitors) - len(done), "", 0)


def run(visits: Coroutine[Any, Any, T]) -> T:
    """Run the visitors, on the quicker event loop where there is one: they take their time from the server's."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        new_event_loop = None  # type: ignore[assignment]
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(visits)


def cores() -> list[int]:
    """Numbers of the cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


ENVIRONMENT = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(LEAVE)}


@contextmanager
def replicas(count: int) -> Iterator[tuple[list[str], list[int]]]:
    """``count`` servers, several of them each tied to a core of its own as ``docs/hosting.md`` advises; gives their
    addresses and the numbers of their processes."""
    tied = cores() if count > 1 and hasattr(os, "sched_getaffinity") else [None]
    with ExitStack() as stack:
        found = [
            stack.enter_context(process(ROOT / "app.py", ROOT, "/readyz", ENVIRONMENT, tied[i % len(tied)]))
            for i in range(count)
        ]
        yield [address for address, _ in found], [pid for _, pid in found]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and with ``--write`` keep; returns the exit status: 1 where a target was missed."""
    options = argparse.ArgumentParser(prog="python -m core.bench load", description=__doc__)
    options.add_argument("--sessions", type=int, default=200, help="visitors at the same time")
    options.add_argument("--segmentations", type=int, default=50, help="of them, let a network run")
    options.add_argument("--comparisons", type=int, default=20, help="of those, compare all networks on their photo")
    options.add_argument(
        "--replicas",
        type=int,
        default=len(cores()),
        help="servers, each tied to a core if there are several; one for each core if this is left out",
    )
    options.add_argument("--json", action="store_true", help="print JSON instead of lines")
    options.add_argument(
        "--write", action="store_true", help="also write core/bench/results/load.json (load_1.json for one)"
    )
    chosen = options.parse_args(arguments)
    if chosen.sessions < 2 or not 1 <= chosen.segmentations <= (chosen.sessions + 1) // 2:
        options.error("at least 2 sessions, and at most half as many segmentations")
    if not 0 <= chosen.comparisons <= chosen.segmentations:
        options.error("at most as many comparisons as segmentations")
    if not 1 <= chosen.replicas <= chosen.sessions:
        options.error("at least 1 replica, and at most one for each session")
    where = machine.here() | {"processes": str(chosen.replicas)}
    with replicas(chosen.replicas) as (addresses, pids):
        load = run(measure(addresses, pids, chosen.sessions, chosen.segmentations, chosen.comparisons, pages()))
    return say(report_of(chosen.replicas), load, where, chosen.json, chosen.write)


def report_of(replicas: int) -> str:
    """Name of the report on so many servers: ``load`` for one on each core, as ``docs/sizing.md`` advises."""
    return "load" if replicas == len(cores()) else f"load_{replicas}"
