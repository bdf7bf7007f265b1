"""One photo several times, each under a map of its own: heat, signed values, classes. One pin, one slider for all.

Maps travel as grey PNGs and are coloured where they are shown. Pointing and sliding send nothing; a pixel that was
pinned and a place of the slider that was settled are told to the server once, for the URL.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.pictures.images import encode_jpeg, encode_png
from core.pictures.labels import VOC
from core.ui import state
from core.ui.component import register
from core.ui.language import gettext as _
from core.viz import palettes
from core.viz.overlays import class_colours

_mount = register(__file__, room=(760, 620))

Bytes = npt.NDArray[np.uint8]
Kind = Literal["heat", "signed", "ids", "marks"]
LONGEST = 640
"""Longer side of a photo that is sent, in pixels."""
WHOLE = (0.0, 0.0, 1.0, 1.0)


class Layer(NamedTuple):
    """What lies over a photo.

    Attributes:
        kind: ``heat`` from 0 to ``most``; ``signed`` from ``-most`` to ``most``; ``ids`` of classes; ``marks``: 1 where
            something is hatched.
        values: ``uint8 (h, w)``: 0 to 255 over that range (:func:`heat`, :func:`signed`), or the ids.
        label: what the slider says of it.
        note: a line below the photo.
        place: left, top, width, height of the whole map in shares of the photo's sides; it may reach beyond.
        most: what 255 means.
    """

    kind: Kind
    values: Bytes
    label: str = ""
    note: str = ""
    place: tuple[float, float, float, float] = WHOLE
    most: float = 1.0


class Pane(NamedTuple):
    """A photo under layers, of which the slider shows one.

    Attributes:
        title: above it.
        layers: at least one; where there is one, the slider does not touch it. None shows the photo alone.
        photo: number of the photo below them; a tuple has one for each place of the slider.
        note: a line below it, before the layer's own.
    """

    title: str
    layers: Sequence[Layer]
    photo: int | tuple[int, ...] = 0
    note: str = ""


def heat(values: npt.NDArray[np.floating], **more: Any) -> Layer:
    """A layer of what is 0 and more, over its own range."""
    most = float(values.max(initial=0))
    return Layer("heat", palettes.quantise(values, 0, most), most=most, **more)


def signed(values: npt.NDArray[np.floating], **more: Any) -> Layer:
    """A layer of either sign, 0 in the middle. The range ends at the 99.5th percentile: a few pixels would take all."""
    most = float(np.percentile(np.abs(values), 99.5))
    return Layer("signed", palettes.quantise(values, -most, most), most=most, **more)


def _png(values: Bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(encode_png(values, compress_level=6)).decode()


def _jpeg(pixels: Bytes) -> str:
    image = Image.fromarray(pixels)
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS, reducing_gap=2)
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(np.asarray(image), 82)).decode()


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "kind": layer.kind,
        "image": _png(layer.values),
        "label": layer.label,
        "note": layer.note,
        "place": [round(v, 5) for v in layer.place],
        "most": float(f"{layer.most:.4g}"),
    }


def panes(
    photos: Sequence[Bytes],
    shown: Sequence[Pane],
    *,
    key: str = "panes",
    pin: tuple[int, int] | None = None,
    box: tuple[float, float, float, float] | None = None,
    slider: str = "",
    at: int = 0,
    opacity: int = 70,
    on_pin: Callable[[], None] | None = None,
    on_at: Callable[[], None] | None = None,
) -> None:
    """Draw them.

    Args:
        photos: ``uint8 (h, w, 3)`` each, all of one shape.
        shown: the panes.
        key: ``panes``, or that and ``-of-`` and more; ``st.session_state[key].pin`` is a new pin in thousandths,
            ``.at`` a new place of the slider.
        pin: the pinned pixel in thousandths of width and height, or none.
        box: left, top, right, bottom of a rectangle, in shares of the sides: drawn over every pane.
        slider: its name; no slider where it is empty.
        at: its place.
        opacity: of the maps, in percent, to begin with.
        on_pin, on_at: called then. Without ``on_pin`` a click pins nothing.
    """
    height, width = photos[0].shape[:2]
    data = {
        "photos": [_jpeg(each) for each in photos],
        "size": [width, height],
        "panes": [
            {
                "title": pane.title,
                "note": pane.note,
                "photo": list(pane.photo) if isinstance(pane.photo, tuple) else [pane.photo],
                "layers": [_layer(layer) for layer in pane.layers],
            }
            for pane in shown
        ],
        "pin": list(pin) if pin is not None and pin != state.NOWHERE else [],
        "pins": on_pin is not None,
        "box": [round(v, 5) for v in box] if box else [],
        "slider": slider,
        "at": at,
        "opacity": opacity,
        "names": [_(name) for name in VOC],
        "colours": base64.b64encode(class_colours().tobytes()).decode(),
        "heat": base64.b64encode(palettes.magnitude().tobytes()).decode(),
        "signed": base64.b64encode(palettes.signed().tobytes()).decode(),
        "text": {
            "tint": _("Map over the photo"),
            "stage": _("{title}. Click, or move with the arrow keys and press Enter, to pin a pixel."),
            "plain": _("{title}. The arrow keys move the place that is read."),
            "here": _("x {x}, y {y}"),
            "void": _("not compared"),
            "marked": _("differs"),
            "unmarked": _("the same"),
            "none": _("empty"),
        },
    }
    _mount(key=key, data=data, on_pin_change=on_pin or (lambda: None), on_at_change=on_at or (lambda: None))
