"""The short cuts give the answers that Streamlit gives, and take less work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit import config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.state import SafeSessionState
from streamlit.testing.v1 import AppTest

from core.ui import streamlit_internals


@pytest.fixture
def short_cuts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The short cuts, and Streamlit's own ways again at the end."""
    monkeypatch.setattr(app_session, "_populate_theme_msg", streamlit_internals._populate_theme)
    monkeypatch.setattr(SafeSessionState, "filtered_state", streamlit_internals._all_values)
    streamlit_internals.take_short_cuts()
    yield
    streamlit_internals.theme_of.cache_clear()


def theme() -> bytes:
    """What a browser is told about the theme, section by section as Streamlit does at the start of every run."""
    message = ForwardMsg()
    told = message.new_session.custom_theme
    for part, section in (
        (told, "theme"),
        (told.light, "theme.light"),
        (told.dark, "theme.dark"),
        (told.sidebar, "theme.sidebar"),
        (told.light.sidebar, "theme.light.sidebar"),
        (told.dark.sidebar, "theme.dark.sidebar"),
    ):
        app_session._populate_theme_msg(part, section)
    return message.SerializeToString(deterministic=True)


@pytest.mark.parametrize("option", ["theme.base", "theme.dark.sidebar.primaryColor", None])
def test_the_browser_is_told_the_same_about_the_theme(
    option: str | None, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if option:  # sections that the app leaves empty, and the one value that is written as nothing
        before = config.get_option(option)
        request.addfinalizer(lambda: config.set_option(option, before))
        config.set_option(option, "light" if option == "theme.base" else "#ff0000")
    wanted = theme()
    assert len(wanted) > 100, "the app has a theme of its own"
    asked: list[str] = []

    def original(msg: CustomThemeConfig, section: str = "theme") -> None:
        asked.append(section)
        populate(msg, section)

    populate = streamlit_internals._populate_theme
    monkeypatch.setattr(streamlit_internals, "_populate_theme", original)
    request.getfixturevalue("short_cuts")
    assert theme() == wanted == theme()
    assert len(asked) == len(set(asked)) == 6


def values_of_a_session() -> None:
    """A page with every kind of name in its session, which compares the two ways from the inside."""
    import streamlit as st
    from streamlit.runtime.state import get_session_state

    from core.ui import streamlit_internals

    st.session_state.setdefault("free", "of widgets")
    st.session_state["gone"] = 1
    del st.session_state["gone"]
    st.number_input("number", 0, 9, 4, key="number")
    st.number_input("without a value", 0, 9, None, key="nothing")
    st.slider("without a key", 0, 9)
    component = st.components.v2.component("of-this-test", js="export default () => {}")
    component(key="component", default={"x": 1}, on_x_change=lambda: None)
    wanted = streamlit_internals._all_values.fget(get_session_state())
    found = get_session_state().filtered_state
    st.session_state["report"] = (
        type(found).__name__,
        dict(wanted) == dict(found) == {name: found[name] for name in wanted},
        sorted(wanted) == sorted(found) and len(wanted) == len(found) and repr(found) == repr(dict(wanted)),
        [name in found for name in ("free", "number", "nothing", "component", "gone", "$$ID-1-None", "missing")],
        found["nothing"] is None,
    )


def test_values_are_found_one_at_a_time(short_cuts: None) -> None:
    app = AppTest.from_function(values_of_a_session)
    for _ in range(2):
        app.run()
        assert not app.exception
        kind, values, names, known, empty = app.session_state["report"]
        assert kind == "Values"
        assert values
        assert names
        assert known == [True, True, True, True, False, False, False]
        assert empty


def test_a_widget_asks_for_no_value_but_its_own(short_cuts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def everything(_self: streamlit_internals.Values) -> dict[str, Any]:
        raise AssertionError("all values of the session were asked for")

    monkeypatch.setattr(streamlit_internals.Values, "_all", everything)

    def page() -> None:
        import streamlit as st

        st.number_input("number", 0, 9, 4, key="number")
        st.radio("radio", ["a", "b"], key="radio")

    app = AppTest.from_function(page).run()
    app.number_input[0].increment().run()
    assert not app.exception
    assert app.number_input[0].value == 5
    assert st.__version__ == "1.67.0", "look at core/ui/streamlit_internals.py again: it replaces parts of this version"
