"""How the unpadded U-Net learns membranes from twenty electron micrographs.

The recipe is the paper's (Ronneberger, Fischer, Brox, MICCAI 2015, section 3): one tile per step, mirrored at the
borders of the section, deformed elastically, turned and mirrored, with other grey values; class weights and border
weights in the loss. Departures, all because minutes are available and not ten hours: tiles of 380 pixels instead of
572, which give two and a half times as many steps; Adam with a warm-up and a linear decay instead of momentum 0.99;
and at the end :func:`calibrate`.

The bundled weights took 42 minutes on a quarter to a half of one busy CPU core. Their first 300 steps were made with
tiles of 572 pixels and a peak rate of 1e-3, the others with the values below.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.maths.boxes import components
from core.models.registry import build, spec
from core.models.unet import MARGIN, output_side
from core.passes.tiling import mirror, one_pass
from core.training.data import Bytes, load
from core.training.elastic import displacements, warp
from core.training.losses import border_weights, class_weights, weighted_cross_entropy
from core.training.run import Run, agreement, descend, device

NAME = "unet-em"
FOLDER = "isbi2012"
TILE = 380
PEAK_RATE = 1.5e-3
CELL = 1


def normalised(pixels: NDArray[np.uint8]) -> Tensor:
    """A section's grey values as the network wants them: ``(H, W, 3)`` bytes -> ``(1, H, W)``."""
    scale = spec(NAME).preprocessing
    return (torch.from_numpy(pixels.mean(axis=2, dtype=np.float32)) - scale.mean[0])[None] / scale.std[0]


def weight_map(mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Equation 2: class weights and, between cells, border weights. ``(H, W)`` ids -> ``(H, W)``."""
    return class_weights(mask, 2) + border_weights(components(mask == CELL))


def tile(picture: Tensor, labels: Tensor, weights: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """One training example: ``(1, H, W)`` each -> picture ``(1, 380, 380)``, labels and weights ``(196, 196)``."""

    def random(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=generator))

    room = picture.shape[-1] - output_side(TILE)
    top, left = (int(random(0, room + 1)) - MARGIN for _ in range(2))
    turns, flipped = int(random(0, 4)), random(0, 1) < 0.5
    field = displacements(TILE, TILE, generator)
    parts = []
    modes: tuple[Literal["bilinear", "nearest"], ...] = ("bilinear", "nearest", "bilinear")
    for x, mode in zip((picture, labels, weights), modes, strict=True):
        x = mirror(x, top, left, TILE, TILE).rot90(turns, (1, 2))
        x = warp(x.flip(2) if flipped else x, field, mode)
        parts.append(x)
    grey, ids, costs = parts
    inner = slice(MARGIN, TILE - MARGIN)
    return grey * random(0.8, 1.2) + random(-0.2, 0.2), ids[0, inner, inner].long(), costs[0, inner, inner]


def rate(progress: float) -> float:
    """Factor of the learning rate at ``progress`` (0 to 1) of the run."""
    return min(1.0, progress / 0.05) * (1 - progress)


def train(name: str, data: Path, cache: Path, out: Path, steps: int, seed: int = 0) -> nn.Module:
    """Train ``name``, an unpadded U-Net for one grey channel, for ``steps`` tiles; resumes from ``out``.

    Args:
        name: of the registry, ``unet-em``.
        data: the data folder.
        cache: where decoded pictures are kept.
        out: folder of this :class:`core.training.run.Run`.
        steps: tiles; the learning rate follows their number.

    Returns:
        The network in evaluation mode.
    """
    torch.manual_seed(seed)
    where = device()
    network = build(name).to(where).train()
    optimiser = torch.optim.Adam(network.parameters(), PEAK_RATE)
    sections = load(data, FOLDER, "train", cache)
    examples = []
    for index in range(len(sections)):
        pixels, mask = sections[index]
        labels = torch.from_numpy(mask.astype(np.float32))[None]
        examples.append((normalised(pixels), labels, torch.from_numpy(weight_map(mask))[None]))
    run = Run(out, steps, {"network": network, "optimiser": optimiser})
    generator = torch.Generator().manual_seed(seed + run.step)

    def batch() -> tuple[Tensor, NDArray[np.int64]]:
        chosen = examples[int(torch.randint(len(examples), (), generator=generator))]
        x, target, costs = (part[None].to(where) for part in tile(*chosen, generator))
        scores = network(x)
        return weighted_cross_entropy(scores, target, costs), agreement(scores, target)

    descend(name, network, optimiser, run, rate, batch)
    network.cpu().eval()
    calibrate(network, [sections[index] for index in range(0, len(sections), 4)])
    return network


@torch.inference_mode()
def calibrate(network: nn.Module, sections: Sequence[tuple[Bytes, Bytes]]) -> float:
    """Shift the bias of the head so that the more probable class is the right one most often; returns the shift.

    The loss counts a membrane pixel several times as much as one inside a cell, so the network calls membrane what is
    only suspected to be one. Where the line is drawn is one number, taken from sections it was trained on.

    Args:
        network: an unpadded U-Net with two classes; its ``head.bias`` changes.
        sections: pixels ``(H, W, 3)`` and ids ``(H, W)``.
    """
    shifts = torch.linspace(-4, 4, 81)
    right = torch.zeros(len(shifts))
    for pixels, mask in sections:
        scores = one_pass(network, normalised(pixels)[None])[0]
        odds, cell = scores[CELL] - scores[1 - CELL], torch.from_numpy(mask == CELL)
        right += torch.stack([((odds + shift > 0) == cell).float().mean() for shift in shifts])
    shift = float(shifts[right.argmax()])
    head = network.get_submodule("head")
    assert isinstance(head, nn.Conv2d)
    assert head.bias is not None
    head.bias[CELL] += shift
    return shift


@torch.inference_mode()
def whole(network: nn.Module, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The probability of "inside a cell" everywhere: ``(H, W, 3)`` bytes -> ``(H, W)``, 0 to 1; borders mirrored."""
    probability: NDArray[np.float32] = one_pass(network, normalised(pixels)[None]).softmax(1)[0, CELL].numpy()
    return probability


def rand_score(truth: NDArray[np.integer], found: NDArray[np.integer]) -> float:
    """Foreground-restricted Rand score: do two pixels of a cell stay together, two of different cells apart? 0 to 1.

    ``sum p_ij^2 / (sum s_i^2 / 2 + sum t_j^2 / 2)`` over the true cells' pixels, with ``p_ij`` the share of pixels in
    found segment i and true segment j, ``s`` and ``t`` its sums. Found membrane counts as segments of one pixel.
    Arganda-Carreras et al., "Crowdsourcing the creation of image segmentation algorithms for connectomics", 2015.

    Args:
        truth: ``(H, W)`` true segments, 0 membrane.
        found: ``(H, W)`` found segments, 0 membrane.
    """
    inside = truth > 0
    if not inside.any():
        return 1.0
    true, seen = truth[inside].astype(np.int64), found[inside].astype(np.int64)
    cells = seen > 0
    singles = int((~cells).sum())
    together = _pairs(true[cells] * (int(seen.max()) + 1) + seen[cells]) + singles
    return 2 * together / (_pairs(true) + _pairs(seen[cells]) + singles)


def _pairs(ids: NDArray[np.int64]) -> int:
    """Sum of the squared sizes of the groups of equal ids."""
    return int((np.unique(ids, return_counts=True)[1].astype(np.int64) ** 2).sum())
