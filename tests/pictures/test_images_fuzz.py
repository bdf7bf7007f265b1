"""Thousands of damaged and hostile files for the one door for pictures.

Seeds of every kind that it accepts are cut, spliced, overwritten and given other sizes, PNG checksums repaired, so that
the decoders are reached and not only their first check. It all happens in a process of its own with a limit on memory:
a file must end in a picture or in :class:`ImageError`, may not take more time than the largest honest picture, and may
not need more memory than the process was given.
"""

from __future__ import annotations

import io
import json
import random
import resource
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from tests.support.paths import ROOT

FILES = 4000
MEMORY = 1_200 * 2**20
"""Bytes of address space beyond what the process has after its imports; ``images.MAX_DECODING`` names 480 MB, decoders'
threads reserve more."""
INTERESTING = (0, 1, 15, 16, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 6000, 0x7FFFFFFF, 0xFFFFFFFF)


def scene() -> Image.Image:
    """A small picture with edges and ramps: every coder has something to do."""
    image = Image.linear_gradient("L").resize((97, 63)).convert("RGB")
    image.paste("red", (5, 5, 40, 30))
    image.paste((20, 90, 200), (50, 20, 90, 60))
    return image


def seeds() -> list[bytes]:
    """One small file for each way of writing a picture that the door accepts."""
    image, found = scene(), []

    def add(picture: Image.Image, kind: str, **options: object) -> None:
        buffer = io.BytesIO()
        picture.save(buffer, kind, **options)
        found.append(buffer.getvalue())

    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a description"
    comment = PngImagePlugin.PngInfo()
    comment.add_text("Comment", "x" * 500, zip=True)
    second = image.rotate(180)
    add(image, "JPEG", quality=90)
    add(image, "JPEG", progressive=True, exif=exif)
    add(image, "JPEG", restart_marker_blocks=2, optimize=True)
    add(image.convert("L"), "JPEG")
    add(image.convert("CMYK"), "JPEG")
    add(image, "PNG", pnginfo=comment, exif=exif)
    add(image.convert("RGBA"), "PNG")
    add(image.convert("P", palette=Image.Palette.ADAPTIVE), "PNG", transparency=3)
    add(image.convert("1"), "PNG")
    add(Image.new("I;16", (40, 30), 4660), "PNG")
    add(image, "PNG", save_all=True, append_images=[second], duration=50)
    add(image, "WEBP", quality=80, exif=exif)
    add(image.convert("RGBA"), "WEBP", lossless=True)
    add(image, "WEBP", save_all=True, append_images=[second], duration=50)
    add(image, "GIF", save_all=True, append_images=[second])
    add(image, "BMP")
    add(image, "TIFF", compression="tiff_lzw")
    add(image, "TIFF", compression="jpeg")
    add(image, "JPEG2000")
    add(image.convert("RGBA"), "AVIF", quality=80)
    corpus = ROOT / "tests" / "data" / "pictures"
    written = ("heif-enc.heic", "heif-enc-alpha.heic", "magick.heic", "avifenc-irot.avif", "opj-tiled.j2k",
               "tiffcp-tiled.tiff", "magick-cmyk.tiff", "magick-grey16.tiff", "magick-rle.bmp")  # fmt: skip
    return found + [(corpus / name).read_bytes() for name in written]


def mutated(rng: random.Random, files: list[bytes]) -> bytes:
    """One of ``files`` with one to six things done to it."""
    file = bytearray(rng.choice(files))
    for _ in range(rng.randint(1, 6)):
        at, span = rng.randrange(len(file)), rng.randint(1, 40)
        match rng.randrange(8):
            case 0:
                file[at] ^= 1 << rng.randrange(8)
            case 1:
                file[at : at + span] = rng.randbytes(span)
            case 2:
                del file[at : at + span]
            case 3:
                file[at:at] = file[at : at + 20 * span]
            case 4:
                other = rng.choice(files)
                start = rng.randrange(len(other))
                file[at:at] = other[start : start + 20 * span]
            case 5:
                packed = struct.pack(rng.choice("><") + rng.choice("HI"), rng.choice(INTERESTING[:9]))
                file[at : at + len(packed)] = packed
            case 6:
                file = file[: max(16, at)]
            case 7:
                _other_size(rng, file)
        if len(file) < 2:
            break
    return bytes(_checksums(file) if rng.random() < 0.7 else file)


def _other_size(rng: random.Random, file: bytearray) -> None:
    """Write other numbers where a header has width and height, now and then numbers of a bomb."""
    low, high = (1, 2000) if rng.random() < 0.97 else (1, 60000)
    width, height = rng.randint(low, high), rng.randint(low, high)
    if file.startswith(b"\x89PNG"):
        file[16:24] = struct.pack(">II", width, height)
    elif file.startswith(b"\xff\xd8"):
        start = max(file.find(b"\xff\xc0"), file.find(b"\xff\xc2"))
        file[start + 5 : start + 9] = struct.pack(">HH", height & 0xFFFF, width & 0xFFFF)
    elif (file.startswith(b"\0\0\0") and (start := file.find(b"ispe")) > 0) or (
        start := file.find(b"\xff\x4f\xff\x51")
    ) >= 0:  # HEIC and AVIF
        file[start + 8 : start + 16] = struct.pack(">II", width, height)
    elif file.startswith(b"RIFF"):
        file[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def _checksums(file: bytearray) -> bytearray:
    """``file`` with the checksum of every PNG chunk as it should be, as far as its lengths make sense."""
    at = 8 if file.startswith(b"\x89PNG") else len(file)
    while at + 12 <= len(file):
        length = int.from_bytes(file[at : at + 4], "big")
        end = at + 8 + length
        if end + 4 > len(file):
            break
        file[end : end + 4] = struct.pack(">I", zlib.crc32(file[at + 4 : end]))
        at = end + 4
    return file


def largest() -> bytes:
    """The largest picture that the door takes, as the slowest of its kinds: about 40 million pixels of PNG."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((8000, 4999)).convert("RGBA").save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def judge(seed: int, count: int) -> dict[str, float]:
    """Feed ``count`` files: how many were pictures, how many refused, the slowest against the largest honest one."""
    from core.pictures import images
    from core.pictures.images import ImageError

    def seconds(data: bytes) -> tuple[float, str]:
        began = time.process_time()
        try:
            pixels = images.decode(data).pixels
            assert pixels.dtype == "uint8"
            assert pixels.ndim == 3
            assert max(pixels.shape[:2]) <= images.MAX_SIDE
            outcome = "picture"
        except ImageError as error:
            text = str(error)
            assert "memory" not in text, text
            assert text.endswith(".")
            outcome = "refused"
        return time.process_time() - began, outcome

    honest, outcome = seconds(largest())
    assert outcome == "picture"
    rng, files = random.Random(seed), seeds()
    for file in files:
        assert seconds(file)[1] == "picture"
    limit = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    counts, slowest = {"picture": 0, "refused": 0}, 0.0
    for _ in range(count):
        took, outcome = seconds(mutated(rng, files))
        counts[outcome] += 1
        slowest = max(slowest, took)
    return counts | {"slowest": slowest / honest}


@pytest.mark.skipif(sys.platform != "linux", reason="limits on memory are Linux's")
def test_thousands_of_hostile_files_end_in_a_picture_or_a_sentence() -> None:
    code = f"import json; from tests.pictures.test_images_fuzz import judge; print(json.dumps(judge(20250, {FILES})))"
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout.splitlines()[-1])
    assert found["picture"] + found["refused"] == FILES
    assert min(found["picture"], found["refused"]) > FILES / 20  # the decoders were reached, and so were the checks
    assert found["slowest"] < 1  # nothing small costs more than the largest picture
