"""A small network learns: one step at a time, with a frame of what it says every few steps.

The same options give the same numbers on one machine: seeds settle the pictures, the first weights and the order.
"""

from __future__ import annotations

import io
import math
import threading
import time
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from core.errors import N_, SegScopeError
from core.maths import metrics
from core.models.small_unet import SmallUNet, normalised
from core.passes.learning import losses, tasks
from core.pictures.images import encode_png

LAST = 2000
"""Steps at most, about a minute and a half on one idle core."""
GRID = 16
"""Places along one side of a shown picture of which a frame keeps the probabilities."""
DEPTHS, WIDTHS, PICTURES = (1, 2, 3, 4), (4, 8, 16), (4, 16, 64, 256)
RATES = (0.0005, 0.005, 0.05, 0.5, 50.0)
"""Learning rates on offer; 0.005 is right and the last one explodes."""

PATIENCE, HARDLY = 40, 0.97
"""Steps after which a loss above this share of the first one counts as hardly fallen."""


class LearningError(SegScopeError):
    """Options that no run can have; the sentence names those that it can."""


@dataclass(frozen=True)
class Options:
    """What is chosen before a run.

    Attributes:
        task: a name of :data:`core.passes.learning.tasks.TASKS`.
        depth: poolings on the way down.
        width: channels of the first block.
        skips: whether skip connections are there.
        loss: a name of :data:`core.passes.learning.losses.LOSSES`.
        rate: learning rate of Adam.
        augment: whether pictures are turned and mirrored each time.
        pictures: how many teach.
        seed: of the first weights and of the order.
    """

    task: str = "shapes"
    depth: int = 2
    width: int = 8
    skips: bool = True
    loss: str = "cross-entropy"
    rate: float = 0.005
    augment: bool = False
    pictures: int = 256
    seed: int = 0

    def differs(self, other: Options) -> tuple[str, ...]:
        """Names of the fields in which the two differ."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) != getattr(other, f.name))


def check(options: Options) -> None:
    """Refuse what no run can have.

    Raises:
        LearningError, core.passes.learning.tasks.TaskError, core.passes.learning.losses.LossError
    """
    tasks.task(options.task)
    losses.named(options.loss, [1, 1])
    for name, given, able in (("depth", options.depth, DEPTHS), ("width", options.width, WIDTHS)):
        if given not in able:
            raise LearningError(
                N_("{name} is {given}: choose one of {able}."), name=name, given=given, able=", ".join(map(str, able))
            )
    if not 1 <= options.pictures <= PICTURES[-1]:
        raise LearningError(
            N_("{given} pictures cannot teach: choose 1 to {most}."), given=options.pictures, most=PICTURES[-1]
        )
    if not 0 < options.rate <= 1e30:
        raise LearningError(N_("The learning rate is {given}: choose one above 0, such as 0.005."), given=options.rate)


def framed(step: int) -> bool:
    """Whether a frame is kept after ``step``: often at first, when much changes, and seldom later. 144 in all."""
    return step % (5 if step <= 100 else 10 if step <= 500 else 20) == 0


@dataclass(frozen=True, eq=False)
class Frame:
    """What the network says after some steps.

    Attributes:
        step: how many.
        loss: mean of the steps since the last frame; not a number before the first, and where it has exploded.
        taught: mean IoU of the objects on pictures that teach, 0 to 1.
        iou: IoU of every class on all held-out pictures, 0 to 1, background first.
        said: grey PNG: the masks of the :data:`~core.passes.learning.tasks.SHOWN` pictures side by side, class ids
            ``(64, 6 x 64)``, and below them the probabilities at ``GRID x GRID`` places of each as bytes,
            class by class, ``(4 x classes, 6 x 64)``.
        head: weights and bias of the last layer, ``float32 (classes, width + 1)``.
        seconds: of computing until here.
    """

    step: int
    loss: float
    taught: float
    iou: tuple[float, ...]
    said: bytes
    head: npt.NDArray[np.float32]
    seconds: float

    @property
    def found(self) -> float:
        """Mean IoU of the objects on held-out pictures."""
        return float(np.mean(self.iou[1:]))

    def masks(self) -> npt.NDArray[np.uint8]:
        """The masks in ``said`` by themselves: class ids ``(64, 6 x 64)``."""
        with Image.open(io.BytesIO(self.said)) as sheet:
            return np.asarray(sheet)[: tasks.SIDE]


class Training:
    """One run and its state, which may lie still for as long as its visitor likes.

    Attributes:
        options: what was chosen.
        frames: what was kept, oldest first: after 0 steps, then as :func:`framed` says, and after the last one.
        step: steps so far.
        seconds: of computing so far.
        first: loss of the first step; ``None`` before it.
        exploded: whether the loss is not a number any more; no step follows then.
    """

    def __init__(self, options: Options) -> None:
        check(options)
        self.options = options
        self.task = tasks.task(options.task)
        self.frames: list[Frame] = []
        self.step, self.seconds, self.exploded = 0, 0.0, False
        self.first: float | None = None
        self._lock = threading.Lock()
        self._lesson = tasks.lesson(options.task, options.pictures)
        self._recent: list[float] = []
        self._rng = np.random.default_rng(options.seed)
        with torch.inference_mode(False), torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            self.network = SmallUNet(len(self.task.classes), options.depth, options.width, options.skips)
        self._optimizer = torch.optim.Adam(self.network.parameters(), options.rate, betas=(0.9, 0.99))
        counts = np.bincount(self._lesson.ids.ravel(), minlength=len(self.task.classes))
        self._loss = losses.named(options.loss, counts.tolist())

    @property
    def over(self) -> bool:
        """Whether no further step follows."""
        return self.exploded or self.step >= LAST

    @property
    def grows(self) -> bool:
        """Whether the loss is twice what it was in the first step: too large a rate does that before it ends in no
        number at all."""
        return self.first is not None and self.frames[-1].loss > 2 * self.first

    @property
    def stuck(self) -> bool:
        """Whether the loss has hardly fallen in :data:`PATIENCE` steps: a loss that has an upper end, as Dice has, does
        that at too large a rate, and every loss at too small a one."""
        return (
            self.first is not None
            and self.step >= PATIENCE
            and all(not frame.loss <= HARDLY * self.first for frame in self.frames[1:])
        )

    def batch(self) -> tuple[Tensor, Tensor]:
        """The next pictures and their ids: ``(B, 3, 64, 64)`` and ``(B, 64, 64)``."""
        count = len(self._lesson.pixels)
        numbers = self._rng.choice(count, min(tasks.BATCH, count), replace=False)
        pixels, ids = self._lesson.pixels[numbers], self._lesson.ids[numbers]
        if self.options.augment:
            turns, mirrored = int(self._rng.integers(4)), bool(self._rng.integers(2))
            pixels, ids = np.rot90(pixels, turns, (1, 2)), np.rot90(ids, turns, (1, 2))
            if mirrored:
                pixels, ids = pixels[:, :, ::-1], ids[:, :, ::-1]
        return (
            normalised(torch.from_numpy(np.ascontiguousarray(pixels))),
            torch.from_numpy(np.ascontiguousarray(ids)).long(),
        )

    def learn(self) -> None:
        """One step, and a frame where one is due. To be called inside :func:`core.engine.inference.run`."""
        began = time.perf_counter()
        with torch.inference_mode(False), torch.enable_grad():
            x, ids = self.batch()
            self.network.train()
            loss = self._loss(self.network(x), ids)
            value = float(loss.detach())
            self._recent.append(value)
            self.first = value if self.first is None else self.first
            self.exploded = not math.isfinite(value)
            if not self.exploded:
                self._optimizer.zero_grad()
                loss.backward()
                self._optimizer.step()
        self.step += 1
        self.seconds += time.perf_counter() - began
        if framed(self.step) or self.over:
            self.look()

    def look(self) -> Frame:
        """A frame of what the network says now, kept in the place of one that stood between two that are due."""
        began = time.perf_counter()
        held = tasks.held_out(self.options.task)
        shown, classes = tasks.SHOWN, len(self.task.classes)
        seen = self._scores(held.pixels)  # (N, classes, 64, 64)
        matrix = metrics.confusion(held.ids, seen.argmax(1).byte().numpy(), classes)
        some = self._lesson.pixels[:8]
        taught = metrics.confusion(self._lesson.ids[:8], self._scores(some).argmax(1).byte().numpy(), classes)
        frame = Frame(
            self.step,
            float(np.mean(self._recent)) if self._recent else math.nan,
            _objects(taught),
            tuple(float(v) for v in np.nan_to_num(metrics.iou(matrix))),
            said(seen[:shown].softmax(1).numpy()),
            self.head(),
            self.seconds + time.perf_counter() - began,
        )
        with self._lock:
            if self.frames and not framed(self.frames[-1].step) and not self.over:
                self.frames.pop()
            self.frames.append(frame)
        self._recent = []
        self.seconds = frame.seconds
        return frame

    def _scores(self, pixels: npt.NDArray[np.uint8]) -> Tensor:
        self.network.eval()
        with torch.inference_mode():
            scores: Tensor = self.network(normalised(torch.tensor(pixels)))  # (N, classes, 64, 64)
        return scores

    def head(self) -> npt.NDArray[np.float32]:
        """Weights and bias of the last layer, ``(classes, width + 1)``."""
        layer = self.network.head
        assert layer.bias is not None
        return np.concatenate([layer.weight.detach()[:, :, 0, 0].numpy(), layer.bias.detach().numpy()[:, None]], 1)

    def kept(self) -> tuple[Frame, ...]:
        """The frames as they stand, for another thread."""
        with self._lock:
            return tuple(self.frames)


def _objects(matrix: npt.NDArray[np.int64]) -> float:
    """Mean IoU of all but the background; an object that is nowhere and that nobody sees is left out."""
    each = metrics.iou(matrix)[1:]
    return float(np.nanmean(each)) if np.isfinite(each).any() else 0.0


def said(shares: npt.NDArray[np.float32]) -> bytes:
    """Probabilities ``(6, classes, 64, 64)`` as the grey PNG of a :class:`Frame`."""
    masks = np.concatenate(list(shares.argmax(1).astype(np.uint8)), 1)  # (64, 384)
    step = tasks.SIDE // GRID
    grid = np.nan_to_num(shares[:, :, step // 2 :: step, step // 2 :: step])  # (6, classes, 16, 16)
    values = (grid * 255).round().astype(np.uint8).transpose(1, 0, 2, 3)  # (classes, 6, 16, 16)
    return encode_png(np.concatenate([masks, values.reshape(-1, masks.shape[1])]), compress_level=6)
