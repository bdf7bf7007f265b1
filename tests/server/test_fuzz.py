"""Addresses, websocket messages and values of players that no browser of ours sends.

``python -m tests.server.test_fuzz MINUTES`` goes on with new seeds for as long; what it finds comes into :data:`SEEDS`.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from core.bench.load_session import LoadError, Session
from core.ui.language import catalogue
from core.ui.story import STORY
from tests.conftest import running
from tests.server.test_faults import APOLOGY

SEEDS = range(12)
"""Each a visitor on one page with a dozen odd messages."""
APOLOGIES = (APOLOGY, catalogue("ko").gettext(APOLOGY))
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1, 7, 10**30, -0.5, 1e308, float("inf"), float("nan"), "", "own", "cat", "../..", "\0",
    "가" * 300, "<b>x</b>", [], [1], [1, 2], [1, 2, 3], [[1, 2]], ["a"] * 50, {}, {"x": 1}, {"pin": None},
    {"left": 3, "right": []},
)  # fmt: skip
EVENTS = (
    "pin", "setting", "chosen", "told", "edit", "answer", "held", "start", "stop", "cell", "gains", "box", "rate",
    "stack", "missing", "effect", "shapes", "bet", "spot", "x",
)  # fmt: skip


def odd_state(name: str, chance: random.Random) -> WidgetState:
    """What the player called ``name`` never sends."""
    sent = {chance.choice(EVENTS): chance.choice(ODD) for _ in range(3)}
    return WidgetState(id=name, json_value=json.dumps(sent))


def odd_query(chance: random.Random) -> str:
    names = ("img", "lang", "pin", "side", "crop", "k", "s", "p", "net", "ref", "order", "at", "gains", "rate", "x")
    pairs = (
        f"{chance.choice(names)}={quote(str(chance.choice(ODD)), errors='replace')}"
        for _ in range(chance.randint(0, 6))
    )
    return "&".join(pairs)


async def visitor(address: str, seed: int) -> list[str]:
    """What one visitor was shown that none should be."""
    chance = random.Random(seed)
    page = chance.choice(["", *(entry.name for entry in STORY[1:])])
    session = Session(address, chance.choice(("en-US", "ko-KR")))
    try:
        await session.open(page, odd_query(chance))
        for _ in range(12):
            players = sorted(name for name, (kind, _) in session._widgets.items() if kind == "bidi_component")
            for name in chance.sample(players, min(3, len(players))):
                fragment = session._widgets[name][1]
                session._states[name] = odd_state(name, chance)
                fields = {"fragment_id": fragment} if chance.random() < 0.3 else {}
                message = BackMsg()
                message.rerun_script.query_string = odd_query(chance)
                message.rerun_script.page_script_hash = session._page
                message.rerun_script.widget_states.widgets.extend(session._states.values())
                if fields:
                    message.rerun_script.fragment_id = fields["fragment_id"]
                await session._send(message)
            session._states.clear()
            await asyncio.wait_for(session.rerun(), 120)
        return [text for text in session.failures if text in APOLOGIES]
    except (LoadError, TimeoutError) as error:
        return [f"seed {seed}: {type(error).__name__}: {error}"]
    finally:
        await session.close()


async def garbage(address: str, seed: int) -> None:
    """Frames that are no message: the connection may end, and nothing else."""
    chance, session = random.Random(seed), Session(address)
    try:
        await session.open()
        assert session._socket is not None
        for _ in range(10):
            await session._socket.send(chance.randbytes(chance.randint(0, 2000)))
    except Exception:
        return
    finally:
        await session.close()


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running(tmp_path_factory.mktemp("fuzz") / "log.txt") as address:
        yield address


@pytest.mark.parametrize("seed", SEEDS)
def test_odd_values_and_addresses_never_end_in_an_apology(fuzzed: str, seed: int) -> None:
    assert asyncio.run(visitor(fuzzed, seed)) == []


def test_frames_that_are_no_messages_harm_nobody(fuzzed: str) -> None:
    async def beside() -> None:
        session = Session(fuzzed)
        await session.open("transposed")
        await asyncio.gather(*(garbage(fuzzed, seed) for seed in range(5)))
        await session.rerun()
        assert session.failures == []
        await session.close()

    asyncio.run(beside())


def main(minutes: float) -> None:
    """Look for seeds that end badly."""
    import time

    with running(Path(tempfile.mkdtemp()) / "log.txt") as address:
        until, seed = time.monotonic() + 60 * minutes, 1000
        while time.monotonic() < until:
            if found := asyncio.run(visitor(address, seed)):
                print(seed, found, flush=True)
            seed += 1
        print(seed - 1000, "visitors", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]))
