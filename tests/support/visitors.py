"""A visitor without a browser: Streamlit's websocket and its upload address, spoken by hand."""

from __future__ import annotations

import http.client
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

RERUN = BackMsg()
RERUN.rerun_script.query_string = ""


def session_id(message: bytes) -> str:
    """The session that a message of the server announces, or nothing."""
    forward = ForwardMsg()
    forward.ParseFromString(message)
    return forward.new_session.initialize.session_id if forward.WhichOneof("type") == "new_session" else ""


def finished(message: bytes) -> bool:
    """Whether a message of the server says that the page is drawn."""
    forward = ForwardMsg()
    forward.ParseFromString(message)
    return bool(forward.WhichOneof("type") == "script_finished")


@dataclass
class Visitor:
    """One open session at ``server``."""

    server: str
    socket: ClientConnection
    session: str

    def put(
        self, body: bytes | Iterable[bytes], session: str = "", source: str = "127.0.0.1", **headers: str
    ) -> tuple[int, str]:
        """Send ``body`` as a file under a made-up name, from ``source``; status and text of the answer."""
        return put(self.server, session or self.session, body, source, **headers)


@contextmanager
def visit(server: str) -> Iterator[Visitor]:
    """Open a session and leave it again."""
    stream = server.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(stream, subprotocols=[Subprotocol("streamlit")]) as socket:
        socket.send(RERUN.SerializeToString())
        while not (name := session_id(socket.recv(60))):  # type: ignore[arg-type]
            pass
        yield Visitor(server, socket, name)


def form(content: bytes, name: str = "holiday.png") -> bytes:
    """A file as a browser wraps it."""
    head = f'--frame\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n--frame--\r\n"


def get(server: str, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of an address."""
    with closing(http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)) as there:
        there.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = there.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()


def put(
    server: str, session: str, body: bytes | Iterable[bytes], source: str = "127.0.0.1", **headers: str
) -> tuple[int, str]:
    """Send ``body`` to the upload address of ``session`` at ``server``, which may have a path, with the token that
    Streamlit asks for."""
    prefix = urlsplit(server).path
    token = get(server, prefix + "/_stcore/health")[1]["set-cookie"].split(";")[0].split("=", 1)[1]
    path = f"{prefix}/_stcore/upload_file/{session}/{uuid.uuid4()}"
    fixed = {"Content-Type": "multipart/form-data; boundary=frame", "X-Xsrftoken": token}
    fixed["Cookie"] = f"_streamlit_xsrf={token}"
    with closing(http.client.HTTPConnection(urlsplit(server).netloc, timeout=60, source_address=(source, 0))) as there:
        given = {**fixed, **{k.replace("_", "-"): v for k, v in headers.items()}}
        there.request("PUT", path, body, given, encode_chunked="Transfer-Encoding" in given)
        answer = there.getresponse()
        return answer.status, answer.read().decode()
