"""FCN's second half, live: three networks, their additions as switches, the mask, and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.concepts.fcn.additions import NETWORKS, STRIDES, Mask
from core.models.registry import spec
from core.pictures.images import Picture
from core.pictures.labels import VOC
from core.ui import language
from core.ui.component import register
from core.ui.kit import parts, standing
from core.ui.language import gettext as _

_mount = register(__file__, room=(760, 400))

KEY = "skip_switches"


def _figures(mask: Mask) -> dict[str, Any]:
    return {
        "mask": parts.ids_url(mask.ids),
        "cells": f"{mask.cells[0]} × {mask.cells[1]}",
        "changed": f"{mask.changed:.1%}",
        "boundary": "" if mask.boundary is None else f"{mask.boundary:.0%}",
        "miou": "" if mask.miou is None else f"{mask.miou:.0%}",
    }


def skip_switches(picture: Picture, masks: Sequence[Mask]) -> None:
    """Draw the picture under the mask of the chosen network, its additions on or off."""
    nets = []
    for name in NETWORKS:
        own = [mask for mask in masks if mask.network == name]
        nets.append(
            {
                "name": name,
                "title": _(spec(name).title),
                "additions": len(own[-1].on),
                "masks": {"".join("1" if on else "0" for on in mask.on): _figures(mask) for mask in own},
            }
        )
    coarse = next(mask for mask in masks if not mask.on)
    _mount(
        key=KEY,
        data={
            "id": f"{picture.digest}/{language.current()}",
            "photo": parts.data_url(parts.reduced(picture.pixels)),
            "size": [picture.pixels.shape[1], picture.pixels.shape[0]],
            "colours": parts.packed_colours(),
            "names": [_(name) for name in VOC],
            "nets": nets,
            "strides": list(STRIDES),
            "coarse": f"{coarse.cells[0]} × {coarse.cells[1]}",
            "begin": standing.begin(
                fcn=standing.choice("fcn", NETWORKS, NETWORKS[0]),
                on=standing.choice("on", ("11", "10", "01", "00", "1", "0"), ""),
            ),
            "text": {
                "label": _("Network"),
                "alt": _("The photo under the mask of the chosen network"),
                "coarse": _("Scores at stride 32: {cells} cells"),
                "twice": "× 2",
                "add": _("+ scores at stride {stride}"),
                "enlarge": _("× {factor}, bilinear, to the photo"),
                "on": _("on"),
                "off": _("off"),
                "opacity": _("Mask over the photo"),
                "cells": _("Cells that decide"),
                "changed": _("Pixels that change with what is off"),
                "boundary": _("Boundary score, 2 pixels"),
                "miou": _("mIoU"),
                "unknown": _("no reference for your photo"),
            },
        },
    )
