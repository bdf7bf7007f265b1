"""What counts as a value that a browser could have sent, and what becomes of the rest."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from hypothesis import given as examples
from hypothesis import strategies
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state import session_state
from streamlit.runtime.state.common import WidgetMetadata

from core.bench import fuzz_cases
from core.ui import given, kept, state, streamlit_internals

ID = "$$ID-0-x"


def of(field: str, value: Any, name: str = ID) -> WidgetState:
    """A widget's value."""
    made = WidgetState(id=name)
    if field.endswith("array_value"):
        getattr(made, field).data.extend(value)
        getattr(made, field).SetInParent()
    else:
        setattr(made, field, value)
    return made


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("double_value", 2.5),
        ("double_array_value", [1.0, 2.0]),
        ("double_array_value", []),
        ("string_value", "가"),
        ("string_array_value", ["ko"]),
        ("bool_value", False),
        ("trigger_value", True),
        ("int_value", -(2**40)),
        ("json_value", "{}"),
        ("json_value", '{"pin": [1, 2.5, null, "\\ud55c", true, -1e21, 123456789012345678901]}'),
        ("json_trigger_value", '[{"event": "start", "value": 3}]'),
        ("json_trigger_value", '{"event": "start"}'),
    ],
)
def test_what_browsers_send_is_sound(field: str, value: Any) -> None:
    assert given.sound(of(field, value), field)
    assert given.sound(of(field, value), None)  # a widget of which nothing is known yet
    assert not given.sound(of(field, value), "bytes_value")
    assert not given.sound(of(field, value, "url_page"), field), "the app's own values are nobody else's to set"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("double_value", float("nan")),
        ("double_array_value", [1.0, float("inf")]),
        *(("json_value", text) for text in (
            "", "{", "null", "[]", '"x"', "3", '{"a": NaN}', '{"a": -Infinity}', '{"a": 1e400}', "[" * 5000,
            '{"a": ' + "9" * 5000 + "}", '{"a": ' + "9" * 30 + "}", '{"a": "\\ud800"}', '{"a":' * 5000,
        )),
        *(("json_trigger_value", text) for text in ("", "null", "[1]", '[{"value": 1}]', '[{"event": 3}]', "3")),
    ],
)  # fmt: skip
def test_what_no_browser_sends_is_not(field: str, value: Any) -> None:
    assert not given.sound(of(field, value), field)


def test_a_field_of_numbers_takes_both_kinds() -> None:
    """Streamlit registers ``st.number_input`` with ``double_value``; for whole numbers its page sends ``int_value``."""
    assert given.sound(of("int_value", 4), "double_value")
    assert given.sound(of("double_value", 4.0), "int_value")
    assert given.sound(of("int_array_value", [4]), "double_array_value")
    assert not given.sound(of("int_value", 4), "double_array_value")
    assert not given.sound(of("int_value", 4), "string_value")


def test_no_value_at_all_is_an_emptied_field() -> None:
    assert given.sound(WidgetState(id=ID), "double_value")
    assert not given.sound(WidgetState(id="url_page"), None)


@examples(strategies.integers(0, 10**9))
def test_nothing_that_is_made_up_ends_the_look_at_it(seed: int) -> None:
    import random

    made = WidgetState(id=ID)
    fuzz_cases.fill(made, random.Random(seed))
    field = made.WhichOneof("value")
    assert given.sound(made, field) in (True, False)
    if field == "json_value" and given.sound(made, field):
        assert isinstance(json.loads(made.json_value), dict)


def test_a_choice_is_one_of_those_that_were_offered() -> None:
    class Offer:
        options = ("a", "b")

        def read(self, value: Any) -> Any:
            return value

    assert given.offered("a", Offer().read)
    assert given.offered(None, Offer().read)
    assert not given.offered("c", Offer().read)
    assert given.offered("c", str.lower)  # a widget without options


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A visitor's values, with a slider of 0 to 9 that has been at 4."""
    monkeypatch.setattr(session_state.SessionState, "set_widgets_from_proto", streamlit_internals._set_sound)
    monkeypatch.setattr(session_state.WStates, "__getitem__", streamlit_internals._get_sound)
    found = session_state.SessionState()
    found._set_widget_metadata(slider())
    send(found, of("double_array_value", [4.0]))
    assert found[ID] == 4
    found._compact_state()
    return found


def slider() -> WidgetMetadata[int]:
    def read(value: list[float] | None) -> int:
        return 1 if value is None else int(value[0])

    return WidgetMetadata(ID, read, lambda value: [float(value)], "double_array_value")


def send(to: Any, *states: WidgetState) -> None:
    to.set_widgets_from_proto(WidgetStates(widgets=states))


def test_a_foreign_value_leaves_what_was_there(session: Any) -> None:
    send(session, of("string_value", "seven"), of("json_value", "{"))
    assert session[ID] == 4
    send(session, of("double_array_value", [float("nan")]))
    assert session[ID] == 4
    send(session, of("double_array_value", [7.0]))
    assert session[ID] == 7
    send(session, WidgetState(id=ID))  # emptied
    assert session[ID] == 1


def test_a_value_that_the_widget_cannot_read_counts_as_none(session: Any) -> None:
    send(session, of("double_array_value", []))  # of the right kind: IndexError
    assert session[ID] == 1
    new = "$$ID-1-y"  # of a widget of which nothing was known when its value came
    send(session, of("bytes_value", b"x", new))
    session._set_widget_metadata(WidgetMetadata(new, lambda v: int(v or 3), float, "double_value"))
    assert session[new] == 3
    assert session._new_widget_state.widget_metadata[new].value_type == "double_value"


SENT = [None, True, 3, -1, 2.5, "a", "b", [], ["a"], {}, {"a": 1}, [1, 2], [True, 2], {"cell": 1, "value": True}, [[]]]


@pytest.mark.parametrize("sent", SENT, ids=str)
def test_of_what_a_player_tells_only_what_it_can_tell_is_taken(sent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is: a list in place of a word, a yes in place of a number, nothing at all."""
    values: dict[str, Any] = {"player": SimpleNamespace(told=sent), "silent": SimpleNamespace()}
    monkeypatch.setattr(st, "session_state", values)
    assert kept.sent("player", "told") == sent
    assert kept.sent("silent", "told") is None
    assert kept.sent("nobody", "told") is None
    assert kept.code("player", "told", ("a", "c")) == ("a" if sent == "a" else None)
    assert kept.code("player", "told", {"a": 1, "c": 2}) == ("a" if sent == "a" else None)
    assert kept.flag("player", "told") == (True if sent is True else None)
    assert kept.cell("player", "told", "cell", "value") is None
    assert kept.taken("player", "told", 2, 0, 9) == ((1, 2) if sent is SENT[11] else None)


def test_an_edited_cell_is_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"player": SimpleNamespace(told={"cell": 3, "value": -2, "more": "x"})})
    assert kept.cell("player", "told", "cell", "value") == (3, -2)
    assert kept.cell("player", "told", "cell", "more") is None


@pytest.mark.parametrize(("stored", "shown"), [(6, 6), (7, 4), (400, 4), ("6", 4), (None, 4), (6.0, 4)])
def test_a_slider_stands_where_it_can_stand(stored: Any, shown: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of two from 0 to 10: an odd number is beside them. The address follows what is shown."""
    written: dict[str, Any] = {}
    values: dict[str, Any] = {state.key("n"): stored}
    monkeypatch.setattr(st, "session_state", values)
    monkeypatch.setattr(st, "query_params", written)
    monkeypatch.setattr(state, "url_leads", lambda: False)
    values[state.key("n")] = stored
    bound, value = state.bind_int("n", 0, 10, 4, 2)
    assert value == shown
    values[bound["key"]] = stored  # as a change arrives: before the page runs
    bound["on_change"]()
    assert written == ({} if shown == 4 else {"n": str(shown)})
