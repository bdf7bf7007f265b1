"""The style that the browser has before the first text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.server import document
from core.ui import component, streamlit_internals
from core.ui.language import LANGUAGES, catalogue


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_uploader_has_words_in_every_language(code: str) -> None:
    words = catalogue(code).gettext("Choose a file or drop it here")
    assert f':root:lang({code}) {{ --words-of-upload: "{words}"; }}' in document.style()


def test_the_style_is_in_the_head_and_keeps_the_players_room() -> None:
    head = document.document().partition("</head>")[0]
    assert document.style() in head
    assert component.rooms()
    assert component.rooms() in document.style()
    assert "</" not in document.style()  # nothing in it ends the element


def test_every_rule_counts_for_more_than_streamlits_own() -> None:
    css = Path(document.__file__).with_suffix(".css").read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    rules = [rule.strip() for rule in re.findall(r"([^{}]+)\{", css)]
    assert len(rules) > 20
    assert [rule for rule in rules if not rule.startswith(("html", "@media"))] == []


def test_streamlits_own_document_has_the_title_that_ours_takes_the_place_of() -> None:
    assert streamlit_internals.index_html().count("<title>Streamlit</title>") == 1


@pytest.mark.parametrize(
    "html",
    [
        "<html><head><title>Streamlit</title></head></html>",
        "<html><head><title>Another name</title></head></html>",
        "<html><head></head></html>",
        '<html><head lang="en"><meta /></head></html>',
    ],
)
def test_name_and_style_stand_in_any_document_of_streamlits(html: str) -> None:
    made = document.with_head(html)
    assert made.count("<title>") == made.count("<title>SegScope</title>") == 1
    assert made.count(document.style()) == 1
    assert "BACKEND_BASE_URL" in made.partition("</head>")[0]


def test_a_document_without_a_place_for_them_is_noticed() -> None:
    with pytest.raises(document.DocumentError, match="has no head"):
        document.with_head("<html><header></header></html>")
