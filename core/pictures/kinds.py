"""What kind of file the bytes are, told by their content and never by a name; nothing is decoded for it.

Files in boxes (ISO base media: HEIC, AVIF, but also films and a camera's raw files) all begin alike, and the brands in
their first box tell them apart. TIFF is the dress of many raw files, whose first picture is a small preview.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from core.errors import N_

TAKEN = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "AVIF", "HEIF")
"""Pillow's names of the formats that are read."""

_OTHER = N_("This is a {type} file: save the picture as JPEG, PNG or WebP and try again.")
_DOCUMENT = N_("This is a {type} file, and a picture is needed: save it as JPEG, PNG or WebP and try again.")
_FILM = N_("This is a {type} video, and a picture is needed: save a still of it as JPEG, PNG or WebP and try again.")
_RAW = N_("This is a camera’s raw file ({type}): save the picture as JPEG, PNG or WebP and try again.")
_UNKNOWN = N_("This file is not a picture: choose a JPEG, PNG or WebP file.")


class Kind(NamedTuple):
    """What a file is.

    Attributes:
        format: one of :data:`TAKEN`, or nothing where it is none of them.
        refusal: why it is not taken, a sentence with the field ``{type}``; nothing where it is.
        type: what people call the format.
    """

    format: str
    refusal: str = ""
    type: str = ""


_BEGINNINGS: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", Kind("JPEG")),
    (b"\x89PNG\r\n\x1a\n", Kind("PNG")),
    (b"GIF87a", Kind("GIF")),
    (b"GIF89a", Kind("GIF")),
    (b"\xff\x4f\xff\x51", Kind("JPEG2000")),
    (b"\xff\x0a", Kind("", _OTHER, "JPEG XL")),
    (b"\0\0\0\x0cJXL \r\n\x87\n", Kind("", _OTHER, "JPEG XL")),
    (b"\0\0\1\0", Kind("", _OTHER, "ICO")),
    (b"8BPS", Kind("", _OTHER, "PSD")),
    (b"PK\3\4", Kind("", _DOCUMENT, "ZIP")),
    (b"%PDF", Kind("", _DOCUMENT, "PDF")),
    (b"%!PS", Kind("", _DOCUMENT, "PostScript")),
    (b"\x1aE\xdf\xa3", Kind("", _FILM, "Matroska")),
    (b"IIU\0", Kind("", _RAW, "RW2")),
    (b"IIRO", Kind("", _RAW, "ORF")),
    (b"IIRS", Kind("", _RAW, "ORF")),
    (b"MMOR", Kind("", _RAW, "ORF")),
    (b"FUJIFILMCCD-RAW", Kind("", _RAW, "RAF")),
)

_HEIC = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"))
_PICTURES = frozenset((b"mif1", b"mif2", b"mif3", b"msf1", b"miaf"))
_NOT_HEVC = frozenset((b"avci", b"avcs", b"jpeg", b"jpgs", b"j2ki", b"j2is", b"vvic", b"vvis", b"evbi", b"unif"))
"""Coders in the same container that nobody here decodes."""


def kind_of(data: bytes) -> Kind:
    """What the file ``data`` is."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"AVI "):
        return Kind("WEBP") if data[8:12] == b"WEBP" else Kind("", _FILM, "AVI")
    if data.startswith(b"\0\0\0\x0cjP  \r\n\x87\n"):
        return Kind("", _FILM, "Motion JPEG 2000") if data[20:24] == b"mjp2" else Kind("JPEG2000")
    if data[4:8] == b"ftyp":
        return _in_boxes(data)
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        raw = _raw(data)
        return Kind("", _RAW, raw) if raw else Kind("TIFF")
    if data.startswith(b"BM") and data[14:18] in {bytes((n, 0, 0, 0)) for n in (12, 16, 40, 52, 56, 64, 108, 124)}:
        return Kind("BMP")
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<"):
        return Kind("", _DOCUMENT, "SVG" if b"<svg" in head else "HTML")
    return Kind("", _UNKNOWN)


def _in_boxes(data: bytes) -> Kind:
    """By the brands of the first box (ISO/IEC 14496-12, 4.3): the main one first, then those it is compatible with."""
    length = min(int.from_bytes(data[:4], "big"), 4096)
    main = bytes(data[8:12])
    brands = {main, *(bytes(data[at : at + 4]) for at in range(16, length - 3, 4))}
    if main == b"crx ":
        return Kind("", _RAW, "CR3")
    if main == b"qt  ":
        return Kind("", _FILM, "QuickTime")
    if main not in _HEIC | _PICTURES | _NOT_HEVC | {b"avif", b"avis"}:
        return Kind("", _FILM, "MP4")  # isom, mp42, M4V, 3gp4 and a hundred more
    if brands & {b"avif", b"avis"}:
        return Kind("AVIF")
    if main in _NOT_HEVC or (brands & _NOT_HEVC and not brands & _HEIC):
        return Kind("", _OTHER, "HEIF")
    return Kind("HEIF")


def _raw(data: bytes) -> str:
    """The name of the raw format that a TIFF is the dress of, or nothing for a picture in its own right."""
    if data[8:10] == b"CR":
        return "CR2"
    if data[2:4] not in (b"*\0", b"\0*"):
        return ""  # BigTIFF: no camera writes it

    def number(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], "little" if data[:1] == b"I" else "big")

    first = number(4, 4)
    tags = {}
    for entry in range(min(number(first, 2), 200)):
        at = first + 2 + 12 * entry
        tags[number(at, 2)] = number(at + 8, 2 if number(at + 2, 2) == 3 else 4)
    if 50706 in tags:
        return "DNG"
    if tags.get(254, 0) & 1 and 330 in tags:  # a preview first, the sensor's values in directories below it
        return "NEF" if re.search(rb"NIKON", data[:4096]) else "ARW"
    return ""
