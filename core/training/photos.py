"""How the networks of their own topology, the slim U-Net and the slim DeconvNet, learn photos.

They have no ImageNet behind them, so most of the time would go into telling a cat from a dog at all. They see pets more
often than the others do (:data:`core.training.sampling.FROM_SCRATCH`), and a teacher helps
(:mod:`core.training.hints`). In its paper DeconvNet starts from a VGG16 that has learned ImageNet; here the slim VGG16
starts from DeconvNet instead (:mod:`core.training.classify`), because masks teach more than labels.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from core.models.deconvnet import WINDOW, DeconvNet
from core.models.registry import build, spec
from core.models.unet import UNet
from core.training.hints import Guide, imitation, normalise
from core.training.losses import mixed_loss
from core.training.run import Run, agreement, descend, device
from core.training.sampling import FROM_SCRATCH, Mixer

BATCH = 8
SMALL = {"unet": (0.7, 64), "deconvnet": (0.85, 96)}
"""Share of the run with smaller pictures and twice as many, and their side in pixels: there a network learns what cats
and dogs look like for less than half the price."""
TEACHER_SIDE = {64: 128, 96: 128, 128: 160, 224: 224}
"""Pixels at which the teacher sees a picture of so many: it was trained on larger ones."""
PEAK_RATE = 2e-3
WEIGHT_DECAY = 0.01
TEACHER_SHARE = 0.5
"""Of the answers' loss, where there is a teacher."""


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


def train(name: str, data: Path, cache: Path, out: Path, steps: int, seed: int = 0, teacher: bool = True) -> nn.Module:
    """Train segmenter ``name`` for ``steps`` batches; resumes from ``out``.

    Args:
        name: of the registry: ``unet`` or ``deconvnet``.
        data: the data folder.
        cache: where decoded pictures are kept.
        out: folder of this :class:`core.training.run.Run`.
        steps: batches, :data:`BATCH` crops each at full scale; the learning rate follows their number.
        seed: of weights and crops.
        teacher: whether a bundled network helps; without one the masks alone teach.

    Returns:
        The network in evaluation mode.

    Raises:
        WeightsError: the teacher's weights are missing or damaged.
    """
    torch.manual_seed(seed)
    where, entry = device(), spec(name)
    network = build(name).to(where).train()
    parameters, parts = list(network.parameters()), {"network": network}
    guide = Guide(channels(network), where) if teacher else None
    if guide:
        parameters += guide.project.parameters()
        parts["project"] = guide.project
    optimiser = torch.optim.AdamW(parameters, PEAK_RATE, weight_decay=WEIGHT_DECAY)
    run = Run(out, steps, {**parts, "optimiser": optimiser})
    mixer = Mixer(data, cache, entry.input_side, seed + run.step, 0.2, entry.short_side, FROM_SCRATCH, even=True)

    def batch() -> tuple[Tensor, NDArray[np.int64]]:
        share, side = SMALL[name]
        small = run.progress < share
        mixer.side = side if small else entry.input_side
        mixer.short_side = entry.short_side * mixer.side // entry.input_side
        pixels, labels, pets = (part.to(where) for part in mixer.batch(2 * BATCH if small else BATCH))
        seen, scores = both(network, normalise(pixels, name))  # (B, C, h, w), (B, 21, side, side)
        loss = mixed_loss(scores, labels, pets)
        if guide:
            features, taught = guide.look(pixels, TEACHER_SIDE[mixer.side])
            whole = F.interpolate(taught, scores.shape[-2:], mode="bilinear")
            loss = (1 - TEACHER_SHARE) * loss + TEACHER_SHARE * imitation(scores, whole)
            loss = loss + guide.hint(seen, features, taught)
        return loss, agreement(scores, labels, pets)

    descend(name, network, optimiser, run, rate, batch)
    return network.cpu().eval()
