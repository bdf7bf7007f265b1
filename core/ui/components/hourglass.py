"""The hourglass: the live activations of DeconvNet at every depth, stepped through from 7 x 7 back to 224 x 224."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from core import labels
from core.hourglass import SIDE, Hourglass, Level, strongest
from core.images import encode_jpeg
from core.ui.components import channel_browser, register
from core.ui.feature_sheets import Gallery, Place
from core.ui.language import gettext as _
from core.unpooling import POOLINGS
from core.viz import overlays, palettes, sprites

if TYPE_CHECKING:
    from core.feature_maps import Stage  # imports PyTorch

_mount = register(
    __file__, "grid_board", "grid_transport", "sprite_sheet", "channel_browser", "hourglass_maps", room=(1010, 770)
)

KEPT = {224: 2, 112: 2, 56: 5, 28: 8, 14: 12, 7: 12}
"""How many maps of each size on the way up are sent at most: the strongest. A page must arrive quickly."""
BUDGET = 60_000
"""Letters that one sheet may take, where it holds more than one map."""

Bytes = npt.NDArray[np.uint8]


def text_of(values: Bytes) -> str:
    """Bytes of an array as text, which is how a component's JSON carries them."""
    return base64.b64encode(values.tobytes()).decode()


def packed_switches(switches: Bytes) -> Bytes:
    """Switches 0 to 3, four to a byte, the first in the lowest bits: ``(..., n, n)`` -> ``uint8 (ceil(size / 4),)``."""
    flat = np.pad(switches.ravel(), (0, -switches.size % 4)).reshape(-1, 4).astype(np.uint8)
    return np.asarray(flat[:, 0] | flat[:, 1] << 2 | flat[:, 2] << 4 | flat[:, 3] << 6)


def _sheet(maps: npt.NDArray[np.float32], channels: npt.NDArray[np.int64]) -> dict[str, object]:
    """A sprite sheet as ``sprite_sheet.js`` reads it, packed as tightly as losslessness allows."""
    sheet = sprites.sheet(maps, channels)
    out = io.BytesIO()
    Image.fromarray(sheet.pixels).save(out, "PNG", compress_level=6)
    return sheet.data() | {"image": "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()}


def _fitting(maps: npt.NDArray[np.float32], channels: npt.NDArray[np.int64]) -> dict[str, object]:
    """The sheet of as many of ``channels``, from the first on, as :data:`BUDGET` allows; at least one."""
    found = _sheet(maps, channels)
    while len(str(found["image"])) > BUDGET and len(channels) > 1:
        channels = channels[:-1]
        found = _sheet(maps, channels)
    return found


def jpeg(pixels: Bytes) -> str:
    """A picture as an address."""
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(pixels, quality=85)).decode()


def _cost(stage: Stage) -> dict[str, str]:
    return {"parameters": f"{stage.parameters:,}", "ms": f"{1000 * stage.seconds:.1f}"}


def _level(level: Level) -> tuple[dict[str, Any], dict[str, object]]:
    """A level, and the sheet of the same channels on the way up."""
    empty, dense = level.empty
    before = _fitting(level.before, strongest(level.incoming, KEPT[level.side // 2]))
    channels = np.asarray(before["channels"], np.int64)
    return {
        "depth": level.depth,
        "side": level.side,
        "channels": len(level.before),
        "outputs": len(level.dense),
        "before": before,
        "switches": text_of(packed_switches(level.only(channels).switches)),
        "empty": f"{empty:.0%}",
        "denseEmpty": f"{dense:.0%}",
    }, _sheet(level.incoming, channels)


def payload(glass: Hourglass, gallery: Gallery) -> dict[str, Any]:
    """What the browser needs of a pass, without any text: maps, switches, pictures, and addresses of all other maps.

    Each level shows the channels whose values on the way up are strongest; the same channel's switches apply to them.
    """
    levels = [_level(level) for level in glass.levels]
    top, code = glass.levels[0].dense, glass.code
    return {
        "photo": jpeg(glass.pixels),
        "mask": jpeg(overlays.classes_over(glass.pixels, glass.ids, labels.VOC, 0.6, outline=False)),
        "palette": text_of(palettes.magnitude()),
        "code": text_of(palettes.quantise(code, float(code.min()), float(code.max()))),
        "levels": [level for level, _incoming in levels],
        "side": SIDE,
        "order": {"down": 0, "code": POOLINGS + 1, "up": POOLINGS + 2},
        "stages": [gallery.describe(s.name, Place(0, 0, SIDE / s.maps.shape[-1])) for s in glass.stages],
        "down": [_cost(stage) for stage in glass.down],
        "up": [_cost(stage) for stage in glass.up],
        "upChannels": [len(stage.maps) for stage in glass.up],
        "rising": [*(incoming for _level, incoming in levels), _fitting(top, strongest(top, KEPT[top.shape[-1]]))],
    }


def hourglass(data: dict[str, Any], digest: str, key: str = "hourglass") -> None:
    """Draw the hourglass.

    Args:
        data: :func:`payload` of a pass.
        digest: of the picture.
        key: key of the component.
    """
    from core.ui import language

    _mount(key=key, data=data | {"id": f"{digest}/{language.current()}", "text": _texts()})


def _texts() -> dict[str, Any]:
    return {
        "label": _(
            "The hourglass. Space plays the way from 7 × 7 back to 224 × 224, arrow keys step, Home and End jump."
        ),
        "strip": _("All depths of the network, from the photo to the mask"),
        "photo": _("The photo, 224 × 224"),
        "downBox": _(
            "Way down, before pooling {depth}: {side} × {side} × {channels}, {parameters} parameters, {ms} ms"
        ),
        "smallest": _("After the last pooling, 7 × 7"),
        "code": _("fc7, 1 × 1"),
        "upBox": _("Way up: {side} × {side} × {channels}, {parameters} parameters, {ms} ms"),
        "mask": _("The mask, 224 × 224"),
        "first": _("To the beginning"),
        "back": _("One step back"),
        "play": _("Play"),
        "pause": _("Pause"),
        "forward": _("One step forward"),
        "last": _("To the end"),
        "scrub": _("Depth, from 7 × 7 to 224 × 224"),
        "speed": _("Speed"),
        "step": _("{step} of {of}"),
        "start": _(
            "fc7 is one cell: where anything stood is gone. A 7 × 7 transposed convolution spreads it to"
            " {small} × {small}."
        ),
        "unpooled": _(
            "Unpooling enlarges {small} × {small} to {large} × {large}: each value goes where pooling {depth} found its"
            " maximum. {empty} of the cells are empty."
        ),
        "dense": _(
            "The 3 × 3 deconvolutions keep the size, {large} × {large}, and fill in: now {dense} of the cells are zero."
            " {into} maps became {out}, with {parameters} parameters in {ms} ms."
        ),
        "beforeTitle": _("On the way down, {large} × {large}: who wins each window"),
        "incomingTitle": _("On the way up, {small} × {small}"),
        "unpooledTitle": _("Unpooled, {large} × {large}"),
        "denseTitle": _("Deconvolved, {large} × {large}"),
        "map": _("map {channel}"),
        "choose": _("Which map"),
        "range": _("dark {low}, bright {high}"),
        "size": _("{side} × {side} × {channels}"),
        "emptyShare": _("{share} zeros"),
        "closer": _("a closer look"),
        "move": _("Where to look closer. Arrow keys move the frame."),
        "corners": [_("top left"), _("top right"), _("bottom left"), _("bottom right")],
        "readout": _(
            "Window in row {row}, column {column}. Down: of {four}, the largest is {best}, {corner}. Up: the value"
            " {value} returns to that cell, row {y}, column {x}."
        ),
        "how": _(
            "Large squares show 7 × 7 windows; drag the frame in a small one to look elsewhere. Grey arrows: the whole"
            " window is zero, so its switch says nothing. Shown are the strongest maps of each depth; zeros are counted"
            " in all of them: click a box above to open all its maps."
        ),
        "browser": channel_browser.texts(),
    }
