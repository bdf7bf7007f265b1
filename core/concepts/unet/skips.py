"""A U-Net with faders: encoded once, decoded with every skip connection at any strength, and what each one is worth.

The path down does not depend on the skip connections, so a picture goes down once. A fader at 100 % leaves its map
untouched, bit for bit; at 0 % the path up gets zeros instead. The network never met such maps in training: what is
seen is how much it relies on a connection, not how good a network without it could become.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from core.concepts.unet.receptive_field import DOWN, Reach, mobilenetv2, plain, reaches
from core.concepts.unet.receptive_field import UP as RISING
from core.engine.inference import LoadedModel, run
from core.engine.tracing import Hooks
from core.errors import N_, SegScopeError
from core.maths import metrics
from core.maths.nuclei import Labels, cut, nucleus
from core.models.mobilenetv2 import Standard
from core.models.shared import EncoderDecoder, extend, resize
from core.models.unet import LEVELS, MARGIN, STEP, UNet, UNetDecoder, input_side, output_side
from core.passes.counting import given, reduced_size
from core.passes.feature_maps import Spot, Stage, capture, pyramid
from core.passes.segmentation import brought_to_size
from core.passes.tiling import mirror
from core.pictures.images import Picture

Bytes = npt.NDArray[np.uint8]
NETWORKS = ("unet", "unet-mobilenetv2", "unet-nuclei", "unet-em")
TILE = 572
"""Side of the unpadded network's input, as in the paper."""
FULL = (1.0,) * LEVELS


class SkipsError(SegScopeError):
    """A network without skip connections to fade."""


@dataclass(frozen=True, eq=False)
class Down:
    """A picture at the bottom of the U.

    Attributes:
        model: the network.
        pixels: what it was given, ``uint8 (h, w, 3)``, before it was filled up.
        place: (left, top, width, height) of the answer on ``pixels``.
        origin: (left, top) of ``pixels`` on the picture where they were cut out; ``None`` where it was resized.
        maps: what the path up reads, finest first.
        stages: the stages of the path down.
        filled: (height, width) of the input after it was filled up.
    """

    model: LoadedModel
    pixels: Bytes
    place: tuple[int, int, int, int]
    origin: tuple[int, int] | None
    maps: tuple[Tensor, ...]
    stages: tuple[Stage, ...]
    filled: tuple[int, int]

    def reaches(self) -> tuple[dict[str, Reach], dict[str, Reach]]:
        """What the cells of each stage see of ``pixels``: along the rows, and along the columns."""
        network = self.model.module
        nodes = plain(network.padded) if isinstance(network, UNet) else mobilenetv2()
        height, width = self.pixels.shape[:2]
        return reaches(nodes, self.filled[0], height), reaches(nodes, self.filled[1], width)


class Up(NamedTuple):
    """The answer for one setting of the faders.

    Attributes:
        ids: ``uint8 (h, w)`` class ids; of the network for nuclei, 0 and 1 for a nucleus.
        stages: of the path up.
        seconds: of the path up.
        nuclei: ``int32 (h, w)``, one number per nucleus; ``None`` where the network does not count.
    """

    ids: Bytes
    stages: tuple[Stage, ...]
    seconds: float
    nuclei: Labels | None = None


class Score(NamedTuple):
    """Agreement of a mask with a reference: mean IoU over the classes that occur, and F1 of the outlines; 0 to 1."""

    miou: float
    boundary: float


def spots(network: nn.Module) -> tuple[list[Spot], list[Spot]]:
    """The stages of the path down and of the path up.

    Raises:
        SkipsError: the network is no U-Net.
    """
    if isinstance(network, UNet):
        outputs = [*(f"contracting.{i}" for i in range(LEVELS)), "bottom"]
        down = [Spot(name, output) for name, output in zip(DOWN, outputs, strict=True)]
        prefix = ""
    elif isinstance(network, EncoderDecoder) and isinstance(network.decoder, UNetDecoder):
        *down, deepest = pyramid(DOWN)
        prefix = "decoder."
        down.append(Spot(deepest.name, f"{prefix}bottom", (*deepest.parts, f"{prefix}bottom")))
    else:
        raise SkipsError(N_("This network has no skip connections to fade."))
    up = [
        Spot(name, f"{prefix}expanding.{i}", (f"{prefix}up.{i}", f"{prefix}expanding.{i}"))
        for i, name in enumerate(RISING)
    ]
    return down, up


def prepare(model: LoadedModel, picture: Picture) -> tuple[Bytes, tuple[int, int] | None, Tensor]:
    """What the network is given: pixels, their origin where they were cut out, and the input tensor, filled up."""
    height, width = picture.pixels.shape[:2]
    if model.spec.labels == "nuclei":
        seen = given(model.spec, picture.pixels)
        planes = torch.from_numpy(np.ascontiguousarray(np.moveaxis(seen, -1, 0)))
        sides = [input_side(side) for side in seen.shape[:2]]
        pixels = mirror(planes, -MARGIN, -MARGIN, *sides).numpy().transpose(1, 2, 0)
        return pixels, (-MARGIN, -MARGIN), model.prepare(pixels)
    if model.spec.labels == "em":
        side = output_side(TILE)
        top, left = (height - side) // 2 - MARGIN, (width - side) // 2 - MARGIN
        planes = torch.from_numpy(np.ascontiguousarray(np.moveaxis(picture.pixels, -1, 0)))
        pixels = mirror(planes, top, left, TILE, TILE).numpy().transpose(1, 2, 0)
        return pixels, (left, top), model.prepare(pixels).mean(1, keepdim=True)
    pixels = brought_to_size(model.spec, picture.pixels)
    x = model.prepare(pixels)
    if isinstance(model.module, UNet):
        return pixels, None, F.pad(x, (0, -x.shape[-1] % STEP, 0, -x.shape[-2] % STEP), mode="replicate")
    return pixels, None, extend(x)


def _encode(network: Any, x: Tensor) -> list[Tensor]:
    """What the path up reads, finest first; the block at the bottom runs too, so that it can be watched."""
    if isinstance(network, UNet):
        return network.encode(x)
    maps: list[Tensor] = network.encoder.forward_features(x)
    network.decoder.bottom(maps[-1])
    return maps


def descend(model: LoadedModel, picture: Picture) -> Down:
    """The path down, watched."""
    pixels, origin, x = prepare(model, picture)
    down, _up = spots(model.module)
    maps, stages = run(capture, model.module, down, lambda: _encode(model.module, x)).value
    height, width = pixels.shape[:2]
    place = (0, 0, width, height) if origin is None else (MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN)
    if model.spec.labels == "nuclei":  # the answer for the picture alone, without what fills up the valid size
        place = (MARGIN, MARGIN, *reduced_size(model.spec, picture.pixels.shape[1], picture.pixels.shape[0]))
    return Down(model, pixels, place, origin, tuple(maps), tuple(stages), (x.shape[-2], x.shape[-1]))


def scores(down: Down, gains: Sequence[float] = FULL) -> Tensor:
    """(1, classes, h, w): what the network answers, at its input's resolution. Call it through ``inference.run``."""
    network: Any = down.model.module
    _left, _top, width, height = down.place
    if isinstance(network, UNet):
        return network.decode(down.maps, gains)[..., :height, :width]
    answer = network.decoder(down.maps, gains)
    like = torch.empty(1, 1, *down.filled, device="meta")
    return resize(answer, like)[..., :height, :width]


def ascend(down: Down, gains: Sequence[float] = FULL) -> Up:
    """The path up with the skip connections at ``gains``, finest first, watched."""
    _down, up = spots(down.model.module)
    timed = run(capture, down.model.module, up, lambda: scores(down, gains))
    answer, stages = timed.value
    found = cut(_probabilities(answer)) if down.model.spec.labels == "nuclei" else None
    return Up(_ids(down, answer), tuple(stages), timed.seconds, found)


def _probabilities(answer: Tensor) -> npt.NDArray[np.float32]:
    """``(1, classes, h, w)`` scores -> ``(classes, h, w)``."""
    probabilities: npt.NDArray[np.float32] = answer[0].softmax(0).numpy()
    return probabilities


def _ids(down: Down, answer: Tensor) -> Bytes:
    """``(1, classes, h, w)`` scores -> ``uint8 (h, w)``; rim and core of a nucleus are one class."""
    if down.model.spec.labels == "nuclei":
        return nucleus(_probabilities(answer)).astype(np.uint8)
    return answer.argmax(1)[0].byte().numpy()


def mask(down: Down, gains: Sequence[float] = FULL) -> Bytes:
    """The answer alone: ``uint8 (h, w)``."""
    return run(lambda: _ids(down, scores(down, gains))).value


def reference_on(down: Down, ids: Bytes) -> Bytes:
    """A mask of the picture, brought to the answer's pixels (nearest, without mixing ids)."""
    _left, _top, width, height = down.place
    return np.asarray(Image.fromarray(ids).resize((width, height), Image.Resampling.NEAREST))


def score(ids: Bytes, reference: Bytes) -> Score:
    """How far a mask agrees with a reference of the same size."""
    classes = 1 + max(int(ids.max()), int(reference[reference != metrics.VOID].max(initial=0)))
    return Score(metrics.mean_iou(metrics.confusion(reference, ids, classes)), metrics.boundary_score(reference, ids))


def worth(down: Down, reference: Bytes) -> list[Score]:
    """What each skip connection is worth, finest first: how much the score drops when it alone is cut."""
    whole = score(mask(down), reference)
    without = [score(mask(down, [float(i != cut) for i in range(LEVELS)]), reference) for cut in range(LEVELS)]
    return [Score(whole.miou - each.miou, whole.boundary - each.boundary) for each in without]


def _silencing(network: nn.Module, spot: Spot) -> tuple[nn.Module, Tensor | None]:
    """Where the channels of a stage are silenced, and each one's value then: ``(C,)``, or ``None`` for zeros.

    On the shared encoder that is before anything reads them, the next stage included: they are linear, so silence is a
    channel's mean, which is 0 in the units in which the decoder gets it.
    """
    standard = network.get_submodule(spot.output)
    if not isinstance(standard, Standard):
        return standard, None
    return network.get_submodule(spot.parts[-2]), standard.mean


def effects(down: Down, picture: Picture, name: str, channels: Sequence[int]) -> list[float]:
    """Share of the mask's pixels that change when a channel of stage ``name`` is silenced, 0 to 1, one per channel."""
    network: Any = down.model.module
    below, above = spots(network)
    module, silent = _silencing(network, next(s for s in (*below, *above) if s.name == name))
    _pixels, _origin, x = prepare(down.model, picture)
    untouched, out = mask(down), []
    now = [0]

    def silence(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
        output = output.clone()
        output[:, now[0]] = 0 if silent is None else silent[now[0]]
        return output

    def answer() -> Bytes:
        maps = tuple(_encode(network, x)) if name in DOWN else down.maps
        return _ids(down, scores(replace(down, maps=maps)))

    def every() -> list[float]:
        with Hooks() as hooks:  # nobody else's pass is silenced
            hooks.after(module, silence)
            for channel in channels:
                now[0] = channel
                out.append(float((answer() != untouched).mean()))
        return out

    return run(every).value
