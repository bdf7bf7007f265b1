"""Replicas of SegScope behind nginx on this machine, and visitors who speak Streamlit's websocket without a browser."""

from __future__ import annotations

import http.client
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tests.support.paths import ROOT
from websockets.sync.client import ClientConnection, connect

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
CONFIGURATION = ROOT / "deploy" / "nginx.conf"


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens at, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@dataclass
class Replica:
    """One SegScope server at ``port``."""

    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, secret: str) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        command += ["--server.address", "127.0.0.1", "--server.port", str(self.port)]
        environment = {**os.environ, "STREAMLIT_SERVER_COOKIE_SECRET": secret}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)

    def wait(self, path: str = "/_stcore/health") -> None:
        """Until it answers 200 at ``path``."""
        assert self.process is not None
        give_up = time.monotonic() + 120
        while status("127.0.0.1", self.port, path) != 200:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < give_up, self.log.read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """As when the machine's power goes: no good-bye."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)

    def __str__(self) -> str:
        return f"127.0.0.1:{self.port}"


def status(host: str, port: int, path: str) -> int:
    """Status of a GET, 0 when nobody answers."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def configuration(folder: Path, port: int, replicas: list[Replica]) -> str:
    """``deploy/nginx.conf`` as it stands, but for where it listens, where the replicas are and where its files go. It
    also tells which replica answered and whether a script came from its cache."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for number, replica in enumerate(replicas, 1):
        assert text.count(f"segscope-{number}:8501") == 1
        text = text.replace(f"segscope-{number}:8501", str(replica))
    assert not re.search(r"segscope-\d", text)
    text, listening = re.subn(r"\blisten 8080 default_server;", f"listen 127.0.0.1:{port};", text)
    telling = "add_header X-Replica $upstream_addr; add_header X-Cache $upstream_cache_status;"
    text, headers = re.subn(r"(add_header Set-Cookie [^;\"]*(?:\"[^\"]*\")? always;)", rf"\1 {telling}", text)
    assert (listening, headers) == (1, 2)
    text = text.replace("/tmp/nginx", str(folder / "nginx"))
    return ("user root;\n" if os.geteuid() == 0 else "") + text  # the folder of a test belongs to who runs it


@dataclass
class Balancer:
    """nginx at ``port`` in front of ``replicas``; its files lie in ``folder``."""

    port: int
    replicas: list[Replica]
    folder: Path
    secret: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def replica(self, name: str) -> Replica:
        """The replica that calls itself ``name`` (``host:port``)."""
        return next(replica for replica in self.replicas if str(replica) == name)


@contextmanager
def nginx(folder: Path, port: int, replicas: list[Replica]) -> Iterator[None]:
    """nginx at ``port`` in front of ``replicas``, which need not run."""
    assert NGINX is not None
    file = folder / "nginx.conf"
    file.write_text(configuration(folder, port, replicas), encoding="utf-8")
    with (folder / "nginx.txt").open("wb") as output:
        command = [NGINX, "-e", "/dev/stderr", "-c", str(file), "-g", "daemon off;"]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        give_up = time.monotonic() + 20
        while status("127.0.0.1", port, "/balancer") != 200:
            assert process.poll() is None, (folder / "nginx.txt").read_text()
            assert time.monotonic() < give_up
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def balancer(folder: Path, count: int = 2) -> Iterator[Balancer]:
    """``count`` replicas behind nginx, ready; ended afterwards. No replica's log may hold a traceback."""
    secret = secrets.token_hex(16)
    port, *ports = free_ports(count + 1)
    replicas = [Replica(p, folder / f"replica-{p}.txt") for p in ports]
    try:
        for replica in replicas:
            replica.start(secret)
        for replica in replicas:
            replica.wait("/readyz")
        with nginx(folder, port, replicas):
            yield Balancer(port, replicas, folder, secret)
    finally:
        for replica in replicas:
            replica.kill()
    for replica in replicas:
        assert "Traceback" not in replica.log.read_text(), replica.log.read_text()


@dataclass
class Answer:
    """One HTTP answer; the names of its headers in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: dict[str, str]


@dataclass
class Visitor:
    """Somebody with cookies and at most one open page."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    socket: ClientConnection | None = None
    session: str = ""
    page: ExitStack = field(default_factory=ExitStack)

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request with this visitor's cookies; keeps those that the answer sets."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            given = {"Cookie": self._cookies()} if self.cookies else {}
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {**given, **named})
            answer = connection.getresponse()
            cookies = [line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie", [])]
            set_now = {k: v for k, _, v in (line.partition("=") for line in cookies)}
            self.cookies |= set_now
            found = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status, found, answer.read(), set_now)
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, **headers)

    def _cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def connect(self, origin: str | None = None) -> None:
        """Open the page's websocket as Streamlit's front end does, with the session before it if there was one."""
        here = f"127.0.0.1:{self.port}"
        protocols: list[Any] = ["streamlit", self.cookies.get("_streamlit_xsrf", "none").replace("|", "-")]
        protocols += [self.session] if self.session else []
        opening = connect(
            f"ws://{here}/_stcore/stream",
            subprotocols=protocols,
            origin=(origin or f"http://{here}"),  # type: ignore[arg-type]
            additional_headers={"Cookie": self._cookies()},
            proxy=None,
            open_timeout=30,
            max_size=None,
        )
        self.close()
        self.socket = self.page.enter_context(opening)

    def run(self, page: str = "", query: str = "") -> list[ForwardMsg]:
        """Have the page's script run; everything that it sends until it has finished."""
        assert self.socket is not None
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        self.socket.send(message.SerializeToString())
        came: list[ForwardMsg] = []
        while True:
            data = self.socket.recv(timeout=60)
            assert isinstance(data, bytes)
            came.append(ForwardMsg.FromString(data))
            if came[-1].WhichOneof("type") == "new_session":
                self.session = came[-1].new_session.initialize.session_id
            if came[-1].WhichOneof("type") == "script_finished":
                return came

    def close(self) -> None:
        self.page.close()
        self.socket = None


def words(messages: list[ForwardMsg]) -> str:
    """Everything that was sent, as text to look for words in."""
    return " ".join(str(message) for message in messages)


def media(messages: list[ForwardMsg]) -> list[str]:
    """Addresses of the pictures that a run sent."""
    return sorted(set(re.findall(r"/media/[0-9a-f]+\.[a-z]+", words(messages))))


def multipart(name: str, data: bytes) -> tuple[bytes, str]:
    """A form with one file, and its content type."""
    mark = "segscope-test"
    head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
    body = head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + data + f"\r\n--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"
