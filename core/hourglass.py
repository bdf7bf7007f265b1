"""DeconvNet at work on one picture: every depth of the way down and of the way up, from a single traced pass.

The network sees the central square of the picture at 224 x 224, the size at which fc6 gives exactly one cell:
224 -> 112 -> 56 -> 28 -> 14 -> 7 -> 1 and back. The pass is the untouched network's; the unpooled maps and the
switches, which no layer outputs, are computed from its activations by :mod:`core.unpooling`, which agrees with PyTorch
to the last bit.

Source: Noh, Hong, Han, "Learning Deconvolution Network for Semantic Segmentation", ICCV 2015, figure 2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from core import unpooling
from core.unpooling import POOLINGS, Bytes

if TYPE_CHECKING:
    from torch import Tensor

    from core.feature_maps import Stage  # imports PyTorch
    from core.images import Picture
    from core.inference import LoadedModel

Floats = npt.NDArray[np.float32]

SIDE = 224
"""Side of the picture that the network sees, in pixels."""
CELLS = SIDE // 2**POOLINGS
"""Side of the smallest map before fc6."""
COARSE = "fcn32s"
"""The network whose 7 x 7 scores are enlarged in three ways."""
NETWORK = "deconvnet"


@dataclass(frozen=True, eq=False)
class Level:
    """One pooling and the unpooling that undoes it.

    Attributes:
        depth: 1 for the finest pooling, 5 for the coarsest.
        before: what the convolutions gave, ``(C, 2n, 2n)``.
        incoming: what the way up has at the small size, ``(C, n, n)``; channel for channel it takes the switches.
        dense: what the deconvolutions make of the unpooled ``incoming``, ``(C', 2n, 2n)``.
    """

    depth: int
    before: Floats
    incoming: Floats
    dense: Floats

    @cached_property
    def switches(self) -> Bytes:
        """Which of the four cells of each window won, ``uint8 (C, n, n)``; see :func:`core.unpooling.pool`."""
        return unpooling.pool(self.before)[1]

    @property
    def unpooled(self) -> Floats:
        """``incoming``, each value at its switch: ``(C, 2n, 2n)``."""
        return unpooling.unpool(self.incoming, self.switches)

    def only(self, channels: npt.NDArray[np.int64]) -> Level:
        """The level with these channels of ``before`` and ``incoming`` alone."""
        return replace(self, before=self.before[channels], incoming=self.incoming[channels])

    @property
    def side(self) -> int:
        """Side of the large map, 2n."""
        return int(self.before.shape[-1])

    @property
    def empty(self) -> tuple[float, float]:
        """Share of exact zeros in all channels, after the unpooling and after the deconvolutions."""
        kept = np.count_nonzero(self.incoming) / (4 * self.incoming.size)
        return 1 - kept, 1 - np.count_nonzero(self.dense) / self.dense.size


@dataclass(frozen=True, eq=False)
class Hourglass:
    """All depths of one pass.

    Attributes:
        pixels: the square that the network saw, ``uint8 (224, 224, 3)``.
        stages: the blocks in the order in which they ran: five down, fc6, fc7, the 7 x 7 deconvolution, five up.
        probabilities: softmax of the scores, ``(classes, 224, 224)``.
        seconds: of the pass.
    """

    pixels: Bytes
    stages: tuple[Stage, ...]
    probabilities: Floats
    seconds: float

    @property
    def down(self) -> tuple[Stage, ...]:
        """The blocks in front of the poolings, finest first."""
        return self.stages[:POOLINGS]

    @property
    def up(self) -> tuple[Stage, ...]:
        """The 7 x 7 deconvolution and the blocks behind the unpoolings, coarsest first: sides 7, 14 ... 224."""
        return self.stages[POOLINGS + 2 :]

    @property
    def code(self) -> Floats:
        """fc7's output, ``(hidden,)``."""
        return self.stages[POOLINGS + 1].maps[:, 0, 0]

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The five poolings with what undoes them, finest first."""
        small = [stage.maps for stage in reversed(self.up)]  # 224, 112 ... 7
        return tuple(Level(i + 1, self.down[i].maps, small[i + 1], small[i]) for i in range(POOLINGS))

    @cached_property
    def ids(self) -> Bytes:
        """The class of every pixel, ``uint8 (224, 224)``."""
        return self.probabilities.argmax(0).astype(np.uint8)


def square(picture: Picture, side: int = SIDE) -> Bytes:
    """The central square of the picture, ``uint8 (side, side, 3)``."""
    height, width = picture.pixels.shape[:2]
    cut = min(height, width)
    left, top = (width - cut) // 2, (height - cut) // 2
    box = (left, top, left + cut, top + cut)
    return np.asarray(Image.fromarray(picture.pixels).resize((side, side), Image.Resampling.BILINEAR, box))


def strongest_class(ids: Bytes) -> int:
    """The id that takes most of ``ids`` besides 0; 0 if nothing else is there."""
    counts = np.bincount(ids.ravel(), minlength=2)
    counts[0] = 0
    return int(counts.argmax()) if counts.any() else 0


def look(model: LoadedModel, picture: Picture) -> Hourglass:
    """One traced pass of DeconvNet over the central square of ``picture``."""
    from core.feature_maps import Spot, capture
    from core.inference import run

    pixels = square(picture)
    x = model.prepare(pixels)
    spots = [
        *(Spot(f"down-{i + 1}", f"down.{i}") for i in range(POOLINGS)),
        *(Spot(path.replace("_", "-"), path) for path in ("fc6", "fc7", "deconv_fc6")),
        *(Spot(f"up-{POOLINGS - i}", f"up.{i}") for i in range(POOLINGS)),
    ]
    timed = run(lambda: capture(model.module, spots, lambda: model.module(x).softmax(1)))
    probabilities, stages = timed.value
    return Hourglass(pixels, tuple(stages), probabilities[0].numpy(), timed.seconds)


def without_switches(model: LoadedModel, code: Floats) -> Bytes:
    """The mask that the trained way up gives when every switch points at the corner of its window.

    Args:
        model: DeconvNet.
        code: :attr:`Hourglass.code`; the way up knows nothing else of the picture then.

    Returns:
        ``uint8 (224, 224)`` class ids.
    """
    import torch

    from core.inference import run
    from core.models.deconvnet import DeconvNet, Pooled

    network = model.module
    assert isinstance(network, DeconvNet)
    poolings: list[Pooled] = []
    for block in network.down:
        small = SIDE >> len(poolings) + 1
        starts = 2 * torch.arange(small)
        corners = starts[:, None] * 2 * small + starts
        channels = block[-1][0].out_channels  # type: ignore[index]
        nothing = torch.empty(0)  # the way up reads the switches alone
        poolings.append(Pooled(nothing, corners.expand(1, channels, small, small), (2 * small, 2 * small)))
    x = torch.from_numpy(code)[None, :, None, None]
    ids: Bytes = run(lambda: network.decode(x, poolings).argmax(1)[0].byte()).value.numpy()
    return ids


@dataclass(frozen=True, eq=False)
class Enlargements:
    """The same 49 numbers of FCN-32s, brought to the size of the picture in three ways.

    Attributes:
        coarse: probability of ``target`` in each cell, ``(7, 7)``.
        bilinear: interpolated, ``(224, 224)``: what FCN-32s does.
        cornered: unpooled five times without switches.
        switched: unpooled five times with the switches of the picture's own brightness.
        ids: FCN-32s's mask, ``uint8 (224, 224)``.
        target: the class.
    """

    coarse: Floats
    bilinear: Floats
    cornered: Floats
    switched: Floats
    ids: Bytes
    target: int


def enlargements(model: LoadedModel, picture: Picture) -> Enlargements:
    """FCN-32s on the central square of ``picture``, its coarse answer enlarged in three ways."""
    import torch.nn.functional as F

    from core.inference import run
    from core.tracing import Trace

    pixels = square(picture)
    x = model.prepare(pixels)

    def passes() -> tuple[Tensor, Tensor]:
        with Trace(model.module, ["decoder.score"]) as trace:
            return model.module(x), trace["decoder.score"]

    scores, cells = run(passes).value
    ids = scores.argmax(1)[0].byte().numpy()
    target = strongest_class(ids)
    coarse = cells.softmax(1)[0, target]  # (7, 7)
    bilinear = F.interpolate(coarse[None, None], (SIDE, SIDE), mode="bilinear", align_corners=False)[0, 0]
    values = coarse.numpy()
    switches = unpooling.memory(unpooling.brightness(pixels))
    return Enlargements(
        coarse=values,
        bilinear=bilinear.numpy(),
        cornered=unpooling.enlarge(values),
        switched=unpooling.enlarge(values, switches),
        ids=ids,
        target=target,
    )


def strongest(maps: Floats, count: int) -> npt.NDArray[np.int64]:
    """Numbers of the ``count`` maps of ``(C, h, w)`` with the largest mean magnitude, strongest first."""
    means = np.abs(maps).mean(axis=(1, 2))
    return np.argsort(-means, kind="stable")[:count]
