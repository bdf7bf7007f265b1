"""The settings of a server come from the environment, and a mistake there is one sentence."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import Settings, SettingsError
from tests.support.paths import ROOT

NUMBERS = [field.name for field in fields(Settings) if isinstance(field.default, int)]


def test_defaults_stand_where_nothing_is_set() -> None:
    assert Settings.read({}) == Settings()
    assert Settings.read({"SEGSCOPE_MAX_SESSIONS": " "}) == Settings()
    with pytest.raises(FrozenInstanceError):
        Settings().max_sessions = 1  # type: ignore[misc]


def test_what_can_be_read_from_outside_is_closed_by_default() -> None:
    assert (Settings().metrics_port, Settings().metrics_address, Settings().log) == (0, "127.0.0.1", "off")


@given(st.sampled_from(NUMBERS), st.integers(1, 65535))
def test_every_number_can_be_set(name: str, value: int) -> None:
    found = Settings.read({"SEGSCOPE_" + name.upper(): str(value), "OTHER": "x"})
    assert getattr(found, name) == value
    assert found == Settings(**{name: value})


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["-1", "1.5", "many", "1e3", "٣", "1_000", "99999999999", "0x10"])
def test_other_values_are_one_sentence(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"SEGSCOPE_{name.upper()} is .*whole number from .*\\.$"):
        Settings.read({"SEGSCOPE_" + name.upper(): value})


def test_nought_is_no_limit_and_no_port() -> None:
    assert Settings.read({"SEGSCOPE_METRICS_PORT": "0"}).metrics_port == 0
    with pytest.raises(SettingsError):
        Settings.read({"SEGSCOPE_MAX_SESSIONS": "0"})


def test_logs_are_json_or_off() -> None:
    assert Settings.read({"SEGSCOPE_LOG": "json"}).log == "json"
    with pytest.raises(SettingsError, match="set it to json or off"):
        Settings.read({"SEGSCOPE_LOG": "yes"})


def test_a_class_behind_one_address_fits_by_default() -> None:
    limits = Settings()
    assert limits.connects_per_minute >= 2 * 500  # everybody comes, and reloads once
    assert limits.uploads_per_minute >= 500
    assert limits.max_sessions >= 500


def test_origins_are_origins_and_nothing_else() -> None:
    """The text stands in a header: nothing in it begins another rule of the policy, or another header."""
    for good in ("'self'", "'none'", "https://a.example", "https://a.example:8000 https://*.b.example"):
        assert Settings.read({"SEGSCOPE_FRAME_ANCESTORS": good}).frame_ancestors == good
    for bad in ("*; script-src *", "a, b", "a\nb", "a\x00", "학교.example"):
        with pytest.raises(SettingsError, match="separated by spaces"):
            Settings.read({"SEGSCOPE_FRAME_ANCESTORS": bad})


def test_every_variable_that_the_code_reads_is_one_of_them() -> None:
    """Nothing reads the environment past this module, and every variable that the documents name is a field."""
    root = ROOT
    for file in (*root.glob("core/**/*.py"), *root.glob("pages/*.py"), root / "app.py"):
        if file != root / "core" / "settings.py":
            found = re.findall(r"(?:environ|getenv)[^\n]*SEGSCOPE_", file.read_text(encoding="utf-8"))
            assert not found, f"{file.relative_to(root)} reads a setting of its own"
    fields_of = {"SEGSCOPE_" + field.name.upper() for field in fields(Settings)}
    composes_own = {"SEGSCOPE_COOKIE_SECRET"}  # of compose.yaml, which hands it to Streamlit
    for file in (root / "README.md", root / "compose.yaml", *root.glob("docs/*.md"), *root.glob("deploy/**/*.yaml")):
        named = set(re.findall(r"SEGSCOPE_[A-Z_]+[A-Z]", file.read_text(encoding="utf-8")))
        assert named <= fields_of | composes_own, file.name


def test_the_ground_stands_on_nothing() -> None:
    source = (ROOT / "core" / "settings.py").read_text(encoding="utf-8")
    assert set(re.findall(r"^\s*(?:from|import) (core\S*)", source, re.MULTILINE)) == {"core.errors"}
