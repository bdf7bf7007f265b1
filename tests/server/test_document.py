"""The style that the browser has before the first text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.server import document
from core.ui import component
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
