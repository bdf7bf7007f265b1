"""How far the answers to disturbed photos agree with the answer to the clean one, and where they break."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from core.engine import inference
from core.maths import metrics
from core.passes.segmentation import size_for
from core.passes.stress import kinds
from core.passes.stress.kinds import CENTRE, Bytes, Spot

if TYPE_CHECKING:
    from core.engine.inference import LoadedModel

CLASSES = 21
BROKEN = 0.5
"""Agreement below which an answer counts as broken."""


def answer(model: LoadedModel, pixels: Bytes) -> Bytes:
    """Class ids ``uint8 (h, w)`` of a photo at the working scale, whatever size the network reads it at."""
    import torch.nn.functional as F

    height, width = pixels.shape[:2]
    size = size_for(model.spec, width, height)
    small = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))
    x = model.prepare(small)

    def compute() -> Bytes:
        scores = model.module(x)
        if scores.shape[-2:] != (height, width):
            scores = F.interpolate(scores, (height, width), mode="bilinear", align_corners=False)
        return np.asarray(scores.argmax(1)[0].byte().numpy())

    return inference.run(compute).value


def agreement(clean: Bytes, now: Bytes) -> float:
    """Mean IoU of two answers over the classes that occur in either, 0 to 1; where ``clean`` is 255 nothing counts."""
    value = metrics.mean_iou(metrics.confusion(clean, now, CLASSES))
    return 1.0 if np.isnan(value) else value


class Curve(NamedTuple):
    """One network under one disturbance.

    Attributes:
        strengths: growing, from 0.
        values: agreement with the clean answer at each, 0 to 1.
    """

    strengths: tuple[int, ...]
    values: tuple[float, ...]

    def breaks(self, level: float = BROKEN) -> float | None:
        """The strength at which the agreement first falls to ``level``, linear between points; ``None`` if never."""
        for i, value in enumerate(self.values):
            if value > level:
                continue
            if i == 0 or value == level:
                return float(self.strengths[i])
            before = self.values[i - 1]
            part = (before - level) / (before - value)
            return self.strengths[i - 1] + part * (self.strengths[i] - self.strengths[i - 1])
        return None

    @property
    def mean(self) -> float:
        """Mean agreement over all strengths but 0, 0 to 1."""
        return float(np.mean(self.values[1:])) if len(self.values) > 1 else 1.0


class Sweep(NamedTuple):
    """Curves so far, by network, and how many passes that took of how many."""

    curves: dict[str, Curve]
    done: int
    steps: int


def sweep(names: Sequence[str], pixels: Bytes, kind: str, at: Spot = CENTRE, points: int = 7) -> Iterator[Sweep]:
    """The curve of every network, one pass at a time; yields after each.

    Args:
        names: registry names of segmenters of photos.
        pixels: from :func:`core.passes.stress.kinds.working`.
        kind: a key of :data:`core.passes.stress.kinds.KINDS`.
        at: where a square hides.
        points: of each curve.
    """
    strengths = kinds.kind(kind).grid(points)
    curves: dict[str, Curve] = {}
    done = 0
    for name in names:
        model, clean, values = inference.load(name), None, []
        for strength in strengths:
            now = answer(model, kinds.disturbed(pixels, kind, strength, at))
            clean = now if clean is None else clean
            values.append(agreement(kinds.expected(clean, kind, strength), now))
            done += 1
            curves[name] = Curve(tuple(strengths[: len(values)]), tuple(values))
            yield Sweep(dict(curves), done, len(names) * len(strengths))


# ------------------------------------------------------------------------------------------------ one pixel


class Flip(NamedTuple):
    """The weakest setting found of one disturbance that gives a pixel another class.

    Attributes:
        kind: of the disturbance.
        strength: that setting; ``None`` where none of those tried did.
        before, after: class ids.
        tried: settings.
    """

    kind: str
    strength: int | None
    before: int
    after: int
    tried: int


class Flips(NamedTuple):
    """What is known so far, disturbance by disturbance."""

    found: tuple[Flip, ...]
    done: int
    steps: int


def flips(model: LoadedModel, pixels: Bytes, at: Spot, names: Sequence[str] = tuple(kinds.KINDS)) -> Iterator[Flips]:
    """For every disturbance the weakest setting that flips the pixel at ``at``: settings are tried from weak to strong,
    eight over the range, and the gap before the first that flips is halved until no setting lies in it.

    Where a disturbance moves the photo the pixel is followed.
    """
    row, column = int(at[1] * pixels.shape[0]), int(at[0] * pixels.shape[1])
    clean = answer(model, pixels)
    before = int(clean[row, column])
    found: list[Flip] = []
    for done, name in enumerate(names, start=1):
        kind = kinds.kind(name)
        tried: dict[int, int] = {0: before}

        def said(strength: int, name: str = name, tried: dict[int, int] = tried) -> int:
            if strength not in tried:
                now = answer(model, kinds.disturbed(pixels, name, strength, at))
                tried[strength] = _at_pixel(now, name, strength, row, column, before)
            return tried[strength]

        weak, strong = 0, None
        for strength in kind.grid(9)[1:]:
            if said(strength) != before:
                strong = strength
                break
            weak = strength
        while strong is not None and strong - weak > kind.step:
            middle = (weak + strong) // 2 // kind.step * kind.step
            middle = middle if middle > weak else weak + kind.step
            if said(middle) != before:
                strong = middle
            else:
                weak = middle
        after = before if strong is None else said(strong)
        found.append(Flip(name, strong, before, after, len(tried) - 1))
        yield Flips(tuple(found), done, len(names))


def _at_pixel(ids: Bytes, name: str, strength: int, row: int, column: int, lost: int) -> int:
    """The class at the place to which a disturbance has moved a pixel; ``lost`` where it has left the photo."""
    if kinds.kind(name).move is None:
        return int(ids[row, column])
    mark = np.zeros(ids.shape, np.uint8)
    mark[max(row - 4, 0) : row + 5, max(column - 4, 0) : column + 5] = 1
    there = np.argwhere(kinds.expected(mark, name, strength) == 1)
    if not len(there):
        return lost
    middle = there[np.argmin(((there - there.mean(0)) ** 2).sum(1))]
    return int(ids[tuple(middle)])


# ------------------------------------------------------------------------------------------------- shifting


class Shift(NamedTuple):
    """A network on a window that moves over the photo pixel by pixel.

    Attributes:
        offsets: pixels to the right, from 0.
        values: share of the compared pixels that have the class that they have at offset 0, 0 to 1.
        size: (height, width) of the photo.
        packed: the answers, compressed: a visitor keeps them as long as the page is open. :meth:`mask` unpacks one.
        done, steps: offsets.
    """

    offsets: tuple[int, ...]
    values: tuple[float, ...]
    size: tuple[int, int]
    packed: tuple[bytes, ...]
    done: int
    steps: int

    def mask(self, index: int) -> Bytes:
        """The answer at an offset, in the photo's own places: ``uint8 (h, w)``, 255 outside of the window."""
        return np.frombuffer(zlib.decompress(self.packed[index]), np.uint8).reshape(self.size)

    @property
    def jitter(self) -> float:
        """The largest share of pixels whose class moving by whole pixels changes, 0 to 1."""
        return 1 - min(self.values, default=1.0)


MOST_SHIFT = 32
"""Pixels: the coarsest stride here, after which the cells of a map meet the same pixels again."""


def shifted(model: LoadedModel, pixels: Bytes, most: int = MOST_SHIFT, step: int = 2) -> Iterator[Shift]:
    """Move a window over the photo; what stands at the window's rim differs, so only its middle is compared.

    Args:
        model: the network.
        pixels: at the working scale.
        most: the last offset, in pixels.
        step: between offsets.
    """
    width = pixels.shape[1] - most
    offsets = list(range(0, most + 1, step))
    rim = min(most, width // 8)
    size = (pixels.shape[0], pixels.shape[1])
    values: list[float] = []
    packed: list[bytes] = []
    first: Bytes | None = None
    for offset in offsets:
        ids = answer(model, np.ascontiguousarray(pixels[:, offset : offset + width]))
        whole = np.full(size, metrics.VOID, np.uint8)
        whole[:, offset : offset + width] = ids
        first = whole if first is None else first
        packed.append(zlib.compress(whole.tobytes(), 1))
        part = np.s_[:, most + rim : width - rim]
        values.append(float((first[part] == whole[part]).mean()))
        yield Shift(tuple(offsets[: len(values)]), tuple(values), size, tuple(packed), len(values), len(offsets))


# ------------------------------------------------------------------------------------------------- by depth


def by_depth(model: LoadedModel, pixels: Bytes, changed: Bytes) -> list[tuple[str, float]]:
    """How much the maps change at each depth: the norm of the difference over the norm of the clean maps, by path."""
    from core.engine.tracing import Trace
    from core.passes.attribution.depths import paths

    size = size_for(model.spec, pixels.shape[1], pixels.shape[0])
    chosen = paths(model.module)

    def maps(photo: Bytes) -> Trace:
        small = np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BILINEAR))
        trace = Trace(model.module, chosen)
        x = model.prepare(small)
        with trace:
            inference.run(lambda: model.module(x))
        return trace

    one, other = maps(pixels), maps(changed)
    return [(path, float((one[path] - other[path]).norm() / one[path].norm().clamp(min=1e-12))) for path in chosen]
