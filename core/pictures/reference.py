"""The door for reference masks: a PNG of class ids, or polygons drawn over the photo, become a mask or one sentence.

The sample pictures have theirs already (:func:`bundled`). A mask is written with :func:`palette_image`.

The same limits hold as for pictures (:mod:`core.pictures.images`): few bytes, few pixels, both checked before anything
is decoded, one file decoded at a time.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from core.errors import N_, SegScopeError
from core.maths.metrics import VOID
from core.pictures import images
from core.pictures.images import SAMPLES, Picture
from core.pictures.kinds import kind_of
from core.pictures.labels import VOC, voc_palette

Bytes = npt.NDArray[np.uint8]
MAX_SHAPES = 50
"""Polygons in one drawing."""
MAX_CORNERS = 400
"""Corners of one polygon."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY = 0
COLOURS, VALUES, POSITIONS = "colours", "values", "positions"
"""What a mask can be read by: VOC's colours, grey values, positions in a palette of other colours."""


class MaskError(SegScopeError):
    """A reference mask that cannot be used; the sentence says what to do instead."""


@dataclass(frozen=True, eq=False)
class Reference:
    """What is where in a picture, as somebody marked it.

    Attributes:
        ids: ``uint8 (H, W)`` class ids 0 to 20, or 255 for void; of the size of the picture's ``pixels``.
        digest: SHA-256 of the ids in hexadecimal.
        picture: digest of the picture that it belongs to.
        bundled: whether it came with the picture, drawn by hand for SegScope, and not from the visitor.
        how: what of a file was taken for the ids: :data:`COLOURS`, :data:`VALUES` or :data:`POSITIONS`; else nothing.
    """

    ids: Bytes
    digest: str
    picture: str
    bundled: bool = False
    how: str = ""


def _reference(ids: Bytes, picture: Picture, how: str = "") -> Reference:
    ids = np.ascontiguousarray(ids)
    ids.setflags(write=False)
    return Reference(ids, hashlib.sha256(ids.tobytes()).hexdigest(), picture.digest, how=how)


@cache
def _drawn_for(key: str) -> Reference:
    sample = next(entry for entry in SAMPLES if entry.key == key)
    return replace(decode(sample.mask.read_bytes(), images.sample(key)), bundled=True)


def bundled(picture: Picture) -> Reference | None:
    """The mask that was drawn by hand for a sample picture, in VOC's classes; ``None`` for every other picture."""
    for sample in SAMPLES:
        if (
            sample.key == picture.name
            and sample.labels == "voc-21"
            and images.sample(sample.key).digest == picture.digest
        ):
            return _drawn_for(sample.key)
    return None


def palette_image(ids: Bytes) -> Image.Image:
    """Class ids as an eight-bit palette picture: the values are the ids, the colours VOC's."""
    image = Image.fromarray(ids)
    image.putpalette(voc_palette().tobytes())
    return image


def _damaged() -> MaskError:
    return MaskError(N_("This mask is damaged or incomplete: save it again as a PNG and try once more."))


def _header(data: bytes) -> tuple[int, int, int, int]:
    """Width, height, bits and colour type of a PNG (its specification, section 11.2.1), without decoding it."""
    if not data:
        raise MaskError(N_("This file is empty: choose a PNG of class ids."))
    if len(data) > images.MAX_BYTES:
        raise MaskError(
            N_("This mask has {size:.1f} MB: a mask may have at most {limit} MB."),
            size=len(data) / 2**20, limit=images.MAX_BYTES // 2**20,
        )  # fmt: skip
    if not data.startswith(_SIGNATURE):
        kind = kind_of(data)
        if not (kind.type or kind.format):
            raise MaskError(N_("This is not a PNG: save the mask as a PNG, whose values no compression changes."))
        raise MaskError(
            N_("This is not a PNG but a {type} file: save the mask as a PNG, whose values no compression changes."),
            type=kind.type or kind.format,
        )
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise _damaged()
    width, height, bits, colour = struct.unpack(">IIBB", data[16:26])
    return width, height, bits, colour


def _check_kind(bits: int, colour: int) -> None:
    if bits == 16:
        raise MaskError(N_("This PNG has 16 bits for each value: save the class ids with 8 bits."))
    if colour == _GREY and bits != 8:
        raise MaskError(N_("This PNG has fewer than 8 bits for each grey value: save the class ids with 8 bits."))


_KNOWN = {tuple(map(int, voc_palette()[i])): i for i in (*range(len(VOC)), VOID)}
"""VOC's colours -> class ids."""


def _by_palette(values: Bytes, image: Image.Image) -> tuple[Bytes, str]:
    """Ids of a palette picture whose used colours are all VOC's own, each once; otherwise its positions as they are.

    A drawing program that saves a mask of VOC's drops the palette entries that nothing uses and moves up the others:
    then the positions mean nothing and the colours everything.
    """
    palette = np.array(image.getpalette("RGB") or (), np.uint8).reshape(-1, 3)
    used = [int(v) for v in np.unique(values)]
    if max(used) >= len(palette):
        return values, POSITIONS
    clear = image.info.get("transparency", -1)  # one position, or how opaque each is
    unseen = {clear} if isinstance(clear, int) else {i for i, alpha in enumerate(clear) if not alpha}
    meant = [0 if v in unseen else _KNOWN.get(tuple(map(int, palette[v])), -1) for v in used]
    if -1 in meant or len(set(meant)) < len(used):  # colours of one's own, or none: positions
        return values, POSITIONS
    table = np.zeros(256, np.uint8)
    table[used] = meant
    return table[values], COLOURS


def _by_colour(pixels: Bytes) -> tuple[Bytes, str]:
    """Ids of a picture in full colours ``(H, W, 4)``: VOC's, or greys that are ids. What is transparent is background.

    Raises:
        MaskError: other colours, or half-transparent places; the sentence says what was found.
    """
    if ((pixels[..., 3] > 0) & (pixels[..., 3] < 255)).any():
        raise MaskError(
            N_("This mask has half-transparent places, where one class fades into another: save it without soft edges.")
        )
    colours = np.where(pixels[..., 3:] == 0, 0, pixels[..., :3]).astype(np.uint32)
    codes = colours[..., 0] << 16 | colours[..., 1] << 8 | colours[..., 2]
    used, counts = np.unique(codes, return_counts=True)
    meant = [_KNOWN.get((int(c) >> 16, int(c) >> 8 & 255, int(c) & 255), -1) for c in used]
    if -1 not in meant:
        return np.array(meant, np.uint8)[np.searchsorted(used, codes)], COLOURS
    if (colours == colours[..., :1]).all():
        return colours[..., 0].astype(np.uint8), VALUES
    if len(used) > 256:
        raise MaskError(
            N_("This PNG holds colours, like a photo: a mask holds one class id for each pixel, in grey or a palette.")
        )
    strange = max((int(n), int(c)) for n, c, known in zip(counts, used, meant, strict=True) if known < 0)
    raise MaskError(
        N_(
                "This mask holds colours that are no class of VOC’s, such as {colour} on {share} % of it:"
                " use VOC’s colours."
            ),
        colour=f"#{strange[1]:06x}", share=max(1, round(100 * strange[0] / codes.size)),
    )  # fmt: skip


def _check_ids(ids: Bytes, how: str) -> None:
    """Refuse what is no class id, and black and white, which says where something is and not what."""
    values = {int(v) for v in np.unique(ids)}
    wrong = sorted(v for v in values if v >= len(VOC) and v != VOID)
    if wrong:
        raise MaskError(
            N_("This mask holds the value {value}: class ids go from 0 to {last}, and 255 stands for “do not count”."),
            value=wrong[0], last=len(VOC) - 1,
        )  # fmt: skip
    if values == {VOID}:
        raise MaskError(N_("This mask says “do not count” everywhere: mark at least one class."))
    if how != COLOURS and values == {0, VOID}:
        raise MaskError(
            N_(
                "This mask is black and white, with 255 on {share} % of it: give that part its class id,"
                " such as 8 for a cat."
            ),
            share=max(1, round(100 * float((ids == VOID).mean()))),
        )  # fmt: skip


def decode(data: bytes, picture: Picture) -> Reference:
    """Read a mask of ``picture``: a PNG with 8-bit grey values that are class ids, one with a palette, or one in VOC's
    colours.

    Of a palette the positions are the ids, unless all its used colours are VOC's: then these say what is meant, and
    ``how`` of the result says which it was. What is transparent is background. A mask
    of the size of the original photo is reduced as the photo was, without mixing ids.

    Args:
        data: the file's bytes.
        picture: what it is a mask of.

    Raises:
        MaskError: the file is anything else. Nothing else is raised, whatever the bytes are.
    """
    width, height, bits, colour = _header(data)
    _check_kind(bits, colour)
    here = (picture.pixels.shape[1], picture.pixels.shape[0])
    if (width, height) not in (here, picture.original_size):
        raise MaskError(
            N_("This mask has {width} x {height} pixels, the photo {right} x {down}: they must be the same."),
            width=width, height=height, right=picture.original_size[0], down=picture.original_size[1],
        )  # fmt: skip
    if width * height > images.MAX_PIXELS:
        raise _damaged()  # no picture of this size has passed its own door
    try:
        with images.DECODING, Image.open(io.BytesIO(data), formats=("PNG",)) as file:
            file.load()
            image: Image.Image = file
            if image.mode not in ("P", "L") or (image.mode == "L" and "transparency" in image.info):
                image = image.convert("RGBA")
            values = image if image.size == here else image.resize(here, Image.Resampling.NEAREST)
            ids = np.array(values, dtype=np.uint8)  # (H, W): palette positions or grey values; (H, W, 4): colours
            how = VALUES
            if image.mode == "P":
                ids, how = _by_palette(ids, image)
            elif image.mode == "RGBA":
                ids, how = _by_colour(ids)
    except MaskError:
        raise
    except Exception as error:  # hostile bytes make a decoder raise nearly anything
        raise _damaged() from error
    if ids.shape != here[::-1]:
        raise _damaged()
    _check_ids(ids, how)
    return _reference(ids, picture, how)


def _shape(shape: Any, size: tuple[int, int]) -> tuple[int, list[tuple[float, float]]]:
    """Class id and corners of one polygon that a browser sent, checked."""
    wrong = MaskError(N_("This drawing cannot be read: draw it again."))
    if not isinstance(shape, Mapping):
        raise wrong
    label, corners = shape.get("label"), shape.get("corners")
    if not isinstance(label, int) or isinstance(label, bool) or not (0 <= label < len(VOC) or label == VOID):
        raise wrong
    if not isinstance(corners, Sequence) or isinstance(corners, str) or len(corners) > MAX_CORNERS:
        raise wrong
    out = []
    for corner in corners:
        if not isinstance(corner, Sequence) or isinstance(corner, str) or len(corner) != 2:
            raise wrong
        for value, limit in zip(corner, size, strict=True):
            if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= limit:
                raise wrong
        out.append((float(corner[0]), float(corner[1])))
    if len(out) < 3:
        raise MaskError(N_("A shape needs at least three corners."))
    return label, out


def draw(shapes: Any, picture: Picture) -> Reference:
    """A mask from polygons: background, and on it one shape after the other.

    Args:
        shapes: ``[{"label": class id, "corners": [[x, y], ...]}, ...]`` in pixels of ``picture.pixels``, as a browser
            sent it, so nothing of it is trusted.
        picture: what they are drawn over.

    Raises:
        MaskError: there is no shape, or one of them makes no sense.
    """
    if not isinstance(shapes, Sequence) or isinstance(shapes, str) or not 0 < len(shapes) <= MAX_SHAPES:
        raise MaskError(N_("Draw between one and {limit} shapes."), limit=MAX_SHAPES)
    height, width = picture.pixels.shape[:2]
    mask = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(mask)
    for shape in shapes:
        label, corners = _shape(shape, (width, height))
        pen.polygon([(x - 0.5, y - 0.5) for x, y in corners], fill=label)  # Pillow counts from the pixels' middles
    ids = np.array(mask, dtype=np.uint8)
    if not (ids != VOID).any():
        raise MaskError(N_("This mask says “do not count” everywhere: mark at least one class."))
    return _reference(ids, picture)
