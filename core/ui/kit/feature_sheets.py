"""Feature maps on their way to the browser: what a page needs at once, and addresses for what it may ask for later.

All maps of a network are megabytes. A page gets their ranges, strengths and addresses, about 20 KB; the browser fetches
a sheet when a box is drawn or opened, without a rerun. A gallery lives as long as somebody holds it, which the cache of
the page's results does; afterwards its addresses answer 404, and the page asks for a new one by running again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.pictures.images import encode_png
from core.viz.gallery import Sheets
from core.viz.sprites import SpriteSheet

if TYPE_CHECKING:
    from core.passes.feature_maps import Stage  # imports PyTorch

PREFIX = "/maps/"


class Place(NamedTuple):
    """Where a map lies on the network's input: cell (0, 0) begins at (left, top), a cell is ``jump`` pixels wide."""

    left: float
    top: float
    jump: float


class Gallery:
    """The stages of one pass, served under an address that nobody can guess.

    Attributes:
        stages: what is shown, by name.
    """

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.stages = {stage.name: Sheets(stage) for stage in stages}
        self._token = secrets.token_urlsafe(12)
        _galleries[self._token] = self

    def describe(self, name: str, place: Place, orders: Mapping[str, npt.ArrayLike] | None = None) -> dict[str, Any]:
        """What ``channel_browser.js`` reads of a stage; JSON.

        Args:
            name: of the stage.
            place: where its maps lie on the network's input.
            orders: further numbers to sort the channels by, (C,) each, by the name that the browser's texts have.
        """
        sheets = self.stages[name]
        channels, height, width = sheets.stage.maps.shape
        values = {"strength": sheets.strength, "variance": sheets.variance, **(orders or {})}
        return {
            "name": name,
            "channels": channels,
            "height": height,
            "width": width,
            "parameters": sheets.stage.parameters,
            "milliseconds": round(1000 * sheets.stage.seconds, 1),
            "low": _short(sheets.low),
            "high": _short(sheets.high),
            "orders": {key: _short(each) for key, each in values.items()},
            "place": [place.left, place.top, place.jump],
            "figure": self._layout(sheets, "figure"),
            "browse": self._layout(sheets, "browse"),
            "address": f"{PREFIX[1:]}{self._token}/{name}/",  # relative: a host may serve all this below a path
        }

    @staticmethod
    def _layout(sheets: Sheets, kind: str) -> dict[str, Any]:
        layout = sheets.layout(kind)
        return {**layout._asdict(), "channels": np.asarray(layout.channels).tolist()}


def _short(values: npt.ArrayLike) -> list[float]:
    return [float(f"{v:.4g}") for v in np.asarray(values, np.float64)]


_galleries: WeakValueDictionary[str, Gallery] = WeakValueDictionary()


def sheet(token: str, stage: str, what: str) -> SpriteSheet | None:
    """A sheet of a gallery that is still held: ``figure``, ``browse``, or the number of a channel; ``None`` where there
    is none."""
    gallery = _galleries.get(token)
    sheets = gallery.stages.get(stage) if gallery else None
    if sheets is None:
        return None
    if what == "figure":
        return sheets.figure()
    if what == "browse":
        return sheets.browse()
    if what.isascii() and what.isdigit() and len(what) < 6 and int(what) < len(sheets.stage.maps):
        return sheets.single(int(what))
    return None


def _serve(request: Request) -> Response:
    """Runs in a thread of its own."""
    found = sheet(*(str(request.path_params[part]) for part in ("token", "stage", "what")))
    if found is None:
        return PlainTextResponse("not found\n", 404)
    headers = {"Cache-Control": "private, max-age=3600, immutable"}
    return Response(encode_png(found.pixels), media_type="image/png", headers=headers)


ROUTE = Route(PREFIX + "{token}/{stage}/{what}.png", _serve, methods=["GET", "HEAD"])
"""Serves the sheets of every gallery that is still held."""
