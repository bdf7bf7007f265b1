"""What the page has found about a photo, remembered for all who disturb the same photo in the same way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from core.engine import inference
from core.passes.stress import answers, kinds
from core.passes.stress.kinds import Bytes, Spot
from core.pictures.images import Picture
from core.ui.budget import remembered


class Setting(NamedTuple):
    """What the sliders say: strengths in the order of the kinds, and where a square hides."""

    strengths: tuple[int, ...]
    at: Spot

    @property
    def named(self) -> dict[str, int]:
        """Strengths by name."""
        return dict(zip(kinds.KINDS, self.strengths, strict=True))

    @property
    def clean(self) -> bool:
        """Whether nothing is disturbed."""
        return not any(self.strengths)


class Seen(NamedTuple):
    """One network's answers: to the clean photo, where that has moved, to the disturbed one, and their agreement."""

    clean: Bytes
    expected: Bytes
    now: Bytes
    agreement: float


@remembered
def _working(digest: str, _picture: Picture) -> Bytes:
    return kinds.working(_picture.pixels)


def working(picture: Picture) -> Bytes:
    """The photo at the scale of all disturbances."""
    return _working(picture.digest, picture)


@remembered
def _clean(network: str, digest: str, _picture: Picture) -> Bytes:
    return answers.answer(inference.load(network), working(_picture))


def clean(network: str, picture: Picture) -> Bytes:
    """The answer to the clean photo."""
    return _clean(network, picture.digest, picture)


@remembered
def _seen(network: str, digest: str, setting: Setting, _picture: Picture) -> Seen:
    before = clean(network, _picture)
    pixels, where = kinds.together(working(_picture), before, setting.named, setting.at)
    now = before if setting.clean else answers.answer(inference.load(network), pixels)
    return Seen(before, where, now, answers.agreement(where, now))


def seen(network: str, picture: Picture, setting: Setting) -> Seen:
    """What a network makes of the disturbed photo."""
    return _seen(network, picture.digest, setting, picture)


def changed(picture: Picture, setting: Setting) -> Bytes:
    """The disturbed photo."""
    return kinds.together(working(picture), None, setting.named, setting.at)[0]


@remembered
def _depths(network: str, digest: str, setting: Setting, _picture: Picture) -> list[tuple[str, float]]:
    return answers.by_depth(inference.load(network), working(_picture), changed(_picture, setting))


def depths(network: str, picture: Picture, setting: Setting) -> list[tuple[str, float]]:
    """How much the maps change at every depth."""
    return _depths(network, picture.digest, setting, picture)


class Shifts(NamedTuple):
    """Both networks on a moving window, so far."""

    found: dict[str, answers.Shift]
    done: int
    steps: int


def shifts(networks: tuple[str, ...], picture: Picture) -> Iterator[Shifts]:
    """One network after the other."""
    found: dict[str, answers.Shift] = {}
    for number, name in enumerate(networks):
        for shift in answers.shifted(inference.load(name), working(picture)):
            found[name] = shift
            yield Shifts(dict(found), number * shift.steps + shift.done, len(networks) * shift.steps)
