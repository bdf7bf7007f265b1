"""Pictures of every format, as two or more programs write them: taken, upright, and the pixels of a second decoder."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from core.pictures import images
from core.pictures.images import decode
from core.pictures.kinds import TAKEN, kind_of
from tests.support.paths import ROOT

CORPUS = ROOT / "tests" / "data" / "pictures"
"""The same scene of 96 x 64 pixels, written by the program that gives a file its name: libheif's heif-enc, libavif's
avifenc, OpenJPEG's opj_compress, libtiff's tiffcp, libjxl's cjxl, ImageMagick, FFmpeg, imagecodecs. FFmpeg has read all
of them but JPEG XL as well, when its own were added: within 0.8 of 255 of what is read here, AVIF of two colour
resolutions within 1.7; it does not turn pictures, knows no background for transparent ones, takes the colours of a JPEG
in a TIFF for red, green and blue, and leaves Lab."""


def scene() -> Image.Image:
    """Red left upper quarter, green right upper, blue left lower, white right lower: no symmetry at all."""
    image = Image.new("RGB", (96, 64), "white")
    image.paste("red", (0, 0, 48, 32))
    image.paste("green", (48, 0, 96, 32))
    image.paste("blue", (0, 32, 48, 64))
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def off(data: bytes, wanted: Image.Image | None = None) -> float:
    """Mean difference of the decoded pixels from ``wanted``, of 255."""
    pixels = decode(data).pixels
    expected = np.asarray((wanted or scene()).convert("RGB"))
    assert pixels.shape == expected.shape
    return float(np.abs(pixels.astype(int) - expected).mean())


COLOURED = sorted(
    file.name
    for file in CORPUS.iterdir()
    if not any(word in file.name for word in ("alpha", "grey", "lab", ".jxl", "turned", "large"))
)


@pytest.mark.parametrize("name", COLOURED)
def test_what_other_programs_write_is_the_scene(name: str) -> None:
    data = (CORPUS / name).read_bytes()
    assert off(data) < 2
    assert decode(data).original_size == (96, 64)


def test_every_format_that_is_taken_has_files_of_two_programs() -> None:
    programs: dict[str, set[str]] = {}
    for file in CORPUS.iterdir():
        programs.setdefault(kind_of(file.read_bytes()).format, set()).add(file.name.split(".")[0].split("-")[0])
    programs["BMP"].add("Pillow")
    assert all(len(programs.get(kind, ())) >= 2 for kind in set(TAKEN) - {"JPEG", "PNG", "WEBP"}), programs


PILLOW: dict[str, tuple[str, dict[str, object], float]] = {
    "gif": ("GIF", {}, 0.1),
    "bmp": ("BMP", {}, 0.1),
    "tiff": ("TIFF", {}, 0.1),
    "tiff lzw": ("TIFF", {"compression": "tiff_lzw"}, 0.1),
    "tiff jpeg": ("TIFF", {"compression": "jpeg", "quality": 95}, 2),
    "big tiff": ("TIFF", {"big_tiff": True}, 0.1),
    "jp2": ("JPEG2000", {"irreversible": False}, 0.1),
    "j2k": ("JPEG2000", {"no_jp2": True}, 0.1),
    "jp2 of one level": ("JPEG2000", {"num_resolutions": 1}, 0.1),
    "avif": ("AVIF", {"quality": 90, "subsampling": "4:4:4"}, 2),
}


@pytest.mark.parametrize("name", PILLOW)
def test_what_pillow_writes_is_the_scene(name: str) -> None:
    kind, options, most = PILLOW[name]
    assert off(saved(scene(), kind, **options)) < most


@pytest.mark.parametrize("name", ["heif-enc-alpha.heic", "avifenc-alpha.avif"])
def test_transparent_places_are_white(name: str) -> None:
    wanted = scene()
    wanted.paste("white", (0, 32, 48, 64))
    assert off((CORPUS / name).read_bytes(), wanted) < 2


@pytest.mark.parametrize(
    ("name", "level"), [("magick-grey16.tiff", (54, 92, 18, 255)), ("magick-grey16-white.tiff", (201, 163, 237, 0))]
)
def test_grey_of_sixteen_bits_begins_with_black_or_with_white(name: str, level: tuple[int, ...]) -> None:
    """Levels as ImageMagick reads its own files."""
    pixels = decode((CORPUS / name).read_bytes()).pixels
    assert [int(pixels[y, x, 0]) for y in (16, 48) for x in (24, 72)] == pytest.approx(level, abs=1)


def test_twelve_bits_are_not_dark() -> None:
    values = np.full((64, 96), 4095, np.uint16)
    rows = np.zeros((64, 96 * 3 // 2), np.uint8)
    rows[:, 0::3], rows[:, 1::3], rows[:, 2::3] = values[:, ::2] >> 4, 0xFF, values[:, 1::2] & 0xFF
    tags = [(256, 96), (257, 64), (258, 12), (259, 1), (262, 1), (273, 8), (277, 1), (278, 64), (279, rows.size)]
    head = struct.pack("<2sHI", b"II", 42, 8 + rows.size)
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    data = head + rows.tobytes() + struct.pack("<H", len(tags)) + entries + b"\0" * 4
    assert (decode(data).pixels == 255).all()


# ------------------------------------------------------------------------------------------------- orientation


def boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + 8 <= end:
        size = struct.unpack(">I", data[start : start + 4])[0]
        yield data[start + 4 : start + 8], start, start + size
        start += size


def box(data: bytes, *path: bytes) -> tuple[int, int]:
    """Where the box at ``path`` begins and ends."""
    start, end = 0, len(data)
    for name in path:
        begin = start if name == path[0] else start + (12 if data[start + 4 : start + 8] == b"meta" else 8)
        start, end = next((a, b) for kind, a, b in boxes(data, begin, end) if kind == name)
    return start, end


def with_property(data: bytes, kind: bytes, value: int) -> bytes:
    """``data``, a HEIC of one picture, that asks to be turned (``irot``, quarters to the left) or mirrored."""
    grown = bytearray(data)
    properties, owners = box(data, b"meta", b"iprp", b"ipco"), box(data, b"meta", b"iprp", b"ipma")
    count = sum(1 for _ in boxes(data, properties[0] + 8, properties[1]))
    length = owners[0] + 18
    grown[length + 1 + grown[length] : length + 1 + grown[length]] = bytes([0x80 | (count + 1)])
    grown[length] += 1
    grown[properties[1] : properties[1]] = struct.pack(">I4sB", 9, kind, value)
    places = box(data, b"meta", b"iloc")[1] - 8  # the last eight bytes: where the picture lies, and how long it is
    for at, more in (
        (owners[0] + 9, 1), (properties[0], 9), (box(data, b"meta")[0], 10), (box(data, b"meta", b"iprp")[0], 10),
        (places, 10),
    ):  # fmt: skip
        grown[at : at + 4] = struct.pack(">I", struct.unpack(">I", grown[at : at + 4])[0] + more)
    return bytes(grown)


@pytest.mark.parametrize(
    ("kind", "value", "how"),
    [
        (b"irot", 0, None), (b"irot", 1, Image.Transpose.ROTATE_90), (b"irot", 2, Image.Transpose.ROTATE_180),
        (b"irot", 3, Image.Transpose.ROTATE_270), (b"imir", 0, Image.Transpose.FLIP_TOP_BOTTOM),
        (b"imir", 1, Image.Transpose.FLIP_LEFT_RIGHT),
    ],
)  # fmt: skip
def test_a_heic_is_turned_as_its_boxes_say(kind: bytes, value: int, how: Image.Transpose | None) -> None:
    wanted = scene() if how is None else scene().transpose(how)
    data = with_property((CORPUS / "heif-enc.heic").read_bytes(), kind, value)
    assert off(data, wanted) < 2
    assert decode(data).original_size == wanted.size


def test_exif_in_a_heic_turns_nothing() -> None:
    """ISO/IEC 23000-22, 7.3.6.3: the boxes alone count, and a phone writes both, which must not turn it twice."""
    assert off((CORPUS / "heif-enc-turned.heic").read_bytes(), scene().transpose(Image.Transpose.ROTATE_90)) < 2


@pytest.mark.parametrize("name", ["avifenc-irot.avif", "avifenc-turned.avif", "magick-turned.tiff"])
def test_turned_files_are_upright(name: str) -> None:
    data = (CORPUS / name).read_bytes()
    assert off(data) < 2
    assert decode(data).original_size == (96, 64)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_every_orientation_of_a_tiff_ends_upright(orientation: int, compression: str | None) -> None:
    undo = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    stored = scene() if undo is None else scene().transpose(undo)
    data = saved(stored, "TIFF", compression=compression, tiffinfo={274: orientation})
    assert off(data) == 0
    assert decode(data).original_size == (96, 64)


# --------------------------------------------------------------------------------------------------- first frame


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "AVIF"])
def test_of_several_pictures_the_first(kind: str) -> None:
    second = Image.new("RGB", (96, 64), "black")
    options = {"subsampling": "4:4:4", "quality": 90} if kind == "AVIF" else {}
    assert off(saved(scene(), kind, save_all=True, append_images=[second], **options)) < 2


def test_a_gif_with_a_transparent_colour_is_white_there() -> None:
    flat = Image.new("P", (96, 64), 1)
    flat.putpalette([255, 0, 0, 0, 0, 0])
    flat.paste(0, (0, 0, 48, 64))
    pixels = decode(saved(flat, "GIF", transparency=0)).pixels
    assert (pixels[:, :48] == 255).all()
    assert (pixels[:, 48:] == 0).all()


def test_a_large_jpeg_2000_is_read_at_a_fraction_and_looks_the_same() -> None:
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (24, 36, 3), dtype=np.uint8)).resize((4608, 3072))
    wanted = coarse.resize((1024, 683), Image.Resampling.LANCZOS)
    picture = decode(saved(coarse, "JPEG2000"))
    assert picture.original_size == (4608, 3072)
    assert np.abs(picture.pixels.astype(int) - np.asarray(wanted)).mean() < 1


def test_a_file_of_a_camera_with_24_million_pixels_is_taken() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1500, 3), dtype=np.uint8)
    data = saved(Image.fromarray(np.tile(noise, (4, 4, 1))), "JPEG", quality=93)
    assert 20 * 2**20 < len(data) < images.MAX_BYTES
    assert decode(data).original_size == (6000, 4000)
