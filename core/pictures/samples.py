"""The bundled sample pictures: what each shows, who made it and under which licence (``SAMPLES.md`` tells more).

What is in a picture was decided by eye, enlarged, before any network was asked, by the guidelines of VOC's annotators
(http://host.robots.ox.ac.uk/pascal/VOC/voc2007/guidelines.html): every object of VOC's classes that can be told, whole
or in part, also from behind and in a mirror; not what is very small or cannot be told, which is void in the mask. "Very
small" is less than 0.2 % of the picture here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import N_

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Sample:
    """A bundled picture.

    Attributes:
        key: its name in URLs and on the command line.
        title: caption, also the text alternative; English, marked for translation.
        file: file name within ``core/samples``.
        kind: what sort of picture it is: ``"cat"``, ``"dog"``, ``"people"``, ``"street"``, ``"cells"``, ``"scene"``,
            ``"nuclei"``.
        author: who made it.
        licence: SPDX identifier, or ``"Public domain"``.
        source: the package it was taken from.
        objects: names of the things in it, most prominent first; every one of VOC's classes that is there under its
            name in :data:`core.pictures.labels.VOC`.
        box: ``(left, top, right, bottom)`` around the main animal, in pixels of the bundled file, right and bottom
            exclusive, drawn by hand; ``None`` where there is no main animal.
        instances: file within ``core/samples`` with the true nuclei, a 16-bit PNG of the picture's size: 0 outside,
            1, 2, 3 ... one number per nucleus; empty where nobody has counted any.
        labels: which names the ids in its reference mask have: ``"voc-21"``, ``"cells"`` (1 is a cell) or
            ``"nuclei"``, whose reference are the ``instances``.
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
    instances: str = ""
    labels: Literal["voc-21", "cells", "nuclei"] = "voc-21"

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return FOLDER / self.file

    @property
    def mask(self) -> Path:
        """Where its reference mask lies: a palette PNG of class ids, 255 for void, of the picture's size.

        A sample with ``instances`` has none: they say more.
        """
        return FOLDER / "masks" / f"{self.key}.png"


_SKIMAGE = "scikit-image 0.26.0, skimage/data/"
_BOWL = "2018 Data Science Bowl, stage 1 (Broad Bioimage Benchmark Collection, BBBC038v1), "
_BOWL_AUTHOR = "Broad Bioimage Benchmark Collection (Caicedo et al., 2019)"
_GCOMPRIS = "GCompris 3.1 (Debian package gcompris-qt-data 3.1-2), "

SAMPLES: tuple[Sample, ...] = (
    Sample(
        key="kitten",
        title=N_("A kitten plays with a ball of wool"),
        file="kitten.jpg",
        kind="cat",
        author="Loliloli",
        licence="Public domain",
        source=_GCOMPRIS + "explore_farm_animals/cat.webp",
        objects=("cat", "ball of wool"),
        box=(142, 82, 767, 420),
    ),
    Sample(
        key="cat",
        title=N_("The face of a cat, close up"),
        file="cat.jpg",
        kind="cat",
        author="Stéfan van der Walt",
        licence="CC0-1.0",
        source=_SKIMAGE + "chelsea.png",
        objects=("cat",),
        box=(0, 0, 400, 300),
    ),
    Sample(
        key="dog",
        title=N_("A German shepherd stands in a meadow"),
        file="dog.jpg",
        kind="dog",
        author="Hans Kemperman",
        licence="Public domain",
        source=_GCOMPRIS + "explore_farm_animals/dog.webp",
        objects=("dog",),
        box=(30, 20, 682, 548),
    ),
    Sample(
        key="people",
        title=N_("Musicians of a mariachi band"),
        file="people.jpg",
        kind="people",
        author="Elidealista",
        licence="CC0-1.0",
        source=_GCOMPRIS + "explore_world_music/mexico.webp",
        # A TV from behind is a TV (VOC: "standalone screens"); the chairs stand behind the band and at the left edge.
        objects=("person", "TV monitor", "chair"),
    ),
    Sample(
        key="street",
        title=N_("Parked cars and trees in front of a Roman basilica"),
        file="street.jpg",
        kind="street",
        author="Berthold Werner",
        licence="Public domain",
        source=_GCOMPRIS + "explore_monuments/aulaPalatina.webp",
        objects=("car",),  # the passers-by at the wall are seven pixels wide: very small
    ),
    Sample(
        key="horses",
        title=N_("Three horses and two foals on a hill"),
        file="horses.jpg",
        kind="scene",
        author="Seth Zeigler",
        licence="CC0-1.0",
        source=_GCOMPRIS + "explore_farm_animals/horse.webp",
        objects=("horse",),
    ),
    Sample(
        key="coffee",
        title=N_("A cup of coffee with saucer and spoon on a table"),
        file="coffee.jpg",
        kind="scene",
        author="Rachel Michetti",
        licence="CC0-1.0",
        source=_SKIMAGE + "coffee.png",
        # VOC: "only tables for eating at", which a table under a cup of coffee is. What stands on it counts as table,
        # as in VOC's own masks: plates, cups and cutlery are never cut out there.
        objects=("cup", "dining table", "saucer", "spoon"),
    ),
    Sample(
        key="portrait",
        title=N_("Portrait of the astronaut Eileen Collins"),
        file="portrait.jpg",
        kind="people",
        author="NASA",
        licence="Public domain",
        source=_SKIMAGE + "astronaut.png",
        objects=("person",),  # the aeroplane-like thing is a model of a space shuttle, the table no dining table
    ),
    Sample(
        key="cells",
        title=N_("A cell floating in salt water, seen by its phase"),
        file="cells.jpg",
        kind="cells",
        author="Paul Müller et al.",
        licence="CC0-1.0",
        source=_SKIMAGE + "cell.png",
        objects=("cell",),
        labels="cells",
    ),
    Sample(
        key="nuclei",
        title=N_("Nuclei of cells, glowing in the dark"),
        file="nuclei.jpg",
        kind="nuclei",
        author=_BOWL_AUTHOR,
        licence="CC0-1.0",
        source=_BOWL + "05040e2e959c",
        objects=("cell nucleus",),
        instances="instances/nuclei.png",
        labels="nuclei",
    ),
    Sample(
        key="nuclei-tissue",
        title=N_("Nuclei of cells in tissue, stained violet"),
        file="nuclei-tissue.jpg",
        kind="nuclei",
        author=_BOWL_AUTHOR,
        licence="CC0-1.0",
        source=_BOWL + "0e4c2e2780de",
        objects=("cell nucleus",),
        instances="instances/nuclei-tissue.png",
        labels="nuclei",
    ),
    Sample(
        key="nuclei-grey",
        title=N_("Cells of a smear in grey, with small dark nuclei"),
        file="nuclei-grey.jpg",
        kind="nuclei",
        author=_BOWL_AUTHOR,
        licence="CC0-1.0",
        source=_BOWL + "1a1155256916",
        objects=("cell nucleus",),
        instances="instances/nuclei-grey.png",
        labels="nuclei",
    ),
)
