"""Files that people upload: one good photo and every kind of bad one."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

from core.pictures import images


def _saved(size: tuple[int, int], kind: str) -> bytes:
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)).save(buffer, kind)
    return buffer.getvalue()


def _bomb() -> bytes:
    """A PNG of a few bytes whose header promises 60,000 x 60,000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


GOOD = _saved((320, 240), "JPEG")
BAD: dict[str, tuple[str, bytes]] = {
    "empty": ("photo.png", b""),
    "text": ("photo.png", b"this is not a picture\n" * 20),
    "truncated": ("photo.jpg", GOOD[: len(GOOD) // 3]),
    "bomb": ("photo.png", _bomb()),
    "document": ("photo.png", b"%PDF-1.7\n" + bytes(200)),
    "film": ("photo.heic", b"\0\0\0\x1cftypmp42\0\0\0\0isommp42avc1" + bytes(200)),
    "large": ("photo.jpg", GOOD + bytes(images.MAX_BYTES)),
}
"""What is wrong -> file name and content."""
