"""The shell: navigation, state in the URL, furniture of the pages."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.ui import story


def test_story_is_consistent() -> None:
    names = [entry.name for entry in story.STORY]
    assert len(set(names)) == len(names)
    assert all(set(name) <= set(string.ascii_lowercase + "_") for name in names)
    on_disk = {file.stem for file in story.STORY[0].file.parent.glob("*.py")}
    assert on_disk <= set(names), "a page that no navigation leads to"
    assert story.available()[0] is story.STORY[0]


def _bound() -> None:
    import streamlit as st

    from core.ui import state

    state.begin()
    state.opened()
    size = state.slider("size", "size", 224, 640, 224, 32)
    kind = state.choice("kind", "kind", ["a", "b"], "a")
    look = state.choice("look", "look", ["x", "y"], "x", look="radio")
    flip = state.toggle("flip", "flip")
    cell = state.read_ints("cell", (0, 0), 0, 9)
    st.button("Reset", key="reset", on_click=state.reset)
    st.text(f"{size} {kind} {look} {flip} {cell}")
    state.end()


DEFAULTS = "224 a x False (0, 0)"


def values(test: AppTest) -> str:
    assert not test.exception
    return str(test.text[0].value)


def bound(**parameters: str) -> AppTest:
    test = AppTest.from_function(_bound, default_timeout=60)
    for name, value in parameters.items():
        test.query_params[name] = value
    return test.run()


def test_url_gives_the_first_values() -> None:
    assert values(bound()) == DEFAULTS
    assert values(bound(size="256", kind="b", look="y", flip="1", cell="3.4")) == "256 b y True (3, 4)"


ODD = ["", " 256", "225", "1e3", "9" * 40, "-1", "nan", "None", "٢٥٦", "2_56", "0x100", "[]", "a,b"]
ODD += ["<script>", "\0", "10.1", "1.1.1", "1."]


@pytest.mark.parametrize("name", ["size", "kind", "look", "flip", "cell"])
@pytest.mark.parametrize("odd", ODD)
def test_odd_values_count_as_absent(name: str, odd: str) -> None:
    assert values(bound(**{name: odd})) == DEFAULTS


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(["size", "kind", "look", "flip", "cell"]), st.text(max_size=12)))
def test_nothing_in_the_url_is_an_exception(parameters: dict[str, str]) -> None:
    values(bound(**parameters))


def test_url_follows_and_keeps_what_it_does_not_know() -> None:
    test = bound(lang="ko", utm="x")
    test.slider[0].set_value(288).run()
    test.toggle[0].set_value(True).run()
    test.button_group[0].set_value("b").run()
    assert values(test) == "288 b x True (0, 0)"
    assert test.query_params == {"lang": "ko", "utm": "x", "size": "288", "flip": "1", "kind": "b"}
    test.slider[0].set_value(224).run()  # a default is not written
    assert test.query_params == {"lang": "ko", "utm": "x", "flip": "1", "kind": "b"}


def test_reset_returns_to_the_defaults_and_keeps_the_reader() -> None:
    test = bound(lang="ko", img="dog", size="320", kind="b", cell="1.1")
    test.radio[0].set_value("y").run()
    test.button(key="reset").click().run()
    assert values(test) == DEFAULTS
    assert test.query_params == {"lang": "ko", "img": "dog"}


def _waiting() -> None:
    import streamlit as st

    from core.ui import page

    if not page.waiting_for_torch():
        st.text("a network answers")
    page.honest_box("one", "two")
    page.predict_box("three")
    page.copy_as_pytorch("import torch")


def test_a_page_says_that_pytorch_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.engine import inference

    begun: list[bool] = []
    monkeypatch.setattr(inference, "ready", lambda: False)
    monkeypatch.setattr(inference, "warm_up", lambda: begun.append(True))
    test = AppTest.from_function(_waiting, default_timeout=60).run()
    assert not test.exception
    assert [notice.value for notice in test.info] == [
        "PyTorch is still loading. This part fills in by itself in a few seconds."
    ]
    assert begun
    assert not test.text
    assert [m.value for m in test.markdown] == ["### To be exact\n\none\n\ntwo", "### Predict first\n\nthree"]
    assert not test.code
    test.session_state["/snippet"] = True
    test.run()
    assert test.code[0].value == "import torch"

    monkeypatch.setattr(inference, "ready", lambda: True)
    test.run()
    assert not test.info
    assert test.text[0].value == "a network answers"
