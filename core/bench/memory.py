"""What one visitor who looks at every page costs in memory: a part of ``python -m core.bench sizing``.

A server is started as the smallest free host has it (:data:`SMALL`), and asked for page after page, as a browser would.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.bench.browser import ROOT, process
from core.bench.load import memory, pages, photo, settled

SMALL = {"SEGSCOPE_MEMORY": "small", "SEGSCOPE_NETWORKS": "3", "SEGSCOPE_CACHE_MB": "64", "SEGSCOPE_MAX_SESSIONS": "30"}
"""Settings of ``deploy/community-cloud``, as variables."""
LEAST = 690
"""Megabytes that Streamlit Community Cloud promises at least."""


@dataclass(frozen=True)
class Seen:
    """Megabytes that the server has when a page stands, and the most that it has had until then."""

    page: str
    now: float
    most: float


def peak(pid: int) -> float:
    """The most megabytes that the process ``pid`` has had since it began; where the system does not say, what it has."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE) if status.exists() else None
    return int(found[1]) * 1024 / 1e6 if found else memory(pid)


async def _look(address: str, pid: int, names: Sequence[str], own: bool) -> list[Seen]:
    from core.bench.load_session import Session

    visitor = Session(address)
    found: list[Seen] = []

    async def note(page: str) -> None:
        now = await settled([pid], 8)
        found.append(Seen(page, now, peak(pid)))
        print(f"{page or 'home'}: {now:.0f} MB, at most {found[-1].most:.0f}", file=sys.stderr, flush=True)

    await visitor.open()
    await note("")
    if own:
        await visitor.upload("picture-file-0", "own.jpg", photo(1))
    for name in names:
        await visitor.visit(name)
        if name == names[-1]:
            await visitor.shows("compare-again", 600)  # all networks have had their turn
        await note(name)
    await visitor.close()
    if visitor.failures:
        raise RuntimeError(visitor.failures[0])
    return found


def by_page(own: bool = True) -> list[Seen]:
    """Memory after each page in the order of the story, all of them seen by one visitor with a photo of their ``own``
    or with a sample; a comparison of all networks at the end."""
    with process(ROOT / "app.py", ROOT, "/readyz", SMALL) as (address, pid):
        return asyncio.run(_look(address, pid, pages(), own))
