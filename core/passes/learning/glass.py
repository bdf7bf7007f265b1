"""One step under the glass: one pixel, one weight of the last layer, and every number between its old and new value.

The last layer is a 1x1 convolution, so for one pixel with features f: score ``s_c = sum_k W[c, k] f_k + b_c``,
probability ``p = softmax(s)``, loss ``-log p_t`` of the true class t. Its slope along a weight is
``(p_c - [c = t]) f_k``, and a step of gradient descent takes ``rate`` times that off. Tests compare it with
autograd.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from core.passes.learning.run import Training

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pixel:
    """What the last layer reads at a pixel, and what it says.

    Attributes:
        features: ``float64 (width,)``.
        head: ``float64 (classes, width + 1)``, the bias last.
        truth: true class.
    """

    features: Floats
    head: Floats
    truth: int

    @property
    def scores(self) -> Floats:
        """``(classes,)``."""
        return np.asarray(self.head[:, :-1] @ self.features + self.head[:, -1])

    @property
    def shares(self) -> Floats:
        """Probabilities, ``(classes,)``."""
        powers = np.exp(self.scores - self.scores.max())
        return np.asarray(powers / powers.sum())

    @property
    def loss(self) -> float:
        """Cross-entropy of this pixel alone."""
        return float(-np.log(self.shares[self.truth]))

    @property
    def gradient(self) -> Floats:
        """Slope of the loss along every weight of the last layer, ``(classes, width + 1)``."""
        wrong = self.shares.copy()
        wrong[self.truth] -= 1
        return np.outer(wrong, np.append(self.features, 1.0))

    def after(self, rate: float) -> Pixel:
        """The same pixel after one step of gradient descent on its loss."""
        return Pixel(self.features, self.head - rate * self.gradient, self.truth)


def pixel(run: Training, picture: int, row: int, column: int) -> Pixel:
    """Pixel (row, column) of held-out ``picture``. To be called inside :func:`core.engine.inference.run`."""
    import torch

    from core.models.small_unet import normalised
    from core.passes.learning import tasks

    held = tasks.held_out(run.options.task)
    run.network.eval()
    features = run.network.features(normalised(torch.tensor(held.pixels[picture : picture + 1])))  # (1, width, 64, 64)
    return Pixel(
        features[0, :, row, column].double().numpy(),
        run.head().astype(np.float64),
        int(held.ids[picture, row, column]),
    )
