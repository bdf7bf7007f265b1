"""The server is asked to end while people are served."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from core.bench.browser import ROOT, process
from core.bench.load import photo
from core.bench.load_session import LoadError, Session


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_sigterm_during_a_pass_ends_the_server_and_leaves_nothing_running(tmp_path: Path) -> None:
    """A page's networks are at work; the process ends by itself, in much less than the half minute that orchestrators
    wait, without a traceback."""
    log = tmp_path / "log.txt"
    with process(ROOT / "app.py", ROOT, "/readyz", log=log) as (address, pid):

        async def visit() -> float:
            session = Session(address)
            await session.open()
            await session.upload("picture-file-0", "me.jpg", photo(7))
            looking = asyncio.create_task(session.visit("pspnet"))
            await asyncio.sleep(0.3)
            began = time.monotonic()
            os.kill(pid, signal.SIGTERM)
            with suppress(LoadError, ConnectionClosed):  # it is cut off, which the browser says
                await looking
            await session.close()
            return began

        began = asyncio.run(visit())
        while time.monotonic() - began < 25 and _runs(pid):
            time.sleep(0.1)
        assert not _runs(pid)
    assert "Traceback" not in log.read_text()


def _runs(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    if state.parent.parent.is_dir() and Path("/proc/self").exists():
        return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return subprocess.run(["ps", "-p", str(pid)], capture_output=True).returncode == 0
