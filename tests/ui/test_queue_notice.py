"""The notice with the place in the queue: its words, where it stands, and that a cached answer does not remember it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import telemetry
from core.engine import inference, turns
from core.engine.turns import Place, Turns, Visitor
from core.server import app as server
from core.ui import queue_notice, streamlit_internals
from core.ui.language import catalogue


def test_words_say_place_and_time_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert queue_notice.words(Place(3, 7.6)) == "You are number 3 in the queue for the networks: about 8 seconds."
    assert queue_notice.words(Place(1, 0.2)) == "You are number 1 in the queue for the networks: about 1 second."
    assert queue_notice.words(Place(2, None)) == "You are number 2 in the queue for the networks."
    korean = catalogue("ko")
    monkeypatch.setattr(queue_notice, "_", korean.gettext)
    monkeypatch.setattr(queue_notice, "ngettext", korean.ngettext)
    for seconds in (None, 0.2, 7.6):
        assert "3번째" in queue_notice.words(Place(3, seconds))


def test_a_thread_without_a_page_is_nobody() -> None:
    assert queue_notice.visitor() is None


def test_only_a_server_connects_the_notice_with_the_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from core import inference; before = inference.who; import core.server.app; assert inference.who is before"
    subprocess.run([sys.executable, "-c", code], check=True)
    nobody = lambda: None  # noqa: E731
    monkeypatch.setattr(inference, "who", nobody)
    monkeypatch.setattr(telemetry, "who", nobody)

    async def run() -> tuple[object, object]:
        async with server.lifespan(None):  # type: ignore[arg-type]
            return inference.who, telemetry.who

    monkeypatch.setattr(server.streamlit_internals, "take_short_cuts", lambda: None)
    assert asyncio.run(run()) == (queue_notice.visitor, streamlit_internals.session_id)


def test_a_run_of_a_page_is_one_visitor_and_the_next_run_another(monkeypatch: pytest.MonkeyPatch) -> None:
    run = SimpleNamespace(session_id="s", cursors={}, yield_check=lambda: None)
    monkeypatch.setattr(streamlit_internals, "run", lambda: run)
    first = queue_notice.visitor()
    assert first is not None
    assert first.session == "s"
    assert not first.background
    assert queue_notice.visitor() is first
    run.cursors = {}  # as Streamlit does when it runs the script again
    second = queue_notice.visitor()
    assert second is not first
    assert second is not None
    assert second.session == "s"


def _page() -> None:
    import streamlit as st

    from core.engine import inference
    from core.ui import queue_notice

    queue_notice.begin()

    @st.cache_data(show_spinner=False)
    def answer() -> int:
        return inference.run(lambda: 42).value

    st.markdown(str(answer()))


def _notices(app: AppTest) -> list[str]:
    return [element.proto.body for element in app.get("html")]


def test_a_waiting_page_shows_its_place_and_then_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate is held until the page has said that it is second, and then once more from a cache, where it waits for
    nobody."""
    inference.wait_until_ready()
    gate, holder = Turns(1, 10), Visitor()
    said: list[str] = []
    monkeypatch.setattr(inference, "_turns", gate)
    monkeypatch.setattr(inference, "who", queue_notice.visitor)  # as the server does
    monkeypatch.setattr(turns, "BEAT", 0.01)
    monkeypatch.setattr(queue_notice, "GRACE", 0.0)
    say = queue_notice._Notice.say

    def hear(notice: Any, words: str) -> None:
        say(notice, words)
        said.append(words)
        if len(said) == 1:
            gate.leave(holder, 0.0)  # the holder; then the one in front, then the page

    monkeypatch.setattr(queue_notice._Notice, "say", hear)
    gate.enter(holder)

    def in_front() -> None:
        other = Visitor()
        gate.enter(other)
        gate.leave(other, 0.0)

    thread = threading.Thread(target=in_front)
    thread.start()
    while not gate.waiting:
        threading.Event().wait(0.005)
    app = AppTest.from_function(_page, default_timeout=60).run()
    thread.join()
    assert not app.exception
    assert said[0].startswith("You are number 2 in the queue")
    assert said[-1] == ""
    assert _notices(app) == []  # taken away again
    assert app.markdown[0].value == "42"
    assert not app.run().exception  # from the cache, which must not replay the notice
    assert _notices(app) == []
    assert app.markdown[0].value == "42"


def test_a_page_that_is_to_run_again_leaves_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    class Rerun(BaseException):
        pass

    def leave() -> None:
        raise Rerun

    run = SimpleNamespace(session_id="s", cursors={}, yield_check=leave)
    monkeypatch.setattr(streamlit_internals, "run", lambda: run)
    monkeypatch.setattr(turns, "BEAT", 0.005)
    gate = Turns(1, 10)
    gate.enter(Visitor())
    visitor = queue_notice.visitor()
    assert visitor is not None
    with pytest.raises(Rerun):
        gate.enter(visitor)
    assert gate.waiting == 0
