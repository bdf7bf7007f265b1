"""Connections that ask for nothing: bounded in time and number, with a real server in front of them at the end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.types import Message, Receive, Scope, Send

from core.server import connections, guards
from core.server.connections import HEADERS, Idle
from core.settings import Settings
from tests.conftest import running
from tests.support.visitors import get, visit


class Connection:
    """As much of uvicorn's as is looked at."""

    def __init__(self) -> None:
        self.cycle: Any = None
        self.transport = SimpleNamespace(abort=self._abort)
        self.closed = False

    def _abort(self) -> None:
        self.closed = True

    def asks(self) -> None:
        self.cycle = SimpleNamespace(response_complete=False)

    def is_answered(self) -> None:
        self.cycle.response_complete = True


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_connection_that_asks_for_nothing_is_closed_in_time(clock: Clock) -> None:
    idle, silent, asking, again = Idle(clock=clock), Connection(), Connection(), Connection()
    asking.asks()
    again.asks()
    again.is_answered()
    websocket = SimpleNamespace()
    everybody = [silent, asking, again, websocket]
    assert idle.look(everybody) == 0
    clock.now = HEADERS - 1
    again.asks()
    assert idle.look(everybody) == 0
    clock.now = HEADERS
    assert idle.look(everybody) == 1
    assert (silent.closed, asking.closed, again.closed) == (True, False, False)
    again.is_answered()
    idle.look(everybody)
    clock.now += HEADERS
    idle.look([asking, again, websocket])
    assert (asking.closed, again.closed) == (False, True)


def test_an_answer_that_nobody_reads_ends_too_but_no_upload_that_waits(clock: Clock) -> None:
    limits = Settings()
    idle, deaf = Idle(limits, clock), Connection()
    deaf.asks()
    idle.look([deaf])
    clock.now = limits.upload_wait_seconds + limits.upload_seconds
    assert idle.look([deaf]) == 0
    clock.now += connections.SPARE
    assert idle.look([deaf]) == 1


def test_of_too_many_the_oldest_go(clock: Clock) -> None:
    idle, first, second = Idle(Settings(idle_connections=10), clock), Connection(), Connection()
    idle.look([first])
    clock.now = 1
    others = [Connection() for _ in range(9)]
    second.asks()
    assert idle.look([first, second, *others]) == 0
    clock.now = 2
    assert idle.look([first, second, *others, Connection()]) == 1
    assert first.closed
    assert not second.closed


def visits(limits: Settings, *messages: Message, seconds: float = 0.0) -> tuple[list[Message], list[Message]]:
    """What Streamlit receives of one websocket after another that sends ``messages``, and what is sent back."""
    heard: list[Message] = []
    sent: list[Message] = []

    async def streamlit(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            heard.append(message)
        heard.append(message)

    async def main() -> None:
        pending = list(messages)

        async def receive() -> Message:
            if pending:
                return pending.pop(0)
            await asyncio.sleep(seconds)
            return {"type": "websocket.disconnect", "code": 1000}

        async def send(message: Message) -> None:
            sent.append(message)

        scope: Scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [], "client": ("192.0.2.1", 1)}
        places = guards.Places(streamlit, limits)
        await places(scope, receive, send)
        assert not places.arriving
        assert places.taken == 0

    asyncio.run(main())
    return heard, sent


def test_a_websocket_that_never_asks_for_a_page_ends() -> None:
    limits = Settings(arriving_seconds=1)
    heard, _sent = visits(limits, {"type": "websocket.connect"}, seconds=5)
    assert [m["type"] for m in heard] == ["websocket.connect", "websocket.disconnect"]
    assert heard[-1]["code"] == 1008
    asked = {"type": "websocket.receive", "bytes": b"x"}
    heard, _sent = visits(limits, {"type": "websocket.connect"}, asked, seconds=1.5)
    assert heard[-1]["code"] == 1000  # whoever has asked may be silent for as long as they like


def test_one_address_has_so_many_websockets_that_say_nothing() -> None:
    limits = Settings(arriving=0)
    _heard, sent = visits(limits, {"type": "websocket.connect"})
    assert [m["type"] for m in sent] == ["websocket.close"]


def test_half_open_connections_are_closed_by_a_real_server_and_slow_nobody(tmp_path: Path) -> None:
    """More of them than it keeps: the oldest go at once, the rest in time, and visitors are served meanwhile."""
    with running(tmp_path / "log.txt", answers="/_stcore/health", SEGSCOPE_IDLE_CONNECTIONS="20") as server:
        where = urlsplit(server)
        began = time.monotonic()
        held = [socket.create_connection((where.hostname, where.port)) for _ in range(60)]  # type: ignore[arg-type]
        for one in held[::2]:
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-")
        with visit(server):
            assert get(server, "/fcn", Accept="text/html")[0] == 200
        closed: list[float] = []
        for one in held:
            one.settimeout(60)
            with contextlib.suppress(ConnectionResetError):
                assert one.recv(100) == b""
            closed.append(time.monotonic() - began)
            one.close()
        assert len(closed) == 60
        assert get(server, "/_stcore/health")[0] == 200
