"""What a person reads who starts SegScope: one line with the address, or one sentence."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from streamlit import config

from core.server import prefix, start
from core.ui import streamlit_internals
from tests.conftest import running
from tests.support.paths import ROOT


def test_a_server_says_one_line(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    with running(log, STREAMLIT_SERVER_BASE_URL_PATH="apps/segscope") as address:
        time.sleep(0.5)
        assert log.read_text() == f"SegScope: {address}/apps/segscope/ (Ctrl+C ends it)\n"


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({}, "http://localhost:8501/"),
        ({"server.address": "0.0.0.0"}, "http://localhost:8501/"),
        ({"server.address": "127.0.0.1", "server.port": 8600}, "http://127.0.0.1:8600/"),
        ({"server.address": "::1"}, "http://[::1]:8501/"),
        ({"server.sslCertFile": "cert.pem"}, "https://localhost:8501/"),
    ],
)
@pytest.mark.parametrize("headless", [True, False])
def test_the_address_is_said_and_opened(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: dict[str, object],
    address: str,
    headless: bool,
) -> None:
    given = {"server.address": None, "server.port": 8501, "server.sslCertFile": None, "server.headless": headless}
    opened: list[str] = []
    monkeypatch.setattr(config, "get_option", lambda name: {**given, **options}[name])
    monkeypatch.setattr(config, "is_manually_set", lambda _name: False)
    monkeypatch.setattr(streamlit_internals, "started_by_streamlit", lambda: True)
    monkeypatch.setattr(prefix, "take", lambda: "")
    monkeypatch.setattr(start.webbrowser, "open", opened.append)
    assert start.announce() == address
    assert capsys.readouterr().out == f"SegScope: {address} (Ctrl+C ends it)\n"
    give_up = time.monotonic() + 10
    while not headless and not opened and time.monotonic() < give_up:
        time.sleep(0.01)
    assert opened == ([] if headless else [address])


def test_another_server_says_its_address_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert not streamlit_internals.started_by_streamlit()
    assert start.announce() == ""
    assert capsys.readouterr().out == ""


def test_a_missing_folder_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert start.missing() == []
    (tmp_path / "core" / "samples").mkdir(parents=True)
    (tmp_path / "pages").mkdir()
    monkeypatch.setattr(start, "_ROOT", tmp_path)
    with pytest.raises(SystemExit, match=r"^SegScope: the folder core/weights is missing: get it again"):
        start.check()


def test_an_old_python_is_one_sentence() -> None:
    code = "import sys; sys.version_info = (3, 10, 4); import core"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (1, "SegScope needs Python 3.11 or later, and this is 3.10.\n")


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with running(tmp_path / "log.txt", answers="/_stcore/health") as address:
        program = "import sys; from core.cli import program; sys.exit(program.main())"
        command = [sys.executable, "-c", program, "--server.address", "127.0.0.1", "--server.headless=true"]
        command += ["--server.port", address.rpartition(":")[2]]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    port = address.rpartition(":")[2]
    assert run.returncode == 1
    assert run.stderr == f"segscope: port {port} is in use: name another with --server.port, or leave it out.\n"
