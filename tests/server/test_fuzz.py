"""What strangers say to a real server: the messages that once ended a page, damaged ones, and some made up from seeds.

After each the page stands again for the same visitor, nobody is shown an apology, and the server's log has no traceback
(the fixture sees to that). ``python -m core.bench fuzz`` goes on for as long as one likes.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed

from core.bench import fuzz, fuzz_cases
from core.bench.fuzz import Case, Log, in_short
from core.bench.fuzz_session import Stranger
from core.bench.load import pages
from core.server import messages
from tests.conftest import running


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Log]]:
    """A server of its own, and its log."""
    file = tmp_path_factory.mktemp("fuzz") / "log.txt"
    with running(file) as address:
        yield address, Log(file)


def text(value: str) -> Callable[[WidgetState], object]:
    return lambda state: setattr(state, "string_value", value)


def words(*values: str) -> Callable[[WidgetState], object]:
    def fill(state: WidgetState) -> None:
        state.string_array_value.SetInParent()
        state.string_array_value.data.extend(values)

    return fill


def tells(value: Any) -> Callable[[WidgetState], object]:
    return lambda state: setattr(state, "json_value", value if isinstance(value, str) else json.dumps(value))


def event(name: str, value: Any) -> Callable[[WidgetState], object]:
    def fill(state: WidgetState) -> None:
        state.id = f"$$STREAMLIT_INTERNAL_KEY_{state.id}__events"
        state.json_trigger_value = json.dumps([{"event": name, "value": value}])

    return fill


FOUND: list[tuple[str, str, Callable[[WidgetState], object]]] = [
    ("", "language_switch", words("1.2")),  # a language that is none was kept, and no page of the visit stood again
    ("", "language_switch", words()),
    ("", "language_switch", text("ko")),
    ("", "steps", tells("[" * 2000)),  # RecursionError
    ("", "steps", tells("1" * 5000)),  # more digits than Python reads
    ("", "steps", tells("{")),
    ("", "picture_choices", tells({"chosen": [[0.1, 0.2], ["x"]]})),  # a list where a word is looked up
    ("", "picture_choices", tells({"chosen": {"a": 1}})),
    ("sliding_window", "race", event("start", "soon")),
    ("sliding_window", "race", event("start", [1])),
    ("transposed", "/k", text("three")),
    ("transposed", "/k", lambda state: setattr(state, "double_value", float("nan"))),
    ("fcn", "/side", lambda state: state.double_array_value.data.append(321)),  # between two steps of the slider
    ("fcn", "/side", lambda state: state.double_array_value.data.extend([320, 448])),
    ("transposed", "transposed_player", tells({"edit": {"board": "input", "cell": True, "units": 3}})),
    ("transposed", "transposed_player", tells({"edit": {"board": ["input"], "cell": 0, "units": 10**30}})),
    ("", "picture-file-0", tells({"chosen": "dog"})),
    ("", "picture-file-0", lambda state: state.file_uploader_state_value.uploaded_file_info.add(file_id="x", name="x")),
]


@pytest.mark.parametrize("page", sorted({page for page, _key, _fill in FOUND}))
def test_what_ended_a_page_once_does_so_no_more(place: tuple[str, Log], page: str) -> None:
    address, log = place

    async def visit() -> None:
        session = Stranger(address)
        try:
            await session.open(page)
            for _page, key, fill in (each for each in FOUND if each[0] == page):
                which = session.widget(key)
                state = WidgetState(id=which)
                fill(state)
                await session.tell(state, session.fragment(which))
                await session.tell(None)  # the page again, with the same value
                session.forget()
                await session.rerun()
                assert not session.sorry, (key, state, log.tracebacks())
            assert all("did not arrive" in sentence for sentence in session.failures)  # a file that was never sent
        finally:
            await session.close()

    asyncio.run(visit())
    assert log.tracebacks() == []


def test_a_player_that_takes_back_what_it_told_is_heard(place: tuple[str, Log]) -> None:
    """Streamlit calls for what has gone as for what has come: there is nothing to be read then."""
    address, log = place

    async def visit() -> None:
        session = Stranger(address)
        try:
            await session.open("")
            for told in ({"chosen": "dog"}, {}, {"chosen": "cat"}, {"other": 1}):
                which = session.widget("picture_choices")
                await session.tell(WidgetState(id=which, json_value=json.dumps(told)))
            assert not session.sorry
        finally:
            await session.close()

    asyncio.run(visit())
    assert log.tracebacks() == []


@pytest.mark.parametrize(
    ("said", "code"),
    [(b"\xff\xff\xff", messages.PROTOCOL_ERROR), (b"Z\x7f", messages.PROTOCOL_ERROR), ("a text", messages.UNSUPPORTED)],
    ids=["no message", "half a message", "a text"],
)
def test_what_is_no_message_ends_the_connection_in_silence(
    place: tuple[str, Log], said: bytes | str, code: int
) -> None:
    address, log = place

    async def visit() -> int:
        session = Stranger(address)
        await session.open("")
        assert session._socket is not None
        try:
            await session._socket.send(said)
            assert session._reader is not None
            with pytest.raises(ConnectionClosed):
                await session._reader
            found = session._socket.close_code
            await session.come_again("")  # whoever it was is let in again
        finally:
            await session.close()
        return found or 0

    assert asyncio.run(visit()) == code
    assert log.tracebacks() == []


def test_whatever_is_made_up_from_some_seeds_ends_no_page(place: tuple[str, Log]) -> None:
    """A look at the machinery more than at the server: three cases of what runs for hours elsewhere."""
    address, log = place

    async def visits() -> list[Case]:
        return [await fuzz.one(address, seed, ["transposed", "deconvnet"]) for seed in range(3)]

    cases = asyncio.run(visits())
    for case in cases:
        fuzz.ask(address, random.Random(case.seed), case, pages())
        assert case.wrong == [], case
        assert len(case.did) > 2
    assert log.tracebacks() == []


def test_the_same_seed_makes_the_same_case() -> None:
    def made(seed: int) -> tuple[str, str, str]:
        state, chance = WidgetState(), random.Random(seed)
        fuzz_cases.fill(state, chance)
        return repr(state), fuzz_cases.query(chance), fuzz_cases.path(chance, pages())

    assert [made(seed) for seed in range(50)] == [made(seed) for seed in range(50)]
    assert len({made(seed) for seed in range(50)}) > 45


def test_a_traceback_is_told_in_a_line() -> None:
    log = (
        "x\nA page failed: KeyError in core/ui/a.py:3 b < c\nTraceback (most recent call last):\n"
        '  File "/a/core/ui/picker.py", line 106, in _on\n    x\n  File "/b/streamlit/x.py", line 9, in run\n    y\n'
        "TypeError: unhashable\nmore\n"
    )
    assert in_short(log) == [
        "KeyError in core/ui/a.py:3 b < c",
        "streamlit/x.py:9:run < core/ui/picker.py:106:_on | TypeError: unhashable",
    ]
    assert in_short("all is well") == []
