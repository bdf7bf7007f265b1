"""Two replicas behind ``deploy/nginx.conf`` on this machine: a visitor stays with one, and survives its end."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus

from core.ui import language
from core.ui.story import STORY, Entry
from tests.support.paths import ROOT
from tests.support.pictures import GOOD
from tests.support.replicas import (
    NGINX,
    Balancer,
    Replica,
    Visitor,
    balancer,
    configuration,
    free_ports,
    media,
    multipart,
    nginx,
    words,
)

pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx: its tests need one (apt-get install nginx-light)")

KOREAN = language.catalogue("ko").gettext
CLASS = 16
"""Visitors at once; on one replica alone all of them with a chance of one in 32,768."""


@pytest.fixture(scope="module")
def hall() -> Iterator[Balancer]:
    with tempfile.TemporaryDirectory(prefix="segscope-") as folder, balancer(Path(folder)) as running:
        yield running


def arrive(hall: Balancer, page: str = "", query: str = "") -> tuple[Visitor, str]:
    """Somebody who opens a page as a browser does; and the replica that answers."""
    visitor = Visitor(hall.port)
    document = visitor.get(f"/{page}?{query}" if query else f"/{page}")
    assert document.status == 200
    assert visitor.get("/_stcore/health").status == 200  # brings the token for uploads
    return visitor, document.headers["x-replica"]


def two_apart(hall: Balancer) -> tuple[Visitor, Visitor]:
    """Two visitors of different replicas."""
    first, home = arrive(hall)
    for _ in range(60):
        second, other = arrive(hall)
        if other != home:
            return first, second
    pytest.fail("one replica gets everybody")


def test_configuration_is_what_it_claims(tmp_path: Path) -> None:
    """nginx takes the file, and every number that must fit the application's does."""
    assert NGINX is not None
    file = tmp_path / "nginx.conf"
    file.write_text(configuration(tmp_path, 8080, [Replica(1, tmp_path), Replica(2, tmp_path)]), encoding="utf-8")
    checked = subprocess.run([NGINX, "-t", "-e", "/dev/stderr", "-c", str(file)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr
    settings = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    upload = re.search(r"maxUploadSize = (\d+)", settings)
    body = re.search(r"client_max_body_size (\d+)m;", file.read_text(encoding="utf-8"))
    assert upload is not None
    assert body is not None
    assert int(body[1]) == int(upload[1]) + 1  # Streamlit's own margin for the form around a file


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that it was sent."""

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_what_a_replica_is_told() -> None:
    """The visitor's address, whatever the visitor claims; the host with its port; one spelling of "gzip"."""
    port, other = free_ports(2)
    with tempfile.TemporaryDirectory(prefix="segscope-") as name, HTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        folder = Path(name)
        replicas = [Replica(server.server_port, folder), Replica(other, folder)]  # nobody listens at the other
        with nginx(folder, port, replicas):
            for _ in range(8):  # half of them are sent to the other one first
                claims = {"X_Forwarded_For": "203.0.113.9", "Accept_Encoding": "br, GZIP;q=0.5"}
                told = json.loads(Visitor(port).get("/", **claims).body)
                assert told["X-Forwarded-For"] == "127.0.0.1"
                assert told["Host"] == f"127.0.0.1:{port}"
                assert told["Accept-Encoding"] == "gzip"
                assert told["X-Forwarded-Proto"] == "http"
                assert "Connection" not in told, "the connection to the replica is not kept"
        server.shutdown()


def test_a_visitor_stays_with_one_replica_and_a_class_uses_both(hall: Balancer) -> None:
    homes = set()
    for _ in range(CLASS):
        visitor, home = arrive(hall)
        homes.add(home)
        answers = [visitor.get(path) for path in ("/", "/fcn?lang=ko", "/readyz", "/_stcore/host-config")]
        assert {answer.headers["x-replica"] for answer in answers} == {home}
        assert not any("segscope_at" in answer.cookies for answer in answers), "the cookie is given once"
    assert homes == {str(replica) for replica in hall.replicas}


def boxes(messages: list[ForwardMsg]) -> dict[str, float]:
    """Label -> value of the number boxes that a run drew."""
    elements = [message.delta.new_element for message in messages if message.WhichOneof("type") == "delta"]
    drawn = [element.number_input for element in elements if element.WhichOneof("type") == "number_input"]
    return {box.label: box.value if box.set_value else box.default for box in drawn}


def test_a_made_up_cookie_is_replaced(hall: Balancer) -> None:
    visitor = Visitor(hall.port, {"segscope_at": "x' OR 1=1"})
    assert re.fullmatch(r"[12]", visitor.get("/").cookies["segscope_at"])


def test_cookie_fits_a_frame_of_another_site_over_tls_only(hall: Balancer) -> None:
    plain = Visitor(hall.port).get("/").headers["set-cookie"]
    assert plain.endswith("; Path=/; HttpOnly; SameSite=Lax")
    secure = Visitor(hall.port).get("/", X_Forwarded_Proto="https").headers["set-cookie"]
    assert secure.endswith("; Path=/; HttpOnly; Secure; SameSite=None; Partitioned")


@pytest.mark.parametrize("entry", STORY, ids=lambda entry: entry.name)
def test_deep_links(hall: Balancer, entry: Entry) -> None:
    answer = Visitor(hall.port).get(f"/{entry.name}?lang=ko&img=dog")
    first = entry is STORY[0]
    assert answer.status == (307 if first else 200)
    if first:  # to where the visitor is, not to the replica's own address
        assert answer.headers["location"] == "./?lang=ko&img=dog"
    else:
        assert b"<title>SegScope</title>" in answer.body


def test_compressed_once_and_then_kept(hall: Balancer) -> None:
    visitor = Visitor(hall.port)
    page = visitor.get("/", Accept_Encoding="gzip, deflate, br").body
    script = re.search(rb'src="\.?(/static/js/[^"]+\.js)"', gzip.decompress(page))
    assert script is not None
    path = script[1].decode()
    first = visitor.get(path, Accept_Encoding="gzip, deflate, br")
    assert first.headers["content-encoding"] == "gzip"
    text = gzip.decompress(first.body)
    assert text[:2] != b"\x1f\x8b"
    other = Visitor(hall.port)
    again = other.get(path, Accept_Encoding="br;q=1.0, gzip;q=0.8")
    assert again.headers["x-cache"] == "HIT"
    assert again.body == first.body
    for refused in ({}, {"Accept_Encoding": "gzip;q=0, identity"}):
        plain = other.get(path, **refused)
        assert "content-encoding" not in plain.headers
        assert plain.body == text
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert "_streamlit" not in again.headers.get("set-cookie", "")


def test_session_pictures_and_photo_live_in_one_replica(hall: Balancer) -> None:
    """The websocket, what it shows, and what is uploaded; and that without the cookie it would not work."""
    visitor, stranger = two_apart(hall)
    visitor.connect()
    came = visitor.run("unet", "lang=ko&img=dog")
    assert KOREAN("Change picture") in words(came)
    pictures = media(came)
    assert pictures
    assert visitor.get(pictures[0]).status == 200
    assert stranger.get(pictures[0]).status in (400, 404)

    form, kind = multipart("dach.jpg", GOOD)
    address = f"/_stcore/upload_file/{visitor.session}/a-photo"
    token = {"Content_Type": kind, "X_Xsrftoken": visitor.cookies["_streamlit_xsrf"]}
    assert visitor.request("PUT", address, form, **token).status == 204
    elsewhere = {"Content_Type": kind, "X_Xsrftoken": stranger.cookies["_streamlit_xsrf"]}
    assert stranger.request("PUT", address, form, **elsewhere).status == 403
    big, kind = multipart("large.jpg", bytes(34 << 20))
    assert visitor.request("PUT", address, big, **token).status == 413
    assert not [file for file in hall.folder.rglob("nginx-body/**/*") if file.is_file()], "a photo on the disk"
    visitor.close()


def test_only_our_own_pages_open_a_websocket(hall: Balancer) -> None:
    visitor, _ = arrive(hall)
    with pytest.raises(InvalidStatus) as refused:
        visitor.connect(origin="https://evil.example")
    assert refused.value.response.status_code == 403


def test_what_is_the_operators_alone_is_not_passed_on(hall: Balancer) -> None:
    for path in ("/_stcore/metrics", "/metrics"):
        answer = Visitor(hall.port).get(path)
        assert answer.status == 404
        assert "x-replica" not in {k for k, v in answer.headers.items() if v}


def test_a_replica_killed_under_load_takes_nobody_with_it(hall: Balancer) -> None:
    """All visitors rerun at once and again; one replica is killed meanwhile. Those of the other notice nothing. Those
    of the dead one come back, with what their address says, and stay there when it returns."""
    visitors = [arrive(hall, "transposed", "lang=ko&k=4") for _ in range(CLASS)]
    victim = hall.replica(visitors[0][1])
    survivor = next(replica for replica in hall.replicas if replica is not victim)
    barrier = threading.Barrier(CLASS + 1, timeout=120)

    def stay(visitor: Visitor) -> tuple[int, dict[str, float], str]:
        """Reconnections, what the last run drew, and who answers."""
        visitor.connect()
        visitor.run("transposed", "lang=ko&k=4")
        barrier.wait()
        lost = 0
        for _ in range(4):
            try:
                came = visitor.run("transposed", "lang=ko&k=4")
            except ConnectionClosed:
                lost += 1
                assert visitor.get("/_stcore/health").status == 200  # what the front end asks before it comes back
                visitor.connect()
                came = visitor.run("transposed", "lang=ko&k=4")
        return lost, boxes(came), visitor.get("/").headers["x-replica"]

    with ThreadPoolExecutor(CLASS) as pool:
        staying = [pool.submit(stay, visitor) for visitor, _ in visitors]
        barrier.wait()
        victim.kill()
        results = [future.result(120) for future in staying]
    for (lost, drawn, replica), (_, home) in zip(results, visitors, strict=True):
        assert lost == (home == str(victim))
        assert drawn[KOREAN("kernel k")] == 4
        assert replica == str(survivor)

    victim.start(hall.secret)
    victim.wait()
    form, kind = multipart("dach.jpg", GOOD)
    for visitor, _ in visitors:  # the session lives with the survivor now, and so do its photo and pictures
        assert visitor.get("/").headers["x-replica"] == str(survivor)
        token = {"Content_Type": kind, "X_Xsrftoken": visitor.cookies["_streamlit_xsrf"]}
        assert visitor.request("PUT", f"/_stcore/upload_file/{visitor.session}/x", form, **token).status == 204
        visitor.close()
    assert str(victim) in {arrive(hall)[1] for _ in range(CLASS)}, "it came back, and nobody visits it"


def test_nobody_there(hall: Balancer) -> None:
    """The last test here: when every replica is gone a sentence says so, with the promise to come back."""
    visitor, _ = arrive(hall)
    for replica in hall.replicas:
        replica.kill()
    for path in ("/", "/fcn?lang=ko", "/readyz"):
        answer = visitor.get(path)
        assert answer.status == 503
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "SegScope is starting again." in answer.body.decode()
    assert Visitor(hall.port).get("/balancer").status == 200
