"""What one visitor who looks at every page costs in memory: a part of ``python -m core.bench sizing``.

A server is started as the smallest free host has it (:data:`SMALL`), and asked for page after page, as a browser would.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core import machine
from core.bench.browser import ROOT, process
from core.bench.findings import memory
from core.bench.load import pages, photo, settled

SMALL = {"SEGSCOPE_MEMORY": "small", "SEGSCOPE_NETWORKS": "3", "SEGSCOPE_CACHE_MB": "64", "SEGSCOPE_MAX_SESSIONS": "30"}
"""Settings of ``deploy/community-cloud``, as variables."""
LEAST = 690
"""Megabytes that Streamlit Community Cloud promises at least."""


RESULTS = ROOT / "core" / "bench" / "results" / "memory.json"


@dataclass(frozen=True)
class Seen:
    """Megabytes that the server has when a page stands, and the most that it has had until then."""

    page: str
    now: float
    most: float


def peak(pid: int) -> float:
    """The most megabytes that the process ``pid`` has ever had; where the system does not say, what it has now."""
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


def keep(seen: Sequence[Seen], file: Path = RESULTS) -> None:
    """Write what was measured, and on which machine."""
    text = json.dumps({"machine": machine.here(), "pages": [asdict(one) for one in seen]}, indent=2)
    file.write_text(text + "\n", encoding="utf-8")


def kept(file: Path = RESULTS) -> list[Seen]:
    """What :func:`keep` has written; nothing where it has not."""
    if not file.is_file():
        return []
    return [Seen(**one) for one in json.loads(file.read_text(encoding="utf-8"))["pages"]]


def markdown(seen: Sequence[Seen]) -> str:
    """The table by page, and what it was measured with; nothing where nothing was measured."""
    if not seen:
        return ""
    rows = [f"| {one.page or 'home'} | {one.now:.0f} MB | {one.most:.0f} MB |" for one in seen]
    settings = ", ".join(f"{name}={value}" for name, value in SMALL.items())
    last = seen[-1]
    return "\n".join(
        [
            f"One visitor with an own photo looks at page after page of a server with {settings}:",
            "",
            "| Page | Memory when it stands | The most until then |",
            "|---|---:|---:|",
            *rows,
            "",
            f"{last.now:.0f} MB after all of them, of the {LEAST} that Streamlit Community Cloud promises at least.",
        ]
    )
