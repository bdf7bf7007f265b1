"""Descriptors: asked for when the server starts, and fewer visitors where there are too few."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.server import descriptors, guards
from core.server.descriptors import EACH, OWN
from core.settings import Settings
from tests.support.paths import ROOT

resource = pytest.importorskip("resource")


class System:
    """A system with these limits, which it lets be raised or not."""

    def __init__(self, soft: int, hard: int, willing: bool = True) -> None:
        self.limits, self.willing = (soft, hard), willing

    def get(self, _which: int) -> tuple[int, int]:
        return self.limits

    def set(self, _which: int, limits: tuple[int, int]) -> None:
        if not self.willing:
            raise ValueError("not allowed to raise maximum limit")
        self.limits = limits


def system(patch: pytest.MonkeyPatch, *limits: int, willing: bool = True) -> System:
    here = System(*limits, willing=willing)
    patch.setattr(resource, "getrlimit", here.get)
    patch.setattr(resource, "setrlimit", here.set)
    return here


WANTED = OWN + EACH * 500


@pytest.mark.parametrize(
    ("soft", "hard", "after"),
    [(1024, 524288, WANTED), (1024, -1, WANTED), (8192, 8192, 8192), (-1, -1, -1), (1024, 2000, 2000)],
)
def test_the_soft_limit_is_raised_as_far_as_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], soft: int, hard: int, after: int
) -> None:
    here = system(monkeypatch, soft, hard)
    descriptors.raise_limit(Settings())
    assert here.limits == (after, hard)
    told = capsys.readouterr().err
    if after == 2000:
        assert told == (
            "SegScope: the system lets it open 2000 files, so at most 450 visitors are let in and not 500: raise the"
            " limit with ulimit -n 2200.\n"
        )
    else:
        assert told == ""
        assert descriptors.visitors(Settings()) == 500


def test_a_system_that_does_not_let_us_gets_fewer_visitors(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    system(monkeypatch, 1024, 524288, willing=False)
    descriptors.raise_limit(Settings())
    assert "at most 206 visitors are let in" in capsys.readouterr().err
    places = guards.Places(None, Settings())  # type: ignore[arg-type]
    places.taken = 205
    assert not places.full
    places.taken = 206
    assert places.full


def test_there_is_always_room_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    system(monkeypatch, 64, 64)
    assert descriptors.visitors(Settings()) == 1


def test_the_application_asks_before_it_serves() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 4096)); import app;"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == f"{WANTED}\n"
