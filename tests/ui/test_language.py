"""The reader's language: what it is guessed from, what is shown, what errors say."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import N_, SegScopeError
from core.ui import language


def test_outside_a_session_texts_stay_english() -> None:
    assert language.current() == "en"
    assert language.gettext("Reset") == "Reset"
    assert language.ngettext("{n} cell", "{n} cells", 2) == "{n} cells"


@pytest.mark.parametrize(
    ("locale", "code"),
    [
        ("ko-KR", "ko"),
        ("ko", "ko"),
        ("KO_kr", "ko"),
        ("en-GB", "en"),
        ("de", "en"),
        ("", "en"),
        (None, "en"),
        ("-", "en"),
    ],
)
def test_guess(locale: str | None, code: str) -> None:
    assert language.guess(locale) == code


def test_errors_are_translated_with_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    template = N_("This file is {size} MB: reduce the picture to at most {limit} MB.")
    error = SegScopeError(template, size="9.1", limit=8)
    assert language.translate_error(error) == str(error)
    monkeypatch.setattr(language, "current", lambda: "ko")
    sentence = language.translate_error(error)
    assert sentence != str(error)
    assert "9.1" in sentence
    assert "8" in sentence


def _two_texts() -> None:
    import streamlit as st

    from core.ui import language, state

    state.begin()
    language.begin()
    st.markdown(language.gettext("Your photo"))
    language.switch()
    state.end()


def shown(test: AppTest) -> str:
    assert not test.exception
    return test.markdown[0].value


def test_switch_speaks_at_once_and_is_written_into_the_url() -> None:
    test = AppTest.from_function(_two_texts, default_timeout=60).run()
    assert shown(test) == "Your photo"
    assert "lang" not in test.query_params  # a guess is not written: a link lets the next reader's browser decide
    test.button_group(key="language_switch").set_value("ko").run()
    assert shown(test) == language.catalogue("ko").gettext("Your photo") != "Your photo"
    assert test.query_params["lang"] == "ko"
    test.button_group(key="language_switch").set_value("en").run()
    assert shown(test) == "Your photo"
    assert test.query_params["lang"] == "en"


@pytest.mark.parametrize("odd", ["", "xx", "KO", "ko,en", "../ko", "한국어", "ko\0"])
def test_odd_language_in_the_url_is_ignored(odd: str) -> None:
    test = AppTest.from_function(_two_texts, default_timeout=60)
    test.query_params["lang"] = odd
    assert shown(test.run()) == "Your photo"


def test_first_guess_is_the_browsers() -> None:
    test = AppTest.from_function(_two_texts, default_timeout=60)
    test.context = {"locale": "ko-KR"}
    assert shown(test.run()) != "Your photo"
    test = AppTest.from_function(_two_texts, default_timeout=60)
    test.context = {"locale": "ko-KR"}
    test.query_params["lang"] = "en"
    assert shown(test.run()) == "Your photo"


def test_places_in_papers_and_seconds_are_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    places = ("section 3.1", "table 5", "figure 4", "abstract", "Long, CVPR 2015, table 1", "1 s", "22 ms", "readme")
    assert tuple(map(language.cited, places)) == places
    monkeypatch.setattr(language, "current", lambda: "ko")
    said = ["3.1절", "표 5", "그림 4", "초록", "Long, CVPR 2015, 표 1", "1초", "22 ms", "readme"]
    assert [language.cited(place).replace("\u00a0", " ") for place in places] == said
