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
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def torch_loaded() -> None:
    """PyTorch is there, so that pages show their networks and not the notice that they load."""
    from core import inference

    assert inference.wait_until_ready(120)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running SegScope, ready to compute, without a slash at its end."""
    port = _free_port()
    log = tmp_path_factory.mktemp("server") / "log.txt"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    address = f"http://127.0.0.1:{port}"
    # No weights of an earlier download, and no way out: what a test sees must not depend on the machine's network.
    no_network = {"TORCH_HOME": str(log.parent), "https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, env=os.environ | no_network
        )
    try:
        give_up = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(address + "/readyz"):
                    break
            except OSError as error:  # not listening yet, or still loading
                if isinstance(error, urllib.error.HTTPError):
                    error.close()
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < give_up, log.read_text()
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)
    assert "Traceback" not in log.read_text(), log.read_text()
