"""How the networks of their own topology, the slim U-Net and the slim DeconvNet, learn photos from scratch.

They have no ImageNet behind them, and 2,400 labelled photos are few. What helps is a teacher: the best of the networks
on the shared encoder says for every pixel, also for those that no mask labels, how probable each class is, and the
pupil learns these probabilities beside the masks (Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural
Network", 2015, at temperature 1). Windows come from the same mixture of photos as everywhere
(:class:`core.training.sampling.Mixer`).
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from core.models import weights
from core.models.registry import build, spec
from core.training.losses import mixed_loss
from core.training.run import Run
from core.training.sampling import Mixer

BATCH = 8
PEAK_RATE = 2e-3
WEIGHT_DECAY = 0.01
TEACHER = "deeplabv3plus"
TEACHER_SHARE = 0.5
"""Of the loss that the teacher has, where there is one."""


def normalise(pixels: Tensor, name: str) -> Tensor:
    """(B, 3, H, W) pixels, 0 to 255, as network ``name`` wants them."""
    scale = spec(name).preprocessing
    return (pixels - torch.tensor(scale.mean).view(3, 1, 1)) / torch.tensor(scale.std).view(3, 1, 1)


def rate(progress: float) -> float:
    """Factor of the learning rate at ``progress`` (0 to 1) of the run: a warm-up, then a slow descent to 0."""
    return min(1.0, progress / 0.03) * max(0.0, 1 - progress) ** 0.9


def imitation(scores: Tensor, taught: Tensor) -> Tensor:
    """Cross entropy between the teacher's probabilities and the pupil's: two (B, C, H, W) of scores -> scalar.

    Least, but not 0, where both agree: what is left is the teacher's own doubt.
    """
    return -(taught.softmax(1) * scores.log_softmax(1)).sum(1).mean()


def train(name: str, data: Path, cache: Path, out: Path, minutes: float, seed: int = 0) -> nn.Module:
    """Train segmenter ``name`` from scratch for ``minutes``; resumes from ``out``.

    The weights of :data:`TEACHER` are used if they are bundled; without them the masks alone teach.

    Args:
        name: of the registry: a segmenter for photos.
        data: the data folder.
        cache: where decoded pictures are kept.
        out: folder of this :class:`core.training.run.Run`.
        minutes: of wall time, interruptions not counted; the learning rate follows it.

    Returns:
        The network in evaluation mode.

    Raises:
        WeightsError: the teacher's weights are damaged.
    """
    torch.manual_seed(seed)
    network = build(name).train()
    teacher = weights.load(TEACHER).eval().requires_grad_(False) if weights.present(TEACHER) else None
    optimiser = torch.optim.AdamW(network.parameters(), PEAK_RATE, weight_decay=WEIGHT_DECAY)
    run = Run(out, minutes)
    stored = run.resume()
    if stored:
        network.load_state_dict(stored["network"])
        optimiser.load_state_dict(stored["optimiser"])
    mixer = Mixer(data, cache, spec(name).input_side, seed + run.step, paste_share=0.3)
    while run.progress < 1:
        optimiser.param_groups[0]["lr"] = PEAK_RATE * rate(run.progress)
        pixels, labels, pets = mixer.batch(BATCH)
        scores = network(normalise(pixels, name))  # (B, 21, side, side)
        loss = mixed_loss(scores, labels, pets)
        if teacher is not None:
            with torch.no_grad():
                taught = teacher(normalise(pixels, TEACHER))
            loss = (1 - TEACHER_SHARE) * loss + TEACHER_SHARE * imitation(scores, taught)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        run.log({name: loss.item()})
        run.save({"network": network.state_dict(), "optimiser": optimiser.state_dict()})
    run.save({"network": network.state_dict(), "optimiser": optimiser.state_dict()}, force=True)
    return network.eval()
