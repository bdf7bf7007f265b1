"""How the patch classifiers learn: four heads on one path through EfficientNet-Lite0's first blocks, in one pass.

Each head is asked for the class of the pixel in the middle of its windows. The four read the same maps of the same
pictures in the same order, and differ in their windows only. The blocks come from ImageNet; stem and the blocks before
stride 8 rest, where a picture is seen in edges and colours, and the later ones learn, more slowly than the heads. The
masks teach and, everywhere, the released network's answers (:mod:`core.training.answers`).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.models import weights
from core.models.patches import PatchNet, window
from core.models.registry import build
from core.training import answers, run, sampling
from core.training.hints import ANSWER_STRIDE, normalise, read
from core.training.losses import taught_loss
from core.training.run import Run, agreement, descend, device
from core.training.sampling import Mixer

BATCH, SIDE = 8, 256  # an even side, as the windows' places want it
RATE, BLOCKS_RATE = 2e-3, 5e-4
WEIGHT_DECAY = 0.01
TEACHER_SHARE = 0.6
SHORT_SIDE, ZOOMS = 256, (0.7, 1.4)
"""Shorter side of a whole photo, in pixels, and how much smaller or larger it may be: 179 to 358."""
RESTING = 3
"""Blocks, besides the stem, that stay as they are."""


def rate(progress: float) -> float:
    """Factor of the learning rate at ``progress`` (0 to 1) of the run: a warm-up, then down to 0."""
    return min(1.0, progress / 0.02) * max(0.0, 1 - progress) ** 0.9


class Trunk(nn.Module):
    """What the four have in common, as deep as the deepest needs it, and a head for each.

    Args:
        names: patch classifiers of the registry.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        networks = {name: _untrained(name) for name in names}
        deepest = max(networks.values(), key=lambda network: network.cut.blocks)
        self.stem, self.blocks = deepest.stem, deepest.blocks
        self.heads = nn.ModuleDict({name: network.head for name, network in networks.items()})
        self.cuts = {name: network.cut for name, network in networks.items()}

    def take(self, networks: dict[str, PatchNet]) -> None:
        """The weights of whole patch classifiers: the blocks of the deepest, and every head."""
        deepest = max(networks.values(), key=lambda network: network.cut.blocks)
        self.stem.load_state_dict(deepest.stem.state_dict())
        self.blocks.load_state_dict(deepest.blocks.state_dict())
        for name, network in networks.items():
            self.heads[name].load_state_dict(network.head.state_dict())

    def learning(self) -> list[nn.Module]:
        """The blocks that learn."""
        return list(self.blocks)[RESTING:]

    def train(self, mode: bool = True) -> Trunk:
        """Only the heads: the blocks keep the statistics that ImageNet gave their normalisation."""
        super().train(False)
        self.heads.train(mode)
        return self

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """(B, 3, H, W) normalised -> by name (B, 21, h, w); cell i is about pixel :func:`first` + i x stride."""
        with torch.no_grad():
            x = self.stem(x)
            for block in list(self.blocks)[:RESTING]:
                x = block(x)
        found: dict[str, Tensor] = {}
        for index, block in enumerate(self.learning(), start=RESTING + 1):
            x = block(x)
            found |= {name: self.heads[name](x) for name, cut in self.cuts.items() if cut.blocks == index}
        return found

    def network(self, name: str) -> PatchNet:
        """One patch classifier with a copy of the weights, in evaluation mode."""
        network = _untrained(name)
        network.stem.load_state_dict(self.stem.state_dict())
        network.blocks.load_state_dict(nn.Sequential(*islice(self.blocks, network.cut.blocks)).state_dict())
        network.head.load_state_dict(self.heads[name].state_dict())
        return network.eval()


def _untrained(name: str) -> PatchNet:
    network = build(name)
    assert isinstance(network, PatchNet)
    return network


def start_from_imagenet(trunk: Trunk) -> None:
    """Stem and blocks of the classifier of ImageNet's 1000 classes.

    Raises:
        ImportError: the package with its weights is not installed.
    """
    from core.models.efficientnet import EfficientNetLite0Classifier, imagenet_state

    whole = EfficientNetLite0Classifier()
    whole.load_state_dict(imagenet_state())
    trunk.stem.load_state_dict(whole.encoder.stem.state_dict())
    for mine, theirs in zip(trunk.blocks, whole.encoder.blocks(), strict=False):
        mine.load_state_dict(theirs.state_dict())


def first(trunk: Trunk, name: str) -> int:
    """Row, or column, of the pixel in the middle of the first cell's window, where the picture is not moved."""
    field = window(trunk.cuts[name])
    return field.start + field.size // 2


def at_middles(labels: Tensor, taught: Tensor | None, scores: Tensor, start: int, stride: int) -> tuple[
    Tensor, Tensor, Tensor | None
]:  # fmt: skip
    """Scores, mask and answers at the middles of those windows that lie in the picture.

    Args:
        labels: (B, side, side) ids.
        taught: (B, 21, ., .) logits at every fourth pixel, or ``None``.
        scores: (B, 21, h, w).
        start, stride: cell i is about pixel start + i x stride.

    Returns:
        (B, 21, n, n), (B, n, n) and (B, 21, n, n).
    """
    side = labels.shape[-1]
    places = torch.arange(start, side, stride)[: scores.shape[-1]]
    count = len(places)
    ids = labels[:, places][:, :, places]  # (B, n, n)
    if taught is not None:
        taught = read(taught, places / ANSWER_STRIDE, places / ANSWER_STRIDE)
    return scores[..., :count, :count], ids, taught


def train(
    names: Sequence[str],
    data: Path,
    cache: Path,
    out: Path,
    steps: int,
    seed: int = 0,
    go_on: tuple[int, float] | None = None,
) -> Run:
    """Train the patch classifiers ``names`` for ``steps`` batches; resumes from ``out``.

    Args:
        names: patch classifiers of the registry.
        data: the data folder.
        cache: where decoded pictures and answers are kept.
        out: folder of this :class:`core.training.run.Run`.
        steps: batches of :data:`BATCH` crops; the learning rate follows their number.
        seed: of weights and crops.
        go_on: batches and seconds that the bundled weights have behind them: where ``out`` holds no checkpoint, the run
            begins with those weights, there; otherwise with ImageNet's.

    Returns:
        The finished run; :func:`finished` makes networks of it.

    Raises:
        WeightsError: the teacher's weights, or those to go on from, are missing or damaged.
    """
    from core.training.together import teacher

    torch.manual_seed(seed)
    where = device()
    trunk = Trunk(names)
    if go_on:
        trunk.take({name: weights.load(name) for name in names})  # type: ignore[misc]
    else:
        start_from_imagenet(trunk)
    trunk = trunk.to(where, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    mean = copy.deepcopy(trunk)
    blocks = [p for block in trunk.learning() for p in block.parameters()]
    groups = [{"params": trunk.heads.parameters()}, {"params": blocks, "lr": BLOCKS_RATE}]
    optimiser = torch.optim.AdamW(groups, RATE, weight_decay=WEIGHT_DECAY)
    progress = Run(out, steps, {"trunk": trunk, "mean": mean, "optimiser": optimiser}, go_on)
    taught = teacher(data, cache, sampling.SHARES)
    mixer = Mixer(data, cache, SIDE, seed + progress.step, 0.0, SHORT_SIDE, ZOOMS, answers=taught)

    def batch() -> tuple[Tensor, NDArray[np.int64]]:
        pixels, labels, _, soft = mixer.batch(BATCH)
        x = normalise(pixels.to(where), names[0]).contiguous(memory_format=torch.channels_last)
        losses, seen = [], np.zeros((21, 21), np.int64)
        for name, scores in trunk(x).items():
            place = first(trunk, name), trunk.cuts[name].stride
            scores, ids, wanted = at_middles(labels, soft, scores, *place)
            losses.append(taught_loss(scores, ids.to(where), wanted, TEACHER_SHARE))
            seen += agreement(scores, ids)
        return torch.stack(losses).sum(), seen

    descend("patches", trunk, optimiser, progress, rate, batch, mean)
    return progress


def finished(names: Sequence[str], out: Path) -> dict[str, nn.Module]:
    """The networks with the mean weights of the last checkpoint in ``out``, in evaluation mode.

    Raises:
        FileNotFoundError: there is none.
    """
    trunk = Trunk(names)
    trunk.load_state_dict(run.checkpoint(out)["mean"])
    return {name: trunk.network(name) for name in names}


def facts(names: Sequence[str], data: Path, cache: Path) -> dict[str, Any]:
    """What the recipe says of itself, for the record."""
    return {
        "recipe": "patches",
        "batch": BATCH,
        "sides": [SIDE],
        "short_side": SHORT_SIDE,
        "rate": RATE,
        "teacher": answers.NAME,
        "teacher_share": TEACHER_SHARE,
        "pictures": sampling.counts(data, cache, sampling.SHARES),
        "shares": dict(sampling.SHARES),
        "encoder": f"the stem and {RESTING} blocks at rest, the others learn",
    }
