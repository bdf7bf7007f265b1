"""A real server with few places and little room: what it refuses, what it says, and what it forgets."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from core.server import refusals
from core.ui.language import catalogue
from tests.conftest import running
from tests.support.visitors import Visitor, form, get, put, visit

MB = 2**20
PLACES = 8


class Small:
    """The server, where its metrics stand, and its log."""

    def __init__(self, address: str, metrics: str, log: Path) -> None:
        self.address, self.metrics, self.log = address, metrics, log

    def metric(self, name: str) -> float:
        with urllib.request.urlopen(self.metrics) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))

    def settles(self, name: str, value: float) -> bool:
        """Whether a metric takes a value in time."""
        give_up = time.monotonic() + 60
        while self.metric(name) != value and time.monotonic() < give_up:
            time.sleep(0.1)
        return self.metric(name) == value

    def lines(self) -> list[dict[str, object]]:
        text = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in text if line.startswith("{")]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    log = tmp_path_factory.mktemp("small") / "log.txt"
    environment = {
        "SEGSCOPE_MAX_SESSIONS": str(PLACES),
        "SEGSCOPE_SESSION_UPLOAD_MB": "4",
        "SEGSCOPE_ADDRESS_UPLOAD_MB": "5",
        "SEGSCOPE_TOTAL_UPLOAD_MB": "8",
        "SEGSCOPE_UPLOAD_WAIT_SECONDS": "15",
        "SEGSCOPE_SESSION_UPLOADS_PER_MINUTE": "1000",
        "SEGSCOPE_METRICS_PORT": port,
        "SEGSCOPE_LOG": "json",
        "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "1",
    }
    with running(log, answers="/_stcore/health", **environment) as address:
        yield Small(address, f"http://127.0.0.1:{port}/metrics", log)


@pytest.fixture
def visitor(small: Small) -> Iterator[Visitor]:
    assert small.settles("segscope_sessions ", 0)
    assert small.settles("segscope_upload_bytes", 0)
    with visit(small.address) as one:
        yield one


def refused_status(server: str) -> int:
    with pytest.raises(InvalidStatus) as refused, connect(server.replace("http", "ws", 1) + "/_stcore/stream"):
        pass
    return refused.value.response.status_code


def test_a_full_server_says_so_and_takes_the_next_when_one_leaves(small: Small, visitor: Visitor) -> None:
    server = small.address
    with ExitStack() as stack:
        for _ in range(PLACES - 1):
            stack.enter_context(visit(server))
        assert small.metric("segscope_sessions ") == PLACES
        assert refused_status(server) == 403
        for path in ("/", "/fcn", "/no-such-page"):
            status, headers, page = get(server, path, Accept="text/html,*/*", Accept_Language="ko-KR,ko;q=0.9")
            low, high = refusals.RETRY
            assert status == 503
            assert low <= int(headers["retry-after"]) <= high
            assert f'content="{headers["retry-after"]}"' in page
            english = refusals.FULL.format(limit=PLACES)
            korean = catalogue("ko").gettext(refusals.FULL).format(limit=PLACES)
            assert 0 < page.index(korean) < page.index(english)
            assert "default-src 'none'" in headers["content-security-policy"]
        assert get(server, "/fcn?lang=en", Accept="text/html")[2].index(english) > 0
        assert get(server, "/_stcore/host-config")[::2] == (503, english + "\n")
        assert get(server, "/_stcore/health")[0] == 200
        assert get(server, "/readyz")[0] in (200, 503)
        assert get(server, "/readyz")[2] in ("ready\n", "loading\n")
        assert get(server, "/")[0] == 200  # a probe that asks for no page
    assert small.settles("segscope_sessions ", 1)
    with visit(server):
        assert get(server, "/fcn", Accept="text/html")[0] == 200


def test_a_session_that_sends_and_sends_holds_its_share_and_no_more(small: Small, visitor: Visitor) -> None:
    """Files under made-up names that no page reads: the oldest make way for the next."""
    for number in range(8):
        began = time.monotonic()
        assert visitor.put(form(b"x" * MB)) == (204, "")
        assert small.metric("segscope_upload_bytes") <= 4 * MB
        assert (time.monotonic() - began < 2) <= (number != 3)  # the fourth has to wait: the frame counts too


def test_a_file_that_no_page_reads_is_gone_in_seconds(small: Small, visitor: Visitor) -> None:
    assert visitor.put(form(b"x" * MB))[0] == 204
    assert small.metric("segscope_upload_bytes") == MB
    assert small.settles("segscope_upload_bytes", 0)
    assert visitor.put(form(b"x"))[0] == 204  # its page is open all the while


def test_one_endless_file_is_cut_off(small: Small, visitor: Visitor) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield form(b"")[:-12]
        while sent < 500 * MB:
            sent += MB
            yield b"x" * MB

    try:
        status, _text = visitor.put(endless(), Transfer_Encoding="chunked")
    except OSError:  # the server has hung up while we were still talking
        status = 429
    assert status == 429
    assert sent < 50 * MB
    assert small.metric("segscope_upload_bytes") == 0


def test_a_declared_size_is_refused_at_once(visitor: Visitor) -> None:
    status, text = visitor.put(b"", Content_Length=str(500 * MB))
    assert (status, text) == (413, "This file is too large: choose one of at most 32 MB.\n")


@pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is this machine's on Linux only")
def test_idle_connections_of_one_address_stop_nobody_elsewhere(small: Small, visitor: Visitor) -> None:
    large = form(b"x" * (4 * MB - 1000))
    with ExitStack() as stack:
        for _ in range(6):
            idle = stack.enter_context(visit(small.address))
            thread = threading.Thread(target=idle.put, args=(large,), kwargs={"source": "127.0.0.2"})
            thread.start()
            stack.callback(thread.join)
        while small.metric("segscope_upload_bytes") < 3 * MB:
            time.sleep(0.05)
        for _ in range(2):
            began = time.monotonic()
            assert visitor.put(form(b"x" * MB)) == (204, "")
            assert time.monotonic() - began < 3  # not the turn of anybody there, which would take longer
        assert small.metric("segscope_upload_bytes") <= 8 * MB


def test_all_of_an_address_share_and_wait_their_turn(small: Small, visitor: Visitor) -> None:
    with visit(small.address) as other:
        assert [visitor.put(form(b"x" * MB))[0] for _ in range(3)] == [204] * 3
        assert [other.put(form(b"x" * MB))[0] for _ in range(3)] == [204] * 3
        assert small.metric("segscope_upload_bytes") <= 5 * MB


def test_nobody_uploads_for_a_session_that_does_not_exist(small: Small) -> None:
    status, text = put(small.address, "00000000-0000-0000-0000-000000000000", form(b"x"))
    assert (status, text) == (403, "This page has lost its connection to the server: reload it and try again.\n")


def test_a_file_is_forgotten_with_its_session_although_nobody_else_comes(small: Small, visitor: Visitor) -> None:
    assert visitor.put(form(b"x" * 1000))[0] == 204
    assert small.metric("segscope_upload_bytes") == 1000
    visitor.socket.close()
    assert small.settles("segscope_upload_bytes", 0)
    assert visitor.put(form(b"x"))[0] == 403


def test_streamlits_own_metrics_are_closed(small: Small) -> None:
    for path in (
        "/_stcore/metrics",
        "/_stcore/metrics/",
        "/_stcore/metrics?families=x",
        "/_stcore/script-health-check",
    ):
        assert get(small.address, path)[0] == 404
    assert get(small.address, "/metrics", Accept="*/*")[2].count("segscope_") == 0


@pytest.mark.parametrize(
    "path", ["/_stcore/no", "/media/no.png", "/component/no/no.js", "/static/no.js", "/%00", "/a/../b"]
)
def test_errors_say_nothing_of_the_inside(small: Small, path: str) -> None:
    _status, headers, text = get(small.address, path)
    for word in ("Traceback", "site-packages", "/core", "/opt", "/home", "/usr", "python", "Error:"):
        assert word not in text
    assert not any(character.isdigit() for character in headers["server"])  # no version


def test_every_refusal_is_counted_by_its_reason(small: Small) -> None:
    refused_status_before = small.metric('segscope_refusals_total{reason="session"}')
    put(small.address, "nobody", form(b"x"))
    assert small.metric('segscope_refusals_total{reason="session"}') == refused_status_before + 1
    for reason in ("full", "session_bytes", "total_bytes", "file"):
        assert small.metric(f'segscope_refusals_total{{reason="{reason}"}}') > 0


def test_the_log_is_json_and_holds_nothing_personal(small: Small, visitor: Visitor) -> None:
    visitor.put(form(b"x", "me-on-the-beach.png"))
    lines = small.lines()
    events = {str(line["event"]) for line in lines}
    assert {"started", "answered", "refused"} <= events
    for line in lines:
        assert {"time", "level", "event"} <= set(line)
        if line["event"] == "answered":
            assert isinstance(line["seconds"], float)
            assert len(str(line["request"])) == 16
    text = small.log.read_text(encoding="utf-8")
    logged = "\n".join(line for line in text.splitlines() if line.startswith("{"))
    for personal in ("127.0.0.1", "beach", visitor.session, "Accept"):
        assert personal not in logged


def test_a_request_is_named_in_its_answer_and_in_the_log(small: Small) -> None:
    name = get(small.address, "/")[1]["x-request-id"]
    give_up = time.monotonic() + 60
    while not (found := [line for line in small.lines() if line.get("request") == name]):  # written after the answer
        assert time.monotonic() < give_up
        time.sleep(0.05)
    assert [line["kind"] for line in found] == ["page"]
