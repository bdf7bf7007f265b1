"""A network that has learned nothing, as a control: a map that looks the same for it explains no learning.

Source: Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim, "Sanity Checks for Saliency Maps" (NeurIPS 2018).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.models import registry
from core.passes.attribution.gradients import Cam, cams_of
from core.passes.attribution.question import Floats, Question, Subject

if TYPE_CHECKING:
    from torch import nn

    from core.engine.inference import LoadedModel

SEED = 20181203


class Control(NamedTuple):
    """Seg-Grad-CAM of the shuffled network, and how far it agrees with the network's own.

    Attributes:
        depths: the same depths as the network's own.
        agreement: Spearman's rank correlation at each depth, -1 to 1; ``nan`` where a map is empty.
    """

    depths: tuple[Cam, ...]
    agreement: tuple[float, ...]


def shuffled(model: LoadedModel, seed: int = SEED) -> nn.Module:
    """A network of the same build with every layer's weights in random order: the same values, nothing learned.

    Normalisation keeps what it has, so that the values that flow stay of the same size.
    """
    import torch
    from torch import nn

    network = registry.build(model.spec.name)
    network.load_state_dict(model.module.state_dict())
    dice = torch.Generator().manual_seed(seed)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            flat = layer.weight.detach().flatten()
            layer.weight.data = flat[torch.randperm(flat.numel(), generator=dice)].view_as(layer.weight).clone()
    return network.eval().requires_grad_(False)


def control(subject: Subject, question: Question, own: tuple[Cam, ...], seed: int = SEED) -> Control:
    """The same question to the shuffled network, beside its own maps ``own``."""
    found = cams_of(shuffled(subject.model, seed), subject, question, [cam.path for cam in own])
    return Control(found, tuple(rank_correlation(a.heat, b.heat) for a, b in zip(own, found, strict=True)))


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation of two maps of one size; ``nan`` where one of them is constant."""
    from scipy.stats import rankdata

    first, second = (rankdata(each.ravel()) for each in (one, other))
    first, second = first - first.mean(), second - second.mean()
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum() / size) if size > 0 else float("nan")
