"""How the slim classifiers are trained: to say which share of a window each class covers.

A classifier that is going to be read at every place of a picture should be sure of a class where its window is full
of it, and unsure where the window holds a little of everything. So the target is not one label but the shares of the
classes among the window's labelled pixels, and the loss is the cross entropy between those shares and the softmax.
Windows come from the same mixture of photos as the segmentation networks' (:class:`core.training.sampling.Mixer`).
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.models.registry import build, spec
from core.training.data import VOID
from core.training.sampling import Mixer

BATCH = 32
PEAK_RATE = 2e-3
WEIGHT_DECAY = 0.02
SAVE_EVERY = 60.0  # seconds


def shares(labels: Tensor, classes: int) -> Tensor:
    """What a window holds: (B, H, W) ids -> (B, classes) shares of its labelled pixels, each row summing to 1.

    A window without a labelled pixel counts as background.
    """
    counts = torch.stack([torch.bincount(row[row != VOID].flatten(), minlength=classes) for row in labels]).float()
    counts[:, 0] += (counts.sum(1) == 0).float()
    return counts / counts.sum(1, keepdim=True)


def normalise(pixels: Tensor, name: str) -> Tensor:
    """(B, 3, H, W) pixels, 0 to 255, as network ``name`` wants them."""
    scale = spec(name).preprocessing
    return (pixels - torch.tensor(scale.mean).view(3, 1, 1)) / torch.tensor(scale.std).view(3, 1, 1)


def train(name: str, data: Path, cache: Path, out: Path, steps: int, seed: int = 0) -> nn.Module:
    """Train slim classifier ``name`` for ``steps`` batches of :data:`BATCH` windows; resumes from ``out``.

    Args:
        data: the data folder.
        cache: where decoded pictures are kept.
        out: folder of this run: ``last.pt`` (everything needed to go on) and ``log.jsonl`` (loss and agreement).

    Returns:
        The network in evaluation mode.
    """
    torch.manual_seed(seed)
    network = build(name)
    side = spec(name).input_side
    optimiser = torch.optim.AdamW(network.parameters(), PEAK_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=steps, pct_start=0.1)
    out.mkdir(parents=True, exist_ok=True)
    checkpoint, step = out / "last.pt", 0
    if checkpoint.is_file():
        stored = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(stored["network"])
        optimiser.load_state_dict(stored["optimiser"])
        schedule.load_state_dict(stored["schedule"])
        step = int(stored["step"])
    mixer = Mixer(data, cache, side, seed + step, paste_share=0.2)
    network.train()
    saved, losses, hits = time.monotonic(), 0.0, 0.0
    while step < steps:
        pixels, labels, _ = mixer.batch(BATCH)
        target = shares(labels, 21)  # (B, 21)
        scores = network(normalise(pixels, name))  # (B, 21)
        loss = functional.cross_entropy(scores, target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        step += 1
        losses += loss.item()
        hits += float((scores.argmax(1) == target.argmax(1)).float().mean())
        if step % 50 == 0:
            with (out / "log.jsonl").open("a") as log:
                log.write(json.dumps({"step": step, "loss": losses / 50, "agreement": hits / 50}) + "\n")
            losses = hits = 0.0
        if step == steps or time.monotonic() - saved > SAVE_EVERY:
            state = {
                "network": network.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "step": step,
            }
            torch.save(state, checkpoint.with_suffix(".part"))
            os.replace(checkpoint.with_suffix(".part"), checkpoint)
            saved = time.monotonic()
    return network.eval()
