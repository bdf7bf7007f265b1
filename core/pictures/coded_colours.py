"""Colours that a HEIC or AVIF file states by code instead of a profile: the box ``colr`` of kind ``nclx``.

Phones write them: "primaries 12" is Display P3. The codes are those of ITU-T H.273 (07/2024), tables 2 and 3. Here they
become an ICC profile, so that the one way from a profile to sRGB serves both.
"""

from __future__ import annotations

import logging
import struct

import numpy as np

_BOX = b"colrnclx"
_SRGB = 1
_D65 = (0.3127, 0.3290)
_PRIMARIES = {
    _SRGB: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    5: ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060)),  # 625 lines
    6: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),  # 525 lines
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
}
"""x and y of red, green and blue by their code; all have the white of daylight, D65."""
_LIKE_SRGB = (1, 6, 13, 14, 15)
"""Curves that are sRGB's or a camera's of television; on a screen all browsers show the latter by sRGB's."""
_GAMMA = {4: 2.2, 5: 2.8, 8: 1.0}
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])
_logger = logging.getLogger(__name__)


def profile(data: bytes) -> bytes | None:
    """The ICC profile of what a HEIC or AVIF file states by code: ``None`` where it states nothing, says sRGB, or names
    what is not known here. Light of a high range (PQ, HLG) is noted in the log and left as it is."""
    at = data.find(_BOX)
    if at < 0 or at + len(_BOX) + 4 > len(data):
        return None
    primaries, transfer = struct.unpack_from(">HH", data, at + len(_BOX))
    if primaries not in _PRIMARIES or (primaries == _SRGB and transfer in _LIKE_SRGB):
        return None
    if transfer in _LIKE_SRGB:
        curve = _parametric(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    elif transfer in _GAMMA:
        curve = _parametric(_GAMMA[transfer])
    else:
        _logger.warning("Colours of transfer %d were left as they are", transfer)
        return None
    return _icc(_colorants(_PRIMARIES[primaries]), curve)


def _xyz(point: tuple[float, float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _colorants(
    primaries: tuple[tuple[float, float], ...],
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """XYZ of full red, green and blue as columns ``(3, 3)``, seen under D50 as ICC wants it (Bradford)."""
    columns, white = np.stack([_xyz(point) for point in primaries], axis=1), _xyz(_D65)
    columns = columns * np.linalg.solve(columns, white)
    adapt = np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white)) @ _BRADFORD
    found: np.ndarray[tuple[int, int], np.dtype[np.float64]] = adapt @ columns
    return found


def _fixed(*values: float) -> bytes:
    """s15Fixed16Number."""
    return struct.pack(f">{len(values)}i", *(round(65536 * value) for value in values))


def _parametric(*values: float) -> bytes:
    """parametricCurveType: a gamma alone, or sRGB's five numbers."""
    return b"para" + bytes(4) + struct.pack(">HH", 3 if len(values) > 1 else 0, 0) + _fixed(*values)


def _icc(colorants: np.ndarray[tuple[int, int], np.dtype[np.float64]], curve: bytes) -> bytes:
    """A display profile of version 4 (ICC.1:2022, 8.3)."""
    text = "coded".encode("utf-16-be")
    said = b"mluc" + bytes(4) + struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", len(text), 28) + text
    tags = {b"desc": said, b"cprt": said, b"wtpt": b"XYZ " + bytes(4) + _fixed(*_D50)}
    for colour, column in zip((b"r", b"g", b"b"), colorants.T, strict=True):
        tags[colour + b"XYZ"] = b"XYZ " + bytes(4) + _fixed(*column)
        tags[colour + b"TRC"] = curve
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        table += name + struct.pack(">II", start + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    head = struct.pack(">I4sI", 0, bytes(4), 0x04400000) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += _fixed(*_D50) + bytes(48)
    whole = head + table + body
    return struct.pack(">I", len(whole)) + whole[4:]
