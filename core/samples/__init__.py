"""The bundled sample pictures: what each shows, who made it and under which licence (``SAMPLES.md`` tells more)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import N_

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Sample:
    """A bundled picture.

    Attributes:
        key: its name in URLs and on the command line.
        title: caption, also the text alternative; English, marked for translation.
        file: file name within ``core/samples``.
        kind: what sort of picture it is: ``"cat"``, ``"dog"``, ``"people"``, ``"street"``, ``"cells"``, ``"scene"``.
        author: who made it.
        licence: SPDX identifier, or ``"Public domain"``.
        source: the package it was taken from.
        objects: names of the things in it, most prominent first, from VOC's classes where they have a name there.
        box: ``(left, top, right, bottom)`` around the main animal, in pixels of the bundled file, right and bottom
            exclusive, drawn by hand; ``None`` where there is no main animal.
    """

    key: str
    title: str
    file: str
    kind: str
    author: str
    licence: str
    source: str
    objects: tuple[str, ...] = ()
    box: tuple[int, int, int, int] | None = None

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return FOLDER / self.file


SAMPLES: tuple[Sample, ...] = (
    Sample(
        key="cat",
        title=N_("A cat looks into the camera"),
        file="cat.jpg",
        kind="cat",
        author="Stéfan van der Walt",
        licence="CC0-1.0",
        source="scikit-image 0.26.0, skimage/data/chelsea.png",
        objects=("cat",),
        box=(0, 0, 451, 300),
    ),
)
