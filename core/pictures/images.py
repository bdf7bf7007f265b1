"""The one door for pictures: whatever a person uploads becomes a small RGB array, or one clear sentence.

The bytes are not trusted. Size and type are judged from the first few bytes, the number of pixels from the header and
before anything is decoded; JPEGs are decoded at a fraction of their size where that is enough; and one large picture
is decoded at a time, within one bound of memory for every format, so that many visitors cannot fill the memory.

Importing this module imports neither PyTorch nor Streamlit.
"""

from __future__ import annotations

import hashlib
import io
import math
import threading
import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import N_, SegScopeError
from core.pictures import reading
from core.pictures.costs import MAX_DECODING, MAX_PIXELS, MAX_SCANS, too_many_scans
from core.pictures.kinds import kind_of
from core.pictures.samples import SAMPLES, Sample

__all__ = [
    "DECODING", "MAX_BYTES", "MAX_DECODING", "MAX_PIXELS", "MAX_SCANS", "MAX_SIDE", "MIN_SIDE", "SAMPLES",
    "ImageError", "Picture", "Sample", "decode", "encode_jpeg", "encode_png", "sample",
]  # fmt: skip

MAX_BYTES = 32 * 2**20
"""Largest file, in bytes: what a camera of 24 million pixels writes fits. ``server.maxUploadSize`` is the same."""
MAX_SIDE = 1024
"""The long side is reduced to this many pixels."""
MIN_SIDE = 16
"""The short side must keep at least this many: below it no network has anything to look at."""

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


def _format(data: bytes) -> str:
    """Pillow's name of the format, by the content; refuses what is not taken."""
    kind = kind_of(data)
    if kind.refusal:
        raise ImageError(kind.refusal, type=kind.type) if kind.type else ImageError(kind.refusal)
    return kind.format


def _damaged() -> ImageError:
    return ImageError(N_("This picture is damaged or incomplete: save or download it again, or choose another one."))


def _check_size(width: int, height: int, limit: int) -> None:
    """Refuse what is too large to decode, or too small or too narrow to show anything once it is reduced."""
    if width * height > limit:
        raise ImageError(
            N_("This picture has {width} x {height} pixels: reduce it to at most {limit} million pixels."),
            width=width, height=height, limit=limit // 1_000_000,
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


def decode(data: bytes, name: str = "") -> Picture:
    """Read a JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF, BMP or JPEG 2000 file (of several pictures, the first).

    Turned upright as its EXIF data say, transparent places on white, 16-bit greyscale divided by 257, colours in sRGB
    by the file's own profile. The long side is reduced to :data:`MAX_SIDE` (Lanczos).

    Args:
        data: the file's bytes; they alone say what it is.
        name: what to call the picture.

    Raises:
        ImageError: the file is empty, too large, of another type, damaged, or has too many or too few pixels.
            Nothing else is raised, whatever the bytes are.
    """
    if not data:
        raise ImageError(N_("This file is empty: choose a JPEG, PNG or WebP file."))
    if len(data) > MAX_BYTES:
        raise ImageError(
            N_("This file is {size} MB: reduce the picture to at most {limit} MB."),
            size=f"{math.ceil(len(data) / 2**20 * 10) / 10:.1f}",  # up: a byte too many is not 32.0
            limit=MAX_BYTES // 2**20,
        )  # fmt: skip
    kind = _format(data)
    if kind == "JPEG" and too_many_scans(data):
        raise _damaged()
    # Pillow warns of odd metadata, which nobody can act on. Python keeps one list of filters for all threads, so a
    # temporary one could be undone by a neighbour: this one stays, and adding it again changes nothing.
    warnings.filterwarnings("ignore", module=r"(PIL|pi_heif)\.")
    try:
        with DECODING:
            pixels, original_size = reading.read(data, kind, _check_size)
    except ImageError:
        raise
    except reading.Rare as error:
        raise ImageError(
            N_("This {type} file keeps its values in a rare way: save the picture as JPEG, PNG or WebP and try again."),
            type=kind,
        ) from error
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
