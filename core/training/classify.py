"""How the slim classifiers are trained: to say which share of a window each class covers.

A classifier that is going to be read at every place of a picture should be sure of a class where its window is full
of it, and unsure where the window holds a little of everything. So the target is not one label but the shares of the
classes among the window's labelled pixels, and the loss is the cross entropy between those shares and the softmax.
Windows come from the same mixture of photos as the segmentation networks' (:class:`core.training.sampling.Mixer`).
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.models.registry import build, spec
from core.training.data import VOID
from core.training.photos import normalise
from core.training.run import Run, agreement, descend, device
from core.training.sampling import FROM_SCRATCH, Mixer

BATCH = 32
PEAK_RATE = 2e-3
WEIGHT_DECAY = 0.02


def shares(labels: Tensor, classes: int) -> Tensor:
    """What a window holds: (B, H, W) ids -> (B, classes) shares of its labelled pixels, each row summing to 1.

    A window without a labelled pixel counts as background.
    """
    counts = torch.stack([torch.bincount(row[row != VOID].flatten(), minlength=classes) for row in labels]).float()
    counts[:, 0] += (counts.sum(1) == 0).float()
    return counts / counts.sum(1, keepdim=True)


def rate(progress: float) -> float:
    """Factor of the learning rate at ``progress`` (0 to 1) of the run: a warm-up, then half a cosine down to 0."""
    return min(1.0, progress / 0.05) * max(0.0, 0.5 + 0.5 * math.cos(math.pi * min(1.0, progress)))


def train(name: str, data: Path, cache: Path, out: Path, steps: int, seed: int = 0) -> nn.Module:
    """Train slim classifier ``name`` for ``steps`` batches of :data:`BATCH` windows; resumes from ``out``.

    Args:
        data: the data folder.
        cache: where decoded pictures are kept.
        out: folder of this :class:`core.training.run.Run`; its mIoU is that of the windows' largest classes.
        steps: batches of :data:`BATCH` windows; the learning rate follows their number.

    Returns:
        The network in evaluation mode.
    """
    torch.manual_seed(seed)
    where = device()
    network = build(name).to(where).train()
    optimiser = torch.optim.AdamW(network.parameters(), PEAK_RATE, weight_decay=WEIGHT_DECAY)
    run = Run(out, steps, {"network": network, "optimiser": optimiser})
    mixer = Mixer(data, cache, spec(name).input_side, seed + run.step, 0.2, shares=FROM_SCRATCH)

    def batch() -> tuple[Tensor, NDArray[np.int64]]:
        pixels, labels, _ = mixer.batch(BATCH)
        target = shares(labels, 21).to(where)  # (B, 21)
        scores = network(normalise(pixels.to(where), name))  # (B, 21)
        seen = agreement(scores[..., None, None], target.argmax(1)[:, None, None])
        return functional.cross_entropy(scores, target), seen

    descend(name, network, optimiser, run, rate, batch)
    return network.cpu().eval()
