"""How the networks for photos are trained: VOC and pets together, on one encoder that starts from ImageNet.

Three choices matter on two CPU cores:

* The encoder's batch statistics stay those of ImageNet (batches of eight are too small to re-estimate them), its
  weights learn at a tenth of the decoder's rate.
* A pet picture labels its pet and nothing else: a person holding the cat counts as background there. So on pet pictures
  the scores of background and of all classes but cat and dog are merged (log-sum-exp) before the loss is taken, and
  nobody is punished for seeing the person.
* What is kept is a running mean of the weights (decay 0.998), which is steadier than the last step.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.models.encoder import imagenet_state
from core.training.data import CAT, DOG, VOID
from core.training.sampling import Mixer

BATCH = 8
SIDE = 224
DECODER_RATE = 3e-3
ENCODER_RATE = 3e-4
WEIGHT_DECAY = 0.01
MEAN_DECAY = 0.998
SAVE_EVERY = 90.0  # seconds
PIXEL_MEAN, PIXEL_STD = 127.0, 128.0


def merge_unlabelled(scores: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Pet pictures: every class that they do not label becomes background.

    Args:
        scores: (B, 21, H, W) logits.
        labels: (B, H, W) ids among background, cat, dog and void.

    Returns:
        (B, 3, H, W) logits of "neither", cat and dog, whose softmax is the sum of the merged classes' softmax, and the
        labels 0, 1, 2 or void.
    """
    others = [c for c in range(scores.shape[1]) if c not in (CAT, DOG)]
    merged = torch.stack([scores[:, others].logsumexp(1), scores[:, CAT], scores[:, DOG]], 1)
    ids = torch.full_like(labels, VOID)
    for new, old in enumerate((0, CAT, DOG)):
        ids[labels == old] = new
    return merged, ids


def mixed_loss(scores: Tensor, labels: Tensor, pets: Tensor) -> Tensor:
    """Cross entropy over all labelled pixels of a batch; pet pictures through :func:`merge_unlabelled`.

    Args:
        scores: (B, 21, H, W) logits.
        labels: (B, H, W) ids, 255 void.
        pets: (B,) which pictures are pets.
    """
    total = scores.new_zeros(())
    count = (labels != VOID).sum().clamp(min=1)
    if not pets.all():
        total = total + functional.cross_entropy(scores[~pets], labels[~pets], ignore_index=VOID, reduction="sum")
    if pets.any():
        merged, ids = merge_unlabelled(scores[pets], labels[pets])
        total = total + functional.cross_entropy(merged, ids, ignore_index=VOID, reduction="sum")
    return total / count


def start_from_imagenet(network: nn.Module) -> None:
    """Give the encoder of ``network`` its ImageNet weights."""
    state = {k.removeprefix("encoder."): v for k, v in imagenet_state().items() if k.startswith("encoder.")}
    network.encoder.load_state_dict(state)  # type: ignore[union-attr]


def _training_mode(network: nn.Module) -> None:
    network.train()
    for module in network.encoder.modules():  # type: ignore[union-attr]
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def train(network: nn.Module, data: Path, cache: Path, out: Path, steps: int, seed: int = 0) -> nn.Module:
    """Train ``network`` (an :class:`core.models.shared.EncoderDecoder`) for ``steps`` batches; resumes from ``out``.

    Args:
        data: the data folder.
        cache: where decoded pictures are kept.
        out: folder of this run: ``last.pt`` (everything needed to go on), ``mean.pt`` (the weights to keep) and
            ``log.jsonl`` (loss).

    Returns:
        The network with the mean weights, in evaluation mode.
    """
    torch.manual_seed(seed)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(MEAN_DECAY), use_buffers=True
    )
    encoder = list(network.encoder.parameters())  # type: ignore[union-attr]
    known = {id(p) for p in encoder}
    groups = [
        {"params": encoder, "lr": ENCODER_RATE},
        {"params": [p for p in network.parameters() if id(p) not in known], "lr": DECODER_RATE},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / 100) * (1 - step / (steps + 1)) ** 0.9
    )
    out.mkdir(parents=True, exist_ok=True)
    checkpoint, step = out / "last.pt", 0
    if checkpoint.is_file():
        stored = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(stored["network"])
        mean.load_state_dict(stored["mean"])
        optimiser.load_state_dict(stored["optimiser"])
        schedule.load_state_dict(stored["schedule"])
        step = int(stored["step"])
    mixer = Mixer(data, cache, SIDE, seed + step)
    _training_mode(network)
    began = saved = time.monotonic()
    first, losses = step, 0.0
    while step < steps:
        pixels, labels, pets = mixer.batch(BATCH)
        x = ((pixels - PIXEL_MEAN) / PIXEL_STD).contiguous(memory_format=torch.channels_last)
        loss = mixed_loss(network(x), labels, pets)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        mean.update_parameters(network)
        step += 1
        losses += loss.item()
        if step % 25 == 0:
            seconds = (time.monotonic() - began) / (step - first)
            with (out / "log.jsonl").open("a") as log:
                entry = {"step": step, "loss": losses / 25, "minutes_left": seconds * (steps - step) / 60}
                log.write(json.dumps(entry) + "\n")
            losses = 0.0
        if step == steps or time.monotonic() - saved > SAVE_EVERY:
            state = {
                "network": network.state_dict(),
                "mean": mean.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "step": step,
            }
            torch.save(state, checkpoint.with_suffix(".part"))
            os.replace(checkpoint.with_suffix(".part"), checkpoint)
            torch.save(mean.module.state_dict(), out / "mean.part")
            os.replace(out / "mean.part", out / "mean.pt")
            saved = time.monotonic()
    network.load_state_dict(mean.module.state_dict())
    return network.eval()
