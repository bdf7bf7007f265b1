"""What decoding a picture costs, known before it is decoded: size and layout from the header, memory from the size.

One bound for every format. A decoder that needs more memory for a pixel gets fewer of them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_DECODING = 480 * 2**20
"""Bytes of memory that decoding one picture may take on top of its file; a test measures it for each format."""
MAX_PIXELS = 40_000_000
"""Largest picture of any format, in pixels, as its header declares it."""
MAX_SCANS = 40
"""A progressive JPEG has ten to twenty scans; thousands of empty ones in a small file would take minutes."""

_BYTES = {"JPEG": 12, "PNG": 12, "GIF": 12, "BMP": 12, "TIFF": 12, "HEIF": 12, "WEBP": 18, "AVIF": 18, "JPEG2000": 26}
"""Bytes that a pixel takes at the worst moment, rounded up: measured with alpha and, where there is one, with the mode
that takes most (progressive JPEG in CMYK, lossless WebP, TIFF in one strip)."""
_SCAN = re.compile(rb"\xff\xda\0[\x08\x0a\x0c\x0e]")
"""A scan's marker and length (of 1 to 4 components): nothing that a film appended to a photo holds by chance."""


def most_pixels(kind: str, reduction: int = 0) -> int:
    """How many pixels a picture of format ``kind`` may declare; decoded at ``1 / 2**reduction`` of its sides."""
    return min(MAX_PIXELS, (MAX_DECODING << 2 * reduction) // _BYTES[kind])


def too_many_scans(data: bytes) -> bool:
    """Whether a JPEG has more than :data:`MAX_SCANS` scans."""
    return len(_SCAN.findall(data)) > MAX_SCANS


def webp_size(data: bytes) -> tuple[int, int] | None:
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
    return None


class Codestream(NamedTuple):
    """The layout of a JPEG 2000 codestream.

    Attributes:
        size: ``(width, height)``.
        components: channels.
        levels: how often its sides can be halved while it is decoded.
    """

    size: tuple[int, int]
    components: int
    levels: int


def codestream(data: bytes) -> Codestream | None:
    """Read a JPEG 2000 codestream's main header (ISO/IEC 15444-1, A.5.1, A.6.1); ``None`` where it makes no sense."""
    start = data.find(b"\xff\x4f\xff\x51")
    if start < 0 or len(data) < start + 42:
        return None

    def number(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], "big")

    right, below, left, above = (number(start + 8 + 4 * i, 4) for i in range(4))
    components, at = number(start + 40, 2), start + 4 + number(start + 4, 2)
    levels = 0
    while number(at, 2) not in (0xFF90, 0xFFD9, 0):  # until the first tile
        if number(at, 2) == 0xFF52:  # coding style: how many times the wavelet has halved it
            levels = data[at + 9] if len(data) > at + 9 else 0
        at += 2 + max(2, number(at + 2, 2))
    return Codestream((right - left, below - above), components, min(levels, 32))
