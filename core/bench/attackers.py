"""Visitors beside others who mean no good: ``python -m core.bench attackers``.

The attackers send from an address of their own (127.0.0.2) what costs them nothing: large files that no page reads,
bodies of a byte a second, connections that say nothing or half a request, websockets that never ask for a page.
Meanwhile visitors hand in photos and change a setting. Linux only: elsewhere 127.0.0.2 is not this machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import re
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from core import machine
from core.bench.browser import ROOT, process
from core.bench.findings import Load, percentile, say

FROM = "127.0.0.2"
MB = 2**20
FILE = 31 * MB
BOUNDARY = "frame"


class Attackers:
    """What one address does to the server at ``address``.

    Attributes:
        idle: sessions that send two files of 31 MB each, again and again, and ask for nothing.
        slow: bodies of a byte a second.
        half: connections, half of them with half a request, half with none.
        silent: websockets that never ask for a page.
        answers: how often the server answered one of the idle sessions' files, by status.
    """

    def __init__(self, address: str, idle: int = 6, slow: int = 6, half: int = 200, silent: int = 100) -> None:
        self.where = urlsplit(address)
        self.idle, self.slow, self.half, self.silent = idle, slow, half, silent
        self.answers: dict[int, int] = {}

    @asynccontextmanager
    async def at_work(self, seconds: float = 3.0) -> AsyncIterator[None]:
        """They go on until the block ends, which begins ``seconds`` after they have."""
        kinds = (
            (self._idle, self.idle), (self._slow, self.slow), (self._half, self.half), (self._silent, self.silent),
        )  # fmt: skip
        tasks = [asyncio.create_task(kind(i)) for kind, count in kinds for i in range(count)]
        try:
            await asyncio.sleep(seconds)
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _session(self) -> tuple[object, str]:
        """An open websocket that has asked for one page, and its session's name."""
        socket = await connect(
            f"ws://{self.where.netloc}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            local_addr=(FROM, 0),
            max_size=None,
            max_queue=None,  # what the server sends is never looked at
        )
        ask = BackMsg()
        ask.rerun_script.query_string = ""
        await socket.send(ask.SerializeToString())
        async for data in socket:
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            if message.WhichOneof("type") == "new_session":
                return socket, message.new_session.initialize.session_id
        raise ConnectionError

    def _request(self, session: str, size: int) -> http.client.HTTPConnection:
        """A connection on which the head of an upload has been sent."""
        there = http.client.HTTPConnection(self.where.netloc, timeout=20, source_address=(FROM, 0))
        there.request("GET", "/_stcore/health")
        answer = there.getresponse()
        answer.read()
        token = re.search(r"_streamlit_xsrf=([^;]+)", answer.getheader("Set-Cookie") or "")
        value = token[1] if token else ""
        there.putrequest("PUT", f"/_stcore/upload_file/{session}/{uuid.uuid4()}")
        there.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
        there.putheader("Content-Length", str(size))
        there.putheader("X-Xsrftoken", value)
        there.putheader("Cookie", f"_streamlit_xsrf={value}")
        there.endheaders()
        return there

    def _put(self, session: str) -> int:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'.encode()
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        there = self._request(session, len(head) + FILE + len(tail))
        try:
            there.send(head + bytes(FILE) + tail)
            return there.getresponse().status
        except OSError:
            return 0
        finally:
            there.close()

    async def _idle(self, _number: int) -> None:
        _socket, session = await self._session()
        while True:
            for status in await asyncio.gather(*(asyncio.to_thread(self._put, session) for _ in range(2))):
                self.answers[status] = self.answers.get(status, 0) + 1
            await asyncio.sleep(1)

    async def _slow(self, _number: int) -> None:
        _socket, session = await self._session()
        while True:
            there = await asyncio.to_thread(self._request, session, FILE)
            try:
                while True:
                    await asyncio.to_thread(there.send, b"x")
                    await asyncio.sleep(1)
            except OSError:
                pass
            finally:
                there.close()

    async def _half(self, number: int) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection(
                    self.where.hostname, self.where.port, local_addr=(FROM, 0)
                )
                if number % 2:
                    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-")
                while await reader.read(1000):
                    pass
                writer.close()
            except OSError:
                await asyncio.sleep(0.5)

    async def _silent(self, _number: int) -> None:
        while True:
            try:
                async with connect(f"ws://{self.where.netloc}/_stcore/stream", local_addr=(FROM, 0)) as socket:
                    await socket.wait_closed()
            except Exception:
                await asyncio.sleep(0.5)


async def visitors(address: str, count: int, first: int) -> tuple[list[float], list[float], list[str]]:
    """``count`` visitors, one after the other, who hand in a photo and change a setting; seconds of each, and what went
    wrong."""
    from core.bench.load import photo
    from core.bench.load_session import Session

    photos, changes, failures = [], [], []
    for number in range(first, first + count):
        session = Session(address)
        try:
            await session.open("transposed")
            changes.append(await session.change("/k", lambda w: setattr(w, "double_value", 2.0)))
            photos.append(await session.upload("picture-file-0", "me.jpg", photo(number)))
            failures += session.failures
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")
        finally:
            await session.close()
    return photos, changes, failures


async def measure(address: str, count: int, rounds: int) -> Load:
    """The same visits without and with attackers, in turns."""
    load = Load()
    # Attackers and visitors send in threads: none may wait for another's.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(64))
    times: dict[str, list[float]] = {}
    await visitors(address, 1, 10**6)
    attackers = Attackers(address)
    for number in range(rounds):
        quiet = await visitors(address, count, 2 * number * count)
        async with attackers.at_work():
            beside = await visitors(address, count, (2 * number + 1) * count)
        for name, found in (("nobody else", quiet), ("attackers", beside)):
            times.setdefault(f"a photo is handed in, beside {name}", []).extend(found[0])
            times.setdefault(f"a setting is changed, beside {name}", []).extend(found[1])
            load.failures += found[2]
    for name, seconds in times.items():
        load.times(name, seconds)
        load.add(f"{name}, longest", percentile(seconds, 100), "s")
    load.add("visits that failed", len(load.failures), "", 0)
    for status, many in sorted(attackers.answers.items()):
        load.add(f"attackers' files answered with {status or 'a broken connection'}", many, "")
    return load


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and with ``--write`` keep; returns the exit status: 1 where a visit failed."""
    options = argparse.ArgumentParser(prog="python -m core.bench attackers", description=__doc__)
    options.add_argument("--visitors", type=int, default=5, help="in each round, one after the other")
    options.add_argument("--rounds", type=int, default=3, help="each without and with attackers")
    options.add_argument("--log", type=Path, help="file for the server's log; SEGSCOPE_LOG=json makes it complete")
    options.add_argument("--json", action="store_true", help="print JSON instead of lines")
    options.add_argument("--write", action="store_true", help="also write core/bench/results/attackers.json")
    chosen = options.parse_args(arguments)
    if sys.platform != "linux":
        options.error("Linux only")
    with process(ROOT / "app.py", ROOT, "/readyz", log=chosen.log) as (address, _pid):
        load = asyncio.run(measure(address, chosen.visitors, chosen.rounds))
    return say("attackers", load, machine.here(), chosen.json, chosen.write)
