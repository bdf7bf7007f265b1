"""Three heatmaps of one class, from which boxes can be read: class activation map, FCN's softmax, segmentation mask.

All are ``uint8 (h, w)`` at the size of the networks' input (:func:`core.window_sweep.render`), 0 to 255.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from core.localize import Box

if TYPE_CHECKING:
    from core.inference import LoadedModel
    from core.samples import Sample

Bytes = npt.NDArray[np.uint8]


class Activation(NamedTuple):
    """A class activation map: the heat, and the ImageNet class that it is about."""

    heat: Bytes
    label: int


def activation(model: LoadedModel, pixels: Bytes, wanted: tuple[int, ...] = ()) -> Activation:
    """The classifier's score map of its best class (Zhou et al., CVPR 2016): negative is 0, the largest value 255.

    Args:
        model: a classifier that averages its last map, so that the score map's mean is the classifier's score.
        pixels: ``uint8 (h, w, 3)``.
        wanted: ImageNet ids from which the best is taken; all thousand when empty.
    """
    import torch.nn.functional as F

    from core.heatmaps import converted
    from core.inference import run

    x = model.prepare(pixels)
    height, width = pixels.shape[:2]

    def compute() -> Activation:
        padded = F.pad(x, (0, -width % 32, 0, -height % 32))
        maps = converted(model)(padded)[0]  # (1000, rows, columns)
        means = maps.mean((1, 2))
        label = max(wanted, key=lambda i: float(means[i])) if wanted else int(means.argmax())
        size = padded.shape[-2:]
        heat = F.interpolate(maps[label][None, None], size, mode="bilinear", align_corners=False)
        heat = heat[0, 0, :height, :width].clamp(min=0)
        return Activation((255 * heat / heat.max().clamp(min=1e-6)).round().byte().numpy(), label)

    return run(compute).value


def probabilities(model: LoadedModel, pixels: Bytes) -> Bytes:
    """A segmenter's softmax as ``uint8 (21, h, w)``: 255 times the probability, rounded."""
    from core.inference import run

    x = model.prepare(pixels)
    return np.asarray(run(lambda: (255 * model.module(x).softmax(1)[0]).round().byte()).value.numpy())


def reference_box(sample: Sample, original: tuple[int, int], size: tuple[int, int]) -> Box | None:
    """The box drawn by hand around the sample's animal, from pixels of its file to pixels of the networks' input."""
    if sample.box is None:
        return None
    x, y = size[0] / original[0], size[1] / original[1]
    left, top, right, bottom = sample.box
    return Box(round(left * x), round(top * y), round(right * x), round(bottom * y))
