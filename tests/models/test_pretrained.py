"""The download of weights, against a server on this machine and against no server at all."""

from __future__ import annotations

import hashlib
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.models import downloads, pretrained
from tests.support.paths import ROOT

BODY = bytes(range(256)) * 8192  # 2 MiB, eight chunks
DIGITS = hashlib.sha256(BODY).hexdigest()[:8]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if "missing" in self.path:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        if "short" in self.path:
            self.wfile.write(BODY[:1000])
        elif "slow" in self.path:
            for start in range(0, len(BODY), 4096):
                try:
                    self.wfile.write(BODY[start : start + 4096])
                except OSError:
                    return
                if self.server.go_on.wait(0.01):  # type: ignore[attr-defined]
                    return
        else:
            self.wfile.write(BODY)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    httpd.daemon_threads = True
    httpd.go_on = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.go_on.set()  # type: ignore[attr-defined]
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def test_whole_file_arrives_with_progress(server: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    target = tmp_path / "deep" / "net.pth"
    downloads.fetch(f"{server}/net-{DIGITS}.pth", target, lambda done, total: seen.append((done, total)))
    assert target.read_bytes() == BODY
    assert seen[-1] == (len(BODY), len(BODY))
    assert [d for d, _ in seen] == sorted(d for d, _ in seen)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("net-00000000.pth", "arrived damaged"),
        (f"short/net-{DIGITS}.pth", "broke off|could not be fetched"),
        (f"missing/net-{DIGITS}.pth", "answered 404"),
    ],
)
def test_bad_transfers_leave_nothing_behind(server: str, tmp_path: Path, path: str, sentence: str) -> None:
    with pytest.raises(downloads.DownloadError, match=sentence):
        downloads.fetch(f"{server}/{path}", tmp_path / "net.pth")
    assert list(tmp_path.iterdir()) == []


OK = b"HTTP/1.1 200 OK\r\n"
RUBBISH = {
    "no HTTP": b"220 mail.example.org ESMTP\r\n",
    "nothing": b"",
    "an endless header": OK + b"X: " + b"x" * 100_000,
    "a length that is no number": OK + b"Content-Length: abc\r\n\r\nrubbish",
    "a negative length": OK + b"Content-Length: -7\r\n\r\nrubbish",
    "a chunk that breaks off": OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\nshort",
    "a chunk of no size": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nshort\r\n",
    "a page": OK + b"Content-Type: text/html; charset=utf-8\r\n\r\n<html>Sign in</html>",
    "a length beyond all": OK + b"Content-Length: 99999999999999\r\n\r\nrubbish",
    "an odd redirect": b"HTTP/1.1 302 Found\r\nLocation: file:///etc/hostname\r\n\r\n",
}


@contextmanager
def _raw(answer: bytes, again: bytes = b"") -> Iterator[str]:
    """A server that says ``answer`` whatever it is asked, and then ``again`` for ever or until nobody listens."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            with suppress(OSError):
                self.request.sendall(answer)
                while again:
                    self.request.sendall(again)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.daemon_threads = True
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{httpd.server_address[1]}"
        finally:
            httpd.shutdown()
            thread.join()


@pytest.mark.parametrize("kind", sorted(RUBBISH))
def test_whatever_a_server_sends_the_job_ends_with_a_sentence(kind: str, tmp_path: Path) -> None:
    with _raw(RUBBISH[kind]) as address:
        job = downloads.Job(f"{address}/net-{DIGITS}.pth", tmp_path / "net.pth")
        job.join(60)
    assert job.state == "failed"
    assert isinstance(job.error, downloads.DownloadError)
    assert "net.pth" in str(job.error)
    assert str(job.error).endswith(".")
    assert list(tmp_path.iterdir()) == []


def test_a_body_without_end_is_left_at_the_size_that_the_file_may_have(tmp_path: Path) -> None:
    with _raw(OK + b"\r\n", again=bytes(1 << 16)) as address:
        job = downloads.Job(f"{address}/net-{DIGITS}.pth", tmp_path / "net.pth", most=3 << 20)
        job.join(60)
    assert job.state == "failed"
    assert "sends more than 3 MB for net.pth" in str(job.error)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_drips_is_given_up(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "PATIENCE", 0.05)
    monkeypatch.setattr(downloads, "LEAST", 1 << 30)
    with pytest.raises(downloads.DownloadError, match="too slow"):
        downloads.fetch(f"{server}/slow/net-{DIGITS}.pth", tmp_path / "net.pth")


def test_a_stop_is_noticed_before_a_whole_chunk_has_arrived(server: str, tmp_path: Path) -> None:
    """The server sends 4 kB a hundred times a second: one chunk takes more than half a second."""
    seen: list[int] = []

    def stop(done: int, _total: int) -> None:
        seen.append(done)
        raise downloads._Stopped

    with pytest.raises(downloads._Stopped):
        downloads.fetch(f"{server}/slow/net-{DIGITS}.pth", tmp_path / "net.pth", stop)
    assert seen[0] < downloads.CHUNK


@pytest.mark.parametrize("error", [RuntimeError("no"), UnicodeError("no"), MemoryError(), AttributeError("no")])
def test_any_exception_ends_the_job_and_the_next_try_may_work(
    error: Exception, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    class Local(pretrained.Remote):
        @property
        def path(self) -> Path:
            return tmp_path / self.file

    monkeypatch.setattr(pretrained, "remote", lambda name: Local(name, f"{server}/net-{DIGITS}.pth", 2.0))
    with monkeypatch.context() as patch:
        patch.setattr(downloads.os, "replace", broken)
        job = pretrained.start("alexnet")
        job.join(30)
    assert job.state == "failed"
    assert "use a network that is bundled" in str(job.error)
    again = pretrained.start("alexnet")
    again.join(30)
    assert again.state == "finished"


def test_a_job_that_gets_no_thread_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    job = downloads.Job("http://127.0.0.1:9/net.pth", tmp_path / "net.pth")
    job.join(1)
    assert job.state == "failed"


def test_every_file_may_have_the_size_that_torchvision_states() -> None:
    for name in pretrained._WEIGHTS:
        source = pretrained.needed(name)
        assert source.megabytes * 2**20 * 1.04 < source.most < downloads.MOST


def test_no_network_is_one_sentence_that_names_the_alternative(tmp_path: Path) -> None:
    with pytest.raises(downloads.DownloadError, match="use a network that is bundled"):
        downloads.fetch("http://127.0.0.1:9/net-00000000.pth", tmp_path / "net.pth")
    assert list(tmp_path.iterdir()) == []


def test_job_can_be_stopped_and_leaves_nothing(server: str, tmp_path: Path) -> None:
    job = downloads.Job(f"{server}/slow/net-{DIGITS}.pth", tmp_path / "net.pth")
    job.stop()
    job.join(30)
    assert job.state == "stopped"
    assert list(tmp_path.iterdir()) == []


def test_job_reports_its_end(server: str, tmp_path: Path) -> None:
    good = downloads.Job(f"{server}/net-{DIGITS}.pth", tmp_path / "net.pth")
    good.join(30)
    assert (good.state, good.share, good.error) == ("finished", 1.0, None)
    bad = downloads.Job(f"{server}/missing/net-{DIGITS}.pth", tmp_path / "bad.pth")
    bad.join(30)
    assert bad.state == "failed"
    assert bad.error is not None


@pytest.mark.parametrize(("name", "least"), [("alexnet", 200), ("vgg16", 500)])
def test_sources_are_torchvisions(name: str, least: int) -> None:
    source = pretrained.remote(name)
    assert source is not None
    assert source.megabytes > least
    assert source.file.endswith(".pth")
    assert source.path.name == source.file


def test_bundled_networks_have_no_download() -> None:
    assert pretrained.remote("efficientnet-lite0") is None
    assert pretrained.remote("googlenet") is None
    with pytest.raises(downloads.DownloadError, match="needs no download"):
        pretrained.start("efficientnet-lite0")


def test_one_transfer_for_all_who_ask(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Local(pretrained.Remote):
        @property
        def path(self) -> Path:
            return tmp_path / self.file

    monkeypatch.setattr(pretrained, "remote", lambda name: Local(name, f"{server}/slow/net-{DIGITS}.pth", 2.0))
    first = pretrained.start("alexnet")
    assert pretrained.start("alexnet") is first
    assert pretrained.job("alexnet") is first
    first.stop()
    first.join(30)
    second = pretrained.start("alexnet")
    assert second is not first
    second.stop()
    second.join(30)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the one where torch.hub keeps weights."""
    import torch

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    return tmp_path / "checkpoints"


def test_absent_weights_are_a_sentence_with_the_size(hub: Path) -> None:
    with pytest.raises(pretrained.WeightsAbsent, match=r"AlexNet \(233 MB\) are not here yet"):
        pretrained.load("alexnet")


def test_present_weights_are_loaded(hub: Path) -> None:
    import torch

    from core.models.torchvision_compat import torchvision

    with torch.device("meta"):
        theirs = torchvision.models.alexnet(weights=None)
    theirs.to_empty(device="cpu")
    for tensor in theirs.state_dict().values():
        tensor.copy_(torch.randn(tensor.shape) * 0.02)
    source = pretrained.remote("alexnet")
    assert source is not None
    hub.mkdir()
    torch.save(theirs.state_dict(), source.path)
    ours = pretrained.load("alexnet").eval()
    x = torch.rand(1, 3, 224, 224)
    with torch.inference_mode():
        assert torch.allclose(ours(x), theirs.eval()(x), atol=1e-5)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", BODY])
def test_damaged_weights_are_removed_and_named(hub: Path, content: bytes) -> None:
    source = pretrained.remote("alexnet")
    assert source is not None
    hub.mkdir()
    source.path.write_bytes(content)
    with pytest.raises(downloads.DownloadError, match="is damaged and was removed: fetch it again"):
        pretrained.load("alexnet")
    assert not source.present


def test_weights_of_the_package_are_loaded() -> None:
    from core.models.efficientnet import imagenet_state

    network = pretrained.load("efficientnet-lite0")
    stored = imagenet_state()
    assert all((value == stored[key]).all() for key, value in network.state_dict().items())


def test_weights_that_there_is_no_memory_for_are_kept(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def too_large(*_: object, **__: object) -> None:
        raise MemoryError

    source = pretrained.needed("alexnet")
    hub.mkdir()
    source.path.write_bytes(BODY)
    monkeypatch.setattr(torch, "load", too_large)
    with pytest.raises(downloads.DownloadError, match="cannot be read"):
        pretrained.load("alexnet")
    assert source.present


def test_a_page_says_why_a_download_failed_and_offers_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel, from a server of rubbish to a job that has ended: a sentence and a button, and no job that runs."""
    from streamlit.testing.v1 import AppTest

    def panel() -> None:
        from core.ui.kit.download import offer

        offer("alexnet")

    class Local(pretrained.Remote):
        @property
        def path(self) -> Path:
            return tmp_path / self.file

    monkeypatch.setattr(pretrained, "_jobs", {})
    with _raw(RUBBISH["a chunk that breaks off"]) as address:
        monkeypatch.setattr(pretrained, "remote", lambda name: Local(name, f"{address}/net-{DIGITS}.pth", 2.0))
        page = AppTest.from_function(panel, default_timeout=60).run()
        assert not page.warning
        page.button(key="fetch-alexnet").click().run()
        job = pretrained.job("alexnet")
        assert job is not None
        job.join(60)
        page.run()
        assert "could not be fetched" in page.warning[0].value
        page.button(key="fetch-alexnet").click().run()
        again = pretrained.job("alexnet")
        assert again is not None
        assert again is not job
        again.join(60)


def test_two_processes_that_fetch_into_one_folder_leave_one_whole_file(server: str, tmp_path: Path) -> None:
    target = tmp_path / "cache" / f"net-{DIGITS}.pth"
    code = (
        "import sys; from pathlib import Path; from core.models import downloads;"
        "[downloads.fetch(sys.argv[1], Path(sys.argv[2])) for _ in range(5)]"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, f"{server}/net-{DIGITS}.pth", str(target)], cwd=ROOT)
        for _ in range(2)
    ]
    assert [one.wait(120) for one in both] == [0, 0]
    assert [file.name for file in target.parent.iterdir()] == [target.name]
    assert hashlib.sha256(target.read_bytes()).hexdigest().startswith(DIGITS)
