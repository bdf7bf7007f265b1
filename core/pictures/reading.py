"""From a file's bytes to a small upright sRGB array: what Pillow and its decoders do, in few megabytes.

Only :mod:`core.pictures.images` calls this, which knows the bytes' format, holds the lock and turns whatever is raised
here into a sentence.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.pictures import coded_colours
from core.pictures.colour_profiles import to_srgb
from core.pictures.costs import codestream, most_pixels, webp_size

KEPT = 1024
"""Pixels of the long side that are kept; :data:`core.pictures.images.MAX_SIDE`."""
_ROWS = 256
"""Rows of a 16-bit picture that are looked at together."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
"""How to undo each value of the EXIF tag Orientation."""

Check = Callable[[int, int, int], None]
"""Refuses a width and height that make no picture, or more pixels than the third number."""


class Rare(Exception):
    """A file whose values are no usual colours: heights of a landscape, temperatures, L*a*b*."""


def read(data: bytes, kind: str, check: Check) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Pixels ``uint8 (H, W, 3)``, read-only, and the upright ``(width, height)`` before the reduction.

    Args:
        data: the file.
        kind: one of :data:`core.pictures.kinds.TAKEN`.
        check: is called before anything is decoded.

    Raises:
        Rare: the values are no usual colours.
        Exception: whatever a decoder raises.
    """
    if kind == "WEBP":  # Pillow reserves the canvas when it opens the file
        size = webp_size(data)
        if size is None:
            raise ValueError("no header")
        check(*size, most_pixels(kind))
    elif kind == "HEIF":
        _learn_heif()
    with Image.open(io.BytesIO(data), formats=(kind,)) as image:
        width, height = image.size
        reduction = _layout(data, image) if kind == "JPEG2000" else 0
        check(width, height, most_pixels(kind, reduction))
        if kind == "TIFF":
            _check_tiles(image)
        scale = min(1.0, KEPT / max(width, height))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image.draft(None, (2 * size[0], 2 * size[1]))  # JPEG: decode at 1/2, 1/4 or 1/8, still twice what is kept
        # libtiff's pictures are turned while they are loaded, and libheif's; both have the upright size before.
        orientation = 1 if kind in ("TIFF", "HEIF") else _orientation(image)
        profile = image.info.get("icc_profile") or (coded_colours.profile(data) if kind in ("HEIF", "AVIF") else None)
        small = _eight_bit(image, kind)
        if small.size != size:
            small = small.resize(size, Image.Resampling.LANCZOS)  # weighs colours by their alpha
    small = to_srgb(small, profile)
    if small.mode == "RGBA":
        white = Image.new("RGBA", small.size, "white")
        white.alpha_composite(small)
        small = white
    small = small.convert("RGB")
    if orientation in _UPRIGHT:
        small = small.transpose(_UPRIGHT[orientation])
    pixels = np.array(small, dtype=np.uint8)  # (H, W, 3)
    pixels.setflags(write=False)
    return pixels, (width, height) if orientation < 5 else (height, width)


def _learn_heif() -> None:
    """Let Pillow know HEIC, the first time that one comes: most servers never see one."""
    import pi_heif

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=2)


def _layout(data: bytes, image: Image.Image) -> int:
    """How often a JPEG 2000's sides are halved while it is decoded: as often as leaves twice what is kept.

    The frame around the codestream says a size too; where the two differ, somebody has a reason.
    """
    found = codestream(data)
    if found is None or found.size != image.size or not 1 <= found.components <= 4:
        raise ValueError("no codestream that fits its frame")
    reduction = 0
    while reduction < found.levels and max(found.size) >> (reduction + 1) >= 2 * KEPT:
        reduction += 1
    image.reduce = reduction  # type: ignore[method-assign, assignment] # Pillow's name for it in this format
    return reduction


def _check_tiles(image: Image.Image) -> None:
    """Refuse a TIFF whose tiles are larger than any picture: one of them is decoded at a time."""
    tags = getattr(image, "tag_v2", {})
    wide, high = (int(tags.get(tag, 1)) for tag in (322, 323))
    if wide * high > max(most_pixels("TIFF") // 4, 2 * image.size[0] * image.size[1]):
        raise ValueError("a tile larger than the picture")


def _orientation(image: Image.Image) -> int:
    """The EXIF tag Orientation, 1..8; 1 (upright) where it is absent or unreadable: a picture is more than its tags."""
    try:
        value = image.getexif().get(0x0112, 1)
    except Exception:  # Pillow raises struct.error, SyntaxError, KeyError and more for damaged tags
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _eight_bit(image: Image.Image, kind: str) -> Image.Image:
    """Decode, and bring to mode L, RGB, RGBA or CMYK with eight bits a channel; without a second copy."""
    if image.mode in ("F", "LAB", "HSV") or (kind == "TIFF" and image.mode == "I"):
        raise Rare
    if image.mode.startswith("I"):
        return _sixteen_bit(image)
    image.load()
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _sixteen_bit(image: Image.Image) -> Image.Image:
    """Greyscale of 16 bits: 65535 / 255 = 257. Some TIFFs keep 12 bits in them, and some begin with white."""
    tags = getattr(image, "tag_v2", {})
    most = 4095 if tags.get(258) in (12, (12,)) else 65535
    clear = image.info.get("transparency")
    image.load()
    grey = np.empty(image.size[::-1], np.uint8)  # (H, W)
    for top in range(0, image.height, _ROWS):
        rows = (0, top, image.width, min(top + _ROWS, image.height))
        values = np.asarray(image.crop(rows)).astype(np.int64)
        part = ((values.clip(0, most) * 255 + most // 2) // most).astype(np.uint8)
        if isinstance(clear, int):
            part[values == clear] = 255
        grey[top : rows[3]] = 255 - part if tags.get(262) == 0 else part
    return Image.fromarray(grey)
