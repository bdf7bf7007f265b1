"""Events and metrics: what is written, and that nothing personal can be."""

from __future__ import annotations

import ast
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from prometheus_client import generate_latest
from torch import nn

from core import telemetry
from core.engine import inference
from core.pictures import images
from core.server import forwards
from core.server.forwards import Watch


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log of a process that writes one."""
    stream, handlers = io.StringIO(), logging.root.handlers
    others = {"segscope": telemetry._logger, "a.library": logging.getLogger("a.library")}
    monkeypatch.setattr(logging.root.manager, "loggerDict", others)
    telemetry.write_logs(stream)
    yield stream
    telemetry._logger.handlers = []
    logging.root.handlers = handlers


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_with_its_fields_and_its_request(written: io.StringIO) -> None:
    token = telemetry.REQUEST.set("0123")
    telemetry.event("answered", kind="page", status=200, seconds=0.5)
    telemetry.REQUEST.reset(token)
    telemetry.event("two\nlines")
    first, second = lines(written)
    assert str(first.pop("time")).endswith("Z")
    assert first == {
        "level": "info", "event": "answered", "kind": "page", "status": 200, "seconds": 0.5, "request": "0123",
    }  # fmt: skip
    assert second["event"] == "two\nlines"


def test_an_event_names_the_session_that_the_server_knows(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    telemetry.event("one")
    monkeypatch.setattr(telemetry, "who", lambda: "a-session")
    telemetry.event("two")
    first, second = lines(written)
    assert "session" not in first
    assert second["session"] == telemetry.session_label("a-session")


def test_it_stands_on_the_ground() -> None:
    """Errors and settings, and no Streamlit: anything may write events."""
    tree = ast.parse(Path(telemetry.__file__).read_text(encoding="utf-8"))
    imported = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    imported += [name.name for n in ast.walk(tree) if isinstance(n, ast.Import) for name in n.names]
    assert {name for name in imported if name.startswith("core")} == {"core.errors", "core.settings"}
    assert not [name for name in imported if name.startswith("streamlit")]


def test_of_other_libraries_only_the_template_is_written(written: io.StringIO) -> None:
    logging.getLogger("a.library").warning("%s asked for %s", "192.0.2.1", "beach.png")
    (line,) = lines(written)
    assert (line["logger"], line["message"]) == ("a.library", "%s asked for %s")
    assert "192.0.2.1" not in written.getvalue()


def test_of_an_exception_its_type_and_place_are_written_and_not_its_words(written: io.StringIO) -> None:
    before = telemetry.FAILURES._value.get()
    try:
        raise ValueError("beach.png")
    except ValueError as error:
        telemetry.failed(error)
        logging.getLogger("a.library").exception("it failed")
    first, second = lines(written)
    assert first["error"] == second["error"] == "ValueError"
    assert str(first["where"]).startswith("tests/test_telemetry.py:")
    assert "beach" not in written.getvalue()
    assert telemetry.FAILURES._value.get() == before + 1


def test_nothing_is_written_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.event("answered", status=200)
    assert capsys.readouterr() == ("", "")


def test_a_session_has_a_name_that_leads_nowhere_and_changes_with_the_process() -> None:
    name = telemetry.session_label("a-session")
    assert name == telemetry.session_label("a-session") != telemetry.session_label("another")
    assert len(name) == 8
    code = "from core.telemetry import session_label; print(session_label('a-session'))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert len(other) == 8
    assert other != name


def test_metrics_are_what_prometheus_reads() -> None:
    telemetry.refused("a_test")
    telemetry.reran("home", 0.3)
    text = generate_latest(telemetry.REGISTRY).decode()
    assert 'segscope_refusals_total{reason="a_test"} 1.0' in text
    assert 'segscope_rerun_seconds_bucket{le="0.5",page="home"}' in text
    for name in (
        "sessions",
        "sessions_max",
        "queue",
        "upload_bytes",
        "cache_bytes",
        "forward_seconds",
        "wait_seconds",
        "failures",
    ):
        assert f"# TYPE segscope_{name}" in text
    assert "_created" not in text


def _count(network: str) -> float:
    text = generate_latest(telemetry.REGISTRY).decode().splitlines()
    found = [line for line in text if line.startswith(f'segscope_forward_seconds_count{{network="{network}"}}')]
    return float(found[0].split()[-1]) if found else 0.0


@pytest.mark.usefixtures("torch_loaded")
def test_a_pass_counts_for_the_network_whose_layers_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, model = Watch(), inference.load("efficientnet-lite0")
    monkeypatch.setattr(inference, "observers", [watch.heard])
    own = nn.Linear(2, 2)
    before, others = _count(model.spec.name), _count(forwards.OTHER)
    hook = nn.modules.module.register_module_forward_pre_hook(watch.look)
    try:
        inference.run(model.module, torch.zeros(1, 3, 32, 32))
        part = next(module for module in model.module.modules() if isinstance(module, nn.Conv2d))
        inference.run(part, torch.zeros(1, part.in_channels, 8, 8))  # a part of it is it, too
        inference.run(own, torch.zeros(1, 2))
        inference.run(lambda: None)
    finally:
        hook.remove()
    assert _count(model.spec.name) == before + 2
    assert _count(forwards.OTHER) == others + 2


def test_a_failure_is_said_where_logs_are_off(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry._logger, "handlers", [])
    for error in (RuntimeError("secret"), images.ImageError("x")):
        try:
            raise error
        except Exception as caught:
            telemetry.failed(caught)
    (record,) = caplog.records
    assert "RuntimeError in tests/test_telemetry.py" in record.getMessage()
    assert "secret" not in caplog.text
