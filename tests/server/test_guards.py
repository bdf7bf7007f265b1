"""What an address is counted as."""

from __future__ import annotations

import pytest

from core.server import guards
from core.ui import thumbnails


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "page"),
        ("/unet", "page"),
        ("/_stcore/stream", "websocket"),
        ("/_stcore/upload_file/session/file", "upload"),
        ("/_stcore/health", "streamlit"),
        ("/readyz", "health"),
        ("/static/js/index.js", "static"),
        ("/media/abc.png", "media"),
        ("/maps/token/pool5/3.png", "maps"),
        (f"{components.PREFIX}race-0123456789ab.js", "component"),
        (f"{thumbnails.PREFIX}cat-0123456789ab.jpg", "static"),
    ],
)
def test_kinds(path: str, kind: str) -> None:
    assert guards.kind(path) == kind
