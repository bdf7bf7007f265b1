"""A picture through a network with parts switched off: masks, probabilities at a place, and how much has changed.

The encoder's maps are computed once (:func:`look`); every answer after that runs the decoder alone. Everything here
runs inside :func:`core.engine.inference.run`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.engine.inference import LoadedModel, run
from core.maths.geometry import pixel_at
from core.passes.segmentation import brought_to_size
from core.pictures.images import Picture

if TYPE_CHECKING:
    from torch import Tensor

    from core.models.shared import EncoderDecoder
    from core.passes.ablation import Encoded

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Look:
    """A picture behind the encoder.

    Attributes:
        network: whose encoder it was.
        encoded: its maps.
        size: (height, width) of the picture's pixels.
    """

    network: EncoderDecoder
    encoded: Encoded
    size: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Answer:
    """What a network says with some parts on.

    Attributes:
        ids: ``uint8 (H, W)`` class ids at the picture's own size.
        probabilities: ``float16 (21, h, w)`` at the size of the network's input.
    """

    ids: Bytes
    probabilities: npt.NDArray[np.float16]

    def at(self, x: float, y: float) -> npt.NDArray[np.float64]:
        """The probability of each class at a place given as shares of width and height, 0 to 1: ``(21,)``."""
        _, height, width = self.probabilities.shape
        row, column = pixel_at(y, height), pixel_at(x, width)
        return self.probabilities[:, row, column].astype(np.float64)


def look(model: LoadedModel, picture: Picture, output_stride: int = 0) -> Look:
    """Encode ``picture`` at the network's own scale; another ``output_stride`` than its own takes a copy of it."""
    from core.passes import ablation

    network: EncoderDecoder = model.module  # type: ignore[assignment]
    if output_stride and output_stride != model.spec.output_stride:
        network = ablation.at_stride(network, output_stride)
    height, width = picture.pixels.shape[:2]
    x = model.prepare(brought_to_size(model.spec, picture.pixels))
    return Look(network, run(ablation.encode, network, x).value, (height, width))


def answer(seen: Look, decoder: Callable[[EncoderDecoder, Encoded], Tensor]) -> Answer:
    """Mask and probabilities for the logits (1, 21, h, w) that ``decoder`` makes of the encoded picture."""
    import torch.nn.functional as F

    def decide() -> tuple[Tensor, Tensor]:
        logits = decoder(seen.network, seen.encoded)
        large = F.interpolate(logits, seen.size, mode="bilinear", align_corners=False)
        return large.argmax(1)[0].byte(), logits.softmax(1)[0].half()

    ids, probabilities = run(decide).value
    return Answer(ids.numpy(), probabilities.numpy())


def deeplab(seen: Look, on: Sequence[bool] = (True,) * 5, low_level: bool = True, times: int = 1) -> Answer:
    """DeepLabv3 or v3+ with branches of ASPP, or the low-level maps, switched off.

    Args:
        seen: the encoded picture.
        on: which branches speak: 1x1, the three rates, image pooling.
        low_level: whether the low-level maps of v3+ speak.
        times: multiplies the atrous rates of the branches, whose weights stay as they are.
    """
    from core.passes import ablation

    own = ablation.aspp_of(seen.network)
    aspp = ablation.with_rates(own, tuple(times * rate for rate in ablation.rates(own))) if times != 1 else None
    return answer(seen, lambda network, encoded: ablation.run_deeplab(network, encoded, on, low_level, aspp))


def pspnet(seen: Look, on: Sequence[bool] = (True,) * 4) -> Answer:
    """PSPNet with levels of its pyramid switched off, coarse to fine."""
    from core.passes import ablation

    return answer(seen, lambda network, encoded: ablation.run_pspnet(network, encoded, on))


def changed(before: Answer, after: Answer) -> float:
    """Share of the picture's pixels whose class is another one, 0 to 1."""
    return float((before.ids != after.ids).mean())


@dataclass(frozen=True, eq=False)
class Bins:
    """What each bin of PSPNet's pyramid adds.

    Attributes:
        vectors: per level, ``float32 (80, side, side)``, the pooled and reduced vectors after their ReLU.
        whole: ``float32 (21, h, w)`` scores with everything on, at the map's resolution.
        without: per level, ``float32 (side * side, 21, h, w)``: the scores without each bin.
        input_size: (height, width) of the network's input in pixels.
    """

    vectors: tuple[npt.NDArray[np.float32], ...]
    whole: npt.NDArray[np.float32]
    without: tuple[npt.NDArray[np.float32], ...]
    input_size: tuple[int, int]

    def changes(self, x: float, y: float, label: int) -> list[npt.NDArray[np.float64]]:
        """By how much the probability of class ``label`` at a place changes without each bin.

        Args:
            x, y: the place as shares of width and height, 0 to 1.
            label: the class.

        Returns:
            Per level, ``(side, side)`` from -1 to 1; negative where the bin speaks for the class.
        """
        import torch

        from core.passes.ablation import at_pixel

        height, width = self.input_size
        row, column = pixel_at(y, height), pixel_at(x, width)

        def probability(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
            at = at_pixel(torch.from_numpy(scores), self.input_size, row, column)
            return np.asarray(at.softmax(1)[:, label].double().numpy())

        before = probability(self.whole[None])[0]
        return [
            (probability(scores) - before).reshape(vector.shape[1:])
            for scores, vector in zip(self.without, self.vectors, strict=True)
        ]


def bins(seen: Look) -> Bins:
    """The vectors of PSPNet's pyramid and the scores without each of them."""
    from core.passes import ablation

    def compute() -> Bins:
        vectors = ablation.level_vectors(seen.network, seen.encoded)
        whole, without = ablation.bin_scores(seen.network, seen.encoded)
        return Bins(
            tuple(vector[0].numpy() for vector in vectors),
            whole[0].numpy(),
            tuple(scores.numpy() for scores in without),
            seen.encoded.size,
        )

    return run(compute).value
