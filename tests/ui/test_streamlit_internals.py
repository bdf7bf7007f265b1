"""What SegScope uses of Streamlit and Starlette without a promise: it is there, in one file, and not needed to run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from starlette.testclient import TestClient
from streamlit import runtime
from streamlit.runtime import Runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from core.server import leaving, uploads
from core.ui import budget, language, queue_notice, state, streamlit_internals
from core.ui.streamlit_internals import NAMES, Name
from tests.support.loops import sweep
from tests.support.paths import ROOT
from tests.support.visitors import RERUN, finished, session_id

SCRIPT = """
import streamlit as st
from core.ui import streamlit_internals as internals

run = internals.run()
internals.leave_if_over(run)
st.session_state["report"] = (
    internals.session_id() == run.session_id,
    internals.in_a_session(),
    internals.mark(run) is not None,
    callable(getattr(run, "yield_check", None)),
    bool(internals.page()),
    hasattr(run, "is_history_navigation"),
    hasattr(run.session_state, "_lock"),
    hasattr(run.session_state, "_state"),
)
"""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Any]:
    """A session of Streamlit's real runtime that has run its page."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    try:
        with (
            TestClient(st.App(script)) as client,
            client.websocket_connect("/_stcore/stream", subprotocols=["streamlit"]) as socket,
        ):
            socket.send_bytes(RERUN.SerializeToString())
            while not (name := session_id(socket.receive_bytes())):
                pass
            while not finished(socket.receive_bytes()):
                pass
            found = streamlit_internals.sessions(runtime.get_instance())
            assert found is not None, "Runtime._session_mgr.list_sessions() has changed: nobody's photo is forgotten"
            yield found[name]
    finally:
        Runtime._instance = None
        sweep()


def test_streamlit_has_every_name_that_is_used(session: Any) -> None:
    """The contract. What fails here has moved in Streamlit; core/ui/streamlit_internals.py says what it was for."""
    assert streamlit_internals.missing() == []
    report = session.session_state["report"]
    names = (
        "session_id",
        "a context",
        "cursors",
        "yield_check",
        "page_script_hash",
        "is_history_navigation",
        "_lock",
        "_state",
    )
    assert [name for name, there in zip(names, report, strict=True) if not there] == []
    server = runtime.get_instance()
    storage = server._session_mgr._session_storage  # type: ignore[attr-defined]
    assert callable(storage._cache.expire), "MemorySessionStorage has another cache"
    assert callable(session.shutdown)
    assert callable(session.session_state.clear)
    assert isinstance(server.uploaded_file_mgr.file_storage, dict)  # type: ignore[attr-defined]
    assert streamlit_internals.index_html().count("<title>Streamlit</title>") == 1
    assert st.__version__ == "1.67.0", (
        "look at core/ui/streamlit_internals.py again: its short cuts are for this version"
    )


def test_a_name_that_has_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = (Name("streamlit.no_such_module", "x"), Name("streamlit.runtime", "Runtime.no_such_name"))
    monkeypatch.setattr(streamlit_internals, "NAMES", (*NAMES, *gone))
    assert streamlit_internals.missing() == [str(name) for name in gone]


def test_without_any_of_them_the_slower_ways_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_context", "_populate_theme", "_all_values", "_is_element_id", "_is_internal_key", "_message"):
        monkeypatch.setattr(streamlit_internals, name, None)
    monkeypatch.setattr(Name, "find", lambda self: None)
    assert len(streamlit_internals.missing()) == len(NAMES)
    streamlit_internals.take_short_cuts()
    streamlit_internals.keep_forms_in_memory()
    streamlit_internals.refuse_foreign_values()
    assert streamlit_internals.is_message(b"anything")
    assert streamlit_internals.run() is None
    assert streamlit_internals.session_id() is None
    assert not streamlit_internals.in_a_session()
    assert (streamlit_internals.page(), streamlit_internals.came_back()) == ("", False)
    assert queue_notice.visitor() is None
    assert budget.asker() is None
    assert state._memory() == {}
    assert language.current() == "en"
    assert uploads.kept_bytes() == 0


def test_without_attributes_of_its_objects_sessions_end_in_streamlits_own_time() -> None:
    server: Any = SimpleNamespace(uploaded_file_mgr=SimpleNamespace())
    assert streamlit_internals.sessions(server) is None
    streamlit_internals.forget_too_old(server)
    streamlit_internals.remove_files_of_others(server, set())
    assert leaving.Departures(0).look(server) == 0
    closed: list[str] = []
    server.close_session = closed.append
    streamlit_internals.end_session(server, "ann", SimpleNamespace())
    assert closed == ["ann"]
    run = SimpleNamespace()
    streamlit_internals.leave_if_over(run)
    assert streamlit_internals.mark(run) is None


def test_a_run_without_a_mark_is_a_new_visitor_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit_internals, "run", lambda: SimpleNamespace(session_id="ann"))
    first, second = queue_notice.visitor(), queue_notice.visitor()
    assert first is not None
    assert second is not None
    assert first is not second
    assert first.session == second.session == "ann"


def test_values_without_a_lock_of_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit_internals, "_all_values", property(lambda session: {"key": session.number}))
    values = streamlit_internals.Values(SimpleNamespace(number=7))
    assert values["key"] == 7


PUBLIC = {"streamlit.runtime": {"Runtime"}}


class TestDownloads:
    """Made on a click, under one address as long as the button stands."""

    @pytest.fixture
    def files(self, monkeypatch: pytest.MonkeyPatch) -> MediaFileManager:
        monkeypatch.setattr(MediaFileManager, "add_deferred", MediaFileManager.add_deferred)  # put back afterwards
        streamlit_internals.keep_downloads()
        return MediaFileManager(MemoryMediaFileStorage("/media"))

    def put(
        self, files: MediaFileManager, who: str, monkeypatch: pytest.MonkeyPatch, text: str, button: str = "table"
    ) -> str:
        monkeypatch.setattr("streamlit.runtime.media_file_manager._get_session_id", lambda: who)
        return files.add_deferred(lambda: text, "text/csv", "0.1", "table.csv", element_id=button)

    def test_the_address_of_an_earlier_run_gives_what_the_last_one_has(
        self, files: MediaFileManager, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = self.put(files, "ada", monkeypatch, "one")
        files.clear_session_refs("ada")  # the page runs again
        assert self.put(files, "ada", monkeypatch, "two") == first
        files.remove_orphaned_files()
        path = files.execute_deferred(first)
        assert files._storage.get_file(path.rpartition("/")[2]).content == b"two"
        assert len(files._deferred_callables) == 1

    def test_buttons_and_visitors_have_their_own(
        self, files: MediaFileManager, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put = partial(self.put, files, monkeypatch=monkeypatch)
        addresses = [
            put("ada", text="a"), put("bob", text="b"), put("ada", text="c", button="masks"),
            put("ada", text="d", button=""), put("ada", text="e", button=""),
        ]  # fmt: skip
        assert len(set(addresses)) == 5
        said = [files._storage.get_file(files.execute_deferred(a).rpartition("/")[2]).content for a in addresses]
        assert said == [b"a", b"b", b"c", b"d", b"e"]

    def test_they_go_with_their_visitor(self, files: MediaFileManager, monkeypatch: pytest.MonkeyPatch) -> None:
        first = self.put(files, "ada", monkeypatch, "one")
        self.put(files, "ada", monkeypatch, "two")
        files.clear_session_refs("ada")
        files.remove_orphaned_files()
        with pytest.raises(MediaFileStorageError):
            files.execute_deferred(first)
        assert not files._deferred_ids_by_session


def test_no_other_file_of_ours_uses_such_names() -> None:
    """Streamlit's runtime and protocol, and private names of the two libraries' objects."""
    private = {
        "_session_mgr", "_session_storage", "cursors", "yield_check", "page_script_hash", "is_history_navigation",
        "spool_max_size", "file_storage", "get_script_run_ctx", "uploaded_file_mgr",
    }  # fmt: skip
    for file in (*(ROOT / "core").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"):
        if file.name == "streamlit_internals.py" or "bench" in file.parts:  # a benchmark speaks Streamlit's protocol
            continue
        tree, where = ast.parse(file.read_text(encoding="utf-8")), file.relative_to(ROOT)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                ("streamlit.runtime", "streamlit.proto")
            ):
                named = {name.name for name in node.names}
                assert named <= PUBLIC.get(node.module or "", set()), f"{where}: {node.module} {named}"
            if isinstance(node, ast.Attribute):
                assert node.attr not in private, f"{where}:{node.lineno} {node.attr}"
