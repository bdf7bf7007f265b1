"""How the networks of their own topology, the slim U-Net and the slim DeconvNet, learn photos.

They have no ImageNet behind them, so most of the time would go into telling a cat from a dog at all. They see pets more
often than the others do (:data:`core.training.sampling.FROM_SCRATCH`), and a teacher helps
(:mod:`core.training.hints`): its features in their coarsest map, its answers at every pixel. In its paper DeconvNet
starts from a VGG16 that has learned ImageNet; here the slim VGG16 starts from DeconvNet instead
(:mod:`core.training.classify`), because masks teach more than labels.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from core.models import weights
from core.models.deconvnet import WINDOW, DeconvNet
from core.models.registry import build, spec
from core.models.unet import UNet
from core.training import answers, sampling
from core.training.hints import Guide, answers_at, imitation, normalise
from core.training.losses import mixed_loss
from core.training.run import Run, agreement, descend, device
from core.training.run import finished as finished  # a recipe has one
from core.training.sampling import FROM_SCRATCH, SHARES, Mixer

BATCH = 8
SMALL = {"unet": (0.4, 64), "deconvnet": (0.6, 96)}
"""Share of the run with smaller pictures and twice as many, and their side in pixels: there a network learns what cats
and dogs look like for less than half the price."""
TEACHER_SIDE = {64: 129, 96: 129, 128: 161, 224: 225}
"""Pixels at which the teacher sees a picture of so many: it was trained on larger ones."""
PEAK_RATE = 2e-3
WEIGHT_DECAY = 0.01
TEACHER_SHARE = 0.6
"""Of the answers' loss."""
PASTE_SHARE = 0.2


def rate(progress: float) -> float:
    """Factor of the learning rate at ``progress`` (0 to 1) of the run: a warm-up, then a slow descent to 0."""
    return min(1.0, progress / 0.03) * max(0.0, 1 - progress) ** 0.9


def both(network: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    """One pass that also shows the coarsest map: (B, 3, H, W) -> (B, C, h, w), (B, 21, H, W).

    DeconvNet's fully connected middle wants 7x7 cells: a smaller picture's lie in the middle of zeros, and only they
    are read again.
    """
    if isinstance(network, DeconvNet):
        poolings = network.contract(x)
        cells = poolings[-1].values  # (B, C, H/32, W/32)
        height, width = cells.shape[-2:]
        top, left = (WINDOW - height) // 2, (WINDOW - width) // 2
        window = F.pad(cells, (left, WINDOW - width - left, top, WINDOW - height - top))  # (B, C, 7, 7)
        again = network.deconv_fc6(network.fc7(network.fc6(window)))  # (B, C, 7, 7)
        return cells, network.expand(again[..., top : top + height, left : left + width], poolings)
    assert isinstance(network, UNet)
    maps = network.encode(x)
    return maps[-1], network.decode(maps)


def channels(network: nn.Module) -> int:
    """Of the coarsest map that :func:`both` shows."""
    layer = network.fc6[0] if isinstance(network, DeconvNet) else network.get_submodule("up.0")
    return int(layer.in_channels)  # type: ignore[arg-type]


def train(
    names: Sequence[str],
    data: Path,
    cache: Path,
    out: Path,
    steps: int,
    seed: int = 0,
    go_on: tuple[int, float] | None = None,
) -> Run:
    """Train one segmenter for ``steps`` batches; resumes from ``out``.

    Args:
        names: one name of the registry: ``unet`` or ``deconvnet``.
        data: the data folder.
        cache: where decoded pictures and answers are kept.
        out: folder of this :class:`core.training.run.Run`.
        steps: batches, :data:`BATCH` crops each at full scale; the learning rate follows their number.
        seed: of weights and crops.
        go_on: batches and seconds that the bundled weights have behind them: where ``out`` holds no checkpoint, the run
            begins with those weights, there.

    Returns:
        The finished run; :func:`core.training.run.finished` makes a network of it.

    Raises:
        WeightsError: the teacher's weights, or those to go on from, are missing or damaged.
    """
    from core.training.together import teacher

    torch.manual_seed(seed)
    (name,) = names
    where, entry = device(), spec(name)
    network = weights.load(name) if go_on else build(name)
    network = network.to(where, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    guide, mean = Guide(channels(network), where), copy.deepcopy(network)
    optimiser = torch.optim.AdamW(
        [*network.parameters(), *guide.project.parameters()], PEAK_RATE, weight_decay=WEIGHT_DECAY
    )
    parts = {"network": network, "mean": mean, "project": guide.project, "optimiser": optimiser}
    progress = Run(out, steps, parts, go_on)
    mixer = Mixer(data, cache, entry.input_side, seed + progress.step, PASTE_SHARE, entry.short_side,
                  shares=FROM_SCRATCH, answers=teacher(data, cache, SHARES))  # fmt: skip

    def batch() -> tuple[Tensor, NDArray[Any]]:
        share, side = SMALL[name]
        small = progress.progress < share
        mixer.side = side if small else entry.input_side
        mixer.short_side = entry.short_side * mixer.side // entry.input_side
        pixels, labels, pets, given = mixer.batch(2 * BATCH if small else BATCH)
        pixels, labels, pets = pixels.to(where), labels.to(where), pets.to(where)
        x = normalise(pixels, name).contiguous(memory_format=torch.channels_last)
        with torch.autocast(where.type, torch.bfloat16):  # half the time of single precision
            seen, scores = both(network, x)  # (B, C, h, w), (B, 21, side, side)
        seen, scores = seen.float(), scores.float()
        features, own = guide.look(pixels, TEACHER_SIDE[mixer.side])
        taught = answers_at(given, own, TEACHER_SIDE[mixer.side], mixer.side)
        loss = (1 - TEACHER_SHARE) * mixed_loss(scores, labels, pets) + TEACHER_SHARE * imitation(scores, taught)
        return loss + guide.hint(seen, features, own), agreement(scores, labels, pets)

    descend(name, network, optimiser, progress, rate, batch, mean)
    return progress


def facts(names: Sequence[str], data: Path, cache: Path) -> dict[str, Any]:
    """What the recipe says of itself, for the record."""
    (name,) = names
    share, side = SMALL[name]
    return {
        "recipe": "photos",
        "batch": BATCH,
        "sides": [side, spec(name).input_side],
        "first_share": share,
        "rate": PEAK_RATE,
        "teacher": answers.NAME,
        "teacher_share": TEACHER_SHARE,
        "pictures": sampling.counts(data, cache, FROM_SCRATCH),
        "shares": dict(FROM_SCRATCH),
    }
