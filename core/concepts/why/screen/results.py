"""What the page has found about a photo, remembered for all who ask the same of the same photo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from core.concepts.why import asking
from core.engine import inference
from core.passes.attribution import control, field, gradients, removal
from core.passes.attribution import question as questions
from core.passes.attribution.question import Floats, Question, Subject
from core.pictures.images import Picture
from core.ui import state
from core.ui.budget import remembered


class Asked(NamedTuple):
    """What a reader asks, in the words of the URL: hashable, so that answers can be remembered by it.

    Attributes:
        network: registry name.
        digest: of the picture.
        pin: thousandths.
        label: class id.
        whole, contrast: see :func:`core.concepts.why.asking.ask`.
    """

    network: str
    digest: str
    pin: tuple[int, int]
    label: int
    whole: bool
    contrast: bool


@remembered
def _subject(network: str, digest: str, _picture: Picture) -> Subject:
    return questions.look(inference.load(network), _picture)


def subject(network: str, picture: Picture) -> Subject:
    """The photo as the network reads it, with the answer."""
    return _subject(network, picture.digest, picture)


def question(asked: Asked, picture: Picture) -> Question:
    """The question itself."""
    return asking.ask(
        subject(asked.network, picture), *state.to_shares(asked.pin), asked.label, asked.whole, asked.contrast
    )


@remembered
def _cams(asked: Asked, _picture: Picture) -> gradients.Cams:
    return gradients.seg_grad_cam(subject(asked.network, _picture), question(asked, _picture))


def cams(asked: Asked, picture: Picture) -> gradients.Cams:
    """Seg-Grad-CAM at every depth, and gradient x input."""
    return _cams(asked, picture)


@remembered
def _against(asked: Asked, other: int, _picture: Picture) -> gradients.Cams:
    what = question(asked, _picture)._replace(against=other)
    return gradients.seg_grad_cam(subject(asked.network, _picture), what)


def against(asked: Asked, other: int, picture: Picture) -> gradients.Cams:
    """The same for the score less that of class ``other``."""
    return _against(asked, other, picture)


@remembered
def _field(network: str, digest: str, size: tuple[int, int], row: int, column: int) -> tuple[int, int, int, int]:
    return field.field(inference.load(network), size, row, column).box


def box(network: str, picture: Picture, pin: tuple[int, int]) -> tuple[int, int, int, int]:
    """The box around all that can matter to the pinned pixel, in pixels of the network's input."""
    here = subject(network, picture)
    return _field(network, picture.digest, here.size, *here.place(*state.to_shares(pin)))


@remembered
def _control(asked: Asked, _picture: Picture) -> control.Control:
    own = cams(asked, _picture).depths
    return control.control(subject(asked.network, _picture), question(asked, _picture), own)


def shuffled(asked: Asked, picture: Picture) -> control.Control:
    """The same maps from a network that has learned nothing."""
    return _control(asked, picture)


# ------------------------------------------------------------------------------------------ what takes many passes

OCCLUSION, INTEGRATED, CAM, TIMES, CHANCE = "occlusion", "integrated", "cam", "times", "random"


class Slow(NamedTuple):
    """The slow maps so far: by name, each ``float32 (h, w)``, and how much of the gain the integral misses."""

    maps: dict[str, Floats]
    missing: float
    done: int
    steps: int


def slow(asked: Asked, picture: Picture) -> Iterator[Slow]:
    """Integrated gradients, then occlusion."""
    here, what = subject(asked.network, picture), question(asked, picture)
    squares = len(removal.corners(here.size[0])) * len(removal.corners(here.size[1]))
    steps = gradients.STEPS + squares
    maps: dict[str, Floats] = {}
    missing = 0.0
    for path in gradients.integrated_gradients(here, what):
        maps[INTEGRATED], missing = path.heat, path.missing
        yield Slow(dict(maps), missing, path.done, steps)
    for hidden in removal.occlusion(here, what):
        maps[OCCLUSION] = hidden.heat
        yield Slow(dict(maps), missing, gradients.STEPS + hidden.done, steps)


class Trials(NamedTuple):
    """Curves so far, by the method whose map was tried."""

    found: dict[str, removal.Trial]
    done: int
    steps: int


def trials(asked: Asked, picture: Picture, maps: dict[str, Floats]) -> Iterator[Trials]:
    """Deletion and insertion for every map, and for a random order."""
    here, what = subject(asked.network, picture), question(asked, picture)
    orders = {name: removal.tile_order(heat) for name, heat in maps.items()}
    orders[CHANCE] = removal.random_order(here.size)
    each = 2 * (removal.POINTS + 1)
    found: dict[str, removal.Trial] = {}
    for number, (name, order) in enumerate(orders.items()):
        for trial in removal.trial_in_order(here, what, order):
            found[name] = trial
            yield Trials(dict(found), number * each + trial.done, len(orders) * each)
