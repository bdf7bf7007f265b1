"""For every test: property tests that repeat their examples, a loaded PyTorch, a running server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.browser import browser, rooms, visit
from tests.support.paths import ROOT

__all__ = ["browser", "rooms", "visit"]  # fixtures of every test

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files named ``test_browser*`` need one and come last: playwright's event loop, once it runs, stays in this thread
    for good."""
    for item in items:
        if item.path.name.startswith("test_browser"):
            item.add_marker("e2e")
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)


@pytest.fixture(scope="session")
def torch_loaded() -> None:
    """PyTorch is there, so that pages show their networks and not the notice that they load."""
    from core.engine import inference

    assert inference.wait_until_ready(120)


@pytest.fixture(scope="module", autouse=True)
def nothing_left_running() -> Iterator[None]:
    """What a page has begun in the background ends with the tests of its file: it would take turns with the next ones'
    networks, and time from what they measure."""
    yield
    if "core.engine.worker" in sys.modules:
        sys.modules["core.engine.worker"].end()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    log: Path, answers: str = "/readyz", port: int = 0, kill: bool = False, script: str = "app.py", **environment: str
) -> Iterator[str]:
    """A SegScope server on a free port, from the moment that it answers at ``answers``; yields its address.

    Fails afterwards when a traceback stands in its ``log``. With ``kill`` it ends as if the power failed. ``script`` is
    what is started, from the repository's root.
    """
    port = port or _free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )
    try:
        give_up = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(address + answers):
                    break
            except OSError as error:  # not listening yet, or still loading
                if isinstance(error, urllib.error.HTTPError):
                    error.close()
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < give_up, log.read_text()
                time.sleep(0.1)
        yield address
    finally:
        process.kill() if kill else process.terminate()
        process.wait(20)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running SegScope, ready to compute, without a slash at its end."""
    with running(tmp_path_factory.mktemp("server") / "log.txt") as address:
        yield address
