"""The steps of a comparison, each one short piece of work behind :mod:`core.engine.inference`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from core.concepts.compare.answers import Answer, Votes, answer, votes
from core.engine import inference
from core.passes import segmentation
from core.pictures.images import Picture


class Looked(NamedTuple):
    """A network's answer, and the seconds of the pass that gave it."""

    answer: Answer
    seconds: float


def look(name: str, picture: Picture) -> Looked:
    """Ask network ``name`` about ``picture``."""
    found = segmentation.segment(inference.load(name), picture)
    return Looked(answer(found.ids), found.seconds)


def timed(name: str, picture: Picture, number: int) -> float:
    """Seconds of one more pass of network ``name`` over ``picture``; ``number`` of them have been timed before."""
    return segmentation.segment(inference.load(name), picture).seconds


def vote(names: tuple[str, ...], picture: Picture, answers: Mapping[str, Answer]) -> Votes:
    """The votes of the networks ``names`` on ``picture``, from their answers."""
    return votes({name: answers[name].ids for name in names})


class Ways(NamedTuple):
    """How the steps of a comparison are taken. Others than these may remember what they find."""

    look: Callable[[str, Picture], Looked] = look
    timed: Callable[[str, Picture, int], float] = timed
    vote: Callable[[tuple[str, ...], Picture, Mapping[str, Answer]], Votes] = vote
