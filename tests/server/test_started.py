"""The application as it runs: a real server, plain HTTP, no browser."""

from __future__ import annotations

import gzip
import re
import urllib.error
import urllib.request

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin


def fetch(address: str, **headers: str) -> tuple[dict[str, str], bytes]:
    request = urllib.request.Request(address, headers={k.replace("_", "-"): v for k, v in headers.items()})
    with urllib.request.urlopen(request) as answer:
        return {k.lower(): v for k, v in answer.headers.items()}, answer.read()


def test_health_and_readiness(server: str) -> None:
    assert fetch(server + "/_stcore/health")[1] == b"ok"
    assert fetch(server + "/readyz")[1] == b"ready\n"


def test_static_files_are_compressed_and_carry_the_policy(server: str) -> None:
    html = fetch(server + "/fcn")[1].decode()
    script = re.search(r'src="\./(static/js/index[^"]+)"', html)
    assert script
    plain = fetch(f"{server}/{script[1]}")[1]
    headers, packed = fetch(f"{server}/{script[1]}", Accept_Encoding="gzip")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 2
    assert "default-src 'none'" in headers["content-security-policy"]


def test_websocket_of_another_site_is_refused(server: str) -> None:
    stream = server.replace("http", "ws", 1) + "/_stcore/stream"
    with pytest.raises(InvalidStatus) as refused, connect(stream, origin=Origin("https://evil.example")):
        pass
    assert refused.value.response.status_code == 403
    for origin in (Origin(server), None):  # our own page; something that is no browser
        with connect(stream, origin=origin) as socket:
            assert socket.protocol.state.name == "OPEN"


@pytest.mark.parametrize(
    "path", ["/app.py", "/core/ui/shell.py", "/.streamlit/config.toml", "/static/../app.py", "/static/%2e%2e/app.py"]
)
def test_nothing_of_the_source_is_served(server: str, path: str) -> None:
    try:
        body = fetch(server + path)[1]
    except urllib.error.HTTPError as refused:
        with refused:
            body = refused.read()
    assert b"import streamlit" not in body
    assert b"maxUploadSize" not in body
