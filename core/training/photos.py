"""How the networks of their own topology, the slim U-Net and the slim DeconvNet, learn photos from scratch.

They have no ImageNet behind them, so most of the time goes into telling a cat from a dog at all. They see pets more
often than the others do (:data:`core.training.sampling.FROM_SCRATCH`) and at the scale at which they are used.

A teacher may help: a bundled network says for every pixel, also for those that no mask labels, how probable each class
is, and the pupil learns these probabilities beside the masks (Hinton, Vinyals, Dean, "Distilling the Knowledge in a
Neural Network", 2015, at temperature 1).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from core.models import weights
from core.models.registry import build, spec
from core.training.losses import mixed_loss
from core.training.run import Run, agreement, descend, device
from core.training.sampling import FROM_SCRATCH, Mixer

BATCH = 8
HALF_SCALE_SHARE = {"unet": 0.7}
"""Of the run, at half the scale and with twice as many crops: there a network learns what cats and dogs look like for
half the price. DeconvNet's fully connected middle leaves it no other scale."""
PEAK_RATE = 2e-3
WEIGHT_DECAY = 0.01
TEACHER_SHARE = 0.5
"""Of the loss that the teacher has, where there is one."""


def normalise(pixels: Tensor, name: str) -> Tensor:
    """(B, 3, H, W) pixels, 0 to 255, as network ``name`` wants them."""
    scale = spec(name).preprocessing
    mean, std = (pixels.new_tensor(values).view(3, 1, 1) for values in (scale.mean, scale.std))
    return (pixels - mean) / std


def rate(progress: float) -> float:
    """Factor of the learning rate at ``progress`` (0 to 1) of the run: a warm-up, then a slow descent to 0."""
    return min(1.0, progress / 0.03) * max(0.0, 1 - progress) ** 0.9


def imitation(scores: Tensor, taught: Tensor) -> Tensor:
    """Cross entropy between the teacher's probabilities and the pupil's: two (B, C, H, W) of scores -> scalar.

    Least, but not 0, where both agree: what is left is the teacher's own doubt.
    """
    return -(taught.softmax(1) * scores.log_softmax(1)).sum(1).mean()


def train(name: str, data: Path, cache: Path, out: Path, steps: int, seed: int = 0, teacher: str = "") -> nn.Module:
    """Train segmenter ``name`` from scratch for ``steps`` batches; resumes from ``out``.

    Args:
        name: of the registry: a segmenter for photos.
        data: the data folder.
        cache: where decoded pictures are kept.
        out: folder of this :class:`core.training.run.Run`.
        steps: batches, :data:`BATCH` crops each at full scale; the learning rate follows their number.
        seed: of weights and crops.
        teacher: a bundled network for photos; empty for the masks alone.

    Returns:
        The network in evaluation mode.

    Raises:
        WeightsError: the teacher's weights are missing or damaged.
    """
    torch.manual_seed(seed)
    where = device()
    network = build(name).to(where).train()
    guide = weights.load(teacher).to(where).eval().requires_grad_(False) if teacher else None
    optimiser = torch.optim.AdamW(network.parameters(), PEAK_RATE, weight_decay=WEIGHT_DECAY)
    run = Run(out, steps, {"network": network, "optimiser": optimiser})
    entry = spec(name)
    mixer = Mixer(data, cache, entry.input_side, seed + run.step, 0.2, entry.short_side, FROM_SCRATCH)

    def batch() -> tuple[Tensor, NDArray[np.int64]]:
        reduce = 2 if run.progress < HALF_SCALE_SHARE.get(name, 0.0) else 1
        mixer.side, mixer.short_side = entry.input_side // reduce, entry.short_side // reduce
        pixels, labels, pets = (part.to(where) for part in mixer.batch(BATCH * reduce))
        scores = network(normalise(pixels, name))  # (B, 21, side, side)
        loss = mixed_loss(scores, labels, pets)
        if guide is not None:
            with torch.no_grad():
                shown = F.interpolate(pixels, scale_factor=spec(teacher).short_side / mixer.short_side, mode="bilinear")
                taught = F.interpolate(guide(normalise(shown, teacher)), scores.shape[-2:], mode="bilinear")
            loss = (1 - TEACHER_SHARE) * loss + TEACHER_SHARE * imitation(scores, taught)
        return loss, agreement(scores, labels, pets)

    descend(name, network, optimiser, run, rate, batch)
    return network.cpu().eval()
