"""Token buckets: compared with the plain definition, key by key."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.server import rates
from core.server.rates import Rate, client
from tests.support.paths import ROOT


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(st.integers(1, 120), st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_never_more_than_a_full_bucket_and_what_has_flown_in(per_minute: int, pauses: list[float]) -> None:
    clock = Clock()
    rate, allowed = Rate(per_minute, clock), 0
    for pause in pauses:
        clock.now += pause
        allowed += rate.take("a") == 0
        assert allowed <= per_minute + (clock.now - 1000) * per_minute / 60 + 1e-6


@given(st.integers(1, 120))
def test_all_at_once_then_at_an_even_pace(per_minute: int) -> None:
    clock = Clock()
    rate = Rate(per_minute, clock)
    assert [rate.take("a") for _ in range(per_minute)] == [0] * per_minute
    wait = rate.take("a")
    assert wait == pytest.approx(60 / per_minute)
    clock.now += wait * 0.9
    assert rate.take("a") > 0
    clock.now += wait * 0.2
    assert rate.take("a") == 0


def test_keys_do_not_know_of_each_other() -> None:
    rate = Rate(1, Clock())
    assert rate.take("a") == 0
    assert rate.take("b") == 0
    assert rate.take("a") > 0


def test_memory_is_bounded_and_the_busy_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_KEYS", 10)
    rate = Rate(1, Clock())
    for i in range(100):
        rate.take("busy")
        rate.take(str(i))
    assert len(rate._buckets) == 10
    assert rate.take("busy") > 0


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("x" * 1000, "x" * 64),
    ],
)
def test_what_counts_as_one_client(address: str, key: str) -> None:
    assert client({"type": "http", "client": (address, 1)}) == key


def test_a_client_without_an_address() -> None:
    assert client({"type": "http", "client": None}) == client({"type": "http"}) == ""


def test_nothing_looks_at_the_clock_on_the_wall() -> None:
    """Somebody sets it back an hour: limits, ages and patience count with one that only goes forward. Logs have
    the library's own time."""
    looking = re.compile(r"\btime\.time\(|\btime\.time_ns\(|datetime\.(?:now|utcnow|today)\(")
    found = {
        str(file.relative_to(ROOT / "core"))
        for file in (ROOT / "core").rglob("*.py")
        if looking.search(file.read_text(encoding="utf-8"))
    }
    assert found == set()
