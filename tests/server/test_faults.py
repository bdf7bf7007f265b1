"""What can go wrong while people are here: each fault ends in a sentence, and the neighbours notice nothing."""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from starlette.testclient import TestClient
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import telemetry
from core.engine import inference
from core.models import downloads, weights
from core.server.refusals import EXCEPTION_HANDLERS, FAILED
from core.ui import budget
from core.ui.language import apologize, catalogue
from tests.support.loops import sweep
from tests.support.paths import ROOT
from tests.ui.test_pages import NAMES, opened

APOLOGY = "Something went wrong on our side. Reload the page, or choose another picture."
SCRIPT = """
import streamlit as st
from core.engine import inference
from core.ui.language import begin
from core.ui import state
state.begin()
begin()
wrong = st.query_params.get("wrong")
st.text(inference.run(lambda: 1 / 0 if wrong else "a true answer").value)
"""


@pytest.fixture
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server with one small page that runs something through the door; ``?wrong=1`` makes that fail."""
    script = tmp_path_factory.mktemp("faults") / "secret_script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    app = st.App(script, on_script_error=apologize, exception_handlers=EXCEPTION_HANDLERS)
    try:
        with TestClient(app, raise_server_exceptions=False) as made:
            yield made
    finally:
        Runtime._instance = None
        sweep()


def drawn(client: TestClient, query: str) -> bytes:
    """Everything that a visitor with this query is sent."""
    ask, sent = BackMsg(), b""
    ask.rerun_script.query_string = query
    with client.websocket_connect("/_stcore/stream", subprotocols=["streamlit"]) as socket:
        socket.send_bytes(ask.SerializeToString())
        while True:
            message = socket.receive_bytes()
            sent += message
            forward = ForwardMsg()
            forward.ParseFromString(message)
            if forward.WhichOneof("type") == "script_finished":
                break
        for info in runtime.get_instance()._session_mgr.list_sessions():
            while info.session._scriptrunner is not None:  # its thread ends a moment after its page
                time.sleep(0.01)
    return sent


@pytest.mark.usefixtures("torch_loaded")
def test_a_pass_that_raises_is_an_apology_and_nobody_else_notices(client: TestClient) -> None:
    before = telemetry.FAILURES._value.get()
    for _ in range(inference.PERMITS + 1):  # the permit comes back every time
        broken = drawn(client, "wrong=1&lang=en")
        assert APOLOGY.encode() in broken
        for inside in (b"ZeroDivisionError", b"division", b"Traceback", b"inference.py", b"File "):
            assert inside not in broken
    assert catalogue("ko").gettext(APOLOGY).encode() in drawn(client, "wrong=1&lang=ko")
    assert telemetry.FAILURES._value.get() == before + inference.PERMITS + 2
    healthy = drawn(client, "")
    assert b"a true answer" in healthy
    assert APOLOGY.encode() not in healthy


def test_a_failing_address_answers_with_a_sentence(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("/secret/path")

    monkeypatch.setattr(runtime.get_instance().media_file_mgr._storage, "get_file", fail)
    answer = client.get("/media/0123456789abcdef.png", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.text) == (500, FAILED + "\n")


@pytest.mark.usefixtures("torch_loaded")
@pytest.mark.parametrize("name", NAMES)
def test_damaged_weights_are_a_sentence_on_every_page(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file has the checksum that it should have: pages show what needs no network, and say what is wrong."""
    st.cache_data.clear()
    st.cache_resource.clear()
    budget.clear()
    # AppTest knows no handler of errors: this is where the server calls ours.
    monkeypatch.setattr("streamlit.error_util.invoke_script_error_handler", lambda error, _handler: apologize(error))
    with monkeypatch.context() as patch:
        patch.setattr(weights, "_index", dict)
        patch.setattr(inference, "_models", {})
        test = opened(name)
        assert not test.exception
        assert len(test.title) == 1
        assert all("damaged" in error.value and error.value.endswith(".") for error in test.error)
    if name == "unet":
        assert not opened(name).error  # repaired: nothing of the fault was kept


@pytest.mark.parametrize("name", NAMES)
def test_every_page_can_be_seen_before_pytorch_is_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "ready", lambda: False)
    monkeypatch.setattr(inference, "warm_up", lambda: None)
    wait = inference.wait_until_ready

    def no_wait(timeout: float | None = None) -> bool:
        assert get_script_run_ctx(suppress_warning=True) is None, "the page waits"  # threads in the background may
        return wait(timeout)

    monkeypatch.setattr(inference, "wait_until_ready", no_wait)
    st.cache_data.clear()
    st.cache_resource.clear()
    budget.clear()
    test = opened(name)
    assert not test.exception
    assert not test.error
    assert len(test.title) == 1
    assert all("loading" in notice.value for notice in test.info)


def test_where_pytorch_does_not_load_every_page_says_so(tmp_path: Path) -> None:
    """A process of its own, whose PyTorch is damaged: no page waits for ever, raises, or shows why."""
    broken = tmp_path / "torch"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise OSError('libtorch_cpu.so: /secret/path')\n", encoding="utf-8")
    script = """
import json, sys
from core.engine import inference
from tests.ui.test_pages import NAMES, opened

try:
    inference.wait_until_ready()
except inference.InferenceError as error:
    print(str(error))
for name in NAMES:
    test = opened(name)
    said = [e.value for e in test.error]
    print(json.dumps([name, len(test.title), len(test.exception), [i.value for i in test.info], said]))
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    sentence, *pages = ran.stdout.splitlines()
    assert "install requirements.txt again" in sentence
    assert len(pages) == len(NAMES)
    for page in pages:
        name, titles, exceptions, notices, errors = json.loads(page)
        assert (titles, exceptions) == (1, 0), name
        assert not any("loading" in notice for notice in notices), name
        assert set(errors) <= {sentence}, name
        assert name in ("home", "transposed") or sentence in errors, name  # those two need no network to begin with
    assert "libtorch_cpu.so" in ran.stderr  # for whoever runs the server
    assert "secret" not in ran.stdout


class _Full(io.RawIOBase):
    """A file on a disk without room."""

    def __init__(self, name: str) -> None:
        self.name = name

    def writable(self) -> bool:
        return True

    def write(self, _data: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_ends_a_download_in_a_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(**arguments: Any) -> _Full:
        part = Path(arguments["dir"]) / "x.part"
        part.touch()
        return _Full(str(part))

    source = tmp_path / "here" / "net.pth"
    source.parent.mkdir()
    source.write_bytes(b"x" * 1000)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", no_room)
    with pytest.raises(downloads.DownloadError, match=r"No space left on device.*bundled\."):
        downloads.fetch(source.as_uri(), tmp_path / "there" / "net.pth")
    assert list((tmp_path / "there").iterdir()) == []


def test_a_disk_that_may_not_be_written_to_fails_the_download_and_not_its_thread(tmp_path: Path) -> None:
    (tmp_path / "file").touch()  # a file where a folder is wanted: as good as a read-only disk, for root too
    job = downloads.Job("http://127.0.0.1:9/net.pth", tmp_path / "file" / "net.pth")
    job.join(60)
    assert job.state == "failed"
    assert "bundled" in str(job.error)


def test_a_log_that_cannot_be_written_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry._logger, "handlers", [])
    monkeypatch.setattr(telemetry._logger, "level", telemetry._logger.level)
    monkeypatch.setattr(logging.root, "handlers", list(logging.root.handlers))
    monkeypatch.setattr(logging.root.manager, "loggerDict", {"segscope": telemetry._logger})
    full = io.TextIOWrapper(io.BufferedWriter(_Full("log"), 1), write_through=True)
    telemetry.write_logs(full)
    telemetry.event("answered", status=200)  # raises nothing and prints nothing
    full.detach()
    kept = io.StringIO()
    telemetry.write_logs(kept)
    telemetry.event("answered", status=200)
    assert json.loads(kept.getvalue())["status"] == 200
