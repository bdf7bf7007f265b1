"""Memory that is free goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
import tempfile
import weakref
from types import SimpleNamespace

import pytest
from tests.support.paths import ROOT

from core.engine import memory


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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_threads_share_one_pool() -> None:
    script = """
import ctypes, threading
from core.engine import memory

def pools():
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    file = ctypes.c_void_p(libc.fopen(b"pools.xml", b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    return open("pools.xml").read().count("<heap nr=")

memory.one_pool() if ONE else None
halt, here = threading.Event(), threading.Barrier(5)
libc = ctypes.CDLL(None)

def work():
    libc.malloc(100_000)
    here.wait()
    halt.wait()

threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]
here.wait()
print(pools())
halt.set()
"""
    found = {}
    for one in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run(
                [sys.executable, "-c", script.replace("ONE", str(one))],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                check=True,
            )
            found[one] = int(run.stdout)
    assert found[True] == 1 < found[False]


def test_no_pool_to_share_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert memory.one_pool() is False


def test_garbage_is_looked_for_less_often() -> None:
    before = gc.get_threshold()
    try:
        memory.collect_seldom()
        assert gc.get_threshold() == (memory.YOUNG, *before[1:])
    finally:
        gc.set_threshold(*before)
