"""What is asked of a segmenter: the score of a class, at a pixel or over a region, perhaps against another class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from core.engine import inference
from core.errors import N_, SegScopeError
from core.maths import geometry
from core.passes.segmentation import brought_to_size

if TYPE_CHECKING:
    from torch import Tensor

    from core.engine.inference import LoadedModel
    from core.pictures.images import Picture

Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]


class AttributionError(SegScopeError):
    """A question that this network or this picture has no answer to."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A picture as one network reads it, with the network's answer.

    Attributes:
        model: the network, one for photos.
        pixels: ``uint8 (h, w, 3)``, at the network's own size.
        scores: ``float32 (classes, h, w)``, before any softmax.
        seconds: of the forward pass.
    """

    model: LoadedModel
    pixels: Bytes
    scores: Floats
    seconds: float

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def ids(self) -> Bytes:
        """The answer: ``uint8 (h, w)`` class ids."""
        return np.asarray(self.scores.argmax(0).astype(np.uint8))

    def place(self, x: float, y: float) -> tuple[int, int]:
        """(row, column) of the pixel at shares ``x``, ``y`` (0 to 1) of the picture's width and height."""
        return geometry.pixel_at(y, self.size[0]), geometry.pixel_at(x, self.size[1])

    def spot(self, x: float, y: float) -> Bools:
        """The region that is one pixel: ``bool (h, w)``."""
        region = np.zeros(self.size, bool)
        region[self.place(x, y)] = True
        return region

    def region(self, label: int) -> Bools:
        """All pixels that the network gave class ``label``: ``bool (h, w)``."""
        return np.asarray(self.ids == label)

    def chances(self, row: int, column: int) -> npt.NDArray[np.float64]:
        """The softmax of one pixel's scores: (classes,), 0 to 1."""
        scores = self.scores[:, row, column].astype(np.float64)
        raised = np.exp(scores - scores.max())
        return np.asarray(raised / raised.sum())

    def ranking(self, row: int, column: int) -> list[int]:
        """Class ids of a pixel by falling score."""
        return [int(i) for i in np.argsort(-self.scores[:, row, column], kind="stable")]


class Question(NamedTuple):
    """Which number a map explains.

    Attributes:
        label: the class whose score it is.
        region: ``bool (h, w)``: the pixels over which scores are averaged; at least one.
        against: a class whose score is taken off, or ``None``. Then the map says what decided between the two.
    """

    label: int
    region: Bools
    against: int | None = None


def look(model: LoadedModel, picture: Picture) -> Subject:
    """Bring ``picture`` to the network's size and run it once.

    Raises:
        AttributionError: the network is none for photos.
    """
    if model.spec.kind != "segmenter" or model.spec.labels != "voc-21":
        raise AttributionError(
            N_("{title} is no network that cuts photos out: choose another one."), title=model.spec.title
        )
    return look_at(model, brought_to_size(model.spec, picture.pixels))


def look_at(model: LoadedModel, pixels: Bytes) -> Subject:
    """Run the network on ``uint8 (h, w, 3)`` as they are."""
    x = model.prepare(pixels)

    timed = inference.run(lambda: model.module(x)[0])  # (classes, h, w)
    return Subject(model, pixels, timed.value.numpy(), timed.seconds)


def check(subject: Subject, question: Question) -> None:
    """Refuse a question that cannot be answered.

    Raises:
        AttributionError: an empty region, one of another size, or a class that the network does not have.
    """
    classes = len(subject.scores)
    wrong = [c for c in (question.label, question.against) if c is not None and not 0 <= c < classes]
    if wrong:
        raise AttributionError(N_("Classes go from 0 to {last}, not {value}."), last=classes - 1, value=wrong[0])
    if question.region.shape != subject.size or not question.region.any():
        raise AttributionError(N_("Nothing is marked in this picture: choose a pixel or a class that is there."))


def score(scores: Tensor, question: Question) -> Tensor:
    """The number in question for each picture of a batch: (B, classes, h, w) scores -> (B,)."""
    import torch

    region = torch.from_numpy(question.region)
    asked = scores[:, question.label]  # (B, h, w)
    if question.against is not None:
        asked = asked - scores[:, question.against]
    return asked[:, region].mean(1)
