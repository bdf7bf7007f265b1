"""The hourglass: the live activations of DeconvNet at every depth, stepped through from the smallest map back."""

from __future__ import annotations

import base64
import io
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.concepts.deconvnet.hourglass import Hourglass, Level, Size, strongest
from core.pictures import labels
from core.pictures.images import encode_jpeg
from core.ui.component import register
from core.ui.kit import channel_browser, standing
from core.ui.kit.feature_sheets import Gallery, Place
from core.ui.kit.grid import transport_texts
from core.ui.language import gettext as _
from core.viz import overlays, palettes, sprites

if TYPE_CHECKING:
    from core.passes.feature_maps import Stage  # imports PyTorch

_mount = register(__file__, room=(1111, 737))

KEPT = (200, 800, 3200), (12, 8, 5, 2)
"""How many maps of a size are sent at most, the strongest: 12 where one has 200 cells or fewer, 8 up to 800, ... A page
must arrive quickly."""
BUDGET = 60_000
"""Letters that one sheet may take, where it holds more than one map."""

Bytes = npt.NDArray[np.uint8]


def kept(size: Size) -> int:
    """How many maps of this size are sent at most."""
    limits, counts = KEPT
    return counts[bisect_left(limits, size[0] * size[1])]


def text_of(values: Bytes) -> str:
    """Bytes of an array as text, which is how a component's JSON carries them."""
    return base64.b64encode(values.tobytes()).decode()


def packed_switches(switches: Bytes) -> Bytes:
    """Switches 0 to 3, four to a byte, the first in the lowest bits: ``(..., h, w)`` -> ``uint8 (ceil(size / 4),)``."""
    flat = np.pad(switches.ravel(), (0, -switches.size % 4)).reshape(-1, 4).astype(np.uint8)
    return np.asarray(flat[:, 0] | flat[:, 1] << 2 | flat[:, 2] << 4 | flat[:, 3] << 6)


def _sheet(maps: npt.NDArray[np.float32], channels: npt.NDArray[np.int64]) -> dict[str, object]:
    """A sprite sheet as ``sprite_sheet.js`` reads it, packed as tightly as losslessness allows.

    ``channels`` may count on beyond the maps, where a way up that is wider takes their switches in turn.
    """
    sheet = sprites.sheet(maps[channels % len(maps)])
    out = io.BytesIO()
    Image.fromarray(sheet.pixels).save(out, "PNG", compress_level=6)
    image = "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
    return sheet.data() | {"image": image, "channels": channels.tolist(), "signed": bool(sheet.low.min() < 0)}


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


def _level(level: Level) -> tuple[dict[str, Any], dict[str, object]]:
    """A level, and the sheet of the same channels on the way up."""
    empty, dense = level.empty
    before = _fitting(level.before, strongest(level.incoming, kept(level.small)))
    channels = np.asarray(before["channels"], np.int64)
    return {
        "depth": level.depth,
        "size": level.size,
        "small": level.small,
        "channels": len(level.incoming),
        "own": len(level.before),
        "outputs": len(level.dense),
        "before": before,
        "switches": text_of(packed_switches(level.only(channels).switches)),
        "empty": f"{empty:.0%}",
        "denseEmpty": f"{dense:.0%}",
    }, _sheet(level.incoming, channels)


def _box(kind: str, stage: Stage, number: int, **more: Any) -> dict[str, Any]:
    """A box of the strip that opens stage ``number``."""
    channels, height, width = stage.maps.shape
    cost = {"parameters": f"{stage.parameters:,}", "ms": f"{1000 * stage.seconds:.1f}"}
    return {"kind": kind, "size": (height, width), "channels": channels, "open": number, **cost, **more}


def _boxes(glass: Hourglass) -> list[dict[str, Any]]:
    """The strip from the photo to the mask. ``at`` is the step of the player at which a box is looked at."""
    count, size = glass.poolings, glass.pixels.shape[:2]
    ends = [{"kind": kind, "size": size, "at": 2 * count} for kind in ("photo", "mask")]
    down = [
        _box("down", s, i, depth=i + 1, stride=round(glass.jump(s)), at=2 * (count - i) - 1)
        for i, s in enumerate(glass.down)
    ]
    up = [_box("up", s, len(glass.stages) - count - 1 + i, up=i, at=2 * i) for i, s in enumerate(glass.up)]
    if glass.shared:
        deepest = glass.middle[0]
        sheet = _sheet(deepest.maps, strongest(deepest.maps, 1))
        middle = [_box("deepest", deepest, count, stride=round(glass.jump(deepest)), at=0, sheet=sheet)]
    else:
        code = glass.middle[1].maps[:, 0, 0]
        shades = palettes.quantise(code, float(code.min()), float(code.max()))
        middle = [
            {"kind": "pooled", "size": glass.levels[-1].small, "at": 0},
            _box("code", glass.middle[1], count + 1, at=0, code=text_of(shades)),
        ]
    return [ends[0], *down, *middle, *up, ends[1]]


def first_map(maps: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The strongest of the maps ``(C, h, w)``: ``(h, w)``."""
    found: npt.NDArray[np.float32] = maps[strongest(maps, 1)[0]]
    return found


def liveliest(values: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Where a closer look begins: the middle of the 14 x 14 cells of ``(h, w)`` that differ most, as shares
    of width and height. A window in a dark region would show nothing."""
    from scipy import ndimage

    window = 14
    spread = ndimage.uniform_filter(values.astype(np.float64) ** 2, window) - (
        ndimage.uniform_filter(values.astype(np.float64), window) ** 2
    )
    row, column = np.unravel_index(int(spread.argmax()), spread.shape)
    return (float(column) + 0.5) / values.shape[1], (float(row) + 0.5) / values.shape[0]


def payload(glass: Hourglass, gallery: Gallery) -> dict[str, Any]:
    """What the browser needs of a pass, without any text: maps, switches, pictures, and addresses of all other maps.

    Each level shows the channels whose values on the way up are strongest; the same channel's switches apply to them.
    ``rising`` has the maps of the way up, finest first: of each level what it makes, and last what the way begins with.
    """
    levels = [_level(level) for level in glass.levels]
    top = glass.levels[0].dense
    first = _fitting(top, strongest(top, kept(glass.levels[0].size)))
    places = [Place(glass.left(stage), glass.left(stage), glass.jump(stage)) for stage in glass.stages]
    return {
        "shared": glass.shared,
        "photo": jpeg(glass.pixels),
        "mask": jpeg(overlays.classes_over(glass.pixels, glass.ids, [""] * len(labels.VOC), 0.6, outline=False)),
        "size": glass.pixels.shape[:2],
        "place": liveliest(first_map(top)),
        "palette": text_of(palettes.magnitude()),
        "signed": text_of(palettes.signed()),
        "levels": [level for level, _incoming in levels],
        "boxes": _boxes(glass),
        "stages": [gallery.describe(s.name, place) for s, place in zip(glass.stages, places, strict=True)],
        "rising": [first, *(incoming for _level, incoming in levels)],
    }


def hourglass(data: dict[str, Any], digest: str, key: str = "hourglass") -> None:
    """Draw the hourglass.

    Args:
        data: :func:`payload` of a pass.
        digest: of the picture.
        key: key of the component.
    """
    from core.ui import language

    shared = bool(data["shared"])
    begin = standing.begin(depth=standing.number("depth", 1, 2 * len(data["levels"])))
    more = {"id": f"{digest}/{shared}/{language.current()}", "text": _texts(data, shared), "begin": begin}
    _mount(key=key, data=data | more)


def _side(size: Size) -> str:
    return f"{size[0]} × {size[1]}"


def _texts(data: dict[str, Any], shared: bool) -> dict[str, Any]:
    small, large = _side(data["levels"][-1]["small"]), _side(data["levels"][0]["size"])
    return (_texts_of_the_shared_encoder() if shared else _texts_of_the_papers_layers()) | {
        "label": _(
            "The hourglass. Space plays the way from {small} back to {large}, arrow keys step, Home and End jump."
        ).format(small=small, large=large),
        "strip": _("All depths of the network, from the photo to the mask"),
        "photo": _("The photo, {size}"),
        "up": _("Way up: {size} × {channels}, {parameters} parameters, {ms} ms"),
        "mask": _("The mask, {size}"),
        **transport_texts(),
        "sides": [
            _("photo"),
            _("way down: smaller maps"),
            _("{small} cells").format(small=small),
            _("way up: larger maps"),
            _("mask"),
        ],
        "later": _("its turn comes with the next step"),
        "scrub": _("Depth, from {small} to {large}").format(small=small, large=large),
        "unpooled": _(
            "Unpooling enlarges {small} to {large}: each value goes where pooling {depth} found its maximum. {empty} of"
            " the cells are empty."
        ),
        "dense": _(
            "The 3 × 3 deconvolutions keep the size, {large}, and fill in: now {dense} of the cells are zero. {into}"
            " maps became {out}, with {parameters} parameters in {ms} ms."
        ),
        "beforeTitle": _("On the way down, {large}: who wins each window"),
        "incomingTitle": _("On the way up, {small}"),
        "unpooledTitle": _("Unpooled, {large}"),
        "denseTitle": _("Deconvolved, {large}"),
        "map": _("map {channel}"),
        "choose": _("Which map"),
        "range": _("dark {low}, bright {high}"),
        "signedRange": _("blue {low}, white 0, orange {high}"),
        "size": _("{size} × {channels}"),
        "emptyShare": _("{share} zeros"),
        "closer": _("a closer look"),
        "move": _("Where to look closer. Arrow keys move the frame."),
        "corners": [_("top left"), _("top right"), _("bottom left"), _("bottom right")],
        "readout": _(
            "Window in row {row}, column {column}. Down: of {four}, the largest is {best}, {corner}. Up: the value"
            " {value} returns to that cell, row {y}, column {x}."
        ),
        "browser": channel_browser.texts(),
    }


def _texts_of_the_papers_layers() -> dict[str, str]:
    return {
        "down": _("Way down, before pooling {depth}: {size} × {channels}, {parameters} parameters, {ms} ms"),
        "pooled": _("After the last pooling, {size}"),
        "code": _("fc7, {size}"),
        "start": _(
            "fc7 is one cell: where anything stood is gone. A 7 × 7 transposed convolution spreads it to {small}."
        ),
        "how": _(
            "Large squares show 7 × 7 windows; drag the frame in a small one to look elsewhere. Grey arrows: the whole"
            " window is zero, so its switch says nothing. Shown are the strongest maps of each depth; zeros are counted"
            " in all of them: click a box above to open all its maps."
        ),
    }


def _texts_of_the_shared_encoder() -> dict[str, str]:
    return {
        "down": _("Encoder, stride {stride}: {size} × {channels}, {parameters} parameters, {ms} ms"),
        "deepest": _("Encoder, stride {stride}: {size} × {channels}, {parameters} parameters, {ms} ms"),
        "start": _(
            "Two 3 × 3 convolutions read the encoder’s coarsest map, {small} cells. Of the finer maps the way up gets"
            " nothing but switches: where the largest of four stood."
        ),
        "how": _(
            "Large squares show 7 × 7 windows; drag the frame in a small one to look elsewhere. The encoder’s maps are"
            " max-pooled for their switches alone; where the way up has more maps, they take the encoder’s in turn."
            " Odd sides leave a last window of one row or column. Shown are the strongest maps of each depth; zeros are"
            " counted in all of them: click a box above to open all its maps."
        ),
    }
