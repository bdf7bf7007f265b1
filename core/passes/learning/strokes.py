"""A head that learns from strokes: a 1x1 convolution on the shared encoder's maps, taught by the pixels under them.

The encoder rests, at output stride 16. Its maps at strides 2 to 16 are brought to unit variance and laid over each
other at stride 4. Every cell under a stroke is an example, and a logistic regression (:mod:`core.maths.logistic`),
which is a 1x1 convolution with a softmax, learns from them. The raw colours can take the place of the maps: then there
is nothing to tell a cat from a sofa of the same colour, which is why features are learned at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from core.errors import N_, SegScopeError
from core.maths import logistic

if TYPE_CHECKING:
    from core.pictures.images import Picture

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

STRIDES = (2, 4, 8, 16)
"""Strides whose maps a head may read."""
COLOURS = 0
"""Stands for the raw colours where the others have a stride."""
LAID = 4
"""Stride at which all maps are laid over each other."""
CLASSES = 6
"""Classes at most, background among them."""
NOTHING = 255
"""Where no stroke is, and the label of a stroke that erases."""
MOST_STROKES, MOST_POINTS, MOST_RADIUS = 200, 2000, 80
EXAMPLES = 1500
"""Cells of one class at most that teach; of more, evenly spread ones."""
PENALTY, ITERATIONS = 0.003, 40
SHORT_SIDE = 385
"""Shorter side of the encoder's input in pixels, 32 n + 1; no picture is enlarged to more than twice."""


class StrokesError(SegScopeError):
    """Strokes that cannot teach; the sentence says what to do."""


@dataclass(frozen=True)
class Stroke:
    """A line of a brush.

    Attributes:
        label: class, 0 to :data:`CLASSES` - 1; :data:`NOTHING` erases what is under it.
        radius: of the brush in pixels.
        points: (x, y) in pixels of the picture's ``pixels``, one or more.
    """

    label: int
    radius: float
    points: tuple[tuple[float, float], ...]


def read(sent: Any, size: tuple[int, int]) -> tuple[Stroke, ...]:
    """Strokes as a browser sent them, of which nothing is trusted: ``[{"label": 1, "radius": 8, "points": [[x, y]]}]``.

    Args:
        sent: the strokes.
        size: (width, height) of the picture in pixels.

    Raises:
        StrokesError: there are too many, or one of them makes no sense.
    """
    wrong = StrokesError(N_("These strokes cannot be read: draw them again."))
    if not isinstance(sent, Sequence) or isinstance(sent, str):
        raise wrong
    if len(sent) > MOST_STROKES:
        raise StrokesError(N_("There are {count} strokes: draw at most {most}."), count=len(sent), most=MOST_STROKES)
    return tuple(_stroke(each, size, wrong) for each in sent)


def _number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _stroke(each: Any, size: tuple[int, int], wrong: StrokesError) -> Stroke:
    if not isinstance(each, Mapping):
        raise wrong
    label, radius, points = each.get("label"), each.get("radius"), each.get("points")
    if not isinstance(label, int) or isinstance(label, bool) or not (0 <= label < CLASSES or label == NOTHING):
        raise wrong
    if not _number(radius, 0.5, MOST_RADIUS) or not isinstance(points, Sequence) or isinstance(points, str):
        raise wrong
    if not 0 < len(points) <= MOST_POINTS:
        raise wrong
    out = []
    for point in points:
        if not isinstance(point, Sequence) or isinstance(point, str) or len(point) != 2:
            raise wrong
        if not all(_number(value, 0, limit) for value, limit in zip(point, size, strict=True)):
            raise wrong
        out.append((float(point[0]), float(point[1])))
    return Stroke(label, float(radius or 1), tuple(out))


def painted(strokes: Sequence[Stroke], size: tuple[int, int]) -> Bytes:
    """Which pixel is under which stroke, ``uint8 (H, W)``: the class, :data:`NOTHING` elsewhere; later ones cover
    earlier ones. Of a disc of radius r, the pixels whose centres lie in it; of one smaller than that, the nearest.

    Args:
        strokes: in the order in which they were drawn.
        size: (width, height).
    """
    canvas = Image.new("L", size, NOTHING)
    pen = ImageDraw.Draw(canvas)
    for stroke in strokes:
        # Pillow counts a box's last column in, and only lines of an odd width lie in the middle of their points: so a
        # brush covers pixels whose middles are half a pixel nearer than its radius, and is never wider than it says.
        r = stroke.radius - 0.5
        if len(stroke.points) > 1:
            pen.line(stroke.points, fill=stroke.label, width=2 * int(r) + 1)
        for x, y in stroke.points:
            if r < 1:
                pen.point((min(int(x), size[0] - 1), min(int(y), size[1] - 1)), fill=stroke.label)
            else:
                pen.ellipse((ceil(x - r), ceil(y - r), floor(x + r), floor(y + r)), fill=stroke.label)
    return np.asarray(canvas)


@dataclass(frozen=True, eq=False)
class Maps:
    """What a head reads of a picture.

    Attributes:
        layers: by stride, ``float16 (h, w, C)`` each with unit variance, all of one size, stride 4; under
            :data:`COLOURS` the raw colours, brought to the same size.
        size: (width, height) of the picture's ``pixels``.
        extended: (width, height) that the cells span, in the same pixels: a little more, since sides are extended.
        seconds: of the pass.
    """

    layers: dict[int, npt.NDArray[np.float16]]
    size: tuple[int, int]
    extended: tuple[float, float]
    seconds: float

    def of(self, chosen: Sequence[int]) -> npt.NDArray[np.float16]:
        """The chosen ones beside each other: ``(h, w, D)``.

        Raises:
            StrokesError: none is chosen.
        """
        if not chosen:
            raise StrokesError(N_("No map is on: switch one on, or take the raw colours."))
        return np.concatenate([self.layers[stride] for stride in chosen], 2)


def maps(picture: Picture, short_side: int = SHORT_SIDE) -> Maps:
    """The maps of ``picture``, through the queue of the networks."""
    import torch
    import torch.nn.functional as F

    from core.engine import inference
    from core.models.shared import extend
    from core.passes.segmentation import input_size

    model = inference.load("deeplabv3-released")
    height, width = picture.pixels.shape[:2]
    size = input_size(width, height, min(short_side, 2 * min(width, height)))
    pixels = np.asarray(Image.fromarray(picture.pixels).resize(size, Image.Resampling.BILINEAR))
    encoder: Any = model.module.encoder
    x = extend(model.prepare(pixels))  # (1, 3, 32 n + 1, 32 m + 1)
    rows, columns = (x.shape[-2] - 1) // LAID + 1, (x.shape[-1] - 1) // LAID + 1

    def compute() -> dict[int, npt.NDArray[np.float16]]:
        layers = {}
        pyramid = encoder.forward_features(x)
        for stride, level in zip(STRIDES, [*pyramid[:3], torch.cat(pyramid[3:], 1)], strict=True):
            if level.shape[-1] > columns:
                level = F.avg_pool2d(level, 3, stride=2, padding=1, count_include_pad=False)
            laid = F.interpolate(level, (rows, columns), mode="bilinear", align_corners=True)[0]  # (C, h, w)
            laid = laid / laid.std().clamp(min=1e-6)
            layers[stride] = laid.permute(1, 2, 0).half().contiguous().numpy()
        colours = F.interpolate(x, (rows, columns), mode="bilinear", align_corners=True)[0]
        layers[COLOURS] = (colours / colours.std().clamp(min=1e-6)).permute(1, 2, 0).half().contiguous().numpy()
        return layers

    timed = inference.run(compute)
    scale = width / size[0], height / size[1]
    extended = ((x.shape[-1] - 1) * scale[0], (x.shape[-2] - 1) * scale[1])
    return Maps(timed.value, (width, height), extended, timed.seconds)


@dataclass(frozen=True, eq=False)
class Head:
    """What was learned.

    Attributes:
        weights: ``float64 (classes, D + 1)``, the constant last; of the classes that have strokes.
        labels: those classes.
        chosen: strides that it reads, :data:`COLOURS` for the raw colours.
        examples: cells that taught, of each of the labels.
        pixels: pixels under the strokes.
    """

    weights: npt.NDArray[np.float64]
    labels: tuple[int, ...]
    chosen: tuple[int, ...]
    examples: tuple[int, ...]
    pixels: int


def learn(found: Maps, strokes: Sequence[Stroke], chosen: Sequence[int]) -> Head:
    """A head from ``strokes`` on the maps of the ``chosen`` strides.

    Raises:
        StrokesError: there is no stroke, or strokes of one class alone; or no map is chosen.
    """
    return learn_from(found, painted(strokes, found.size), chosen)


def learn_from(found: Maps, under: Bytes, chosen: Sequence[int]) -> Head:
    """:func:`learn` from what :func:`painted` gives, or a picture of strokes: ``uint8 (H, W)``."""
    features = found.of(chosen)
    labels = tuple(int(label) for label in np.unique(under) if label != NOTHING)
    if len(labels) < 2:
        raise StrokesError(
            N_("Draw one stroke on the object and one on the background: one kind alone tells nothing apart.")
        )
    rows, columns = features.shape[:2]
    ys = np.linspace(0, found.extended[1], rows).round().astype(int)
    xs = np.linspace(0, found.extended[0], columns).round().astype(int)
    marked = np.full((rows, columns), NOTHING, np.uint8)
    inside = np.ix_(ys < found.size[1], xs < found.size[0])
    marked[inside] = under[np.ix_(ys[ys < found.size[1]], xs[xs < found.size[0]])]
    marked = _small_ones(marked, under, labels, found)
    x, y, examples = [], [], []
    for number, label in enumerate(labels):
        cells = np.flatnonzero(marked == label)
        cells = cells[np.linspace(0, len(cells) - 1, min(len(cells), EXAMPLES)).round().astype(int)]
        x.append(features.reshape(-1, features.shape[2])[cells].astype(np.float32))
        y.append(np.full(len(cells), number))
        examples.append(len(cells))
    fitted = logistic.fit(np.concatenate(x), np.concatenate(y), len(labels), PENALTY, ITERATIONS)
    return Head(fitted.weights, labels, tuple(chosen), tuple(examples), int((under != NOTHING).sum()))


def _small_ones(marked: Bytes, under: Bytes, labels: Sequence[int], found: Maps) -> Bytes:
    """A class whose strokes lie between the cells, of one pixel perhaps, marks the cells that are nearest to them."""
    rows, columns = marked.shape
    for label in labels:
        if not (marked == label).any():
            y, x = np.nonzero(under == label)
            row = np.minimum((y * (rows - 1) / found.extended[1]).round().astype(int), rows - 1)
            column = np.minimum((x * (columns - 1) / found.extended[0]).round().astype(int), columns - 1)
            marked[row, column] = label
    return marked


def shares(head: Head, found: Maps) -> Floats:
    """Probabilities of the head's labels over the picture: ``float32 (labels, H, W)``.

    Scores are enlarged before the softmax (bilinear, a cell keeps its place).
    """
    features = found.of(head.chosen)
    scores = features.astype(np.float32) @ head.weights[:, :-1].T.astype(np.float32) + head.weights[:, -1].astype(
        np.float32
    )  # (h, w, C)
    width, height = found.size
    rows, columns = scores.shape[:2]
    box_x, box_y = (columns - 1) * width / found.extended[0], (rows - 1) * height / found.extended[1]
    out = []
    for number in range(len(head.labels)):
        plane = Image.fromarray(np.ascontiguousarray(scores[..., number]))
        # Pixel p stands at cell p / extended * (rows - 1): Pillow counts from the cells' edges.
        half_x, half_y = box_x / width / 2, box_y / height / 2
        box = (0.5 - half_x, 0.5 - half_y, 0.5 - half_x + box_x, 0.5 - half_y + box_y)
        box = (max(0.0, box[0]), max(0.0, box[1]), min(float(columns), box[2]), min(float(rows), box[3]))
        out.append(np.asarray(plane.resize((width, height), Image.Resampling.BILINEAR, box=box)))
    stack = np.stack(out)
    stack -= stack.max(0)
    np.exp(stack, out=stack)
    return np.asarray(stack / stack.sum(0), np.float32)


def mask(head: Head, found: Maps) -> Bytes:
    """The class of every pixel, ``uint8 (H, W)``."""
    return np.asarray(head.labels, np.uint8)[shares(head, found).argmax(0)]


def check(under: Bytes) -> None:
    """Refuse a picture of strokes with classes that there are not.

    Raises:
        StrokesError: a value is neither a class nor :data:`NOTHING`.
    """
    values = [int(value) for value in np.unique(under) if value != NOTHING]
    if values and values[-1] >= CLASSES:
        raise StrokesError(
            N_("These strokes hold the value {value}: classes go from 0 to {last}, and 255 is where no stroke is."),
            value=values[-1], last=CLASSES - 1,
        )  # fmt: skip
