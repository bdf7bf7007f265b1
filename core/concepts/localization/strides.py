"""What a stride costs in place: one network with the same weights, its map read every 8, 16 or 32 pixels.

A wider field of view comes with more strides in every network of the chapter, so the two are hard to tell apart. Here
they are apart: strides are traded for atrous rates (:meth:`core.models.mobilenetv2.MobileNetV2.set_output_stride`), so
that every cell sees the same pixels at each output stride, and only the distance from cell to cell changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from core.concepts.localization.window_sweep import Bytes, Grade, ceiling, grade

if TYPE_CHECKING:
    from core.engine.inference import LoadedModel
    from core.models.shared import EncoderDecoder

NETWORK = "deeplabv3-released"
"""Has no decoder and no branches with rates of their own: what differs between the strides is the encoder's density."""
STRIDES = (8, 16, 32)


class Read(NamedTuple):
    """A picture read at one output stride.

    Attributes:
        stride: input pixels from cell to cell.
        ids: the mask, ``uint8 (h, w)``.
        grade: against what counts as right.
        limit: the boundary score that this stride permits at best (:func:`core.concepts.localization.window_sweep`'s
            ``ceiling``), 0 to 1.
    """

    stride: int
    ids: npt.NDArray[np.uint8]
    grade: Grade
    limit: float


def read(model: LoadedModel, pixels: Bytes, truth: Bytes | None) -> tuple[Read, ...]:
    """The picture at each of :data:`STRIDES`, finest first.

    Args:
        model: a network on the shared encoder.
        pixels: of :func:`core.concepts.localization.window_sweep.render`.
        truth: what counts as right, ``uint8 (h, w)``; ``None``: the answer at the finest stride.
    """
    from core.engine.inference import run
    from core.passes import ablation

    x = model.prepare(pixels)
    module: EncoderDecoder = model.module  # type: ignore[assignment]

    def answer(stride: int) -> Bytes:
        network = ablation.at_stride(module, stride)
        return np.asarray(run(lambda: network(x).argmax(1)[0].byte()).value.numpy())

    answers = [answer(stride) for stride in STRIDES]
    right = answers[0] if truth is None else truth
    return tuple(
        Read(stride, ids, grade(right, ids), ceiling(right, stride))
        for stride, ids in zip(STRIDES, answers, strict=True)
    )
