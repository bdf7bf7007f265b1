"""What is remembered is what Streamlit would have worked out."""

from __future__ import annotations

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from core.ui import hot_paths

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar", "theme.light.sidebar", "theme.dark.sidebar")


def themes() -> list[bytes]:
    """What a browser is told about the theme, for every section."""
    told = []
    for section in SECTIONS:
        message = CustomThemeConfig()
        app_session._populate_theme_msg(message, section)
        told.append(message.SerializeToString(deterministic=True))
    return told


def test_the_theme_is_the_same_and_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "get_options_for_section", hot_paths._options_of)  # and back at the end
    before = themes()
    assert any(before), "the app has a theme of its own"
    asked: list[str] = []

    def original(section: str) -> dict[str, object]:
        asked.append(section)
        return dict(before_options[section])

    before_options = {section: hot_paths._options_of(section) for section in SECTIONS}
    monkeypatch.setattr(hot_paths, "_options_of", original)
    hot_paths.remember_theme()
    try:
        assert themes() == before == themes()
        assert asked == list(SECTIONS)
    finally:
        hot_paths.options_of.cache_clear()
