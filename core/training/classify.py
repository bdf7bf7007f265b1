"""How the slim classifiers are trained: to say which share of a window each class covers.

A classifier that is going to be read at every place of a picture should be sure of a class where its window is full
of it, and unsure where the window holds a little of everything. So the target is not one label but the shares of the
classes among the window's pixels, of which those in the middle count most, and the loss is the cross entropy between
those shares and the softmax. The shares are those of the mask and those of the released network's answers, mixed.

Windows come from the same photos as those of the networks for photos, and the same teacher's features help
(:mod:`core.training.hints`). First small windows, which cost a fifth; then whole photos of twice the native side, as
the page shows them: their 64 windows of the native size are answered in one pass, as they will be in use, for the price
of four. The slim VGG16 starts from the convolutions of the slim DeconvNet, which mirrors it, if that one is bundled.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.models import weights
from core.models.classifiers import VGG16
from core.models.deconvnet import DeconvNet
from core.models.registry import build, spec
from core.training import answers, sampling
from core.training.data import VOID
from core.training.hints import ANSWER_STRIDE, Guide, answers_at, normalise
from core.training.run import Run, agreement, descend, device
from core.training.run import finished as finished  # a recipe has one
from core.training.sampling import FROM_SCRATCH, SHARES, Mixer

BATCH = 32
PEAK_RATE = 2e-3
WEIGHT_DECAY = 0.02
PASTE_SHARE = 0.2
TEACHER_SHARE = 0.6
"""Of the target; the masks have the rest."""
SMALL_SHARE, SMALL_SIDE = 0.4, {"alexnet-slim": 128, "vgg16-slim": 96}
"""Of the run, with windows of so many pixels: there a network learns what cats and dogs look like for a fifth of the
price. It averages or repeats its last map to the native size. AlexNet's first stride is 4, so that less would leave it
nothing to see."""
SHORT_SIDE = 320
"""Shorter side of a whole photo, in pixels, for windows of the native size; times 0.6 to 1.6, at random."""
WHOLE_SIDE, WHOLE_BATCH = 448, 6
STRIDE = 32
"""Pixels from one window to the next."""
STEP = ANSWER_STRIDE
"""Every so many pixels of a window are counted."""
MIRROR = "deconvnet"
TEACHER_SIDES = {"small": 129, "whole": 225}
"""Pixels at which the teacher sees a small window and a whole photo."""


def shares(probabilities: Tensor, window: int, stride: int = STRIDE) -> Tensor:
    """What all windows of a picture hold, as far as one knows.

    A pixel's weight falls from the middle of its window to 0 at the rim, like a half wave along each axis.

    Args:
        probabilities: (B, classes, H, W), of the classes at each pixel; all 0 where nothing is known.
        window: side in pixels.
        stride: pixels from one window to the next.

    Returns:
        (B, classes, h, w) that add up to 1, h = (H - window) / stride + 1. A window of which nothing is known counts as
        background.
    """
    wave = torch.sin(math.pi * (torch.arange(window) + 0.5) / window)
    rows, columns = (_windows(length, wave, stride).to(probabilities) for length in probabilities.shape[2:])
    counts = rows @ probabilities @ columns.T  # (B, classes, h, w)
    counts[:, 0] += (counts.sum(1) == 0).float()
    return counts / counts.sum(1, keepdim=True)


def _windows(length: int, wave: Tensor, stride: int) -> Tensor:
    """``wave`` at every place of a window along ``length`` pixels: (places, length)."""
    places = torch.arange(0, length - len(wave) + 1, stride)
    out = torch.zeros(len(places), length)
    out[torch.arange(len(places))[:, None], places[:, None] + torch.arange(len(wave))] = wave
    return out


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


def head_everywhere(network: nn.Module, seen: Tensor) -> Tensor:
    """:func:`head` for all windows of a map that holds at least one: (B, C, h, w) -> (B, 21, h - k + 1, w - k + 1)."""
    k = int(network.window)  # type: ignore[arg-type]
    rows, columns = seen.shape[-2] - k + 1, seen.shape[-1] - k + 1
    x = functional.unfold(seen, k).transpose(1, 2)  # (B, windows, C k k), a window's values as flattening orders them
    for layer in network.head_layers():  # type: ignore[operator]
        x = layer(x)  # (B, windows, features)
    return x.transpose(1, 2).unflatten(2, (rows, columns))


def take_convolutions(classifier: VGG16, network: DeconvNet) -> None:
    """Give a VGG16 the convolutions of a DeconvNet of the same widths, with their batch normalisation."""
    kinds = (nn.Conv2d, nn.BatchNorm2d)
    mine = [layer for layer in classifier.features if isinstance(layer, kinds)]
    theirs = [layer for block in network.down for layer in block.modules() if isinstance(layer, kinds)]
    for target, source in zip(mine, theirs, strict=True):
        target.load_state_dict(source.state_dict())


def rate(progress: float) -> float:
    """Factor of the learning rate at ``progress`` (0 to 1) of the run: a warm-up, then half a cosine down to 0."""
    return min(1.0, progress / 0.05) * max(0.0, 0.5 + 0.5 * math.cos(math.pi * min(1.0, progress)))


def train(
    names: Sequence[str],
    data: Path,
    cache: Path,
    out: Path,
    steps: int,
    seed: int = 0,
    go_on: tuple[int, float] | None = None,
) -> Run:
    """Train one slim classifier for ``steps`` batches; resumes from ``out``.

    Args:
        names: one name of the registry.
        data: the data folder.
        cache: where decoded pictures and answers are kept.
        out: folder of this :class:`core.training.run.Run`; its mIoU is that of the windows' largest classes.
        steps: batches; the learning rate follows their number.
        seed: of weights and windows.
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
    where, side = device(), spec(name).input_side
    network = weights.load(name) if go_on else build(name)
    network = network.to(where, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    if not go_on and isinstance(network, VGG16) and weights.present(MIRROR):
        take_convolutions(network, weights.load(MIRROR))  # type: ignore[arg-type]
    guide, mean = Guide(_channels(network), where), copy.deepcopy(network)
    optimiser = torch.optim.AdamW(
        [*network.parameters(), *guide.project.parameters()], PEAK_RATE, weight_decay=WEIGHT_DECAY
    )
    parts = {"network": network, "mean": mean, "project": guide.project, "optimiser": optimiser}
    progress = Run(out, steps, parts, go_on)
    mixer = Mixer(data, cache, side, seed + progress.step, PASTE_SHARE, shares=FROM_SCRATCH,
                  answers=teacher(data, cache, SHARES))  # fmt: skip

    def batch() -> tuple[Tensor, NDArray[np.int64]]:
        small = progress.progress < SMALL_SHARE
        mixer.side = SMALL_SIDE[name] if small else WHOLE_SIDE
        mixer.short_side = SHORT_SIDE * mixer.side // side if small else WHOLE_SIDE
        teacher_side = TEACHER_SIDES["small" if small else "whole"]
        pixels, labels, _, given = mixer.batch(BATCH if small else WHOLE_BATCH)
        pixels, labels = pixels.to(where), labels.to(where)
        x = normalise(pixels, name).contiguous(memory_format=torch.channels_last)
        with torch.autocast(where.type, torch.bfloat16):  # half the time of single precision
            seen = features(network, x)  # (B, C, h, w)
            scores = head(network, seen)[..., None, None] if small else head_everywhere(network, seen)  # (B, 21, h, w)
        seen, scores = seen.float(), scores.float()
        look = guide.look(pixels, teacher_side)
        taught = answers_at(given, look[1], teacher_side, mixer.side, STEP).softmax(1)  # (B, 21, side / 4, side / 4)
        ids = labels[:, ::STEP, ::STEP]
        marked = functional.one_hot(torch.where(ids == VOID, 21, ids), 22)[..., :21].movedim(-1, 1).float()
        cells = (mixer.side if small else side) // STEP, STRIDE // STEP
        target = (1 - TEACHER_SHARE) * shares(marked, *cells) + TEACHER_SHARE * shares(taught, *cells)
        loss = functional.cross_entropy(scores, target) + guide.hint(seen, *look)
        return loss, agreement(scores, target.argmax(1))

    descend(name, network, optimiser, progress, rate, batch, mean)
    return progress


def _channels(network: nn.Module) -> int:
    """Of the map in front of the fully connected part."""
    convolutions = [layer for layer in network.features.modules() if isinstance(layer, nn.Conv2d)]  # type: ignore[union-attr]
    return convolutions[-1].out_channels


def facts(names: Sequence[str], data: Path, cache: Path) -> dict[str, Any]:
    """What the recipe says of itself, for the record."""
    (name,) = names
    return {
        "recipe": "classify",
        "batch": BATCH,
        "whole_batch": WHOLE_BATCH,
        "sides": [SMALL_SIDE[name], WHOLE_SIDE],
        "first_share": SMALL_SHARE,
        "rate": PEAK_RATE,
        "teacher": answers.NAME,
        "teacher_share": TEACHER_SHARE,
        "pictures": sampling.counts(data, cache, FROM_SCRATCH),
        "shares": dict(FROM_SCRATCH),
    }
