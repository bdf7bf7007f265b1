"""Streamlit's own upload routes behind our middleware: what is counted, refused, and never written to disk."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Message, Scope
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_routes import create_upload_routes

from core.server import uploads
from core.settings import Settings
from tests.support.visitors import form

MB = 2**20


class Runtime:
    """As much of Streamlit's as the upload routes ask for."""

    def __init__(self) -> None:
        self.uploaded_file_mgr = MemoryUploadedFileManager("/_stcore/upload_file")

    def is_active_session(self, session: str) -> bool:
        return session in ("me", "you")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    runtime = Runtime()
    monkeypatch.setattr(uploads.runtime, "exists", lambda: True)
    monkeypatch.setattr(uploads.runtime, "get_instance", lambda: runtime)
    monkeypatch.setattr("streamlit.web.server.starlette.starlette_routes.is_xsrf_enabled", lambda: False)
    return runtime


def application(runtime: Runtime, **limits: int) -> Starlette:
    return Starlette(
        routes=create_upload_routes(runtime, runtime.uploaded_file_mgr, ""),  # type: ignore[arg-type]
        middleware=[Middleware(uploads.Uploads, limits=Settings(**limits))],  # type: ignore[arg-type]
    )


def put(
    app: Starlette, body: bytes, session: str = "me", address: str = "192.0.2.1", name: str = "f", piece: int = 2**16
) -> tuple[int, str]:
    return asyncio.run(put_later(app, body, session, address, name, piece))


async def put_later(
    app: Starlette, body: bytes, session: str, address: str, name: str, piece: int, pause: float = 0, **headers: str
) -> tuple[int, str]:
    """Status and text for a body that comes in pieces."""
    answers: list[Message] = []
    given = {"content-type": "multipart/form-data; boundary=frame", **headers}

    async def pieces() -> AsyncIterator[Message]:
        for start in range(0, len(body), piece):
            await asyncio.sleep(pause)
            yield {"type": "http.request", "body": body[start : start + piece], "more_body": start + piece < len(body)}

    source = pieces()

    async def receive() -> Message:
        return await anext(source)

    async def send(message: Message) -> None:
        answers.append(message)

    scope: Scope = {
        "type": "http", "method": "PUT", "path": f"/_stcore/upload_file/{session}/{name}", "query_string": b"",
        "headers": [(k.encode(), v.encode()) for k, v in given.items()], "client": (address, 1), "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
    return answers[0]["status"], b"".join(m.get("body", b"") for m in answers[1:]).decode()


def test_a_photo_arrives_as_it_was(server: Runtime) -> None:
    app, photo = application(server), os.urandom(3 * MB)
    assert put(app, form(photo)) == (204, "")
    (file,) = server.uploaded_file_mgr.get_files("me", ["f"])
    assert file.data == photo
    assert uploads.kept_bytes() == len(photo)


def test_no_byte_of_it_touches_a_disk(server: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way to a file is watched by Python's own audit events, while 20 MB go through."""
    opened: list[object] = []
    watching = False

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event in ("open", "os.open", "tempfile.mkstemp", "os.mkdir", "os.rename"):
            opened.append((event, arguments[0]))

    sys.addaudithook(watch)
    app, body = application(server), form(os.urandom(20 * MB))
    asyncio.run(asyncio.sleep(0))
    watching = True
    try:
        with tempfile.TemporaryFile():
            pass
        assert opened  # the watch is awake
        opened.clear()
        assert put(app, body)[0] == 204
    finally:
        watching = False
    assert opened == []


@pytest.mark.parametrize("session", ["nobody", "", "../me", "me%00"])
def test_nobody_uploads_for_a_stranger(server: Runtime, session: str) -> None:
    status, text = put(application(server), form(b"x"), session)
    assert status in (403, 404)
    assert "Traceback" not in text
    assert not server.uploaded_file_mgr.file_storage


def test_made_up_names_share_the_quota_of_their_session(server: Runtime) -> None:
    app = application(server, session_upload_mb=4)
    found = [put(app, form(b"x" * MB), name=str(i))[0] for i in range(10)]
    assert found == [204] * 3 + [429] * 7
    assert put(app, form(b"x" * MB), "you") == (204, "")
    server.uploaded_file_mgr.remove_session_files("me")
    assert put(app, form(b"x" * MB))[0] == 204


def test_all_sessions_share_one_quota(server: Runtime) -> None:
    app = application(server, session_upload_mb=4, total_upload_mb=5)
    assert [put(app, form(b"x" * MB), name=str(i))[0] for i in range(3)] == [204] * 3
    assert [put(app, form(b"x" * MB), "you", name=str(i))[0] for i in range(3)] == [204, 429, 429]


def test_files_on_their_way_count_and_are_forgotten_afterwards(server: Runtime) -> None:
    """Ten at once from one session: none is stored yet when the others are judged."""
    app = application(server, session_upload_mb=4)

    async def ten() -> list[tuple[int, str]]:
        ways = [put_later(app, form(b"x" * MB), "me", "192.0.2.1", str(i), MB // 4, pause=0.01) for i in range(10)]
        return await asyncio.gather(*ways)

    found = [status for status, _ in asyncio.run(ten())]
    assert set(found) == {204, 429}
    assert uploads.kept_bytes() <= 4 * MB
    middleware = app.middleware_stack
    while not isinstance(middleware, uploads.Uploads):
        middleware = middleware.app  # type: ignore[union-attr]
    assert not middleware.room.ways
    assert not middleware.room.waiting


def test_one_file_is_stopped_at_its_limit(server: Runtime) -> None:
    app = application(server, session_upload_mb=500, total_upload_mb=500)
    status, text = put(app, form(b"x" * (34 * MB)), piece=MB)
    assert (status, text) == (413, "This file is too large: choose one of at most 32 MB.\n")


def test_a_file_that_never_ends_is_given_up(server: Runtime) -> None:
    app = application(server, upload_seconds=1)

    async def slowly() -> tuple[int, str]:
        return await put_later(app, form(b"x" * 200), "me", "192.0.2.1", "f", 1, pause=0.2)

    assert asyncio.run(slowly())[0] == 408


def test_too_many_files_of_a_session_or_an_address(server: Runtime) -> None:
    app = application(server, session_uploads_per_minute=3)
    assert [put(app, form(b"x"))[0] for _ in range(4)] == [204] * 3 + [429]
    _status, text = put(app, form(b"x"))
    assert text.startswith("Too many uploads at once: try again in ")
    assert put(app, form(b"x"), "you")[0] == 204
    app = application(server, uploads_per_minute=3)
    assert [put(app, form(b"x"), who)[0] for who in ("me", "you", "me", "you")] == [204] * 3 + [429]
    assert put(app, form(b"x"), "you", address="192.0.2.2")[0] == 204


def test_the_sentence_is_in_the_readers_language(server: Runtime) -> None:
    app = application(server)

    async def korean() -> tuple[int, str]:
        return await put_later(
            app, form(b"x"), "nobody", "192.0.2.1", "f", MB, **{"accept-language": "ko-KR,ko;q=0.9,en;q=0.8"}
        )

    status, text = asyncio.run(korean())
    assert status == 403
    assert any("가" <= letter <= "힣" for letter in text)
