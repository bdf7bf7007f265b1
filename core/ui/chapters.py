"""The chapter as a story: each network is the answer to a problem that the one before it left."""

from __future__ import annotations

from typing import NamedTuple

from core import facts
from core.errors import N_


class Chapter(NamedTuple):
    """One step of the story.

    Attributes:
        name: what the network is called in the field.
        source: its paper.
        page: the page that shows it, once there is one.
        problem: what was in the way.
        idea: what the paper did about it.
    """

    name: str
    source: facts.Source
    page: str
    problem: str
    idea: str


CHAPTERS = (
    Chapter(
        "FCN",
        facts.FCN,
        "fcn",
        N_("A classifier names a picture but not a place: its fully connected layers forget where."),
        N_("Read their weights as convolutions. One pass gives a score for every place, at any input size."),
    ),
    Chapter(
        "DeconvNet",
        facts.DECONVNET,
        "deconvnet",
        N_("Enlarging a coarse map in one leap loses outlines and small things."),
        N_("Go back up step by step: unpooling puts values where they came from, deconvolutions fill in between."),
    ),
    Chapter(
        "U-Net",
        facts.UNET,
        "unet",
        N_(
            "Large patches need more pooling, which costs localization; small ones see little context. Few labels, too."
        ),
        N_("A contracting and an expanding path, with skip connections that carry the fine maps across."),
    ),
    Chapter(
        "PSPNet",
        facts.PSPNET,
        "pspnet",
        N_("Looking at parts alone, a boat on a river becomes a car."),
        N_(
            "Pool the map over a pyramid of regions, from the whole picture down, and hand that context to every place."
        ),
    ),
    Chapter(
        "DeepLabv3",
        facts.DEEPLABV3,
        "deeplab",
        N_("Every pooling step widens the view and throws resolution away."),
        N_("Atrous convolution: spread the taps of a kernel, at several rates side by side, and keep the resolution."),
    ),
    Chapter(
        "DeepLabv3+",
        facts.DEEPLABV3PLUS,
        "deeplab",
        N_("Context in plenty, but the outlines stay soft."),
        N_("Add a small decoder that refines the mask with fine, early maps."),
    ),
)
