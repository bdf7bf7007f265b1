"""How the slim classifiers are trained: to say which share of a window each class covers.

A classifier that is going to be read at every place of a picture should be sure of a class where its window is full
of it, and unsure where the window holds a little of everything. So the target is not one label but the shares of the
classes among the window's labelled pixels, of which those in the middle count most, and the loss is the cross entropy
between those shares and the softmax.
Windows come from the same photos as those of the networks for photos, and the same teacher helps
(:mod:`core.training.hints`); first small ones, which cost a fifth, then windows of the native size. The slim VGG16
starts from the convolutions of the slim DeconvNet, which mirrors it, if that one is bundled.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.models import weights
from core.models.classifiers import VGG16
from core.models.deconvnet import DeconvNet
from core.models.registry import build, spec
from core.training.data import VOID
from core.training.hints import Guide, normalise
from core.training.run import Run, agreement, descend, device
from core.training.sampling import FROM_SCRATCH, Mixer

BATCH = 32
PEAK_RATE = 2e-3
WEIGHT_DECAY = 0.02
SMALL_SHARE, SMALL_SIDE = 0.88, {"alexnet-slim": 128}
"""Of the run, with windows of so many pixels (96 if not said): there a network learns what cats and dogs look like for
a fifth of the price. It averages or repeats its last map to the native size. AlexNet's first stride is 4, so that
less would leave it nothing to see."""
SHORT_SIDE = 320
"""Shorter side of a whole photo, in pixels, for windows of the native size; times 0.5 to 1.6, at random."""
MIRROR = "deconvnet"
GUIDE_SIDES = {"small": 96, "native": 160}
"""Pixels at which the teacher sees a small window and a native one."""


def shares(labels: Tensor, classes: int) -> Tensor:
    """What a window holds: (B, H, W) ids -> (B, classes) shares of its labelled pixels, each row summing to 1.

    A pixel's weight falls from the middle to 0 at the rim, like a half wave along each axis. A window without a
    labelled pixel counts as background.
    """
    waves = [torch.sin(math.pi * (torch.arange(length) + 0.5) / length) for length in labels.shape[1:]]
    weights = waves[0][:, None] * waves[1]  # (H, W)
    counts = torch.stack([torch.bincount(ids.flatten(), weights.flatten(), VOID + 1)[:classes] for ids in labels])
    counts[:, 0] += (counts.sum(1) == 0).float()
    return (counts / counts.sum(1, keepdim=True)).float()


def features(network: nn.Module, x: Tensor) -> Tensor:
    """The map in front of the fully connected part: (B, 3, H, W) -> (B, C, h, w)."""
    seen: Tensor = network.features(x)  # type: ignore[operator]
    return seen


def head(network: nn.Module, seen: Tensor) -> Tensor:
    """The rest of the network: (B, C, h, w) of any size -> (B, 21)."""
    x = torch.flatten(network.avgpool(seen), 1)  # type: ignore[operator]
    for layer in network.head_layers():  # type: ignore[operator]
        x = layer(x)
    return x


def take_convolutions(classifier: VGG16, network: DeconvNet) -> None:
    """Give a VGG16 the convolutions of a DeconvNet of the same widths, with their batch normalisation."""
    kinds = (nn.Conv2d, nn.BatchNorm2d)
    mine = [layer for layer in classifier.features if isinstance(layer, kinds)]
    theirs = [layer for block in network.down for layer in block.modules() if isinstance(layer, kinds)]
    for target, source in zip(mine, theirs, strict=True):
        target.load_state_dict(source.state_dict())


def phase_of(progress: float) -> str:
    """What is learned from at ``progress`` (0 to 1) of a run: small windows or native ones."""
    return "small" if progress < SMALL_SHARE else "native"


def rate(progress: float) -> float:
    """Factor of the learning rate at ``progress`` (0 to 1) of the run: a warm-up, then half a cosine down to 0."""
    return min(1.0, progress / 0.05) * max(0.0, 0.5 + 0.5 * math.cos(math.pi * min(1.0, progress)))


def train(name: str, data: Path, cache: Path, out: Path, steps: int, seed: int = 0, teacher: bool = True) -> nn.Module:
    """Train slim classifier ``name`` for ``steps`` batches of :data:`BATCH` windows; resumes from ``out``.

    Args:
        data: the data folder.
        cache: where decoded pictures are kept.
        out: folder of this :class:`core.training.run.Run`; its mIoU is that of the windows' largest classes.
        steps: batches of :data:`BATCH` windows; the learning rate follows their number.
        seed: of weights and windows.
        teacher: whether a bundled network helps.

    Returns:
        The network in evaluation mode.
    """
    torch.manual_seed(seed)
    where, side = device(), spec(name).input_side
    network = build(name).to(where).to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    if isinstance(network, VGG16) and weights.present(MIRROR):
        take_convolutions(network, weights.load(MIRROR))  # type: ignore[arg-type]
    parameters, parts = list(network.parameters()), {"network": network}
    guide = None
    if teacher:
        guide = Guide(features(network, torch.zeros(1, 3, side, side, device=where)).shape[1], where)
        parameters += guide.project.parameters()
        parts["project"] = guide.project
    optimiser = torch.optim.AdamW(parameters, PEAK_RATE, weight_decay=WEIGHT_DECAY)
    run = Run(out, steps, {**parts, "optimiser": optimiser})
    mixer = Mixer(data, cache, side, seed + run.step, 0.2, shares=FROM_SCRATCH, even=True)

    def batch() -> tuple[Tensor, NDArray[np.int64]]:
        phase = phase_of(run.progress)
        mixer.side = {"small": SMALL_SIDE.get(name, 96), "native": side}[phase]
        mixer.short_side = SHORT_SIDE * mixer.side // side
        pixels, labels, _ = mixer.batch(BATCH)
        pixels = pixels.to(where)
        seen = features(network, normalise(pixels, name))  # (B, C, h, w)
        scores, target = head(network, seen)[..., None, None], shares(labels, 21)[..., None, None]  # (B, 21, 1, 1)
        target = target.to(where)
        loss = functional.cross_entropy(scores, target)
        if guide:
            loss = loss + guide.hint(seen, *guide.look(pixels, GUIDE_SIDES[phase]))
        return loss, agreement(scores, target.argmax(1))

    descend(name, network, optimiser, run, rate, batch)
    return network.cpu().eval()
