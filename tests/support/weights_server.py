"""What stands in for PyTorch's server: files on this machine's loopback, and torchvision's networks with weights made
up. Nothing here needs the network."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from torch import nn

from core.engine import inference
from core.models import pretrained
from core.models.torchvision_compat import torchvision


class _Handler(BaseHTTPRequestHandler):
    server: _Files

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = self.server.files.get(self.path.removeprefix("/"))
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        half = len(body) // 2
        try:
            self.wfile.write(body[:half])
            self.server.go_on.wait(60)
            self.wfile.write(body[half:])
        except OSError:
            pass  # whoever asked has left

    def log_message(self, *_: object) -> None: ...


class _Files(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files, self.asked, self.go_on = dict(files), [], threading.Event()
        self.go_on.set()

    files: dict[str, bytes]
    asked: list[str]
    """Paths, in the order of the requests."""
    go_on: threading.Event
    """While it is cleared, every transfer stops half way."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving(files: Mapping[str, bytes]) -> Iterator[_Files]:
    """A server of ``files`` by name, whatever the folder."""
    server = _Files(files)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()


_BUILDERS = {
    "fcn-resnet50": "fcn_resnet50",
    "deeplabv3-resnet50": "deeplabv3_resnet50",
    "deeplabv3-mobilenetv3": "deeplabv3_mobilenet_v3_large",
    "lraspp-mobilenetv3": "lraspp_mobilenet_v3_large",
}


def theirs(name: str) -> nn.Module:
    """torchvision's network as torchvision saves it, with the auxiliary classifier where it has one. It has learned
    nothing, but its batch normalisation knows what pictures do inside, so that its masks have several classes."""
    torch.manual_seed(7)
    auxiliary = {} if name.startswith("lraspp") else {"aux_loss": True}
    network: nn.Module = getattr(torchvision.models.segmentation, _BUILDERS[name])(
        weights=None, weights_backbone=None, num_classes=21, **auxiliary
    )
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        network.train()(nn.functional.interpolate(torch.randn(4, 3, 6, 6), size=96, mode="bilinear"))
    return network.eval()


@dataclass(frozen=True)
class Source:
    """A network's weights on a server of this machine.

    Attributes:
        server: it.
        network: torchvision's own, with these weights.
        file: where they land.
    """

    server: _Files
    network: nn.Module
    file: Path


@contextmanager
def instead_of_torchvision(name: str, folder: Path) -> Iterator[Source]:
    """The weights of ``name`` come from this machine, under a name with the right digits, and land in ``folder``."""
    network, content = theirs(name), io.BytesIO()
    torch.save(network.state_dict(), content)
    body = content.getvalue()
    file = f"{name}-{hashlib.sha256(body).hexdigest()[:8]}.pth"

    class Local(pretrained.Remote):
        @property
        def path(self) -> Path:
            return folder / self.file

    with serving({file: body}) as server, pytest.MonkeyPatch.context() as patch:
        real = pretrained.remote
        local = Local(name, f"{server.address}/{file}", len(body) / 2**20)
        patch.setattr(pretrained, "remote", lambda asked: local if asked == name else real(asked))
        inference.forget(name)
        try:
            yield Source(server, network, local.path)
        finally:
            if (job := pretrained._jobs.pop(name, None)) is not None:
                job.stop()
                server.go_on.set()
                job.join(30)
            inference.forget(name)
