"""One picture under five questions, from a name for all of it to an object for every pixel; answered by hand."""

from __future__ import annotations

import base64

import numpy as np

from core.concepts.home import tasks
from core.pictures import images
from core.pictures.images import encode_jpeg, encode_png
from core.pictures.labels import VOC
from core.ui import takeaway
from core.ui.component import register
from core.ui.kit import standing
from core.ui.language import gettext as _
from core.viz.overlays import class_colours

_mount = register(__file__, room=(560, 380))

KEY = "five_tasks"
TASKS = ("classification", "detection", "semantic", "instance", "panoptic")
OBJECTS = "e8590c 1c7ed6 f2c200 0ca678 ae3ec9 868e96"
"""Colours of objects, one after the other."""


def _png(values: tasks.Bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(encode_png(values, compress_level=6)).decode()


def five_tasks() -> None:
    """Draw the picture and the answers of :func:`core.concepts.home.tasks.answers`."""
    found = tasks.answers()
    pixels = images.sample(tasks.SAMPLE).pixels
    height, width = pixels.shape[:2]
    _mount(
        key=KEY,
        data={
            "photo": "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(pixels, quality=80)).decode(),
            "credit": takeaway.credit(next(each for each in images.SAMPLES if each.key == tasks.SAMPLE)),
            "size": [width, height],
            "ids": _png(found.ids),
            "objects": _png(found.objects),
            "boxes": [[int(v) for v in box] for box in found.boxes],
            "kinds": list(found.kinds),
            "labels": list(found.labels),
            "names": [_(name) for name in VOC],
            "colours": base64.b64encode(class_colours()[: len(VOC)].tobytes()).decode(),
            "palette": base64.b64encode(
                np.frombuffer(bytes.fromhex(OBJECTS.replace(" ", "")), np.uint8).tobytes()
            ).decode(),
            "counts": {name: f"{count:,}" for name, count in found.counts().items()},
            "begin": standing.begin(task=standing.choice("task", TASKS, "semantic")),
            "text": _texts(),
        },
    )


def _texts() -> dict[str, object]:
    return {
        "label": _("Questions to one picture"),
        "stage": _("The picture. Point at it, or move with the arrow keys, to hear what the chosen task says there."),
        "alt": _("Three horses and two foals on a hill"),
        "titles": {
            "classification": _("Classification"),
            "detection": _("Detection"),
            "semantic": _("Semantic segmentation"),
            "instance": _("Instance segmentation"),
            "panoptic": _("Panoptic segmentation"),
        },
        "says": {
            "classification": _("What is in the picture? One answer for all of it, and no place."),
            "detection": _("What is where, roughly? A box and a class for each object."),
            "semantic": _("Which class has each pixel? This is what networks here learn. Neighbours melt together."),
            "instance": _("Which pixels has each object? Objects have a mask each; the ground has none."),
            "panoptic": _("Class and object of each pixel: objects are counted, what is no object is one segment."),
        },
        "answers": {
            "classification": _("{count} answer: {names}"),
            "detection": _("{count} boxes"),
            "semantic": _("{count} pixels, a class for each"),
            "instance": _("{count} masks"),
            "panoptic": _("{count} pixels, class and object for each"),
        },
        "hint": _("Point at the picture."),
        "whole": _("Here too: {name}. The answer knows no place."),
        "inBoxes": _("Inside the box of {objects}."),
        "noBox": _("In no box."),
        "pixel": _("This pixel: {name}."),
        "object": _("This pixel: {object}."),
        "noObject": _("No object: no answer."),
        "numbered": "{name} {number}",
        "void": _("Nobody can tell: on an outline a pixel is both."),
    }
