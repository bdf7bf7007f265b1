"""Three heatmaps of one class, from which boxes can be read: class activation map, FCN's softmax, segmentation mask.

All are ``uint8 (h, w)`` at the size of the networks' input (:func:`core.concepts.localization.window_sweep.render`), 0
to 255. """

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from core.maths.boxes import Box, regions
from core.models.imagenet import class_names, groups
from core.pictures.labels import VOC

if TYPE_CHECKING:
    from core.engine.inference import LoadedModel
    from core.pictures.samples import Sample

Bytes = npt.NDArray[np.uint8]

_NAMES: dict[int, tuple[str, ...]] = {
    1: ("airliner", "warplane"),
    2: ("bicycle-built-for-two", "mountain bike"),
    4: ("canoe", "catamaran", "fireboat", "gondola", "lifeboat", "schooner", "speedboat", "trimaran", "yawl"),
    5: ("beer bottle", "pill bottle", "pop bottle", "water bottle", "wine bottle"),
    6: ("minibus", "school bus", "trolleybus"),
    7: ("ambulance", "beach wagon", "cab", "convertible", "jeep", "limousine", "minivan", "racer", "sports car"),
    9: ("barber chair", "folding chair", "rocking chair"),
    10: ("ox",),
    11: ("dining table",),
    13: ("sorrel",),
    14: ("moped", "motor scooter"),
    16: ("pot",),
    17: ("ram", "bighorn"),
    18: ("studio couch",),
    19: ("bullet train", "electric locomotive", "passenger car", "steam locomotive"),
    20: ("monitor", "screen", "television"),
}
_GROUPS = {3: "bird", 8: "cat", 12: "dog"}


def imagenet_ids(label: int) -> tuple[int, ...]:
    """ImageNet's classes that are of VOC's class ``label``, increasing; none for background and person."""
    if label in _GROUPS:
        return groups()[_GROUPS[label]].ids
    names = class_names()
    return tuple(sorted(names.index(name) for name in _NAMES.get(label, ())))


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

    from core.engine.inference import run
    from core.models.efficientnet import EfficientNetLite0Classifier

    network = model.module
    assert isinstance(network, EfficientNetLite0Classifier)

    x = model.prepare(pixels)
    height, width = pixels.shape[:2]

    def compute() -> Activation:
        padded = F.pad(x, (0, -width % 32, 0, -height % 32))
        features = network.features(padded)[0].permute(1, 2, 0)  # (rows, columns, 1280)
        maps = network.classifier(features).permute(2, 0, 1)  # (1000, rows, columns), before any averaging
        means = maps.mean((1, 2))
        label = max(wanted, key=lambda i: float(means[i])) if wanted else int(means.argmax())
        size = padded.shape[-2:]
        heat = F.interpolate(maps[label][None, None], size, mode="bilinear", align_corners=False)
        heat = heat[0, 0, :height, :width].clamp(min=0)
        return Activation((255 * heat / heat.max().clamp(min=1e-6)).round().byte().numpy(), label)

    return run(compute).value


def probabilities(model: LoadedModel, pixels: Bytes) -> Bytes:
    """A segmenter's softmax as ``uint8 (21, h, w)``: 255 times the probability, rounded."""
    from core.engine.inference import run

    x = model.prepare(pixels)
    return np.asarray(run(lambda: (255 * model.module(x).softmax(1)[0]).round().byte()).value.numpy())


def marked_box(truth: Bytes, label: int) -> Box | None:
    """The box around the largest region of class ``label`` in a reference mask ``uint8 (h, w)``."""
    found = regions(np.where(truth == label, 255, 0).astype(np.uint8), 255)
    return found[0].box if found else None


def reference_box(sample: Sample, label: int, original: tuple[int, int], size: tuple[int, int]) -> Box | None:
    """The box drawn by hand around the sample's animal, from pixels of its file to pixels of the networks' input.

    Args:
        sample: the bundled picture.
        label: class that is looked for; ``None`` comes back if the animal is of another.
        original, size: (width, height) of the file and of the networks' input.
    """
    if sample.box is None or VOC[label] not in sample.objects:
        return None
    x, y = size[0] / original[0], size[1] / original[1]
    left, top, right, bottom = sample.box
    return Box(round(left * x), round(top * y), round(right * x), round(bottom * y))
