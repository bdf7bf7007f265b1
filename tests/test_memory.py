"""Memory that is free goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import sys
import weakref
from types import SimpleNamespace

import pytest

from core import memory


def test_garbage_is_collected_wherever_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ring:
        def __init__(self) -> None:
            self.me = self

    monkeypatch.setattr(sys, "platform", "darwin")
    gc.disable()
    try:
        gone = weakref.ref(Ring())
        assert gone() is not None
        assert memory.give_back() is False
        assert gone() is None
    finally:
        gc.enable()


def test_another_c_library_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace())
    assert memory.give_back() is False


def test_the_c_library_is_asked_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def trim(keep: int) -> int:
        asked.append(keep)
        return 1

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(malloc_trim=trim))
    assert memory.give_back() is True
    assert asked == [0]
