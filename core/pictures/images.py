"""The one door for pictures: whatever a person uploads becomes a small RGB array, or one clear sentence.

The bytes are not trusted. Size and type are judged from the first few bytes, the number of pixels from the header and
before anything is decoded; JPEGs are decoded at a fraction of their size where that is enough; and one large picture
is decoded at a time, so that many visitors cannot fill the memory.

Importing this module imports neither PyTorch nor Streamlit.
"""

from __future__ import annotations

import hashlib
import io
import re
import threading
import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import N_, SegScopeError
from core.pictures.samples import SAMPLES, Sample

__all__ = [
    "DECODING", "MAX_BYTES", "MAX_PIXELS", "MAX_SIDE", "MIN_SIDE", "SAMPLES",
    "ImageError", "Picture", "Sample", "decode", "encode_jpeg", "encode_png", "sample",
]  # fmt: skip

MAX_BYTES = 8 * 2**20
"""Largest file, in bytes."""
MAX_PIXELS = 40_000_000
"""Largest picture, in pixels, as its header declares it. While it is decoded that takes up to 160 MB (JPEG), 480 MB
(PNG with alpha) or 800 MB (WebP with alpha)."""
MAX_SIDE = 1024
"""The long side is reduced to this many pixels."""
MIN_SIDE = 16
"""The short side must keep at least this many: below it no network has anything to look at."""
MAX_SCANS = 40
"""A progressive JPEG has ten to twenty scans; thousands of empty ones in a small file would take minutes."""

Box = tuple[int, int, int, int]


class ImageError(SegScopeError):
    """A picture that cannot be used; the sentence says what to do instead."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture ready for a network.

    Attributes:
        pixels: ``uint8 (H, W, 3)`` sRGB values 0..255, read-only, long side at most :data:`MAX_SIDE`.
        digest: SHA-256 of the original bytes in hexadecimal; the key for every cache.
        name: the file's name or the sample's key, as it was given.
        original_size: ``(width, height)`` before the reduction, turned upright.
    """

    pixels: NDArray[np.uint8]
    digest: str
    name: str
    original_size: tuple[int, int]


# ------------------------------------------------------------------------------------------------- what is it?

_SCAN = re.compile(rb"\xff\xda\0[\x08\x0a\x0c\x0e]")
"""A scan's marker and length (of 1 to 4 components): nothing that a film appended to a photo holds by chance."""

_OTHER_TYPES: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "GIF"), (b"BM", "BMP"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"II+\0", "TIFF"), (b"MM\0+", "TIFF"),
    (b"%PDF", "PDF"), (b"PK\3\4", "ZIP"), (b"\0\0\1\0", "ICO"), (b"8BPS", "PSD"), (b"\0\0\0\x0cjP  ", "JPEG 2000"),
)  # fmt: skip


def _pillow_format(data: bytes) -> str:
    """Pillow's name of the format: ``"JPEG"``, ``"PNG"`` or ``"WEBP"``; refuses all others by name where known."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    found = next((name for magic, name in _OTHER_TYPES if data.startswith(magic)), "")
    if data[4:8] == b"ftyp":
        found = "AVIF" if data[8:12] in (b"avif", b"avis") else "HEIC"
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<"):
        found = "SVG" if b"<svg" in head else "HTML"
    if found:
        raise ImageError(N_("This is a {type} file: save the picture as JPEG, PNG or WebP and try again."), type=found)
    raise ImageError(N_("This file is not a picture: choose a JPEG, PNG or WebP file."))


def _webp_size(data: bytes) -> tuple[int, int]:
    """``(width, height)`` from a WebP header (RFC 9649, section 2): Pillow learns it only by reserving the canvas."""
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and len(data) >= 30:
        return (
            int.from_bytes(data[26:28], "little") & 0x3FFF,
            int.from_bytes(data[28:30], "little") & 0x3FFF,
        )
    raise _damaged()


def _damaged() -> ImageError:
    return ImageError(N_("This picture is damaged or incomplete: save or download it again, or choose another one."))


def _check_size(width: int, height: int) -> None:
    """Refuse what is too large to decode, or too small or too narrow to show anything once it is reduced."""
    if width * height > MAX_PIXELS:
        raise ImageError(
            N_("This picture has {width} x {height} pixels: reduce it to at most {limit} million pixels."),
            width=width, height=height, limit=MAX_PIXELS // 1_000_000,
        )  # fmt: skip
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            N_("This picture has only {width} x {height} pixels: choose one with at least {limit} on each side."),
            width=width, height=height, limit=MIN_SIDE,
        )  # fmt: skip
    if max(width, height) * MIN_SIDE > MAX_SIDE * min(width, height):
        raise ImageError(
            N_("This picture of {width} x {height} pixels is too narrow: crop it to a more even shape."),
            width=width, height=height,
        )  # fmt: skip


# -------------------------------------------------------------------------------------------------- decoding

DECODING = threading.Lock()
"""Held while a file is decoded: one at a time, whoever reads it."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
"""How to undo each value of the EXIF tag Orientation."""


def decode(data: bytes, name: str = "") -> Picture:
    """Read a JPEG, PNG or WebP file (of an animation, the first frame).

    Turned upright as its EXIF data say, transparent places on white, 16-bit greyscale divided by 257, CMYK and
    palettes converted, colour profiles ignored. The long side is reduced to :data:`MAX_SIDE` (Lanczos).

    Args:
        data: the file's bytes.
        name: what to call the picture.

    Raises:
        ImageError: the file is empty, too large, of another type, damaged, or has too many or too few pixels.
            Nothing else is raised, whatever the bytes are.
    """
    if not data:
        raise ImageError(N_("This file is empty: choose a JPEG, PNG or WebP file."))
    if len(data) > MAX_BYTES:
        raise ImageError(
            N_("This file has {size:.1f} MB: reduce the picture to at most {limit} MB."),
            size=len(data) / 2**20, limit=MAX_BYTES // 2**20,
        )  # fmt: skip
    kind = _pillow_format(data)
    if kind == "WEBP":
        _check_size(*_webp_size(data))
    if kind == "JPEG" and len(_SCAN.findall(data)) > MAX_SCANS:
        raise _damaged()
    # Pillow warns of odd metadata, which nobody can act on. Python keeps one list of filters for all threads, so a
    # temporary one could be undone by a neighbour: this one stays, and adding it again changes nothing.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        with DECODING, Image.open(io.BytesIO(data), formats=(kind,)) as image:
            pixels, original_size = _read(image)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(
            N_("This picture has too many pixels: reduce it to at most {limit} million."),
            limit=MAX_PIXELS // 1_000_000,
        ) from error
    except MemoryError as error:
        raise ImageError(N_("There is not enough memory for this picture: reduce it and try again.")) from error
    except Exception as error:  # hostile bytes make a decoder raise nearly anything
        raise _damaged() from error
    return Picture(pixels, hashlib.sha256(data).hexdigest(), name, original_size)


def _read(image: Image.Image) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Pixels ``uint8 (H, W, 3)`` of an opened, not yet decoded picture, and its upright size before the reduction."""
    width, height = image.size
    _check_size(width, height)
    scale = min(1.0, MAX_SIDE / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image.draft(None, (2 * size[0], 2 * size[1]))  # JPEG only: decode at 1/2, 1/4 or 1/8, still twice what is kept
    orientation = _orientation(image)
    small = _eight_bit(image)
    if small.size != size:
        small = small.resize(size, Image.Resampling.LANCZOS)  # weighs colours by their alpha
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


def _orientation(image: Image.Image) -> int:
    """The EXIF tag Orientation, 1..8; 1 (upright) where it is absent or unreadable: a picture is more than its tags."""
    try:
        value = image.getexif().get(0x0112, 1)
    except Exception:  # Pillow raises struct.error, SyntaxError, KeyError and more for damaged tags
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _eight_bit(image: Image.Image) -> Image.Image:
    """Decode, and bring to mode L, RGB or RGBA with eight bits a channel."""
    if image.mode.startswith("I"):  # 16-bit greyscale: 65535 / 255 = 257
        values = np.asarray(image).astype(np.int64)  # (H, W)
        grey = ((values.clip(0, 65535) + 128) // 257).astype(np.uint8)
        if isinstance(clear := image.info.get("transparency"), int):
            grey[values == clear] = 255
        return Image.fromarray(grey)
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


# -------------------------------------------------------------------------------------------------- encoding


def _encode(array: NDArray[np.uint8], kind: str, **options: int) -> bytes:
    if array.dtype != np.uint8:
        raise TypeError(f"expected uint8 values, got {array.dtype}")
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(array)).save(buffer, kind, **options)
    return buffer.getvalue()


def encode_png(array: NDArray[np.uint8], compress_level: int = 1) -> bytes:
    """PNG file of ``uint8`` values ``(H, W)``, ``(H, W, 3)`` or ``(H, W, 4)``; level 1 is four times as fast as 6."""
    return _encode(array, "PNG", compress_level=compress_level)


def encode_jpeg(array: NDArray[np.uint8], quality: int = 85) -> bytes:
    """JPEG file of ``uint8`` values ``(H, W)`` or ``(H, W, 3)``."""
    return _encode(array, "JPEG", quality=quality)


# --------------------------------------------------------------------------------------------------- samples


@cache
def sample(key: str) -> Picture:
    """The bundled picture ``key`` of :data:`SAMPLES`, decoded once.

    Raises:
        ImageError: there is no such sample.
    """
    for entry in SAMPLES:
        if entry.key == key:
            return decode(entry.path.read_bytes(), name=entry.key)
    raise ImageError(
        N_("There is no sample picture named {key}: choose one of {known}."),
        key=key,
        known=", ".join(entry.key for entry in SAMPLES),
    )
