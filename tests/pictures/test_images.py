"""The one door for pictures: everything good comes through alike, everything else ends in one clear sentence."""

from __future__ import annotations

import contextlib
import io
import struct
import subprocess
import sys
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from core.pictures import images, reading
from core.pictures.images import ImageError, decode
from tests.support.paths import DATA


def _file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _scene(width: int = 96, height: int = 64) -> Image.Image:
    """Red left upper quarter, green right upper, blue left lower, white right lower: no symmetry at all."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 2, height // 2))
    image.paste("green", (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    return image


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(width: int, height: int, *extra: bytes, depth: int = 8, colour: int = 2, rows: bytes = b"") -> bytes:
    """A PNG put together by hand; without ``rows`` it has a header and no pixels worth the name."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [_chunk(b"IHDR", head), *extra, _chunk(b"IDAT", zlib.compress(rows)), _chunk(b"IEND", b"")]
    )


# ------------------------------------------------------------------------------------------------ what comes through


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("JPEG", {"quality": 95}), ("WEBP", {"lossless": True})])
def test_each_format_gives_the_same_picture(kind: str, options: dict[str, object]) -> None:
    data = _file(_scene(), kind, **options)
    picture = decode(data, "scene")
    assert picture.pixels.dtype == np.uint8
    assert np.abs(picture.pixels.astype(int) - np.asarray(_scene())).mean() < 3
    assert not picture.pixels.flags.writeable
    assert picture.name == "scene"
    assert picture.original_size == (96, 64)


def test_digest_is_of_the_original_bytes() -> None:
    one, other = _file(_scene()), _file(_scene(), compress_level=0)
    assert decode(one).digest == decode(one).digest != decode(other).digest
    assert len(decode(one).digest) == 64


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_ends_upright(orientation: int) -> None:
    undo = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    stored = _scene() if undo is None else _scene().transpose(undo)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(_file(stored, exif=exif))
    assert np.array_equal(picture.pixels, np.asarray(_scene()))
    assert picture.original_size == (96, 64)


def test_orientation_of_a_large_jpeg_is_kept_through_the_reduction() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = decode(_file(_scene(2400, 1600).transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif))
    assert picture.original_size == (2400, 1600)
    assert picture.pixels.shape == (683, 1024, 3)
    assert picture.pixels[10, 10, 0] > 200 > 50 > picture.pixels[10, 10, 2]  # red


@pytest.mark.parametrize("orientation", [0, 9, 60000])
def test_nonsense_in_exif_does_not_cost_the_picture(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(decode(_file(_scene(), exif=exif)).pixels, np.asarray(_scene()))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_places_are_white(mode: str) -> None:
    image = Image.new("RGBA", (64, 32), (0, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 32, 32))
    if mode == "P":
        flat = Image.new("P", (64, 32), 1)
        flat.putpalette([255, 0, 0, 0, 0, 0])
        flat.paste(0, (0, 0, 32, 32))
        data = _file(flat, transparency=0)
    else:
        data = _file(image.convert(mode))
    pixels = decode(data).pixels
    assert (pixels[:, :32] == 255).all()
    assert (pixels[:, 32:] == 0).all()


def test_half_transparent_is_half_white() -> None:
    pixels = decode(_file(Image.new("RGBA", (32, 32), (255, 0, 0, 128)))).pixels
    assert np.abs(pixels[0, 0].astype(int) - (255, 127, 127)).max() <= 1


def test_hidden_colour_does_not_bleed_into_a_reduced_picture() -> None:
    image = Image.new("RGBA", (2048, 64), (255, 0, 0, 0))  # red, but nobody sees it
    image.paste((0, 0, 255, 255), (1024, 0, 2048, 64))
    pixels = decode(_file(image)).pixels.astype(int)
    assert pixels.shape == (32, 1024, 3)
    assert (pixels[..., 1] >= pixels[..., 0] - 2).all()  # white to blue passes through no red


def test_palette_and_one_bit() -> None:
    assert np.array_equal(decode(_file(_scene().convert("P", palette=Image.Palette.ADAPTIVE))).pixels, _scene())
    bits = decode(_file(_scene().convert("L").point(lambda v: 255 * (v > 60), "1"))).pixels
    assert set(np.unique(bits)) == {0, 255}


@given(st.integers(0, 65535))
def test_sixteen_bit_greyscale_keeps_its_brightness(value: int) -> None:
    picture = decode(_file(Image.fromarray(np.full((16, 16), value, np.uint16))))
    assert picture.pixels.shape == (16, 16, 3)
    assert (picture.pixels == round(value / 257)).all()


def test_sixteen_bit_greyscale_with_a_transparent_value() -> None:
    rows = b"".join(b"\0" + struct.pack(">16H", *[1000] * 8, *[40000] * 8) for _ in range(16))
    data = _png(16, 16, _chunk(b"tRNS", struct.pack(">H", 1000)), depth=16, colour=0, rows=rows)
    pixels = decode(data).pixels
    assert (pixels[:, :8] == 255).all()
    assert (pixels[:, 8:] == round(40000 / 257)).all()


def test_sixteen_bit_colour() -> None:
    rows = b"".join(b"\0" + struct.pack(">3H", 65535, 32768, 0) * 16 for _ in range(16))
    assert tuple(decode(_png(16, 16, depth=16, colour=2, rows=rows)).pixels[0, 0]) == (255, 128, 0)


def test_cmyk_jpeg() -> None:
    pixels = decode(_file(_scene().convert("CMYK"), "JPEG", quality=95)).pixels
    assert np.abs(pixels[10, 10].astype(int) - (255, 0, 0)).max() < 12


def test_greyscale_has_three_equal_channels() -> None:
    pixels = decode(_file(_scene().convert("L"), "JPEG")).pixels
    assert pixels.shape == (64, 96, 3)
    assert (pixels == pixels[..., :1]).all()


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_of_an_animation_the_first_frame(kind: str) -> None:
    second = Image.new("RGB", (96, 64), "black")
    lossless = {"lossless": True} if kind == "WEBP" else {}
    data = _file(_scene(), kind, save_all=True, append_images=[second], duration=100, **lossless)
    assert np.array_equal(decode(data).pixels, np.asarray(_scene()))


@given(st.integers(16, 3000), st.integers(16, 3000))
def test_long_side_is_reduced_and_the_shape_kept(width: int, height: int) -> None:
    if max(width, height) > 64 * min(width, height):
        return
    picture = decode(_file(Image.new("L", (width, height)), compress_level=1))
    h, w = picture.pixels.shape[:2]
    scale = min(1, images.MAX_SIDE / max(width, height))
    assert (w, h) == (round(width * scale), round(height * scale))
    assert picture.original_size == (width, height)
    assert min(w, h) >= images.MIN_SIDE


def test_decoding_at_a_fraction_looks_like_decoding_in_full() -> None:
    """A 4000-pixel JPEG is read at half its size; the result stays that of a full decode and one reduction."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    data = _file(coarse.resize((4000, 3000), Image.Resampling.BICUBIC), "JPEG", quality=92)
    with Image.open(io.BytesIO(data)) as full:
        expected = np.asarray(full.convert("RGB").resize((1024, 768), Image.Resampling.LANCZOS))
    assert np.abs(decode(data).pixels.astype(int) - expected).mean() < 1


# ----------------------------------------------------------------------------------------------- what is turned away

CORPUS = DATA / "pictures"
GOOD = {kind: _file(_scene(), kind) for kind in ("PNG", "JPEG", "WEBP")}
MORE = GOOD | {
    "GIF": _file(_scene(), "GIF"), "TIFF": _file(_scene(), "TIFF", compression="tiff_lzw"),
    "BMP": _file(_scene(), "BMP"), "JPEG2000": (CORPUS / "opj.jp2").read_bytes(),
    "AVIF": (CORPUS / "avifenc.avif").read_bytes(), "HEIF": (CORPUS / "heif-enc.heic").read_bytes(),
}  # fmt: skip
"""One small file of every format that is taken."""


def _tiff_dress(*tags: int) -> bytes:
    """A TIFF whose first directory holds these tags and values and no picture."""
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in zip(tags[::2], tags[1::2], strict=True))
    return struct.pack("<2sHIH", b"II", 42, 8, len(tags) // 2) + entries + b"\0" * 40


def _boxes(main: bytes, *others: bytes) -> bytes:
    """The first box of a file in boxes, and nothing worth the name behind it."""
    return struct.pack(">I4s4sI", 16 + 4 * len(others), b"ftyp", main, 0) + b"".join(others) + b"\0" * 40


OTHERS = {
    "jxl": ((CORPUS / "cjxl.jxl").read_bytes(), "is a JPEG XL file"),
    "bare jxl": ((CORPUS / "imagecodecs.jxl").read_bytes(), "is a JPEG XL file"),
    "jxl in boxes": ((CORPUS / "imagecodecs-box.jxl").read_bytes(), "is a JPEG XL file"),
    "ico": (b"\0\0\1\0\1\0" + b"\0" * 50, "is a ICO file"),
    "mp4": (_boxes(b"isom", b"iso2", b"avc1", b"mp41"), "is a MP4 video, and a picture is needed"),
    "phone's film": (_boxes(b"mp42", b"isom", b"mif1"), "is a MP4 video"),
    "mov": (_boxes(b"qt  ", b"qt  "), "is a QuickTime video"),
    "cr3": (_boxes(b"crx ", b"isom"), r"raw file \(CR3\)"),
    "h264 still": (_boxes(b"avci", b"mif1"), "is a HEIF file"),
    "cr2": (b"II*\0\x10\0\0\0CR\2\0" + b"\0" * 60, r"raw file \(CR2\)"),
    "dng": (_tiff_dress(50706, 0x01040000), r"raw file \(DNG\)"),
    "nef": (_tiff_dress(254, 1, 330, 8) + b"NIKON CORPORATION", r"raw file \(NEF\)"),
    "lab": ((CORPUS / "magick-lab.tiff").read_bytes(), "TIFF file keeps its values in a rare way"),
    "heights": (_file(Image.new("F", (64, 64), 812.5), "TIFF"), "TIFF file keeps its values in a rare way"),
    "pdf": (b"%PDF-1.7\n", "is a PDF file, and a picture is needed"),
    "zip": (b"PK\3\4" + b"\0" * 50, "is a ZIP file"),
    "svg": (
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
        "is a SVG file, and a picture is needed",
    ),
    "html": (b"\n<!DOCTYPE html><title>Not found</title>", "is a HTML file"),
    "text": (b"This is the story of a cat.", "not a picture"),
    "riff": (b"RIFF\0\0\0\0WAVEfmt ", "not a picture"),
    "noise": (bytes(range(256)) * 4, "not a picture"),
    "empty": (b"", "is empty"),
    "one byte": (b"\xff", "not a picture"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_refused_with_their_name_and_a_way_out(name: str) -> None:
    data, sentence = OTHERS[name]
    with pytest.raises(ImageError, match=sentence) as refusal:
        decode(data)
    text = str(refusal.value)
    assert "JPEG, PNG or WebP" in text
    assert text.endswith(".")
    assert text.count(".") == 1


@pytest.mark.parametrize("kind", sorted(set(MORE) - {"GIF"}))  # what is there of a GIF, Pillow shows
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused(kind: str, share: float) -> None:
    data = MORE[kind]
    with pytest.raises(ImageError, match="damaged or incomplete"):
        decode(data[: max(16, int(len(data) * share))])


def test_a_file_over_the_byte_limit_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(ImageError, match=r"is 32\.1 MB: reduce the picture to at most 32 MB"):
        decode(b"x" * (images.MAX_BYTES + 1))
    at_the_limit = GOOD["PNG"] + b"\0" * (images.MAX_BYTES - len(GOOD["PNG"]))  # data behind the end is allowed
    assert decode(at_the_limit).original_size == (96, 64)


def _vp8x(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"VP8X" + struct.pack("<IB3x", 10, 0) + size
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _jpeg_of_declared_size(width: int, height: int) -> bytes:
    data = bytearray(GOOD["JPEG"])
    start = data.index(b"\xff\xc0") + 5
    data[start : start + 4] = struct.pack(">HH", height, width)
    return bytes(data)


@pytest.mark.parametrize("make", [_png, _jpeg_of_declared_size, _vp8x])
@pytest.mark.parametrize(("width", "height"), [(8001, 5000), (16000, 16000)])
def test_too_many_pixels_are_refused_without_decoding(make, width, height, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def never(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(reading, "_eight_bit", never)
    with pytest.raises(ImageError, match=r"at most (40|27) million"):
        decode(make(width, height))


def test_a_decompression_bomb_is_refused_by_its_header() -> None:
    with pytest.raises(ImageError, match="pixels"):
        decode(_png(60000, 60000))


@pytest.mark.parametrize(("width", "height"), [(1, 1), (15, 200), (200, 15)])
def test_too_few_pixels(width: int, height: int) -> None:
    with pytest.raises(ImageError, match=f"only {width} x {height} pixels: choose one with at least 16"):
        decode(_file(Image.new("RGB", (width, height))))


def test_too_narrow_to_be_reduced() -> None:
    with pytest.raises(ImageError, match="too narrow"):
        decode(_file(Image.new("L", (3000, 40))))
    assert decode(_file(Image.new("L", (2560, 40)))).pixels.shape == (16, 1024, 3)


def test_compressed_text_that_unpacks_to_a_gigabyte_is_refused() -> None:
    packed = zlib.compress(b"\0" * 2**26, 9)
    with pytest.raises(ImageError):
        decode(_png(32, 32, _chunk(b"zTXt", b"Comment\0\0" + packed)))
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "x" * 5000)
    assert decode(_file(_scene(), pnginfo=info)).original_size == (96, 64)  # an honest comment is no reason


def test_colour_profiles() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(decode(_file(_scene(), icc_profile=profile)).pixels, np.asarray(_scene()))
    bomb = _chunk(b"iCCP", b"profile\0\0" + zlib.compress(b"\0" * 2**26, 9))
    with pytest.raises(ImageError):
        decode(_png(32, 32, bomb))


def test_a_jpeg_of_a_thousand_scans_is_refused_at_once() -> None:
    data = _file(_scene(), "JPEG", progressive=True)
    start = data.index(b"\xff\xda")
    scan = data[start : data.index(b"\xff", start + 2)]
    with pytest.raises(ImageError, match="damaged"):
        decode(data[:start] + scan * 1000 + data[start:])


def test_a_photo_with_a_film_appended_is_a_photo() -> None:
    film = np.random.default_rng(0).integers(0, 256, 7 * 2**20, dtype=np.uint8).tobytes()
    assert film.count(b"\xff\xda") > images.MAX_SCANS  # by chance, as in any compressed film
    assert decode(GOOD["JPEG"] + film).original_size == (96, 64)


@pytest.mark.parametrize("name", ["holiday.png", "holiday.pdf", "holiday", ""])
def test_the_bytes_say_what_a_file_is_and_never_its_name(name: str) -> None:
    for data in MORE.values():
        assert decode(data, name).original_size == (96, 64)
    with pytest.raises(ImageError, match="SVG"):
        decode(OTHERS["svg"][0], name)


@given(st.sampled_from(sorted(MORE)), st.data())
def test_mutated_files_raise_nothing_but_image_errors(kind: str, data: st.DataObject) -> None:
    """Bytes overwritten, cut out and put in anywhere. Warnings are errors here, so none may leak either."""
    file = bytearray(MORE[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(file) - 1))
        piece = data.draw(st.binary(max_size=8))
        file[at : at + data.draw(st.integers(0, 40))] = piece
        if not file:
            break
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with contextlib.suppress(ImageError):
            assert min(decode(bytes(file)).pixels.shape[:2]) >= images.MIN_SIDE


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF0000WEBPVP8 "]))
def test_any_bytes_raise_nothing_but_image_errors(data: bytes, head: bytes) -> None:
    with pytest.raises(ImageError):
        decode(head + data)


@given(st.binary(min_size=1, max_size=300))
def test_any_exif_leaves_the_picture_alone(exif: bytes) -> None:
    data = _png(16, 16, _chunk(b"eXIf", exif), rows=(b"\0" + b"\x80" * 48) * 16)
    assert (decode(data).pixels == 128).all()


# --------------------------------------------------------------------------------------------------- the house rules


def test_many_threads_see_the_same() -> None:
    files = [*MORE.values()] * 3
    with ThreadPoolExecutor(8) as pool:
        several = list(pool.map(decode, files))
    for data, picture in zip(files, several, strict=True):
        assert np.array_equal(picture.pixels, decode(data).pixels)


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([(), (3,), (4,)]), st.integers(0, 2**32 - 1))
def test_png_round_trip_is_exact(height: int, width: int, channels: tuple[int, ...], seed: int) -> None:
    array = np.random.default_rng(seed).integers(0, 256, (height, width, *channels), dtype=np.uint8)
    with Image.open(io.BytesIO(images.encode_png(array))) as image:
        assert np.array_equal(np.asarray(image), array)


def test_jpeg_is_smaller_at_lower_quality_and_close_to_the_original() -> None:
    pixels = images.sample("cat").pixels
    fine, coarse = images.encode_jpeg(pixels, 95), images.encode_jpeg(pixels, 40)
    assert len(coarse) < len(fine)
    assert np.abs(decode(fine).pixels.astype(int) - pixels).mean() < 3


def test_only_bytes_can_be_encoded() -> None:
    with pytest.raises(TypeError, match="float64"):
        images.encode_png(np.zeros((4, 4)))  # type: ignore[arg-type]


def test_neither_pytorch_nor_streamlit_is_imported() -> None:
    code = "import sys, core.pictures.images; sys.exit(bool({'torch', 'streamlit'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
