"""Profiles: a colour that two profiles describe in two ways comes out as one, and broken ones cost nothing."""

from __future__ import annotations

import io
import logging
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.pictures import coded_colours
from core.pictures.colour_profiles import MAX_PROFILE, to_srgb
from core.pictures.images import decode

D50 = (0.9642, 1.0, 0.8249)
# Columns: what red, green and blue are in XYZ under D50, as the makers' own profiles say (Apple's, Adobe's).
DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))


def _fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def _profile(kind: bytes, space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile, version 2, put together by hand (ICC.1:2001-04)."""
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 2) + b"x\0" + b"\0" * 78,
        b"cprt": b"text\0\0\0\0free\0",
        **tags,
    }
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        content += b"\0" * (-len(content) % 4)
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content
    head = struct.pack(
        ">I4sI4s4s4s", at + len(body), b"\0\0\0\0", 0x02100000, kind, space, b"XYZ " if kind == b"mntr" else b"Lab "
    )
    head += struct.pack(">6H4sI", 2026, 1, 1, 0, 0, 0, b"acsp", 0) + b"\0" * 24 + _fixed(*D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def matrix(primaries: tuple[tuple[float, ...], ...], gamma: float = 2.2) -> bytes:
    tags = {b"wtpt": b"XYZ \0\0\0\0" + _fixed(*D50)}
    for name, column in zip(b"rgb", primaries, strict=True):
        tags[bytes([name]) + b"XYZ"] = b"XYZ \0\0\0\0" + _fixed(*column)
        tags[bytes([name]) + b"TRC"] = _gamma(gamma)
    return _profile(b"mntr", b"RGB ", tags)


def grey(gamma: float) -> bytes:
    return _profile(b"mntr", b"GRAY", {b"wtpt": b"XYZ \0\0\0\0" + _fixed(*D50), b"kTRC": _gamma(gamma)})


def press() -> bytes:
    """A printing press whose ink of any kind makes paper grey: L* = 100 (1 - ink), a* = b* = 0."""
    corners = b"".join(bytes((255 - 255 * min(1, bin(i).count("1")), 128, 128)) for i in range(16))
    ramp = bytes(range(256))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1) + ramp * 4 + corners + ramp * 3
    return _profile(b"prtr", b"CMYK", {b"wtpt": b"XYZ \0\0\0\0" + _fixed(*D50), b"A2B0": lut})


def _file(colour: object, mode: str, profile: bytes, kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (32, 32), colour).save(
        buffer, kind, icc_profile=profile, **({"quality": 98, "subsampling": 0} if kind == "JPEG" else {})
    )
    return buffer.getvalue()


def _seen(primaries: tuple[tuple[float, ...], ...], rgb: tuple[int, int, int], gamma: float = 2.2) -> np.ndarray:
    """What ``rgb`` is in sRGB, by the sums of the standard (IEC 61966-2-1), with the white point adapted to D50."""
    xyz = np.array(primaries).T @ (np.array(rgb) / 255) ** gamma
    srgb = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
    linear = np.linalg.solve(srgb, xyz).clip(0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("primaries", [DISPLAY_P3, ADOBE_RGB], ids=["Display P3", "Adobe RGB"])
@pytest.mark.parametrize("rgb", [(200, 80, 60), (90, 160, 90), (60, 80, 190), (128, 128, 128), (255, 255, 255)])
def test_wide_colours_come_out_as_srgb(
    kind: str, primaries: tuple[tuple[float, ...], ...], rgb: tuple[int, ...]
) -> None:
    found = decode(_file(rgb, "RGB", matrix(primaries), kind)).pixels[16, 16].astype(float)
    wanted = _seen(primaries, rgb)  # type: ignore[arg-type]
    assert found == pytest.approx(wanted, abs=4 if kind == "WEBP" else 2)
    if len(set(rgb)) == 3:
        assert np.abs(wanted - rgb).max() > 8, "the test would pass without a conversion"


def test_alpha_is_kept_beside_a_profile() -> None:
    half = decode(_file((200, 80, 60, 128), "RGBA", matrix(ADOBE_RGB), "PNG")).pixels[16, 16].astype(float)
    assert half == pytest.approx(_seen(ADOBE_RGB, (200, 80, 60)) * 128 / 255 + 127, abs=2)


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
def test_grey_with_a_gamma(gamma: float) -> None:
    found = decode(_file(100, "L", grey(gamma), "PNG")).pixels[16, 16]
    assert len(set(found.tolist())) == 1
    linear = (100 / 255) ** gamma
    assert float(found[0]) == pytest.approx(255 * (1.055 * linear ** (1 / 2.4) - 0.055), abs=2)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_with_a_profile_is_what_the_press_prints(kind: str) -> None:
    printed = decode(_file((255, 0, 0, 0), "CMYK", press(), kind)).pixels[16, 16]
    plain = decode(_file((255, 0, 0, 0), "CMYK", b"", kind)).pixels[16, 16]
    assert printed.max() < 12, "this press prints black with cyan"
    assert plain[0] < 12 < 240 < plain[2]
    paper = decode(_file((0, 0, 0, 0), "CMYK", press(), kind)).pixels[16, 16]
    assert paper.min() > 243


GOOD = matrix(DISPLAY_P3)
BROKEN = {
    "noise": bytes(range(256)) * 4,
    "truncated": GOOD[: len(GOOD) // 2],
    "of no colours": GOOD[:16] + b"Lab " + GOOD[20:],
    "for grey": grey(1.8),
    "for a press": press(),
    "too large": GOOD + bytes(MAX_PROFILE),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_profile_is_left_out_and_noted(what: str, caplog: pytest.LogCaptureFixture) -> None:
    image = Image.new("RGB", (32, 32), (200, 80, 60))
    with caplog.at_level(logging.WARNING):
        assert np.array_equal(np.asarray(to_srgb(image, BROKEN[what])), np.asarray(image))
    assert [record.name for record in caplog.records] == ["core.pictures.colour_profiles"]
    assert "photo" not in caplog.text


def test_no_profile_and_srgb_change_nothing() -> None:
    ramp = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (None, b"", srgb):
        assert np.array_equal(np.asarray(to_srgb(ramp, profile)), np.asarray(ramp))


def _coded(rgb: tuple[int, int, int], primaries: int, transfer: int) -> bytes:
    """An AVIF of one colour that states its colours by code."""
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32), rgb).save(buffer, "AVIF", quality=100, subsampling="4:4:4")
    data = buffer.getvalue()
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


@pytest.mark.parametrize("rgb", [(200, 80, 60), (90, 160, 90), (60, 80, 190), (128, 128, 128), (255, 255, 255)])
def test_colours_that_a_file_states_by_code_come_out_as_srgb(rgb: tuple[int, int, int]) -> None:
    """As Android's phones write them: Display P3 with the curve of sRGB, and with a gamma of 2.2."""
    with_gamma = decode(_coded(rgb, 12, 4)).pixels[16, 16].astype(float)
    assert with_gamma == pytest.approx(_seen(DISPLAY_P3, rgb), abs=4)  # the file itself is off by one
    values = np.array(rgb) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    as_srgb = _seen(DISPLAY_P3, tuple(255 * linear), gamma=1)  # type: ignore[arg-type]
    assert decode(_coded(rgb, 12, 13)).pixels[16, 16].astype(float) == pytest.approx(as_srgb, abs=4)


def test_codes_that_say_srgb_nothing_or_light_of_a_high_range_change_nothing(caplog: pytest.LogCaptureFixture) -> None:
    rgb = (200, 80, 60)
    for primaries, transfer in ((1, 13), (1, 1), (2, 2), (12, 2), (99, 13), (9, 16), (9, 18)):
        assert decode(_coded(rgb, primaries, transfer)).pixels[16, 16].astype(float) == pytest.approx(rgb, abs=2)
    assert sum("transfer" in record.message for record in caplog.records) == 3


def test_a_profile_counts_for_more_than_a_code() -> None:
    buffer = io.BytesIO()
    picture = Image.new("RGB", (32, 32), (200, 80, 60))
    picture.save(buffer, "AVIF", quality=100, subsampling="4:4:4", icc_profile=matrix(ADOBE_RGB))
    data = buffer.getvalue().replace(b"colrnclx" + struct.pack(">HH", 1, 13), b"colrnclx" + struct.pack(">HH", 12, 13))
    assert decode(data).pixels[16, 16].astype(float) == pytest.approx(_seen(ADOBE_RGB, (200, 80, 60)), abs=4)


@pytest.mark.parametrize("cut", range(8))
def test_a_code_that_is_cut_short_is_none(cut: int) -> None:
    assert coded_colours.profile(b"colrnclx" + bytes(4)[: cut // 2]) is None
