"""A teacher for networks that learn from scratch: what it answers, and what it sees on the way there.

Few labelled photos teach a network slowly what a cat looks like. A network whose encoder has met a million photos
knows, and says more than a mask does: how probable every class is at every pixel (Hinton, Vinyals, Dean, "Distilling
the Knowledge in a Neural Network", 2015, at temperature 1), and 320 features for every 32 pixels. The pupil's coarsest
map has to foretell both through a 1x1 convolution that is thrown away afterwards (Romero et al., "FitNets: Hints for
Thin Deep Nets", ICLR 2015, for the features).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models import weights
from core.models.mobilenetv2 import PYRAMID_CHANNELS
from core.models.registry import spec
from core.models.shared import VOC_CLASSES, EncoderDecoder

TEACHER = "deeplabv3-released"


def normalise(pixels: Tensor, name: str) -> Tensor:
    """(B, 3, H, W) pixels, 0 to 255, as network ``name`` wants them."""
    scale = spec(name).preprocessing
    mean, std = (pixels.new_tensor(values).view(3, 1, 1) for values in (scale.mean, scale.std))
    return (pixels - mean) / std


def imitation(scores: Tensor, taught: Tensor) -> Tensor:
    """Cross entropy between the teacher's probabilities and the pupil's: two (B, C, H, W) of scores -> scalar.

    Least, but not 0, where both agree: what is left is the teacher's own doubt.
    """
    return -(taught.softmax(1) * scores.log_softmax(1)).sum(1).mean()


def unexplained(guess: Tensor, features: Tensor) -> Tensor:
    """The share of the features' variance that a guess leaves open: two (B, C, h, w) -> scalar, 0 for a perfect one.

    Every channel counts alike, and a guess of the means gives 1.
    """
    standard = F.batch_norm(features, None, None, training=True)
    return F.mse_loss(guess, standard)


class Guide:
    """The teacher, and the pupil's way of foretelling its features.

    Attributes:
        project: the 1x1 convolution in between, to 320 features and 21 scores; it learns with the pupil.

    Args:
        channels: of the pupil's map.
        name: a bundled network on the shared encoder.

    Raises:
        WeightsError: the teacher's weights are missing or damaged.
    """

    def __init__(self, channels: int, where: torch.device, name: str = TEACHER) -> None:
        network = weights.load(name)
        assert isinstance(network, EncoderDecoder)
        self.name = name
        self.network = network.to(where).eval().requires_grad_(False)
        self.project = nn.Conv2d(channels, PYRAMID_CHANNELS[-1] + VOC_CLASSES, 1).to(where)

    @torch.no_grad()
    def look(self, pixels: Tensor, side: int) -> tuple[Tensor, Tensor]:
        """What the teacher sees and answers on (B, 3, H, W) pixels brought to ``side``, a multiple of 32.

        Returns:
            (B, 320, side/32, side/32) features and (B, 21, side/8, side/8) scores.
        """
        x = F.interpolate(pixels, (side, side), mode="bilinear", antialias=side < pixels.shape[-1])
        x = normalise(x, self.name).contiguous(memory_format=torch.channels_last)
        maps = self.network.encoder.forward_features(x)
        return maps[-1], self.network.decoder(maps)

    def hint(self, seen: Tensor, features: Tensor, scores: Tensor) -> Tensor:
        """How far the pupil's (B, channels, h, w) map is from foretelling what :meth:`look` gave: scalar.

        The features' share is about 1 at first; the answers' share is the cross entropy with the teacher's mean
        probabilities in each of the features' cells.
        """
        cells = (features.shape[-2], features.shape[-1])
        guess = self.project(F.adaptive_avg_pool2d(seen, cells))  # (B, 341, h, w)
        taught = F.adaptive_avg_pool2d(scores.softmax(1), cells)  # (B, 21, h, w)
        split = features.shape[1]
        return unexplained(guess[:, :split], features) + imitation(guess[:, split:], taught.log())
