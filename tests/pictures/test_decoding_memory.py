"""One bound of memory for every format, measured in a process of its own for the largest picture that is taken."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from core.pictures import images
from core.pictures.costs import MAX_DECODING, most_pixels
from tests.support.paths import ROOT

_MEASURE = """
import sys
from pathlib import Path
from core.pictures import images

def resident(which):  # bytes; a process inherits getrusage's peak from whoever started it, so Linux is asked
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split(which + ":")[1].split()[0])

data = Path(sys.argv[1]).read_bytes()
images.sample("cat")
if data[4:8] == b"ftyp":
    images.decode(Path("tests/data/pictures/heif-enc.heic").read_bytes())
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
before = resident("VmRSS")
try:
    print(images.decode(data).original_size, end=" ")
except images.ImageError as error:
    print("refused", end=" ")
print(resident("VmHWM") - before)
"""


@cache
def _largest(kind: str, mode: str, reduction: int = 0) -> Image.Image:
    """A picture with something to see and as many pixels as are taken."""
    height = 4000
    width = most_pixels(kind, reduction) // height
    ramp = Image.linear_gradient("L").resize((width, height))
    if mode == "I;16":
        return Image.new("I;16", (width, height), 4660)
    turned = ramp.transpose(Image.Transpose.ROTATE_180)
    if mode == "1":
        return ramp.convert("1")
    channels = {"L": 1, "RGB": 3}.get(mode, 4)
    return (
        Image.merge("RGBA" if mode == "P" else mode, (ramp, turned, ramp, turned)[:channels]) if channels > 1 else ramp
    )


def _saved(kind: str, mode: str, reduction: int = 0, **options: object) -> bytes:
    buffer = io.BytesIO()
    _largest(kind, mode, reduction).save(buffer, kind, **options)
    return buffer.getvalue()


def _heic() -> bytes:
    """40 million pixels with alpha, written by heif-enc: nothing that is installed here encodes them."""
    return (ROOT / "tests" / "data" / "pictures" / "large.heic").read_bytes()


def _one_strip() -> bytes:
    """A TIFF of 16-bit colours in a single strip, which libtiff unpacks at once."""
    width, height = most_pixels("TIFF") // 4000, 4000
    packed = zlib.compress(b"\x40" * (width * height * 6), 1)
    head = struct.pack("<2sHI", b"II", 42, 8 + len(packed) + len(packed) % 2)
    depth = len(packed) % 2 + 8 + len(packed) + 2 + 12 * 9 + 4
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, depth), (259, 4, 1, 8), (262, 4, 1, 2),
               (273, 4, 1, 8), (277, 4, 1, 3), (278, 4, 1, height), (279, 4, 1, len(packed))]  # fmt: skip
    table = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + b"\0" * 4
    return head + packed + b"\0" * (len(packed) % 2) + table + struct.pack("<3H", 16, 16, 16)


FILES: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: _saved("JPEG", "RGB"),
    "JPEG, progressive, 4:4:4": lambda: _saved("JPEG", "RGB", progressive=True, subsampling=0),
    "JPEG, progressive, CMYK": lambda: _saved("JPEG", "CMYK", progressive=True),
    "PNG": lambda: _saved("PNG", "RGB", compress_level=1),
    "PNG with alpha": lambda: _saved("PNG", "RGBA", compress_level=1),
    "PNG, 16 bits": lambda: _saved("PNG", "I;16", compress_level=1),
    "WebP": lambda: _saved("WEBP", "RGB", method=0, quality=20),
    "WebP, lossless with alpha": lambda: _saved("WEBP", "RGBA", lossless=True, method=0, quality=0),
    "AVIF": lambda: _saved("AVIF", "RGB", speed=10, quality=40),
    "AVIF, 4:4:4 with alpha": lambda: _saved("AVIF", "RGBA", speed=10, quality=40, subsampling="4:4:4"),
    "TIFF": lambda: _saved("TIFF", "RGBA", compression="tiff_lzw"),
    "TIFF in one strip of 16 bits": _one_strip,
    "GIF": lambda: _saved("GIF", "L"),
    "BMP": lambda: _saved("BMP", "1"),  # with more bits, the file is the first to be too large
    "JPEG 2000": lambda: _saved("JPEG2000", "RGB", 1),
    "JPEG 2000 of one level, with alpha": lambda: _saved("JPEG2000", "RGBA", num_resolutions=1),
    "HEIC": _heic,
}


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
@pytest.mark.parametrize("what", FILES)
def test_the_largest_picture_of_each_format_keeps_the_bound(what: str, tmp_path: Path) -> None:
    data = FILES[what]()
    data = data[: images.MAX_BYTES]  # what unpacks before the end is missed is unpacked all the same
    file = tmp_path / "picture"
    file.write_bytes(data)
    run = subprocess.run([sys.executable, "-c", _MEASURE, str(file)], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    peak = int(run.stdout.split()[-1])
    print(f"{what}: {peak / 2**20:.0f} MB, {run.stdout}")
    assert "refused" not in run.stdout
    assert 2**20 < peak <= MAX_DECODING


def test_a_webp_of_38_bytes_that_declares_40_million_pixels_is_refused_before_decoding() -> None:
    lossless = (
        bytes.fromhex("2f")
        + struct.pack("<I", (8000 - 1) | (5000 - 1) << 14)
        + b"\x07\x10\xfd\x8f\xfe\x07\x22\xa2\xff\x01\x00"
    )
    data = b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8L" + struct.pack("<I", 17) + lossless + b"\0\0"
    with pytest.raises(images.ImageError, match="8000 x 5000 pixels: reduce it to at most 27 million"):
        images.decode(data)
