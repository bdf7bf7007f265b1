"""Small squares of pictures to choose by. A sample's has an address of its own, which the browser asks when the choice
is opened; a visitor's photo has none and travels inside the page."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

import numpy as np
from PIL import Image
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.pictures import images
from core.pictures.images import Picture
from core.ui import kept_pictures

PREFIX = "/samples/"
SIDE = 128
"""Pixels along one side of what is chosen by, twice what a phone shows."""


def square(pixels: np.ndarray[Any, Any], side: int) -> bytes:
    """JPEG of the picture's central square, ``side`` pixels wide."""
    picture = Image.fromarray(pixels)
    width, height = picture.size
    cut = min(width, height)
    left, top = (width - cut) // 2, (height - cut) // 2
    small = picture.resize((side, side), Image.Resampling.LANCZOS, (left, top, left + cut, top + cut), reducing_gap=2)
    return images.encode_jpeg(np.asarray(small), quality=80)


@cache
def of_sample(key: str) -> bytes:
    """JPEG of the sample ``key``, about 4 KB."""
    return square(images.sample(key).pixels, SIDE)


@cache
def address(key: str) -> str:
    """Where the sample ``key`` is served, from any page; another address when the picture is another one, so browsers
    may keep it. Relative, because a host may serve all this below a path."""
    return f"{PREFIX[1:]}{key}-{hashlib.sha256(of_sample(key)).hexdigest()[:12]}.jpg"


def inside(photo: Picture) -> str:
    """A visitor's photo as a ``data:`` address."""
    return kept_pictures.of(
        photo, "choice", lambda: "data:image/jpeg;base64," + base64.b64encode(square(photo.pixels, SIDE)).decode()
    )


def _serve(request: Request) -> Response:
    """Runs in a thread of its own."""
    name = str(request.path_params["name"])
    key = name.rpartition("-")[0]
    if key not in {sample.key for sample in images.SAMPLES} or f"{PREFIX[1:]}{name}.jpg" != address(key):
        return PlainTextResponse("not found\n", 404)
    return Response(
        of_sample(key), media_type="image/jpeg", headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


ROUTE = Route(PREFIX + "{name}.jpg", _serve, methods=["GET", "HEAD"])
"""Serves the samples' thumbnails."""
