"""A path below which everything stands: taken off at the door, and no address that leads out of it."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import config

from core.server import prefix
from core.server.prefix import Prefix, relative


async def away(_request: Request) -> RedirectResponse:
    return RedirectResponse("/static/js?a=1", 301)


async def elsewhere(_request: Request) -> RedirectResponse:
    return RedirectResponse("//other.example/", 301)


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(socket.url.path)
    await socket.close()


def client(path: str) -> TestClient:
    routes = [
        Route("/static/js/", away),
        Route("/elsewhere", elsewhere),
        WebSocketRoute("/_stcore/stream", echo),
        Route("/{path:path}", lambda request: PlainTextResponse("/" + request.path_params["path"])),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Prefix, prefix=path)])
    return TestClient(app, follow_redirects=False, headers={"accept": "text/html"})


@pytest.mark.parametrize("path", ["/", "/fcn", "/readyz", "/media/a.png", "/apps"])
def test_without_a_prefix_nothing_changes(path: str) -> None:
    assert client("").get(path).text == path


@pytest.mark.parametrize("path", ["/", "/fcn", "/_stcore/health", "/media/a.png", "/apps/segscope/fcn", "/~"])
def test_it_is_taken_off_once(path: str) -> None:
    assert client("/apps/segscope").get("/apps/segscope" + path).text == path


@pytest.mark.parametrize(
    ("path", "there"),
    [("/", "./apps/segscope/"), ("/apps/segscope", "../apps/segscope/"), ("/?lang=ko", "./apps/segscope/?lang=ko")],
)
def test_whoever_misses_it_is_sent_there(path: str, there: str) -> None:
    answer = client("/apps/segscope").get(path)
    assert (answer.status_code, answer.headers["location"]) == (307, there)


@pytest.mark.parametrize("path", ["/fcn", "/apps", "/apps/segscopes/", "/apps/segscope2", "/a/apps/segscope/fcn"])
def test_other_addresses_have_a_way_back(path: str) -> None:
    answer = client("/apps/segscope").get(path)
    assert answer.status_code == 404
    assert f'href="{relative(path, "/apps/segscope/")}"' in answer.text


@pytest.mark.parametrize("path", ["/readyz", "/_stcore/health", "/healthz"])
def test_health_answers_at_the_root_too(path: str) -> None:
    assert client("/apps/segscope").get(path).text == path


def test_a_websocket_beside_it_is_refused() -> None:
    visitor = client("/apps/segscope")
    with visitor.websocket_connect("/apps/segscope/_stcore/stream") as socket:
        assert socket.receive_text() == "/_stcore/stream"
    with pytest.raises(WebSocketDisconnect) as refused, visitor.websocket_connect("/_stcore/stream"):
        pass
    assert refused.value.code == 1008


@pytest.mark.parametrize("path", ["", "/apps/segscope"])
def test_a_redirect_of_streamlits_stays_inside(path: str) -> None:
    answer = client(path).get(path + "/static/js/")
    assert answer.headers["location"] == "../../static/js?a=1"
    assert client(path).get(path + "/elsewhere").headers["location"] == "//other.example/"


@pytest.mark.parametrize(
    ("path", "there", "found"),
    [
        ("/", "/x", "./x"),
        ("/fcn", "/x/", "./x/"),
        ("/a/", "/", "../"),
        ("/a/b", "/x", "../x"),
    ],
)
def test_relative(path: str, there: str, found: str) -> None:
    assert relative(path, there) == found


@pytest.mark.parametrize(("option", "found"), [("", ""), ("a", "/a"), ("/a/b/", "/a/b"), ("/", "")])
def test_streamlit_is_told_that_there_is_none(monkeypatch: pytest.MonkeyPatch, option: str, found: str) -> None:
    told: dict[str, object] = {}
    monkeypatch.setattr(config, "get_option", lambda name: {"server.baseUrlPath": option}[name])
    monkeypatch.setattr(config, "set_option", told.__setitem__)
    prefix.take.cache_clear()
    try:
        assert prefix.take() == prefix.take() == found
    finally:
        prefix.take.cache_clear()
    assert told == {"server.baseUrlPath": ""}
