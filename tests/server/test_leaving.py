"""Sessions whose browser has gone end in time, and nothing of them stays: with Streamlit's real runtime."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
import streamlit as st
from starlette.testclient import TestClient, WebSocketTestSession
from streamlit import runtime
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession

from core.engine import inference, worker
from core.engine.turns import Visitor
from core.pictures.images import Picture
from core.server import leaving
from core.server.leaving import Departures
from core.ui import budget
from tests.support.loops import sweep
from tests.support.visitors import RERUN, finished, session_id

SCRIPT = """
import streamlit as st
from core.ui.budget import remembered

@remembered
def mask(digest: str) -> bytes:
    return bytes(5000)

st.text(len(mask("photo")))
"""


@pytest.fixture
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    script = tmp_path_factory.mktemp("leaving") / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    try:
        with TestClient(st.App(script)) as made:
            yield made
    finally:
        Runtime._instance = None
        sweep()


def opened(socket: WebSocketTestSession) -> str:
    socket.send_bytes(RERUN.SerializeToString())
    while not (name := session_id(socket.receive_bytes())):
        pass
    while not finished(socket.receive_bytes()):
        pass
    session = session_of(name)
    while session._scriptrunner is not None:  # its thread ends a moment after its page
        time.sleep(0.01)
    return name


def session_of(name: str) -> AppSession:
    info = runtime.get_instance()._session_mgr.get_session_info(name)
    assert info is not None
    return info.session


def active(name: str) -> bool:
    return runtime.get_instance().is_active_session(name)


def wait_until_left(name: str) -> None:
    give_up = time.monotonic() + 60
    while active(name):
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_a_picture_goes_with_its_session_even_where_garbage_is_not_collected(client: TestClient) -> None:
    now = [0.0]
    departures = Departures(120, lambda: now[0])
    with client.websocket_connect("/_stcore/stream", subprotocols=["streamlit"]) as socket:
        name = opened(socket)
        picture = Picture(np.zeros((16, 16, 3), np.uint8), "0" * 64, "beach.png", (16, 16))
        session_of(name).session_state["picture_upload"] = picture
        gone = weakref.ref(picture)
        del picture
        assert departures.look(runtime.get_instance()) == 0
    wait_until_left(name)
    gc.freeze()  # as after PyTorch's import: the session is out of the collector's reach
    try:
        now[0] = 1
        assert departures.look(runtime.get_instance()) == 0  # the visitor may come back
        assert gone() is not None
        now[0] = 120
        assert departures.look(runtime.get_instance()) == 0  # two minutes count from the first look
        now[0] = 121
        assert departures.look(runtime.get_instance()) == 1
        assert departures.look(runtime.get_instance()) == 0
        assert gone() is None
    finally:
        gc.unfreeze()


def test_streamlit_does_not_keep_what_it_would_no_longer_find(client: TestClient) -> None:
    now = [0.0]
    departures = Departures(120, lambda: now[0])
    manager = runtime.get_instance()._session_mgr
    kept = manager._session_storage._cache  # type: ignore[attr-defined]
    with client.websocket_connect("/_stcore/stream", subprotocols=["streamlit"]) as socket:
        name = opened(socket)
    wait_until_left(name)
    departures.look(runtime.get_instance())
    kept._timer = lambda: time.monotonic() + 3600  # the two minutes have passed for Streamlit, too
    now[0] = 120
    assert list(kept._data) == [name]  # its length would forget what is too old
    assert departures.look(runtime.get_instance()) == 1
    assert not kept._data


def test_whoever_is_here_stays_and_whoever_comes_back_starts_anew(client: TestClient) -> None:
    now = [0.0]
    departures = Departures(120, lambda: now[0])
    with client.websocket_connect("/_stcore/stream", subprotocols=["streamlit"]) as socket:
        name = opened(socket)
        now[0] = 1000
        assert departures.look(runtime.get_instance()) == 0
    wait_until_left(name)
    departures.look(runtime.get_instance())
    now[0] = 1119
    assert departures.look(runtime.get_instance()) == 0
    with client.websocket_connect("/_stcore/stream", subprotocols=["streamlit", "token", name]) as socket:
        assert opened(socket) == name
        now[0] = 2000
        assert departures.look(runtime.get_instance()) == 0
        assert active(name)


def test_files_of_sessions_that_streamlit_dropped_itself_are_removed(client: TestClient) -> None:
    from streamlit.runtime.uploaded_file_manager import UploadedFileRec

    files = runtime.get_instance().uploaded_file_mgr
    files.add_file("dropped", UploadedFileRec("1", "beach.png", "image/png", b"x"))  # type: ignore[attr-defined]
    with client.websocket_connect("/_stcore/stream", subprotocols=["streamlit"]) as socket:
        name = opened(socket)
        files.add_file(name, UploadedFileRec("1", "dog.png", "image/png", b"x"))  # type: ignore[attr-defined]
        Departures(120).look(runtime.get_instance())
        assert not files.get_files("dropped", ["1"])
        assert files.get_files(name, ["1"])


def test_what_was_computed_for_a_visitor_goes_with_the_session(client: TestClient) -> None:
    budget.clear()
    now = [0.0]
    departures = Departures(120, lambda: now[0])
    with client.websocket_connect("/_stcore/stream", subprotocols=["streamlit"]) as socket:
        name = opened(socket)
        departures.look(runtime.get_instance())
        assert budget.size() > 5000
    wait_until_left(name)
    departures.look(runtime.get_instance())
    assert budget.size() > 5000  # the visitor may come back
    now[0] = 120
    departures.look(runtime.get_instance())
    assert budget.size() == 0


def test_work_in_the_background_goes_with_the_session(client: TestClient) -> None:
    class Endless(worker.Worker):
        def work(self) -> None:
            while not self.finished.wait(0.01):
                self.watch()
                self.check()

    now, mine, anybodys = [0.0], Endless(), Endless()
    departures = Departures(120, lambda: now[0])
    with client.websocket_connect("/_stcore/stream", subprotocols=["streamlit"]) as socket:
        name = opened(socket)
        with inference.on_behalf_of(Visitor(name)):
            mine.start()
        anybodys.start()
        departures.look(runtime.get_instance())
    wait_until_left(name)
    departures.look(runtime.get_instance())
    assert not mine.stopped  # the visitor may come back
    now[0] = 120
    departures.look(runtime.get_instance())
    assert mine.finished.wait(60)
    assert not anybodys.stopped  # of a benchmark
    worker.end()
    assert anybodys.finished.is_set()


@pytest.mark.parametrize(("grew", "times"), [((), [2, 3]), ((1, 4), [1, 2, 3, 4])])
def test_memory_is_given_back_when_somebody_left_and_once_more_and_after_large_passes(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, grew: tuple[int, ...], times: list[int]
) -> None:
    """Nobody; three sessions end; nobody; nobody: the threads of the three have ended by the second time."""
    looks, given = iter([0, 3, 0, 0]), list[int]()

    class Fake:
        seen = 0

        def __init__(self, patience: float) -> None:
            assert patience > 0

        def look(self, server: Runtime) -> int:
            Fake.seen += 1
            if (ended := next(looks, None)) is None:
                raise asyncio.CancelledError
            return ended

    monkeypatch.setattr(leaving, "INTERVAL", 0.01)
    monkeypatch.setattr(leaving, "Departures", Fake)
    monkeypatch.setattr(leaving.memory, "give_back", lambda: given.append(Fake.seen))
    monkeypatch.setattr(leaving.memory, "grown", lambda: Fake.seen in grew)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(leaving.watch())
    assert given == times
