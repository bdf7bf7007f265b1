"""Results about pictures share a budget of bytes, are computed once, and are forgotten from the oldest."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from cachetools import TTLCache
from hypothesis import given
from hypothesis import strategies as st

from core.ui import budget, streamlit_internals
from core.ui.budget import remembered, weigh

KB = 1000
SLACK = 1000
"""Bytes that Python's own objects may take beside the numbers."""


@dataclass
class Clock:
    """Seconds that only a test moves."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Room for 100 kB in place of the server's, with a clock of its own. Ask for it before ``remembered``."""
    clock = Clock()
    monkeypatch.setattr(budget, "_results", TTLCache(100 * KB, budget.SECONDS, timer=clock, getsizeof=weigh))
    return clock


@given(st.lists(st.integers(0, 5000), max_size=6))
def test_weight_is_that_of_the_numbers(sizes: list[int]) -> None:
    arrays = [np.zeros(size, np.uint8) for size in sizes]
    assert sum(sizes) <= weigh(arrays) <= sum(sizes) + SLACK
    assert weigh([*arrays, *arrays]) <= sum(sizes) + SLACK  # twice the same


def test_a_view_weighs_what_it_keeps_alive() -> None:
    whole, tensor = np.zeros((100, 100)), torch.zeros(100, 100)
    with torch.inference_mode():
        inferred = torch.zeros(100, 100)
    for part, size in ((whole[:1], 80_000), (tensor[0], 40_000), (tensor.numpy()[3:], 40_000), (inferred, 40_000)):
        assert size <= weigh(part) <= size + SLACK
    assert weigh((tensor, tensor.numpy(), tensor[1], tensor.numpy()[1])) <= 40_000 + SLACK


def test_everything_that_is_held_is_found_and_networks_are_not() -> None:
    class Slotted:
        __slots__ = ("x", "y")

        def __init__(self) -> None:
            self.x = np.zeros(1000)

    @dataclass
    class Plain:
        x: Any
        again: Any = None

    inside = Plain({"key": [(Slotted(), b"b" * 3000)]})
    inside.again = inside
    assert 11_000 <= weigh(inside) <= 11_000 + 3 * SLACK
    assert weigh(Plain(torch.nn.Linear(1000, 1000))) < SLACK
    assert weigh(Plain(weigh)) < SLACK


def test_weight_does_not_need_pytorch_nor_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    weight = weigh([np.zeros(1000), "text"])
    for half in ("torch", "torch.nn"):
        monkeypatch.setitem(sys.modules, half, ModuleType(half))
        assert weigh([np.zeros(1000), "text"]) == weight
        monkeypatch.delitem(sys.modules, half)
        assert weigh([np.zeros(1000), "text"]) == weight


def test_computed_once_and_the_underscored_is_no_part_of_the_key(clock: Clock) -> None:
    asked: list[object] = []

    @remembered
    def answer(digest: str, side: int = 1, *, _picture: object = None) -> list[str]:
        asked.append(_picture)
        return [digest * side]

    first = answer("a", _picture="here")
    assert answer("a", _picture="there") is answer(digest="a") is first
    assert answer("b", 2) == ["bb"]
    assert answer("b", side=3) == ["bbb"]
    assert asked == ["here", None, None]


def test_functions_of_one_name_are_told_apart(clock: Clock) -> None:
    def one() -> str:
        return "one"

    def other() -> str:
        return "other"

    assert [remembered(one)(), remembered(other)()] == ["one", "other"]


def test_the_oldest_go_when_the_budget_is_spent(clock: Clock) -> None:
    made: list[int] = []

    @remembered
    def block(number: int, size: int = 30 * KB) -> np.ndarray[Any, Any]:
        made.append(number)
        return np.zeros(size, np.uint8)

    for number in (1, 2, 3, 1, 4):  # 1 is looked at again, so that 2 is the oldest
        block(number)
    assert 90 * KB <= budget.size() <= 100 * KB
    block(1)
    assert made == [1, 2, 3, 4]
    block(2)
    assert made == [1, 2, 3, 4, 2]
    assert len(block(9, 101 * KB)) == 101 * KB  # answered, not kept
    assert len(block(9, 101 * KB)) == 101 * KB
    assert made[-2:] == [9, 9]
    assert budget.size() <= 100 * KB
    budget.clear()
    assert budget.size() == 0


def test_an_hour_later_everything_is_forgotten(clock: Clock) -> None:
    remembered(lambda: b"x" * KB)()
    clock.now = budget.SECONDS - 1
    assert budget.size() >= KB
    clock.now = budget.SECONDS + 1
    assert budget.size() == 0


def test_an_error_is_not_remembered(clock: Clock) -> None:
    answers = iter([ValueError("not now"), "later"])

    @remembered
    def answer() -> str:
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    with pytest.raises(ValueError, match="not now"):
        answer()
    assert answer() == "later"


def test_whoever_asks_meanwhile_waits_for_the_same_answer(clock: Clock) -> None:
    begun, go = threading.Event(), threading.Event()
    made: list[int] = []

    @remembered
    def slow() -> list[int]:
        made.append(1)
        begun.set()
        assert go.wait(20)
        return made

    answers: list[list[int]] = []
    threads = [threading.Thread(target=lambda: answers.append(slow())) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert begun.wait(20)
    go.set()
    for thread in threads:
        thread.join(20)
    assert made == [1]
    assert len(answers) == 4
    assert all(answer is made for answer in answers)


def test_a_function_may_ask_another(clock: Clock) -> None:
    @remembered
    def inner(n: int) -> int:
        return n + 1

    @remembered
    def outer(n: int) -> int:
        return inner(n) * 10

    assert outer(1) == 20


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Sets whose script runs; nobody's at first."""

    def becomes(name: str | None) -> None:
        monkeypatch.setattr(streamlit_internals, "session_id", lambda: name)

    becomes(None)
    return becomes


def test_what_was_seen_in_a_photo_goes_with_the_last_who_looked(
    clock: Clock, visitor: Callable[[str | None], None]
) -> None:
    made: list[str] = []

    @remembered
    def mask(digest: str) -> bytes:
        made.append(digest)
        return b"x" * KB

    visitor("ann")
    mask("sample"), mask("ann's photo")
    visitor("bob")
    mask("sample"), mask("bob's photo")
    visitor(None)
    mask("of a benchmark")
    budget.keep_for({"ann", "bob"})
    assert 4 * KB <= budget.size() <= 4 * KB + SLACK
    budget.keep_for({"bob", "carol"})
    assert 3 * KB <= budget.size() <= 3 * KB + SLACK
    mask("sample"), mask("bob's photo"), mask("of a benchmark")
    assert made == ["sample", "ann's photo", "bob's photo", "of a benchmark"]
    budget.keep_for(set())
    assert budget.size() <= KB + SLACK
    mask("of a benchmark"), mask("sample")
    assert made[4:] == ["sample"]


def test_an_answer_that_comes_after_its_visitor_has_left_is_not_kept(
    clock: Clock, visitor: Callable[[str | None], None]
) -> None:
    @remembered
    def slow() -> bytes:
        budget.keep_for(set())  # meanwhile the page was closed
        return b"x" * KB

    visitor("ann")
    assert len(slow()) == KB
    assert budget.size() == 0


def test_work_in_the_background_asks_for_its_visitor(clock: Clock, visitor: Callable[[str | None], None]) -> None:
    @remembered
    def mask(digest: str) -> bytes:
        return b"x" * KB

    with budget.asking_for("ann"):
        assert budget.asker() == "ann"
        mask("photo")
    assert budget.asker() is None
    budget.keep_for({"ann"})
    assert budget.size() >= KB
    budget.keep_for({"bob"})
    assert budget.size() == 0


def test_what_is_put_is_there_for_who_asks_and_goes_with_the_last_of_them(
    clock: Clock, visitor: Callable[[str | None], None]
) -> None:
    visitor("ann")
    assert budget.put(("race", 1), b"x" * KB)
    visitor("bob")
    assert budget.get(("race", 1)) == b"x" * KB
    assert budget.get(("race", 2)) is None
    budget.keep_for({"bob"})
    assert budget.get(("race", 1)) == b"x" * KB
    budget.keep_for(set())
    assert budget.get(("race", 1)) is None
    assert not budget.put("large", b"x" * 101 * KB)
    assert budget.get("large") is None
    visitor(None)
    assert budget.put("of a benchmark", b"x")
    budget.keep_for(set())
    assert budget.get("of a benchmark") == b"x"
