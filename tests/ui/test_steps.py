"""A page that is walked: one step in sight, in the address, with what was set in it."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from core.ui.kit import pointing
from core.ui.steps import ALL


def _page() -> None:
    import streamlit as st

    from core.ui import state, steps

    state.begin()
    state.opened()

    def one() -> None:
        st.slider("depth", 0, 9, 0, key=state.key("depth"))
        state.slider("side", "side", 0, 9, 0)

    def two() -> None:
        st.text("the second")

    def three() -> None:
        st.text("the third")

    steps.walk(steps.Step("one", "First", one), steps.Step("two", "Second", two), steps.Step("three", "Third", three))
    state.end()


def run(**parameters: str) -> AppTest:
    test = AppTest.from_function(_page, default_timeout=60)
    for name, value in parameters.items():
        test.query_params[name] = value
    return test.run()


def seen(test: AppTest) -> list[str]:
    assert not test.exception
    return [str(text.value) for text in test.text]


def strip(test: AppTest) -> dict[str, object]:
    payload: dict[str, object] = json.loads(test.get("bidi_component")[0].proto.bytes)
    return payload


def button(test: AppTest, key: str) -> None:
    next(each for each in test.button if each.key == key).click().run()


def test_it_opens_with_the_first_step_and_says_nothing_of_it_in_the_address() -> None:
    test = run()
    assert seen(test) == []
    assert len(test.slider) == 2
    assert strip(test)["now"] == "one"
    assert strip(test)["titles"] == ["First", "Second", "Third"]
    assert "step" not in test.query_params


def test_on_and_back_go_through_the_address_and_settings_stay() -> None:
    test = run()
    test.slider[0].set_value(4).run()
    test.slider[1].set_value(7).run()
    button(test, "step-on")
    assert seen(test) == ["the second"]
    assert test.query_params["step"] == "two"
    button(test, "step-on")
    assert seen(test) == ["the third"]
    assert [each.key for each in test.button] == ["step-back"]
    button(test, "step-back")
    button(test, "step-back")
    assert [each.value for each in test.slider] == [4, 7]
    assert "step" not in test.query_params


def test_an_address_opens_its_step_an_odd_one_the_first() -> None:
    assert seen(run(step="three")) == ["the third"]
    odd = run(step="<script>")
    assert strip(odd)["now"] == "one"
    assert "step" not in odd.query_params


def test_all_on_one_page() -> None:
    test = run(step=ALL)
    assert seen(test) == ["the second", "the third"]
    assert [heading.value for heading in test.subheader] == ["First", "Second", "Third"]
    assert list(test.button) == []


def test_phrases_and_the_parts_that_they_point_at() -> None:
    text = "Look at [the bins](part:bins), then [further](https://example.org)."
    assert pointing.pieces(text) == [
        ("Look at ", ""), ("the bins", "bins"), (", then [further](https://example.org).", "")
    ]  # fmt: skip
