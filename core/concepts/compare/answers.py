"""What networks say about one picture, packed for keeping and for a browser, and where they differ."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.concepts.compare import votes as comparison
from core.concepts.compare.votes import Bytes, Label
from core.pictures.images import encode_png


@dataclass(frozen=True, eq=False)
class Answer:
    """What one network says about the picture, in a few kilobytes.

    Attributes:
        png: the class ids as a grey PNG of the size of the picture's ``pixels``, for the browser.
        labels: where to write the classes' names.
        areas: share of the picture that each class takes, ``float64 (21,)``.
    """

    png: bytes
    labels: tuple[Label, ...]
    areas: npt.NDArray[np.float64]

    @property
    def ids(self) -> Bytes:
        """``uint8 (H, W)`` class ids, unpacked anew: they take a hundred times as much memory."""
        return np.asarray(Image.open(io.BytesIO(self.png)))


def answer(ids: Bytes) -> Answer:
    """``ids`` with what a page needs to show them."""
    return Answer(encode_png(ids, compress_level=6), tuple(comparison.labels(ids)), comparison.areas([ids])[0])


@dataclass(frozen=True, eq=False)
class Votes:
    """Where the masks of two or more networks differ (see :mod:`core.concepts.compare.votes`).

    Attributes:
        names: whose masks.
        answers, entropy: grey PNGs: the number of different answers itself; the entropy, of which 255 is ``bits``.
        most: largest number of different answers at a pixel.
        bits: largest possible entropy, log2 of the number of networks.
        agreement: share of pixels on which all agree.
        dissent: by network, its mean difference from the others.
        disputed: by class id, the share of the picture over which the networks disagree about it.
    """

    names: tuple[str, ...]
    answers: bytes
    entropy: bytes
    most: int
    bits: float
    agreement: float
    dissent: dict[str, float]
    disputed: dict[int, float]


def votes(masks: Mapping[str, Bytes]) -> Votes:
    """Count the votes of two or more masks."""
    every, bits = list(masks.values()), float(np.log2(len(masks)))
    answers = comparison.answers(every)
    entropy = (comparison.entropy(every) / bits * 255).round().astype(np.uint8)
    return Votes(
        names=tuple(masks),
        answers=encode_png(answers, compress_level=6),
        entropy=encode_png(entropy, compress_level=6),
        most=int(answers.max()),
        bits=bits,
        agreement=float((answers == 1).mean()),
        dissent=dict(zip(masks, comparison.dissent(every), strict=True)),
        disputed=comparison.disputed(every),
    )
