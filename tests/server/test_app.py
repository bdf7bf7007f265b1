"""What surrounds Streamlit in the server, without a server: plain ASGI calls."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from core.engine import inference
from core.server import app, document
from core.settings import Settings
from core.ui.story import STORY

APP = Starlette(routes=app.ROUTES, middleware=app.MIDDLEWARE)


def get(path: str, headers: dict[str, str] | None = None, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one request."""
    messages: list[Message] = []
    raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    path, _, query = path.partition("?")
    scope: Scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": raw}

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    asyncio.run(APP({**scope, "root_path": "", "scheme": "http", "server": ("h", 80)}, receive, send))
    start = messages[0]
    body = b"".join(m.get("body", b"") for m in messages[1:])
    return start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, body


def handshake(headers: dict[str, str]) -> tuple[bool, list[Message]]:
    """Whether a websocket with these headers reaches the application, and what was answered otherwise."""
    reached: list[bool] = []
    answers: list[Message] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(True)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        answers.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(app.SameOrigin(application)({"type": "websocket", "headers": raw}, receive, send))
    return bool(reached), answers


@pytest.mark.parametrize(
    ("origin", "host", "passes"),
    [
        (None, "segscope.example", True),
        ("https://segscope.example", "segscope.example", True),
        ("https://SegScope.example", "segscope.example", True),
        ("http://127.0.0.1:8501", "127.0.0.1:8501", True),
        ("http://127.0.0.1:8502", "127.0.0.1:8501", False),
        ("https://evil.example", "segscope.example", False),
        ("https://segscope.example.evil.example", "segscope.example", False),
        ("https://segscope.example@evil.example", "segscope.example", False),
        ("null", "segscope.example", False),
        ("", "segscope.example", False),
        ("http://[", "segscope.example", False),
    ],
)
def test_only_our_own_pages_open_a_websocket(origin: str | None, host: str, passes: bool) -> None:
    reached, answers = handshake({"host": host} | ({} if origin is None else {"origin": origin}))
    assert reached is passes
    assert [(m["type"], m["code"]) for m in answers] == ([] if passes else [("websocket.close", 1008)])


@pytest.mark.parametrize(
    ("forwarded", "passes"),
    [
        ("segscope.example", True),
        ("segscope.example, inner", True),
        ("inner, segscope.example", False),
        ("evil.example", False),
        ("", False),
    ],
)
def test_a_proxy_that_has_a_host_of_its_own_says_what_the_browser_asked_for(forwarded: str, passes: bool) -> None:
    headers = {"host": "10.0.0.7:8501", "x-forwarded-host": forwarded}
    assert handshake({**headers, "origin": "https://segscope.example"})[0] is passes
    assert not handshake({**headers, "origin": "https://other.example"})[0]


def test_streamlit_is_given_the_host_that_the_browser_used() -> None:
    seen: list[Any] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(value for name, value in scope["headers"] if name == b"host")

    raw = [(b"host", b"inner"), (b"origin", b"https://a.example"), (b"x-forwarded-host", b"a.example")]
    asyncio.run(app.SameOrigin(application)({"type": "websocket", "headers": raw}, None, None))  # type: ignore[arg-type]
    assert seen == [b"a.example"]


def test_further_origins_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def option(name: str) -> Any:
        assert name == "server.corsAllowedOrigins"
        return ["https://school.example/"]

    monkeypatch.setattr(app.config, "get_option", option)
    assert app.same_origin("https://school.example", "segscope.example")
    assert not app.same_origin("https://other.example", "segscope.example")


def test_readiness_follows_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "ready", lambda: False)
    status, headers, _body = get("/readyz")
    assert (status, headers["retry-after"], headers["cache-control"]) == (503, "2", "no-store")
    monkeypatch.setattr(inference, "failed", lambda: True)
    status, headers, body = get("/readyz")
    assert (status, body) == (503, b"failed\n")
    assert "retry-after" not in headers
    monkeypatch.setattr(inference, "ready", lambda: True)
    assert get("/readyz")[0] == 200


def test_every_answer_carries_the_security_headers() -> None:
    for path in ("/", "/readyz", "/no-such-page"):
        _status, headers, _body = get(path)
        assert headers["x-content-type-options"] == "nosniff"
        policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["connect-src"] == "'self'"
        assert "unsafe" not in policy["script-src"]
        assert not re.search(r"https?:|\*", headers["content-security-policy"])


def test_inline_scripts_are_allowed_one_by_one() -> None:
    html = "<script src='x.js'></script><script>a()</script><script type='module'>b()\n</script>"
    # openssl dgst -sha256 -binary | base64 of "a()"
    hashes = document.inline_script_hashes(html)
    assert hashes[0] == "'sha256-wwXzT5oOzmrG1UeTZRXQvYXyZaGBFtGJ7ZOAQgkeE2M='" or len(hashes) == 2
    assert all(h in app.content_policy() for h in document.inline_script_hashes(document.document()))


def test_a_host_that_embeds_the_demo_can_be_named() -> None:
    assert app.content_policy().endswith("frame-ancestors 'self'")
    named = Settings.read({"SEGSCOPE_FRAME_ANCESTORS": "https://school.example"})
    assert app.content_policy(named).endswith("frame-ancestors https://school.example")


def test_document_is_ours_and_compressed() -> None:
    plain = get("/")[2]
    status, headers, body = get("/", {"accept-encoding": "gzip"})
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert len(body) < len(plain) / 2
    html = plain.decode()
    assert html.count("<title>SegScope</title>") == 1
    assert "BACKEND_BASE_URL" in html
    assert "agent" not in html  # Streamlit's advertisement of an interface that is switched off here
    assert html.count("<noscript>") == html.count("</noscript>") == 1


def test_document_stands_at_every_page() -> None:
    first, *others = [entry.name for entry in STORY]
    for name in others:
        assert get(f"/{name}?lang=ko")[0] == 200
    status, headers, _body = get(f"/{first}?lang=ko")
    assert (status, headers["location"]) == (307, "./?lang=ko")
    assert get("/", method="HEAD")[0] == 200
