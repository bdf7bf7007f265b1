"""The compared networks, trained together: each batch passes the encoder once, for all their decoders.

The encoder is the released one and rests (:mod:`core.models.mobilenetv2`): it has learned to segment from more pictures
than there are here. Every decoder learns from **every** batch, with the same pictures in the same order, the same
schedule and the same teacher (:mod:`core.training.answers`), so that what differs between two of them is their idea.
The run writes that down (:func:`facts`), and what pages say about it is made from there.

* **First part** (:data:`FIRST_SHARE` of the run): crops of 193 pixels, which cost half as much as those of the second.
  **Second part**: 257 pixels. Both at the scale of their use, at which a photo's shorter side has 321.
* The encoder runs at output stride 16. FCN, U-Net and DeconvNet, made for stride 32, get every second place of the last
  map, which is exactly the encoder's map at stride 32.
* **Every place** of what a decoder puts out is taught: its cells stand at pixels 0, s, 2s, ..., and the mask is read
  there. Coarser maps than every fourth pixel are enlarged to that first, as they are when they are used.
* The long paths up of U-Net and DeconvNet get help at each level: a 1x1 classifier each, thrown away afterwards.
* What is kept is a running mean of the weights, which is steadier than the last step.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.models import weights
from core.models.mobilenetv2 import MobileNetV2
from core.models.registry import build
from core.models.shared import VOC_CLASSES, EncoderDecoder, resize
from core.training import answers, sampling
from core.training.hints import ANSWER_STRIDE, normalise
from core.training.losses import taught_loss
from core.training.run import LARGEST_GRADIENT, Run, agreement, checkpoint, device, follow
from core.training.sampling import Batch, Mixer

NAMES = (
    "fcn32s", "fcn16s", "fcn8s", "pspnet", "deeplabv3", "deeplabv3plus", "unet-mobilenetv2", "deconvnet-mobilenetv2",
)  # fmt: skip
"""The controlled comparison."""
BATCH = 8
SEED = 0
"""Of the crops: with it their order is the same in every run, whichever decoders learn in it."""
SIDE, SECOND_SIDE = 193, 257
FIRST_SHARE = 0.65
RATE = 2e-3
WEIGHT_DECAY = 0.01
TEACHER_SHARE = 0.6
HELP = 0.5
"""Weight of the loss of a level's helper, on average over the levels; it fades to nothing in the second part."""
DENSE = ("deeplabv3", "deeplabv3plus", "pspnet", "deeplabv3-released")
"""Networks that read the encoder at output stride 16."""


def schedule(progress: float) -> float:
    """Factor of the learning rate at ``progress`` (0 to 1) of the run: a warm-up, then down to 0."""
    return min(1.0, progress / 0.02) * (1 - progress) ** 0.9


def view(maps: list[Tensor], name: str) -> list[Tensor]:
    """The pyramid as network ``name`` is used to it: at output stride 32 for FCN, U-Net and DeconvNet."""
    if name in DENSE:
        return maps
    return [*maps[:-1], maps[-1][..., ::2, ::2]]


class Group(nn.Module):
    """One resting encoder, the decoders of several networks, and the helpers of those that climb level by level."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        self.decoders = nn.ModuleDict()
        for name in names:
            network = build(name)
            if not isinstance(network, EncoderDecoder):
                raise TypeError(f"{name} has an encoder of its own.")
            self.decoders[name] = network.decoder
        self.helpers = nn.ModuleDict(
            {
                name: nn.ModuleList(nn.Conv2d(channels, VOC_CLASSES, 1) for channels in _level_widths(decoder))
                for name, decoder in self.decoders.items()
                if hasattr(decoder, "climb")
            }
        )

    def network(self, name: str, encoder: MobileNetV2) -> nn.Module:
        """One network of the group with a copy of the encoder, at its own output stride, in evaluation mode."""
        whole = build(name)
        assert isinstance(whole, EncoderDecoder)
        whole.encoder.load_state_dict(encoder.state_dict())
        whole.decoder.load_state_dict(self.decoders[name].state_dict())
        return whole.eval()


def _level_widths(decoder: nn.Module) -> list[int]:
    """Channels of each level's map but the last, coarsest first, of a decoder with ``climb``."""
    from core.models.mobilenetv2 import PYRAMID_CHANNELS

    maps = [torch.zeros(1, c, 2**n + 1, 2**n + 1) for n, c in zip((5, 4, 3, 2, 1), PYRAMID_CHANNELS, strict=True)]
    with torch.no_grad():
        return [int(level.shape[1]) for level in copy.deepcopy(decoder).eval().climb(maps)[:-1]]  # type: ignore[operator]


def released_encoder() -> MobileNetV2:
    """The bundled encoder at output stride 16, in evaluation mode and without gradients.

    Raises:
        WeightsError: its file is missing or damaged.
    """
    encoder = MobileNetV2(16)
    encoder.load_state_dict(weights.load_encoder("mobilenetv2"))
    return encoder.eval().requires_grad_(False)


def at_cells(labels: Tensor, taught: Tensor | None, scores: Tensor) -> tuple[Tensor, Tensor | None]:
    """The mask and the teacher's answers where the cells of ``scores`` stand.

    Args:
        labels: (B, side, side) ids; side is 32 n + 1.
        taught: (B, 21, ., .) logits at every fourth pixel.
        scores: (B, 21, h, w) whose cells stand at pixels 0, s, 2 s, ..., side - 1.
    """
    stride = (labels.shape[-1] - 1) // (scores.shape[-1] - 1)
    ids = labels[:, ::stride, ::stride]  # (B, h, w)
    if taught is None or stride == ANSWER_STRIDE:
        return ids, taught
    if stride > ANSWER_STRIDE:
        step = stride // ANSWER_STRIDE
        return ids, taught[..., ::step, ::step]
    return ids, resize(taught, scores)


def loss_of(scores: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """The loss of one decoder's scores at every place: scalar, and the scores and ids that it compared."""
    if scores.shape[-1] - 1 < (batch.labels.shape[-1] - 1) // ANSWER_STRIDE:
        side = (batch.labels.shape[-1] - 1) // ANSWER_STRIDE + 1
        scores = nn.functional.interpolate(scores.float(), (side, side), mode="bilinear", align_corners=True)
    ids, taught = at_cells(batch.labels, batch.answers, scores)
    return taught_loss(scores, ids, taught, TEACHER_SHARE), scores, ids


def losses(
    group: Group, maps: list[Tensor], batch: Batch, help_share: float
) -> tuple[dict[str, Tensor], dict[str, NDArray[np.int64]]]:
    """The loss of every decoder on one batch, helpers included, and the confusion matrix of its answers.

    Args:
        group: the networks.
        maps: the encoder's pyramid of the batch.
        batch: pixels, labels, answers.
        help_share: weight of the helpers' losses.
    """
    result, seen = {}, {}
    for name, decoder in group.decoders.items():
        read = view(maps, name)
        if name in group.helpers:
            levels = decoder.climb(read)  # type: ignore[operator]
            last = decoder.head if hasattr(decoder, "head") else decoder.score
            scores = last(decoder.dropout(levels[-1]))  # type: ignore[operator]
        else:
            levels, scores = [], decoder(read)
        loss, compared, ids = loss_of(scores, batch)
        seen[name] = agreement(compared, ids)
        if levels and help_share:
            extra = []
            for level, helper in zip(levels[:-1], _helpers(group, name), strict=True):
                guess = helper(level)
                extra.append(taught_loss(guess, *at_cells(batch.labels, batch.answers, guess), TEACHER_SHARE))
            loss = loss + help_share * torch.stack(extra).mean()
        result[name] = loss
    return result, seen


def _helpers(group: Group, name: str) -> nn.ModuleList:
    """The 1x1 classifiers of a network's levels, coarsest first."""
    helpers = group.helpers[name]
    assert isinstance(helpers, nn.ModuleList)
    return helpers


def teacher(data: Path, cache: Path, names: Iterable[str]) -> dict[str, answers.Answers]:
    """The released network's answers on the training lists, computed now or earlier.

    Raises:
        WeightsError: the released network is not bundled.
        DataError: a list is not there.
    """
    network = weights.load(answers.NAME).eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return {
        name: answers.prepare(network, sampling.pictures(data, cache, name), cache / "answers" / name) for name in names
    }


def train(
    names: Sequence[str],
    data: Path,
    cache: Path,
    out: Path,
    steps: int,
    seed: int = SEED,
    go_on: tuple[int, float] | None = None,
) -> Run:
    """Train the decoders of ``names`` for ``steps`` batches; resumes from ``out``.

    Args:
        names: networks of the registry that share the encoder.
        data: the data folder.
        cache: where decoded pictures and answers are kept.
        out: folder of this run, see :class:`core.training.run.Run`.
        steps: batches of :data:`BATCH` crops; the learning rate follows their number.
        seed: of weights and crops.
        go_on: batches and seconds that the bundled weights have behind them: where ``out`` holds no checkpoint, the run
            begins with those weights, there.

    Returns:
        The finished run; :func:`finished` makes networks of it.
    """
    torch.manual_seed(seed)
    where = device()
    encoder = released_encoder().to(where, memory_format=torch.channels_last)  # type: ignore[call-overload]
    group = Group(names).to(where, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if go_on:
        for name in names:  # a checkpoint, if there is one, is read over them
            network = weights.load(name)
            assert isinstance(network, EncoderDecoder)
            group.decoders[name].load_state_dict(network.decoder.state_dict())
    mean = copy.deepcopy(group)
    optimiser = torch.optim.AdamW(group.parameters(), RATE, weight_decay=WEIGHT_DECAY)
    run = Run(out, steps, {"group": group, "mean": mean, "optimiser": optimiser}, go_on)
    mixer = Mixer(data, cache, SIDE, seed + run.step, answers=teacher(data, cache, sampling.SHARES))
    while (progress := run.progress) < 1:
        group.train()
        mixer.side = SIDE if progress < FIRST_SHARE else SECOND_SIDE
        optimiser.param_groups[0]["lr"] = RATE * schedule(progress)
        batch = mixer.batch(BATCH)
        batch = batch.to(where)
        x = normalise(batch.pixels, names[0]).contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            maps = encoder.forward_features(x)
        help_share = HELP * min(1.0, (1 - progress) / (1 - FIRST_SHARE))
        with torch.autocast(where.type, torch.bfloat16):  # half the time of single precision
            parts, seen = losses(group, maps, batch, help_share)
        optimiser.zero_grad(set_to_none=True)
        torch.stack(list(parts.values())).sum().backward()
        for decoder in group.decoders.values():  # each on its own: none is held back by another
            nn.utils.clip_grad_norm_(decoder.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        follow(mean, group, run.step)
        run.log({name: loss.item() for name, loss in parts.items()}, seen)
        run.save()
    run.save(force=True)
    return run


def finished(names: Sequence[str], out: Path) -> dict[str, nn.Module]:
    """The networks with the mean weights of the last checkpoint in ``out``, in evaluation mode.

    Args:
        names: networks of the run, all or some.
        out: folder of the run.

    Raises:
        FileNotFoundError: there is no checkpoint.
    """
    group, encoder = Group(names), released_encoder()
    mean = checkpoint(out)["mean"]
    group.load_state_dict({key: value for key, value in mean.items() if key.split(".")[1] in names})
    return {name: group.network(name, encoder) for name in names}


def facts(names: Sequence[str], data: Path, cache: Path) -> dict[str, Any]:
    """What the recipe says of itself, for the record: the same for every network of the comparison."""
    return {
        "recipe": "together",
        "seed": SEED,
        "batch": BATCH,
        "sides": [SIDE, SECOND_SIDE],
        "first_share": FIRST_SHARE,
        "rate": RATE,
        "teacher": answers.NAME,
        "teacher_share": TEACHER_SHARE,
        "pictures": sampling.counts(data, cache, sampling.SHARES),
        "shares": dict(sampling.SHARES),
        "encoder": "at rest",
    }
