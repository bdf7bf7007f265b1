"""Colours as the networks and the screen expect them: sRGB, whatever profile a picture brings.

A camera set to Adobe RGB, a phone that writes Display P3, a scan for printing in CMYK: the numbers mean colours only
together with their profile (ICC.1:2022). Read as sRGB they are pale, or wrong altogether.
"""

from __future__ import annotations

import io
import logging

from PIL import Image, ImageCms

MAX_PROFILE = 4 * 2**20
"""Largest profile that is looked at, in bytes; those for printing presses have one to three million."""
_SRGB = ImageCms.createProfile("sRGB")
_logger = logging.getLogger(__name__)


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """``image`` in sRGB.

    A profile that is broken, or made for another kind of picture, is noted in the log and left out.

    Args:
        image: mode L, LA, RGB, RGBA or CMYK, eight bits a channel.
        profile: the ICC profile that came with it.

    Returns:
        Mode RGBA where the picture had alpha, otherwise L or RGB.
    """
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colours = image.convert(image.mode[:-1]) if alpha else image
    given = _opened(profile, colours.mode)
    if given is not None:
        try:
            colours = _converted(colours, given)
        except Exception as error:  # lcms refuses profiles in many ways
            _note(error)
    if colours.mode not in ("L", "RGB"):
        colours = colours.convert("RGB")
    if alpha:
        colours = colours.convert("RGB")
        colours.putalpha(alpha)
    return colours


def _opened(profile: bytes | None, mode: str) -> ImageCms.ImageCmsProfile | None:
    """The profile, where it is one and says something that mode ``mode`` does not say by itself."""
    if not profile:
        return None
    try:
        if len(profile) > MAX_PROFILE:
            raise ValueError("too large")
        found = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = found.profile.xcolor_space.strip()
        if space != {"L": "GRAY"}.get(mode, mode):
            raise ValueError("for another kind of picture")
    except Exception as error:
        _note(error)
        return None
    return found


def _converted(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    transform = ImageCms.buildTransform(profile, _SRGB, image.mode, "RGB")
    return transform.apply(image)


def _note(error: Exception) -> None:
    _logger.warning("A colour profile was left out: %s", type(error).__name__)
