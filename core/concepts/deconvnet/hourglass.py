"""DeconvNet at work on one picture: every depth of the way down and of the way up, from a single traced pass.

Two networks climb in the same way, by unpooling and 3x3 deconvolutions:

* ``deconvnet-mobilenetv2``: its path up on the shared encoder. It sees the whole photo, whose maps have odd sides:
  321 -> 161 -> 81 -> 41 -> 21 -> 11 and back to 161. The switches are those of a max pooling of the encoder's maps,
  which nothing but the path up reads.
* ``deconvnet``: the paper's layers in slim width. It sees the central square of the picture at 224 x 224, the size at
  which fc6 gives exactly one cell: 224 -> 112 -> 56 -> 28 -> 14 -> 7 -> 1 and back.

The pass is the untouched network's; the unpooled maps and the switches, which no layer outputs, are computed from its
activations by :mod:`core.concepts.deconvnet.unpooling`, which agrees with PyTorch to the last bit.

Source: Noh, Hong, Han, "Learning Deconvolution Network for Semantic Segmentation", ICCV 2015, figure 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.concepts.deconvnet import unpooling
from core.concepts.deconvnet.unpooling import POOLINGS, Bytes
from core.errors import N_, SegScopeError
from core.passes.segmentation import brought_to_size

if TYPE_CHECKING:
    from torch import Tensor, nn

    from core.engine.inference import LoadedModel
    from core.models.entry import ModelSpec
    from core.passes.feature_maps import Spot, Stage  # imports PyTorch
    from core.pictures.images import Picture

Floats = npt.NDArray[np.float32]
Size = tuple[int, int]
"""(height, width) in cells."""

SHARED, SLIM = "deconvnet-mobilenetv2", "deconvnet"
NETWORKS = (SHARED, SLIM)
SIDE = 224
"""Side of the square that the slim network sees, in pixels."""


class HourglassError(SegScopeError):
    """A network that does not climb by unpooling."""


@dataclass(frozen=True, eq=False)
class Level:
    """One pooling and the unpooling that undoes it.

    Attributes:
        depth: 1 for the finest pooling.
        before: what is pooled on the way down, ``(C, H, W)``.
        incoming: what the way up has at the small size, ``(s C, h, w)``; channel ``c`` takes the switches of channel
            ``c mod C``, so that a way up that is ``s`` times as wide takes them in turn.
        dense: what the deconvolutions make of the unpooled ``incoming``, ``(C', H, W)``.
    """

    depth: int
    before: Floats
    incoming: Floats
    dense: Floats

    @cached_property
    def switches(self) -> Bytes:
        """Which of the four cells of each window won, ``uint8 (s C, h, w)``; see
        :func:`core.concepts.deconvnet.unpooling.pool`."""
        own = unpooling.pool(self.before, ceil=True)[1]
        return np.tile(own, (len(self.incoming) // len(own), 1, 1))

    @property
    def unpooled(self) -> Floats:
        """``incoming``, each value at its switch: ``(s C, H, W)``."""
        return unpooling.unpool(self.incoming, self.switches, self.size)

    def only(self, channels: npt.NDArray[np.int64]) -> Level:
        """The level with these channels of ``incoming`` alone, and those of ``before`` whose switches they take."""
        return replace(self, before=self.before[channels % len(self.before)], incoming=self.incoming[channels])

    @property
    def size(self) -> Size:
        """Of the large map."""
        height, width = self.before.shape[-2:]
        return height, width

    @property
    def small(self) -> Size:
        """Of the small map."""
        height, width = self.incoming.shape[-2:]
        return height, width

    @property
    def empty(self) -> tuple[float, float]:
        """Share of exact zeros in all channels, after the unpooling and after the deconvolutions."""
        cells = len(self.incoming) * self.size[0] * self.size[1]
        return 1 - np.count_nonzero(self.incoming) / cells, 1 - np.count_nonzero(self.dense) / self.dense.size


@dataclass(frozen=True, eq=False)
class Hourglass:
    """All depths of one pass.

    Attributes:
        network: one of :data:`NETWORKS`.
        pixels: what the network saw, ``uint8 (h, w, 3)``.
        filled: (height, width) in pixels to which it was extended, to the right and below.
        stages: in the order in which they ran: those in front of the poolings, the middle, those of the way up.
        poolings: how many there are.
        scores: of the classes, at the resolution at which the way up ends: ``(classes, H, W)``.
        ids: the class of every pixel, ``uint8 (h, w)``.
        seconds: of the pass.
    """

    network: str
    pixels: Bytes
    filled: Size
    stages: tuple[Stage, ...]
    poolings: int
    scores: Floats
    ids: Bytes
    seconds: float

    @property
    def shared(self) -> bool:
        """Whether the way down is the shared encoder."""
        return self.network == SHARED

    @property
    def down(self) -> tuple[Stage, ...]:
        """The stages in front of the poolings, finest first."""
        return self.stages[: self.poolings]

    @property
    def middle(self) -> tuple[Stage, ...]:
        """fc6 and fc7; on the shared encoder its coarsest map, of which nothing is pooled."""
        return self.stages[self.poolings : -self.poolings - 1]

    @property
    def up(self) -> tuple[Stage, ...]:
        """What the way up begins with and the blocks behind the unpoolings, coarsest first."""
        return self.stages[-self.poolings - 1 :]

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The poolings with what undoes them, finest first."""
        small = [stage.maps for stage in reversed(self.up)]
        return tuple(Level(i + 1, self.down[i].maps, small[i + 1], small[i]) for i in range(self.poolings))

    def jump(self, stage: Stage) -> float:
        """Pixels from one cell of a stage's maps to the next."""
        cells = stage.maps.shape[-1]
        return (self.filled[1] - 1) / (cells - 1) if self.shared else self.filled[1] / cells

    def left(self, stage: Stage) -> float:
        """Where cell 0 of a stage's maps begins on ``pixels``, along either axis: on the shared encoder a cell stands
        **at** a pixel, so that half of the first one lies outside."""
        return 0.5 - self.jump(stage) / 2 if self.shared else 0.0

    def probability(self, target: int) -> Floats:
        """The probability of a class at every pixel, ``(h, w)``. Needs PyTorch."""
        import torch

        height, width = self.pixels.shape[:2]
        scores = _to_pixels(torch.from_numpy(self.scores)[None], self.filled)
        return np.asarray(scores.softmax(1)[0, target, :height, :width].numpy())


def given(entry: ModelSpec, picture: Picture) -> Bytes:
    """What network ``entry`` sees of the picture: the slim one its central square, the other the whole photo at the
    scale of its training; ``uint8 (h, w, 3)``."""
    if entry.name == SLIM:
        return square(picture)
    return brought_to_size(entry, picture.pixels)


def square(picture: Picture, side: int = SIDE) -> Bytes:
    """The central square of the picture, ``uint8 (side, side, 3)``."""
    height, width = picture.pixels.shape[:2]
    cut = min(height, width)
    left, top = (width - cut) // 2, (height - cut) // 2
    box = (left, top, left + cut, top + cut)
    return np.asarray(Image.fromarray(picture.pixels).resize((side, side), Image.Resampling.BILINEAR, box))


def _to_pixels(scores: Tensor, filled: Size) -> Tensor:
    """Scores enlarged to the extended picture where the way up ends at half its resolution."""
    import torch

    from core.models.shared import resize

    if scores.shape[-2:] == filled:
        return scores
    return resize(scores, torch.empty(1, 1, *filled, device="meta"))


def _spots(network: nn.Module) -> list[Spot]:
    """The stages, in the order in which they run.

    Raises:
        HourglassError: the network does not climb by unpooling.
    """
    from core.models.deconvnet import DeconvNet, SwitchDecoder
    from core.models.shared import EncoderDecoder
    from core.passes.feature_maps import Spot, pyramid

    if isinstance(network, DeconvNet):
        return [
            *(Spot(f"down-{i + 1}", f"down.{i}") for i in range(POOLINGS)),
            *(Spot(path.replace("_", "-"), path) for path in ("fc6", "fc7", "deconv_fc6")),
            *(Spot(f"up-{POOLINGS - i}", f"up.{i}") for i in range(POOLINGS)),
        ]
    if isinstance(network, EncoderDecoder) and isinstance(network.decoder, SwitchDecoder):
        count = len(network.decoder.up)
        return [
            *pyramid([*(f"down-{i + 1}" for i in range(count)), "deepest"]),
            Spot("bottom", "decoder.bottom"),
            *(Spot(f"up-{count - i}", f"decoder.up.{i}") for i in range(count)),
        ]
    raise HourglassError(N_("This network does not climb by unpooling."))


def look(model: LoadedModel, picture: Picture) -> Hourglass:
    """One traced pass over what the network sees of ``picture``.

    Raises:
        HourglassError: the network does not climb by unpooling.
    """
    from core.engine.inference import run
    from core.models.deconvnet import DeconvNet
    from core.models.shared import extend
    from core.passes.feature_maps import capture

    network: Any = model.module
    spots, slim = _spots(network), isinstance(network, DeconvNet)
    pixels = given(model.spec, picture)
    height, width = pixels.shape[:2]
    x = model.prepare(pixels) if slim else extend(model.prepare(pixels))
    filled = (x.shape[-2], x.shape[-1])

    def scored() -> tuple[Tensor, Tensor]:
        scores = network(x) if slim else network.decoder(network.encoder.forward_features(x))
        return scores[0], _to_pixels(scores, filled)[..., :height, :width].argmax(1)[0].byte()

    timed = run(lambda: capture(network, spots, scored))
    (scores, ids), stages = timed.value
    poolings = len(network.up if slim else network.decoder.up)
    name = SLIM if slim else SHARED
    return Hourglass(name, pixels, filled, tuple(stages), poolings, scores.numpy(), ids.numpy(), timed.seconds)


def without_switches(model: LoadedModel, start: Floats, sizes: Sequence[Size], filled: Size, pixels: Size) -> Bytes:
    """The mask that the trained way up gives when every switch points at the corner of its window.

    Args:
        model: one of :data:`NETWORKS`.
        start: what the way up begins with, the maps of ``Hourglass.up[0]``, ``(C, h, w)``; it knows nothing else of
            the picture then.
        sizes: of the large map of each level, finest first.
        filled: see :class:`Hourglass`.
        pixels: (height, width) of the answer.

    Returns:
        ``uint8`` class ids of that size.
    """
    import torch

    from core.engine.inference import run
    from core.models.deconvnet import unpool

    network: Any = model.module
    up = getattr(network, "decoder", network)

    def answer() -> Tensor:
        x = torch.from_numpy(start)[None]
        for block, (height, width) in zip(up.up, reversed(sizes), strict=True):
            corners = 2 * torch.arange(x.shape[-2])[:, None] * width + 2 * torch.arange(x.shape[-1])  # (h, w)
            x = block(unpool(x, corners.expand(x.shape), (height, width)))
        return _to_pixels(up.score(x), filled)[..., : pixels[0], : pixels[1]].argmax(1)[0].byte()

    ids: Bytes = run(answer).value.numpy()
    return ids


def strongest(maps: Floats, count: int) -> npt.NDArray[np.int64]:
    """Numbers of the ``count`` maps of ``(C, h, w)`` with the largest mean magnitude, strongest first."""
    means = np.abs(maps).mean(axis=(1, 2))
    return np.argsort(-means, kind="stable")[:count]
