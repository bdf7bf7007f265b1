"""SegScope as three kinds of hosts serve it below a path, each made of nginx and one server on this machine.

(a) The path is taken off and never mentioned: Streamlit Community Cloud, whose own page at ``/`` shows ``/~/+/`` in a
frame. (b) The path is passed on and named in ``server.baseUrlPath``. (c) JupyterHub, whose proxy for a port takes the
path off, announces it, and serves it without a slash at the end too (as jupyter-server-proxy's ``handlers.py`` does).
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.replicas import NGINX, free_ports, status

_CONFIGURATION = """\
{user}worker_processes 1;
pid {folder}/nginx.pid;
error_log /dev/stderr warn;
events {{ worker_connections 512; }}
http {{
  access_log {folder}/access.txt;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/unused;
  uwsgi_temp_path {folder}/unused;
  scgi_temp_path {folder}/unused;
  map $http_upgrade $upgrade_or_close {{ default upgrade; "" close; }}
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $upgrade_or_close;
  client_max_body_size 40m;
  server {{
    listen 127.0.0.1:{port};
    {locations}
  }}
}}
"""


@dataclass(frozen=True)
class Place:
    """Where SegScope stands.

    Attributes:
        prefix: the path, with a slash before it and none behind.
        locations: of nginx, with ``APP`` where the server is.
        named: whether the server is told ``prefix``.
    """

    prefix: str
    locations: str
    named: bool = False


_FRAME = '<!doctype html><title>Host</title><iframe src=\\"/~/+$uri$is_args$args\\" width=1280 height=800></iframe>'
_JUPYTER = "/user/ada/proxy/8501"
PLACES = {
    "stripped": Place(
        "/~/+",
        "location = /favicon.ico { return 204; }"
        " location /~/+/ { proxy_pass http://APP/; }"
        f' location / {{ default_type text/html; return 200 "{_FRAME}"; }}',
    ),
    "kept": Place("/apps/segscope", "location / { proxy_pass http://APP; }", named=True),
    "jupyter": Place(
        _JUPYTER,
        f"location ~ ^{_JUPYTER}(/.*|)$ {{"
        f" proxy_set_header X-Forwarded-Prefix {_JUPYTER}; proxy_set_header X-Forwarded-Context {_JUPYTER};"
        f" proxy_set_header X-ProxyContextPath {_JUPYTER}; proxy_set_header Host $http_host;"
        " proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $upgrade_or_close;"
        " proxy_pass http://APP$1$is_args$args; }",
    ),
}
"""The three, by name."""


@contextmanager
def standing(place: Place, server: str, folder: Path) -> Iterator[str]:
    """nginx that shows ``server`` (``http://host:port``) as ``place`` says, on a free port, which is yielded as
    ``http://host:port``; ended afterwards. Files lie in ``folder``. Nothing may be asked for outside of the place."""
    assert NGINX is not None
    (port,) = free_ports(1)
    locations = place.locations.replace("APP", server.removeprefix("http://"))
    user = "user root;\n" if os.geteuid() == 0 else ""  # the folder of a test belongs to who runs it
    file = folder / "nginx.conf"
    file.write_text(_CONFIGURATION.format(user=user, folder=folder, port=port, locations=locations), encoding="utf-8")
    with (folder / "nginx.txt").open("wb") as output:
        command = [NGINX, "-e", "/dev/stderr", "-c", str(file), "-g", "daemon off;"]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        give_up = time.monotonic() + 20
        while status("127.0.0.1", port, f"{place.prefix}/readyz") != 200:
            assert process.poll() is None, (folder / "nginx.txt").read_text()
            assert time.monotonic() < give_up
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def asked(folder: Path) -> list[tuple[str, int]]:
    """Path and status of every request that nginx has answered."""
    lines = (folder / "access.txt").read_text(encoding="utf-8").splitlines()
    return [(line.split('"')[1].split(" ")[1], int(line.split('"')[2].split()[0])) for line in lines]
