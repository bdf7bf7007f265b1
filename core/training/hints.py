"""A teacher for networks that learn from scratch: what it answers, and what it sees on the way there.

Few labelled photos teach a network slowly what a cat looks like. A network whose encoder has met a million photos
knows, and says more than a mask does: how probable every class is at every pixel (Hinton, Vinyals, Dean, "Distilling
the Knowledge in a Neural Network", 2015, at temperature 1), and 320 features for every 16 pixels. The pupil's coarsest
map has to foretell both through a 1x1 convolution that is thrown away afterwards (Romero et al., "FitNets: Hints for
Thin Deep Nets", ICLR 2015, for the features).

**Two geometries meet here.** The teacher's cells stand at pixels 0, 16, 32, ... of a picture with a side of 32 n + 1; a
pupil that halves even sides has cells in the middle of equal squares. So the teacher's maps are read where the middles
of the pupil's squares lie (:func:`middles`, :func:`read`).
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
STRIDE = 16
"""Pixels from one of the teacher's cells to the next."""
ANSWER_STRIDE = 4
"""Pixels from one cell of a crop's answers to the next, see :class:`core.training.sampling.Batch`."""


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


def middles(side: int, count: int) -> Tensor:
    """Where the middles of ``count`` equal parts of ``side`` pixels lie; pixel 0's own middle is 0: (count,)."""
    return (torch.arange(count) + 0.5) * side / count - 0.5


def read(maps: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """``maps`` between their cells, bilinear; what lies beyond the outermost cells gets theirs.

    Args:
        maps: (B, C, h, w).
        rows, columns: (n,) and (m,) places in cells, 0 on the first.

    Returns:
        (B, C, n, m).
    """
    down, across = (
        2 * place / max(cells - 1, 1) - 1 for place, cells in zip((rows, columns), maps.shape[-2:], strict=True)
    )
    grid = torch.stack(torch.meshgrid(down, across, indexing="ij")[::-1], -1).to(maps)  # (n, m, 2): x, y
    grid = grid.expand(len(maps), -1, -1, -1)
    return F.grid_sample(maps, grid, mode="bilinear", padding_mode="border", align_corners=True)


def answers_at(given: Tensor | None, own: Tensor, own_side: int, side: int, step: int = 1) -> Tensor:
    """The teacher's scores at pixels 0, step, 2 step, ... of a crop: those it gave on the whole picture, if it did.

    Args:
        given: (B, 21, ., .) of :class:`core.training.sampling.Batch`, at every fourth pixel; ``None`` or not a number
            where there are none.
        own: (B, 21, n, n) of :meth:`Guide.look`, which saw the crop alone.
        own_side: pixels at which it saw it.
        side: of the crop.
        step: in pixels.

    Returns:
        (B, 21, h, h), h = side / step, rounded up.
    """
    places = middles(own_side, side)[::step] / STRIDE
    here = read(own, places, places)
    if given is None:
        return here
    places = torch.arange(0, side, step) / ANSWER_STRIDE
    given = given if step == ANSWER_STRIDE else read(given, places, places)
    return torch.where(given.isnan(), here, given)


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
        """What the teacher sees and answers on square (B, 3, H, H) pixels brought to ``side``, 32 n + 1.

        Returns:
            (B, 320, n, n) features and (B, 21, n, n) scores, n = (side - 1) / 16 + 1.
        """
        x = F.interpolate(pixels, (side, side), mode="bilinear", antialias=side < pixels.shape[-1])
        x = normalise(x, self.name).contiguous(memory_format=torch.channels_last)
        maps = self.network.encoder.forward_features(x)
        return maps[-1], self.network.decoder(maps)

    def hint(self, seen: Tensor, features: Tensor, scores: Tensor) -> Tensor:
        """How far the pupil's (B, channels, h, w) map is from foretelling what :meth:`look` gave: scalar.

        The features' share is about 1 at first; the answers' share is the cross entropy with the teacher's
        probabilities in the middle of each of the pupil's cells.
        """
        height, width = seen.shape[-2:]
        side = (features.shape[-1] - 1) * STRIDE + 1
        rows, columns = (middles(side, count) / STRIDE for count in (height, width))
        guess = self.project(seen)  # (B, 341, h, w)
        split = features.shape[1]
        taught = read(scores.softmax(1), rows, columns)  # (B, 21, h, w)
        return unexplained(guess[:, :split], read(features, rows, columns)) + imitation(guess[:, split:], taught.log())
