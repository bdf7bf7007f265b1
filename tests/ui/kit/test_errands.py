"""A long computation on a page: it begins when it is asked for, stays when it has ended, and goes with its question."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.usefixtures("torch_loaded")


def _page() -> None:
    from collections.abc import Iterator
    from typing import NamedTuple

    import streamlit as st

    from core.errors import SegScopeError
    from core.ui.kit import errands

    class Count(NamedTuple):
        done: int
        steps: int

    question = st.query_params.get("question", "one")

    def steps() -> Iterator[Count]:
        for i in (1, 2, 3):
            yield Count(i, 3)
            if question == "breaks":
                raise SegScopeError("It broke.")

    def draw(latest: Count | None, running: bool) -> None:
        st.text("nothing yet" if latest is None else f"{latest.done} {running}")

    errands.panel("test", question, steps, draw, "Go", "{done} of {steps}", always=True)


def ended(test: AppTest) -> AppTest:
    question, errand = test.session_state["errand-test"]
    assert question
    assert errand.finished.wait(30)
    test.run()
    assert not test.exception
    return test


def opened(question: str) -> AppTest:
    test = AppTest.from_function(_page, default_timeout=60)
    test.query_params["question"] = question
    return test.run()


def test_it_begins_with_the_button_and_its_result_stays() -> None:
    test = opened("one")
    assert [text.value for text in test.text] == ["nothing yet"]
    assert [button.label for button in test.button] == ["Go"]
    ended(test.button[0].click().run())
    assert [text.value for text in test.text] == ["3 False"]
    assert not test.button
    test.query_params["question"] = "two"
    test.run()
    assert [text.value for text in test.text] == ["nothing yet"]
    assert [button.label for button in test.button] == ["Go"]


def test_what_breaks_says_so_keeps_what_it_had_and_can_be_begun_again() -> None:
    test = ended(opened("breaks").button[0].click().run())
    assert [error.value for error in test.error] == ["It broke."]
    assert [text.value for text in test.text] == ["1 False"]
    assert [button.label for button in test.button] == ["Begin again"]
