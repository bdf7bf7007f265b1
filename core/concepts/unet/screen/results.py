"""What the page about U-Net shows, kept between reruns: a picture's way down once, its way up for each setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.engine import inference
from core.maths.nuclei import Agreement, Labels
from core.passes import counting
from core.pictures.images import Picture
from core.pictures.reference import Reference
from core.ui.budget import remembered
from core.ui.kit.feature_sheets import Gallery, Place
from core.ui.state import Photo

Bytes = npt.NDArray[np.uint8]
STAGES = ("down1", "down2", "down3", "down4", "bottom", "up1", "up2", "up3", "up4")
NUCLEI = counting.NETWORK
UNPADDED = (NUCLEI, "unet-em")
"""Networks that answer for less than they are given; they know none of the classes of a reader's mask."""
STRONGEST = {"unet": 24, "unet-mobilenetv2": 12, "unet-nuclei": 6, "unet-em": 4}
"""How many channels of a box are silenced one by one: as many as a few seconds allow."""


@dataclass(frozen=True, eq=False)
class _Way:
    """The way down or up and its sheets, which live as long as this does."""

    way: Any
    gallery: Gallery


@remembered
def _down(network: str, digest: str, _picture: Picture) -> _Way:
    from core.concepts.unet import skips

    way = skips.descend(inference.load(network), _picture)
    return _Way(way, Gallery(way.stages))


@remembered
def _up(network: str, digest: str, gains: tuple[int, ...], _picture: Picture) -> _Way:
    from core.concepts.unet import skips

    way = skips.ascend(_down(network, digest, _picture).way, [gain / 100 for gain in gains])
    return _Way(way, Gallery(way.stages))


@remembered
def _untouched(network: str, digest: str, _picture: Picture) -> Bytes:
    from core.concepts.unet import skips

    return skips.mask(_down(network, digest, _picture).way)


def _truth(network: str, picture: Picture, reference: Reference | None) -> Bytes:
    from core.concepts.unet import skips

    if network == NUCLEI and (true := counting.truth(picture)) is not None:
        return skips.reference_on(_down(network, picture.digest, picture).way, (true > 0).astype(np.uint8))
    if reference is None or network in UNPADDED:
        return _untouched(network, picture.digest, picture)
    return skips.reference_on(_down(network, picture.digest, picture).way, reference.ids)


@remembered
def _worth(network: str, digest: str, mask: str, _picture: Picture, _reference: Reference | None) -> list[Any]:
    from core.concepts.unet import skips

    return [tuple(s) for s in skips.worth(_down(network, digest, _picture).way, _truth(network, _picture, _reference))]


def worth(network: str, picture: Picture, reference: Reference | None) -> list[tuple[float, float]]:
    """What each skip connection is worth, finest first: (mean IoU, outline)."""
    return _worth(network, picture.digest, reference.digest if reference else "", picture, reference)


@remembered
def effects(network: str, digest: str, stage: str, _picture: Picture) -> list[float | None]:
    """Effect of the strongest channels of a stage on the mask; ``None`` for the others."""
    from core.concepts.unet import skips

    down = _down(network, digest, _picture)
    sheets = {**down.gallery.stages, **_up(network, digest, (100,) * 4, _picture).gallery.stages}[stage]
    chosen = sheets.strongest[: STRONGEST[network]].tolist()
    out: list[float | None] = [None] * len(sheets.stage.maps)
    for channel, share in zip(chosen, skips.effects(down.way, _picture, stage, chosen), strict=True):
        out[channel] = share
    return out


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture down and up again.

    Attributes:
        network: name of the network.
        subject: changes with picture and network.
        ids: the mask, ``uint8 (h, w)``.
        score: agreement with the reference: mean IoU and outline, 0 to 1.
        seconds: of the way up.
        agreement: of the nuclei found with those that people have marked; ``None`` where nobody has.
    """

    network: str
    subject: str
    ids: Bytes
    score: tuple[float, float]
    seconds: float
    down: _Way
    up: _Way
    agreement: Agreement | None = None

    @property
    def nuclei(self) -> Labels | None:
        """The nuclei on the mask, one number each; ``None`` where the network does not count."""
        found: Labels | None = self.up.way.nuclei
        return found

    @property
    def unpadded(self) -> bool:
        """Whether the network answers for less than it is given."""
        return self.network in UNPADDED

    @property
    def em(self) -> bool:
        """Whether this is the unpadded network for membranes."""
        return self.network == "unet-em"

    @property
    def shared(self) -> bool:
        """Whether the way down is the shared encoder, whose maps have odd sides."""
        return self.network == "unet-mobilenetv2"

    @property
    def pixels(self) -> Bytes:
        """What the network was given."""
        return self.down.way.pixels

    @property
    def place(self) -> tuple[int, int, int, int]:
        """Where the mask lies on it."""
        return self.down.way.place

    def photo(self, picture: Picture) -> Photo:
        """Where the whole of ``picture``, which is the one seen, lies on :attr:`pixels`."""
        origin: tuple[int, int] | None = self.down.way.origin
        if origin is None or self.network == NUCLEI:  # resized; for nuclei mirrored beyond its rim as well
            return self.place
        height, width = picture.pixels.shape[:2]
        return -origin[0], -origin[1], width, height

    @property
    def fields(self) -> dict[str, list[list[list[int]]]]:
        """First and last pixel that each cell of a stage sees: along the rows, then along the columns."""
        rows, columns = self.down.way.reaches()
        return {name: [[list(axis[name].first), list(axis[name].last)] for axis in (rows, columns)] for name in STAGES}

    def describe(self, effects: tuple[str, Sequence[float | None]] | None) -> list[dict[str, Any]]:
        """The stages for the browser."""
        rows, columns = self.down.way.reaches()
        out = []
        for name in STAGES:
            way = self.up if name.startswith("up") else self.down
            place = Place(columns[name].left, rows[name].left, rows[name].jump)
            described = way.gallery.describe(name, place)
            if effects and effects[0] == name:
                described["orders"]["effect"] = list(effects[1])
            out.append(described)
        return out


def seen(network: str, picture: Picture, gains: tuple[int, ...], reference: Reference | None) -> Seen:
    """The picture through the network with the skip connections at ``gains`` percent. Needs PyTorch."""
    from core.concepts.unet import skips

    down, up = _down(network, picture.digest, picture), _up(network, picture.digest, gains, picture)
    score = skips.score(up.way.ids, _truth(network, picture, reference))
    subject = f"{network}/{picture.digest}"
    matched = None if up.way.nuclei is None else counting.compared(picture, up.way.nuclei)
    return Seen(network, subject, up.way.ids, (score.miou, score.boundary), up.way.seconds, down, up, matched)


def look(network: str, picture: Picture) -> Seen:
    """:func:`seen` with every connection as it is, nothing remembered and nothing scored. Needs PyTorch."""
    from core.concepts.unet import skips

    down = skips.descend(inference.load(network), picture)
    up = skips.ascend(down)
    ways = _Way(down, Gallery(down.stages)), _Way(up, Gallery(up.stages))
    return Seen(network, f"{network}/{picture.digest}", up.ids, (1.0, 1.0), up.seconds, *ways)


@dataclass(frozen=True, eq=False)
class Tiled:
    """A picture tile by tile and in one pass.

    Attributes:
        pixels: what is tiled, ``uint8 (H, W, 3)``.
        ids: stitched, ``uint8 (H, W)``.
        nuclei: one number each, ``int32 (H, W)``; ``None`` where the network does not count.
        difference: of the scores from those of one pass, the largest over the classes, ``float32 (H, W)``.
        spread: standard deviation of the scores of one pass: the yardstick.
        seconds: for the tiles, and for the one pass.
    """

    pixels: Bytes
    ids: Bytes
    nuclei: Labels | None
    difference: npt.NDArray[np.float32]
    spread: float
    seconds: tuple[float, float]


@remembered
def tiled(network: str, digest: str, tile: int, stride: int, _picture: Picture) -> Tiled:
    """:func:`core.passes.tiling.overlap_tile` against :func:`core.passes.tiling.one_pass` with an unpadded network."""
    from core.maths import nuclei
    from core.passes import tiling

    model = inference.load(network)
    pixels = counting.given(model.spec, _picture.pixels) if network == NUCLEI else _picture.pixels
    x = model.prepare(pixels)
    if network != NUCLEI:
        x = x.mean(1, keepdim=True)
    tiles = inference.run(tiling.overlap_tile, model.module, x, tile, stride)
    whole = inference.run(tiling.one_pass, model.module, x)
    difference = (tiles.value - whole.value).abs().amax(1)[0].numpy()
    found = nuclei.cut(tiles.value[0].softmax(0).numpy()) if network == NUCLEI else None
    ids = tiles.value.argmax(1)[0].byte().numpy()
    return Tiled(pixels, ids, found, difference, float(whole.value.std()), (tiles.seconds, whole.seconds))
