"""The limits of a server come from the environment, and a mistake there is one sentence."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import Limits, LimitsError

NUMBERS = [field.name for field in fields(Limits) if isinstance(field.default, int)]


def test_defaults_stand_where_nothing_is_set() -> None:
    assert Limits.read({}) == Limits()
    assert Limits.read({"SEGSCOPE_MAX_SESSIONS": " "}) == Limits()
    with pytest.raises(FrozenInstanceError):
        Limits().max_sessions = 1  # type: ignore[misc]


def test_what_can_be_read_from_outside_is_closed_by_default() -> None:
    assert (Limits().metrics_port, Limits().metrics_address, Limits().log) == (0, "127.0.0.1", "off")


@given(st.sampled_from(NUMBERS), st.integers(1, 65535))
def test_every_number_can_be_set(name: str, value: int) -> None:
    found = Limits.read({"SEGSCOPE_" + name.upper(): str(value), "OTHER": "x"})
    assert getattr(found, name) == value
    assert found == Limits(**{name: value})


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["-1", "1.5", "many", "1e3", "٣", "1_000", "99999999999", "0x10"])
def test_other_values_are_one_sentence(name: str, value: str) -> None:
    with pytest.raises(LimitsError, match=f"SEGSCOPE_{name.upper()} is .*whole number from .*\\.$"):
        Limits.read({"SEGSCOPE_" + name.upper(): value})


def test_nought_is_no_limit_and_no_port() -> None:
    assert Limits.read({"SEGSCOPE_METRICS_PORT": "0"}).metrics_port == 0
    with pytest.raises(LimitsError):
        Limits.read({"SEGSCOPE_MAX_SESSIONS": "0"})


def test_logs_are_json_or_off() -> None:
    assert Limits.read({"SEGSCOPE_LOG": "json"}).log == "json"
    with pytest.raises(LimitsError, match="set it to json or off"):
        Limits.read({"SEGSCOPE_LOG": "yes"})


def test_a_class_behind_one_address_fits_by_default() -> None:
    limits = Limits()
    assert limits.connects_per_minute >= 2 * 500  # everybody comes, and reloads once
    assert limits.uploads_per_minute >= 500
    assert limits.max_sessions >= 500
