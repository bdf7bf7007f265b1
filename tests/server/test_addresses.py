"""Addresses that nearly lead somewhere, and those that lead nowhere; odd settings in an address."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.server.addresses import Addresses, repaired
from core.ui.story import available


@pytest.fixture
def client() -> TestClient:
    everything = Route("/{path:path}", lambda _request: PlainTextResponse("streamlit"))
    app = Starlette(routes=[everything], middleware=[Middleware(Addresses)])
    return TestClient(app, follow_redirects=False, headers={"accept": "text/html"})


@pytest.mark.parametrize("path", ["/", *(f"/{entry.name}" for entry in available()), "/_stcore/health", "/readyz",
                                  "/static/js/index.js", "/favicon.png", "/media/abc.png", "/samples/cat-1.jpg",
                                  "/components/parts-1.js", "/fcn/_stcore/health"])  # fmt: skip
def test_what_there_is_goes_through(client: TestClient, path: str) -> None:
    assert client.get(path).text == "streamlit"


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/FCN", "./fcn"),
        ("/Sliding-Window", "./sliding_window"),
        ("/fcn/", "../fcn"),
        ("/U-NET", None),
        ("/UNet", "./unet"),
    ],
)
def test_a_page_nearly_named_right_is_found_by_a_relative_address(
    client: TestClient, path: str, there: str | None
) -> None:
    answer = client.get(path + "?img=dog&side=320")
    if there is None:
        assert answer.status_code == 404
        return
    assert answer.status_code == 307
    assert answer.headers["location"] == there + "?img=dog&side=320"
    assert repaired(path) is not None


@pytest.mark.parametrize(
    "path", ["/nonexistent", "/fcn.html", "/robots.txt", "/a/b", "/%2e%2e/etc/passwd", "/%ED%95%9C", "/<b>"]
)
def test_an_address_that_leads_nowhere_has_a_page_with_a_way_back(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text
    back = "../" if path == "/a/b" else "./" if path.count("/") == 1 else "../"
    assert f'href="{back}' in answer.text
    assert "<b>" not in answer.text
    korean = client.get(path, headers={"accept-language": "ko-KR,ko"})
    assert 'lang="ko"' in korean.text
    assert "이 주소에는" in korean.text
    assert '?lang=ko"' in client.get(path + "?lang=ko").text


def test_a_program_gets_a_sentence(client: TestClient) -> None:
    answer = client.get("/nonexistent", headers={"accept": "application/json"})
    assert (answer.status_code, answer.text) == (404, "There is nothing at this address.\n")


def _page() -> None:
    import streamlit as st

    from core.ui import state

    state.begin()
    side = state.slider("side", "side", 224, 448, 448, 32)
    crop = state.choice("crop", "crop", ["whole", "square"], "whole")
    pin = state.read_ints("pin", (1, 2), 0, 9)
    st.text(f"{side} {crop} {pin} odd: {' '.join(state.odd())}")
    state.opened()
    state.end()


def test_odd_settings_are_taken_out_of_the_address_and_named() -> None:
    test = AppTest.from_function(_page, default_timeout=60)
    for name, value in {"side": "7", "crop": "square", "pin": "3", "utm": "x"}.items():
        test.query_params[name] = value
    test.run()
    assert test.text[0].value == "448 square (1, 2) odd: side pin"
    assert set(test.query_params) == {"crop", "utm"}
    test.slider[0].set_value(320).run()
    assert test.text[0].value.startswith("320 square")
    assert "side" in test.query_params


def test_good_settings_are_not_odd() -> None:
    test = AppTest.from_function(_page, default_timeout=60)
    for name, value in {"side": "320", "crop": "square", "pin": "3.4"}.items():
        test.query_params[name] = value
    assert test.run().text[0].value == "320 square (3, 4) odd:"
    assert set(test.query_params) == {"side", "crop", "pin"}
