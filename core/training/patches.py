"""How the patch classifiers learn: four heads on one resting encoder, each asked for the class in its windows' middle.

The encoder is that of a bundled segmentation network. It knows pets and VOC already, so a head is all that is missing;
the four read the same maps of the same pictures in the same order, and differ in their windows only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.models import weights
from core.models.patches import PatchNet
from core.models.registry import build
from core.models.shared import EncoderDecoder
from core.training.hints import normalise
from core.training.losses import mixed_loss
from core.training.photos import rate
from core.training.run import Run, agreement, descend, device
from core.training.sampling import Mixer

BATCH, SIDE = 8, 224
PEAK_RATE = 3e-3
WEIGHT_DECAY = 0.01
ENCODER = "deeplabv3plus"


def with_encoder(name: str, whole: EncoderDecoder) -> PatchNet:
    """The untrained patch classifier ``name`` on the encoder's first blocks of another network."""
    network = build(name)
    assert isinstance(network, PatchNet)
    network.stem.load_state_dict(whole.encoder.stem.state_dict())
    for mine, theirs in zip(network.blocks, islice(whole.encoder.blocks(), network.cut.blocks), strict=True):
        mine.load_state_dict(theirs.state_dict())
    return network


@torch.no_grad()
def all_features(networks: Sequence[PatchNet], x: Tensor) -> Iterator[tuple[PatchNet, Tensor]]:
    """``features`` of each network; those whose windows lie alike share one pass of the deepest of them."""
    for shift in {network.shift for network in networks}:
        alike = {network.cut.blocks: network for network in networks if network.shift == shift}
        deepest = alike[max(alike)]
        seen = deepest.stem(deepest.moved(x))
        for index, block in enumerate(deepest.blocks, start=1):
            seen = block(seen)
            if index in alike:
                yield alike[index], seen


def targets(labels: Tensor, network: PatchNet) -> Tensor:
    """(B, H, W) ids -> (B, H / stride, W / stride): the class of the pixel in the middle of each window."""
    stride = network.cut.stride
    return labels[:, network.centre :: stride, network.centre :: stride]


def train(names: Sequence[str], data: Path, cache: Path, out: Path, steps: int, seed: int = 0) -> dict[str, nn.Module]:
    """Train the heads of ``names`` for ``steps`` batches; resumes from ``out``.

    Args:
        names: patch classifiers of the registry.
        data: the data folder.
        cache: where decoded pictures are kept.
        out: folder of this :class:`core.training.run.Run`.
        steps: batches of :data:`BATCH` crops; the learning rate follows their number.
        seed: of weights and crops.

    Returns:
        The networks by name, in evaluation mode.

    Raises:
        WeightsError: the weights of :data:`ENCODER` are missing or damaged.
    """
    torch.manual_seed(seed)
    where, whole = device(), weights.load(ENCODER)
    assert isinstance(whole, EncoderDecoder)
    networks = {name: with_encoder(name, whole).to(where).eval().requires_grad_(False) for name in names}
    heads = nn.ModuleDict({name: network.head for name, network in networks.items()}).train().requires_grad_(True)
    optimiser = torch.optim.AdamW(heads.parameters(), PEAK_RATE, weight_decay=WEIGHT_DECAY)
    run = Run(out, steps, {"heads": heads, "optimiser": optimiser})
    mixer = Mixer(data, cache, SIDE, seed + run.step, paste_share=0.3)

    def batch() -> tuple[Tensor, NDArray[np.int64]]:
        pixels, labels, pets = (part.to(where) for part in mixer.batch(BATCH))
        losses, seen = [], np.zeros((21, 21), np.int64)
        for network, maps in all_features(list(networks.values()), normalise(pixels, ENCODER)):
            scores, wanted = network.head(maps), targets(labels, network)
            losses.append(mixed_loss(scores, wanted, pets))
            seen += agreement(scores, wanted, pets)
        return torch.stack(losses).sum(), seen

    descend("patches", heads, optimiser, run, rate, batch)
    return {name: network.cpu().eval().requires_grad_(True) for name, network in networks.items()}
