"""A classifier read at every place of a picture: what it looks at, what it says there, how far that can be trusted.

Input sizes are multiples of 32 pixels, the total stride of every network here. Cell ``(r, c)`` of the grid then
belongs to the window whose left upper corner is ``(32 c, 32 r)`` and whose side is the native 224 pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.errors import N_, SegScopeError
from core.models.registry import SPECS

if TYPE_CHECKING:
    from torch import Tensor

    from core.engine.inference import LoadedModel
    from core.models.convolutionalize import FullyConvolutional
    from core.pictures.images import Picture

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Crop = Literal["square", "whole"]

NATIVE = 224
"""Side in pixels that every ImageNet classifier here was made for."""
STRIDE = 32
"""Pixels between neighbouring cells of the grid."""
SIDES = tuple(range(NATIVE, 640 + STRIDE, STRIDE))
"""Input sides on offer, in pixels."""
WIDEST = 2.5
"""Longest side over shortest of a whole picture; beyond it the ends are cut, or a panorama would cost minutes."""


class HeatmapError(SegScopeError):
    """A view or a label that cannot be computed."""


@dataclass(frozen=True)
class View:
    """Which part of a picture becomes the input, and how large.

    Attributes:
        crop: ``square`` is the central square that a classifier is given; ``whole`` is all of the picture.
        side: shortest side of the input in pixels, one of :data:`SIDES`.
    """

    crop: Crop = "square"
    side: int = 448

    def __post_init__(self) -> None:
        if self.crop not in ("square", "whole") or self.side not in SIDES:
            raise HeatmapError(
                N_("The input side must be a multiple of 32 from {least} to {most}."), least=SIDES[0], most=SIDES[-1]
            )

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """The part of a ``width x height`` picture that is used: (left, top, right, bottom) in its pixels."""
        short = min(width, height)
        longest = short if self.crop == "square" else int(short * WIDEST)
        w, h = min(width, longest), min(height, longest)
        left, top = (width - w) // 2, (height - h) // 2
        return left, top, left + w, top + h

    def input_size(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) of the network's input: the shorter is :attr:`side`, the longer the nearest multiple of 32.

        Rounding stretches a picture by at most 16 pixels; the gain is that every cell's window is exact.
        """
        left, top, right, bottom = self.box(width, height)
        w, h = right - left, bottom - top
        scale = self.side / min(w, h)
        return round(w * scale / STRIDE) * STRIDE, round(h * scale / STRIDE) * STRIDE

    def render(self, pixels: Bytes) -> Bytes:
        """The network's input as a picture: ``uint8 (H, W, 3)`` -> ``uint8 (h, w, 3)``."""
        height, width = pixels.shape[:2]
        part = Image.fromarray(pixels).resize(
            self.input_size(width, height), Image.Resampling.BICUBIC, box=self.box(width, height)
        )
        return np.asarray(part)


LABELS = ("imagenet-1k", "voc-21")
"""Label sets of the classifiers that can be read at every place: ImageNet's thousand classes, VOC's twenty."""


def networks(offline: bool = False, labels: Sequence[str] = LABELS[:1]) -> list[str]:
    """Names of the classifiers of whole photos: those whose weights are here before those whose are a download, each
    in the registry's order.

    Args:
        offline: without those whose weights are a download.
        labels: which label sets; ImageNet's alone unless it is said.
    """
    found = [name for name, entry in SPECS.items() if entry.kind == "classifier" and entry.labels in labels]
    later = [name for name in found if SPECS[name].weights == "torchvision"]
    return [name for name in found if name not in later] + ([] if offline else later)


NATIVE_VIEW = View("square", NATIVE)
"""What the classifier itself is given: the central square at its native size."""


@dataclass(frozen=True, eq=False)
class ScoreGrid:
    """What a network says at every place of one input.

    Attributes:
        probabilities: ``float16 (rows, columns, classes)``, the softmax over classes at each cell, 0 to 1.
        input_size: (width, height) of the input in pixels.
        seconds: wall-clock time of the forward pass.
    """

    probabilities: npt.NDArray[np.float16]
    input_size: tuple[int, int]
    seconds: float

    @property
    def rows(self) -> int:
        """Cells from top to bottom."""
        return int(self.probabilities.shape[0])

    @property
    def columns(self) -> int:
        """Cells from left to right."""
        return int(self.probabilities.shape[1])

    def heat(self, ids: Sequence[int]) -> Floats:
        """Probability that a cell shows one of the classes ``ids``: ``float32 (rows, columns)``, 0 to 1."""
        return np.asarray(self.probabilities[..., list(ids)].astype(np.float32).sum(-1))

    def hottest(self, ids: Sequence[int]) -> tuple[int, int]:
        """(row, column) of the largest value of :meth:`heat`; the first in reading order when several are."""
        row, column = divmod(int(self.heat(ids).argmax()), self.columns)
        return row, column

    @cached_property
    def best(self) -> tuple[npt.NDArray[np.uint16], Floats]:
        """The five likeliest classes of each cell, likeliest first: ids and probabilities ``(rows, columns, 5)``."""
        order = np.argsort(-self.probabilities, axis=-1, kind="stable")[..., :5]
        values = np.take_along_axis(self.probabilities, order, -1)
        return order.astype(np.uint16), values.astype(np.float32)

    @staticmethod
    def window(row: int, column: int) -> tuple[int, int, int, int]:
        """The window that cell ``(row, column)`` answers for: (left, top, right, bottom) in input pixels."""
        return STRIDE * column, STRIDE * row, STRIDE * column + NATIVE, STRIDE * row + NATIVE


def _softmax(scores: Tensor) -> npt.NDArray[np.float16]:
    """(1, classes, rows, columns) scores -> (rows, columns, classes) probabilities."""
    return np.asarray(scores.softmax(1)[0].permute(1, 2, 0).half().cpu().numpy())


_converted: WeakKeyDictionary[LoadedModel, FullyConvolutional] = WeakKeyDictionary()


def converted(model: LoadedModel) -> FullyConvolutional:
    """The network read as convolutions: the same parameters, so it lives exactly as long as ``model``."""
    from core.models.convolutionalize import FullyConvolutional

    if model not in _converted:
        _converted[model] = FullyConvolutional(model.module).eval()  # type: ignore[arg-type]
    return _converted[model]


def scan(model: LoadedModel, picture: Picture, view: View) -> ScoreGrid:
    """One fully convolutional pass over ``picture`` as seen through ``view``."""
    from core.engine.inference import run

    pixels = view.render(picture.pixels)
    network, x = converted(model), model.prepare(pixels)
    timed = run(lambda: network(x))
    return ScoreGrid(_softmax(timed.value), (pixels.shape[1], pixels.shape[0]), timed.seconds)


@dataclass(frozen=True)
class Differences:
    """How far the grid is from running the classifier window by window. Scores are logits, before the softmax.

    Attributes:
        native: largest absolute difference of any score at the native size, grid 1x1 against classifier.
        window: largest absolute difference between one grid cell and the classifier on that window, cut out.
        spread: standard deviation of the classifier's scores on that window: the yardstick for both.
        shuffled: largest absolute change of any score when the cells of the feature map change places at random.
        cell: (row, column) of the cell that ``window`` speaks of.
    """

    native: float
    window: float
    spread: float
    shuffled: float
    cell: tuple[int, int]


def differences(model: LoadedModel, picture: Picture, view: View, cell: tuple[int, int]) -> Differences:
    """Measure :class:`Differences` on ``picture``: four small passes and one of ``view``'s size.

    Raises:
        HeatmapError: the grid has no such cell.
    """
    import torch

    from core.engine.inference import run

    pixels = view.render(picture.pixels)
    left, top, right, bottom = ScoreGrid.window(*cell)
    if min(cell) < 0 or right > pixels.shape[1] or bottom > pixels.shape[0]:
        raise HeatmapError(N_("The grid has no cell {cell}."), cell=cell)
    network, classifier = converted(model), model.module
    native = model.prepare(NATIVE_VIEW.render(picture.pixels))
    whole, part = model.prepare(pixels), model.prepare(pixels[top:bottom, left:right])

    def measure() -> Differences:
        alone = classifier(part)[0]  # (classes,)
        features = network.features(native)  # (1, C, k, k)
        order = torch.randperm(features.shape[2] * features.shape[3], generator=torch.Generator().manual_seed(0))
        shuffled = features.flatten(2)[..., order].view_as(features)
        head = network.head
        return Differences(
            native=float((network(native)[0, :, 0, 0] - classifier(native)[0]).abs().max()),
            window=float((network(whole)[0, :, cell[0], cell[1]] - alone).abs().max()),
            spread=float(alone.std()),
            shuffled=float((head(shuffled) - head(features)).abs().max()),
            cell=cell,
        )

    return run(measure).value
