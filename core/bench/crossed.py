"""Whether anybody is ever shown what is another's: ``python -m core.bench crossed [--visitors 20 --permits 1 2 4]``.

Every visitor has a photo of their own. First each looks at it on a server that has nobody else, and what came through
the websocket is noted: long runs of characters, which are pictures, maps and masks. Then all of them look at the same
moment, on a new server for each number of passes that may run at once (``SEGSCOPE_PERMITS``). Nobody may receive a run
that was only ever another's, and everybody has to receive their own.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core import machine
from core.bench.browser import ROOT, process
from core.bench.findings import Load, say
from core.bench.load import ENVIRONMENT, run
from core.pictures import images

PAGES = ("pspnet", "fcn")
"""What they look at: a network's answer to the photo, and heatmaps of it."""
SHORTEST = 48
"""Characters in a row that count as a run: no word and no number is as long."""
_RUN = re.compile(rb"[A-Za-z0-9+/=_-]{%d,}" % SHORTEST)


class Seen(NamedTuple):
    """What a visitor has received.

    Attributes:
        runs: hashes of the runs.
        failures: error boxes.
    """

    runs: frozenset[bytes]
    failures: tuple[str, ...]


def runs(message: ForwardMsg) -> set[bytes]:
    """Hashes of the long runs of characters in a message: base64, and names that are made of the content. Addresses of
    uploads are made by chance, others in each visit, and no picture."""
    if message.WhichOneof("type") == "file_urls_response":
        return set()
    return {hashlib.sha256(each).digest() for each in _RUN.findall(message.SerializeToString())}


def own(alone: Sequence[Iterable[bytes]]) -> list[set[bytes]]:
    """For each visitor what nobody else has received."""
    many = Counter(each for seen in alone for each in set(seen))
    return [{each for each in seen if many[each] == 1} for seen in alone]


def photo(number: int, side: int = 384) -> bytes:
    """A JPEG that is no other number's, mirrored, turned and cut out of a sample."""
    samples = images.SAMPLES
    pixels = images.sample(samples[number % len(samples)].key).pixels
    height, width = pixels.shape[:2]
    left, top = 37 * number % max(1, width - side), 23 * number % max(1, height - side)
    cut = pixels[top : top + side, left : left + side]
    cut = cut[:, ::-1] if number // len(samples) % 2 else cut
    cut = cut[::-1] if number // len(samples) // 2 % 2 else cut
    return images.encode_jpeg(cut.copy(), 90)


async def look(address: str, number: int, together: asyncio.Barrier | None = None) -> Seen:
    """One visitor hands in a photo and looks at :data:`PAGES`; all begin ``together``."""
    from core.bench.load_session import Session

    session, found = Session(address), set[bytes]()
    session.heard = lambda message: found.update(runs(message))
    try:
        await session.open()
        await session.upload("picture-file-0", f"{number}.jpg", photo(number))
        for page in PAGES:
            if together is not None:
                await together.wait()
            await session.visit(page)
    finally:
        await session.close()
    return Seen(frozenset(found), tuple(session.failures))


async def everybody(address: str, visitors: int) -> list[Seen]:
    """All of them at the same time."""
    together = asyncio.Barrier(visitors)
    return await asyncio.gather(*(look(address, number, together) for number in range(visitors)))


async def one_by_one(address: str, visitors: int) -> list[Seen]:
    """Each when the one before has gone."""
    return [await look(address, number) for number in range(visitors)]


def compare(load: Load, permits: int, alone: Sequence[Seen], together: Sequence[Seen]) -> None:
    """What was another's, and what is missing."""
    mine = own([seen.runs for seen in alone])
    foreign = missing = 0
    for number, seen in enumerate(together):
        foreign += len(seen.runs & set().union(*mine[:number], *mine[number + 1 :]))
        missing += len(mine[number] - seen.runs)
        load.failures += seen.failures
    name = f"{permits} at once" if permits > 1 else "one at a time"
    load.add(f"runs that are one visitor's alone, passes {name}", sum(map(len, mine)), "")
    load.add(f"the fewest of one visitor, passes {name}", min(map(len, mine)), "")
    load.add(f"runs of another that somebody received, passes {name}", foreign, "", 0)
    load.add(f"runs of their own that somebody did not receive, passes {name}", missing, "", 0)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and with ``--write`` keep; returns the exit status: 1 where something crossed or was lost."""
    options = argparse.ArgumentParser(prog="python -m core.bench crossed", description=__doc__)
    options.add_argument("--visitors", type=int, default=20, help="at the same time")
    options.add_argument("--permits", type=int, nargs="+", default=[1, 2, 4], help="passes that may run at once")
    options.add_argument("--json", action="store_true", help="print JSON instead of lines")
    options.add_argument("--write", action="store_true", help="also write core/bench/results/crossed.json")
    chosen = options.parse_args(arguments)
    if chosen.visitors < 2 or min(chosen.permits) < 1:
        options.error("at least two visitors and one permit")
    where, load = machine.here(), Load()
    settings = ENVIRONMENT | {"SEGSCOPE_THREADS": "1"}  # the same sums in the same order, whoever computes beside
    with process(ROOT / "app.py", ROOT, "/readyz", settings) as (address, _pid):
        alone = run(one_by_one(address, chosen.visitors))
    load.add("visitors, each with a photo of their own", chosen.visitors, "")
    for permits in chosen.permits:
        own_settings = settings | {"SEGSCOPE_PERMITS": str(permits)}
        with process(ROOT / "app.py", ROOT, "/readyz", own_settings) as (address, _pid):
            together = run(everybody(address, chosen.visitors))
        compare(load, permits, alone, together)
    return say("crossed", load, where, chosen.json, chosen.write)
