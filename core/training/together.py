"""The networks that share an encoder, trained together: each batch passes the encoder once, for all their decoders.

On two CPU cores the encoder is most of the work, so this makes seven networks for little more than the price of one,
and the comparison between them is fair to the last digit: same pictures, same order, same encoder.

* **First part** (:data:`LEARN_SHARE` of the run): output stride 32, the encoder learns too, except for its first maps,
  whose edges and colours fit any photo and whose gradients would cost a third of the time. Output stride 32 costs a
  third of 16 and trains the very same weights, since the coarse map is the fine one at every second position.
* **Second part**: the encoder rests and runs at output stride 16; the decoders learn to read it as they will be used.
  FCN and U-Net, made for stride 32, get every second position of the last map.
* The encoder's batch statistics stay those of ImageNet: a batch is too small to estimate them anew.
* What is kept is a running mean of the weights, which is steadier than the last step.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from core.models import weights
from core.models.encoder import ConvNorm, EfficientNetLite0, imagenet_state
from core.models.registry import build, spec
from core.models.shared import EncoderDecoder
from core.training.losses import mixed_loss
from core.training.run import LARGEST_GRADIENT, Run, agreement, device
from core.training.sampling import Mixer

BATCH = 8
SIDE, SECOND_SIDE = 192, 256  # of the crops; ASPP's largest rate needs a map of more than 12 cells to learn from
LOSS_STRIDE = 4  # the loss looks at every fourth pixel in both directions: neighbours say nearly the same
LEARN_SHARE = 0.7
RESTING_STAGES = 2  # of the encoder, besides the stem: up to stride 4
ENCODER_RATE, DECODER_RATE = 4e-4, 2e-3
WEIGHT_DECAY = 0.02
MEAN_DECAY = 0.995
TURNS = {"unet-lite0": (4, 0), "deeplabv3": (3, 0), "pspnet": (3, 1), "fcn32s": (3, 2), "fcn16s": (2, 1)}
"""(n, k): the decoder learns from every n-th batch, k batches late; the others from every batch. Cheaper by a third."""
DENSE = ("deeplabv3", "deeplabv3plus", "pspnet")
"""Networks that read the encoder at output stride 16."""
DETACHED = ("unet-lite0",)
"""Decoders that the encoder does not learn from: their way back through the fine maps would double the price."""


def schedule(progress: float, learn_share: float = LEARN_SHARE) -> tuple[float, float]:
    """Factors of the encoder's and of the decoders' learning rate at ``progress`` (0 to 1) of the run."""
    warm = min(1.0, progress / 0.04)
    if learn_share == 0:
        return 0.0, warm * (1 - progress) ** 0.9
    if progress < learn_share:
        down = (1 - progress / learn_share) ** 0.9
        return warm * down, warm * (0.35 + 0.65 * down)
    return 0.0, 0.35 * ((1 - progress) / (1 - learn_share)) ** 0.9


def front(encoder: EfficientNetLite0) -> nn.ModuleList:
    """A copy of the encoder's resting layers whose batch normalisation is folded into the convolutions: half the time.

    One module for the stem and each resting stage.
    """
    resting = copy.deepcopy(nn.ModuleList([encoder.stem, *encoder.stages[:RESTING_STAGES]])).eval()
    for module in resting.modules():
        if isinstance(module, ConvNorm):
            module.conv = fuse_conv_bn_eval(module.conv, module.norm)
            module.norm = nn.Identity()  # type: ignore[assignment]
    return resting


def pyramid(resting: nn.ModuleList, encoder: EfficientNetLite0, x: Tensor) -> list[Tensor]:
    """``encoder.forward_features``, with the layers that rest taken from :func:`front` and without their gradients."""
    with torch.no_grad():
        x = resting[0](x)
        maps = []
        for stage in resting[1:]:
            x = stage(x)
            maps.append(x)
    x = encoder.stages[2](x)
    maps.append(x)
    x = encoder.stages[4](encoder.stages[3](x))
    maps.append(x)
    maps.append(encoder.stages[6](encoder.stages[5](x)))
    return maps


def view(maps: list[Tensor], name: str) -> list[Tensor]:
    """The pyramid as the decoder of network ``name`` is used to it: at output stride 32 for FCN and U-Net."""
    if name in DENSE or maps[-1].shape[-1] < maps[-2].shape[-1]:
        return maps
    return [*maps[:-1], maps[-1][..., 1::2, 1::2]]


class Group(nn.Module):
    """One encoder and the decoders of several networks."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        networks = {name: build(name) for name in names}
        decoders = {}
        for name, network in networks.items():
            if not isinstance(network, EncoderDecoder):
                raise TypeError(f"{name} has an encoder of its own.")
            decoders[name] = network.decoder
        self.encoder = EfficientNetLite0(32)
        self.decoders = nn.ModuleDict(decoders)
        self.set_output_stride(32)

    def set_output_stride(self, output_stride: int) -> None:
        """Of the encoder, and with it the rates of those decoders that have any."""
        self.encoder.set_output_stride(output_stride)
        for decoder in self.decoders.values():
            follow = getattr(decoder, "set_output_stride", None)
            if callable(follow):
                follow(output_stride)

    def start_from_imagenet(self) -> None:
        """ImageNet weights for the encoder, and for FCN's head, which is the classifier's."""
        state = imagenet_state()
        self.encoder.load_state_dict(_part(state, "encoder."))
        for name, decoder in self.decoders.items():
            if name.startswith("fcn"):
                decoder.head.load_state_dict(_part(state, "head."))  # type: ignore[union-attr]

    def start_from(self, name: str) -> None:
        """The encoder of the bundled network ``name``, which others already share."""
        whole = weights.load(name)
        assert isinstance(whole, EncoderDecoder)
        self.start_from_imagenet()  # for FCN's head
        self.encoder.load_state_dict(whole.encoder.state_dict())

    def learn(self) -> None:
        """Training mode; every batch normalisation that comes from ImageNet keeps its statistics."""
        self.train()
        self.encoder.eval()
        for name, decoder in self.decoders.items():
            if name.startswith("fcn"):
                decoder.head.eval()  # type: ignore[union-attr]

    def network(self, name: str) -> nn.Module:
        """A copy of one network of the group, at its own output stride, in evaluation mode."""
        whole = build(name)
        whole.encoder.load_state_dict(self.encoder.state_dict())  # type: ignore[union-attr]
        whole.decoder.load_state_dict(self.decoders[name].state_dict())  # type: ignore[union-attr]
        return whole.eval()


def _part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}


def losses(
    group: Group, resting: nn.ModuleList, x: Tensor, labels: Tensor, pets: Tensor, step: int, frozen: bool
) -> tuple[dict[str, Tensor], dict[str, NDArray[np.int64]]]:
    """The loss of every decoder whose turn it is at ``step``, and the confusion matrix of its answers.

    Args:
        group: the networks.
        resting: the encoder's :func:`front`.
        x: (B, 3, H, W) normalised.
        labels: (B, H, W) ids, 255 void.
        pets: (B,) which pictures are pets.
        step: number of the batch.
        frozen: whether the encoder rests altogether.
    """
    offset = 1 + step % 2  # the cells of stride 4 are centred between pixels 1 and 2
    targets = labels[:, offset::LOSS_STRIDE, offset::LOSS_STRIDE]
    with torch.set_grad_enabled(not frozen):
        maps = pyramid(resting, group.encoder, x)
    rest = [m.detach() for m in maps]
    due = [name for name in group.decoders if step % TURNS.get(name, (1, 0))[0] == TURNS.get(name, (1, 0))[1]]
    result, seen = {}, {}
    for name in due or list(group.decoders):
        scores = group.decoders[name](view(rest if name in DETACHED else maps, name))
        scores = F.interpolate(scores, size=targets.shape[-2:], mode="bilinear", align_corners=False)
        result[name], seen[name] = mixed_loss(scores, targets, pets), agreement(scores, targets, pets)
    return result, seen


def train(names: list[str], data: Path, cache: Path, out: Path, steps: int, seed: int = 0, join: str = "") -> Group:
    """Train the decoders of ``names`` and their encoder for ``steps`` batches; resumes from ``out``.

    Args:
        names: networks of the registry that share an encoder.
        data: the data folder.
        cache: where decoded pictures are kept.
        out: folder of this run, see :class:`core.training.run.Run`.
        steps: batches of :data:`BATCH` crops; the learning rates follow their number.
        join: a bundled network whose encoder is taken as it is and rests from the beginning; empty for a new encoder.

    Returns:
        The group with the mean weights, in evaluation mode.
    """
    torch.manual_seed(seed)
    group = Group(names)
    if join:
        group.start_from(join)
    else:
        group.start_from_imagenet()
    learn_share = 0.0 if join else LEARN_SHARE
    where = device()
    group.to(where, memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean, resting = copy.deepcopy(group), front(group.encoder)
    decoders = [{"params": list(d.parameters()), "lr": DECODER_RATE} for d in group.decoders.values()]
    parameters = [p for stage in group.encoder.stages[RESTING_STAGES:] for p in stage.parameters()]
    optimiser = torch.optim.AdamW([{"params": parameters, "lr": ENCODER_RATE}, *decoders], weight_decay=WEIGHT_DECAY)
    peaks = [float(g["lr"]) for g in optimiser.param_groups]
    run = Run(out, steps, {"group": group, "mean": mean, "optimiser": optimiser})
    mixer, scale, frozen = Mixer(data, cache, SIDE, seed + run.step), spec(names[0]).preprocessing, False
    while (progress := run.progress) < 1:
        if progress >= learn_share and not frozen:
            frozen, mixer.side = True, SECOND_SIDE
            group.encoder.load_state_dict(mean.encoder.state_dict())
            group.set_output_stride(16 if any(name in DENSE for name in names) else 32)
        group.learn()
        factors = schedule(progress, learn_share)
        for index, (peak, part) in enumerate(zip(peaks, optimiser.param_groups, strict=True)):
            part["lr"] = peak * factors[min(index, 1)]
        pixels, labels, pets = (part.to(where) for part in mixer.batch(BATCH))
        x = ((pixels - scale.mean[0]) / scale.std[0]).contiguous(memory_format=torch.channels_last)
        parts, seen = losses(group, resting, x, labels, pets, run.step, frozen)
        optimiser.zero_grad(set_to_none=True)
        torch.stack(list(parts.values())).sum().backward()
        nn.utils.clip_grad_norm_(parameters, LARGEST_GRADIENT)
        optimiser.step()
        _follow(mean, group, min(MEAN_DECAY, (2 + run.step) / (11 + run.step)))
        run.log({name: loss.item() for name, loss in parts.items()}, seen)
        run.save()
    run.save(force=True)
    return mean.eval()


@torch.no_grad()
def _follow(mean: Group, group: Group, decay: float) -> None:
    """Move the running mean towards the present weights; statistics and counters are taken over as they are."""
    for kept, now in zip(mean.parameters(), group.parameters(), strict=True):
        kept.lerp_(now, 1 - decay)
    for buffer, current in zip(mean.buffers(), group.buffers(), strict=True):
        buffer.copy_(current)
