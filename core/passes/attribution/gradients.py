"""Maps from gradients: Seg-Grad-CAM at every depth, gradient x input, and integrated gradients.

Sources: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization" (ICCV
2017), and for segmenters Vinogradova, Dibrov, Myers, "Towards Interpretable Semantic Segmentation via Gradient-weighted
Class Activation Mapping" (AAAI 2020); Shrikumar, Greenside, Kundaje, "Learning Important Features Through Propagating
Activation Differences" (ICML 2017), for gradient x input; Sundararajan, Taly, Yan, "Axiomatic Attribution for Deep
Networks" (ICML 2017).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from core.engine import gradients
from core.engine.tracing import Hooks
from core.passes.attribution.depths import Place, places, spread
from core.passes.attribution.depths import paths as stages
from core.passes.attribution.question import Floats, Question, Subject, check, score

if TYPE_CHECKING:
    from torch import Tensor, nn


class Cam(NamedTuple):
    """Seg-Grad-CAM at one depth.

    Attributes:
        path: of the module whose maps are weighed.
        heat: ``float32 (h, w)`` at the map's own size, 0 and more; not scaled.
        channels: maps that were weighed.
        where: where its rows and columns stand on the network's input.
    """

    path: str
    heat: Floats
    channels: int
    where: tuple[Place, Place]

    def at_pixels(self, size: tuple[int, int]) -> Floats:
        """The heat at every pixel of an input of ``size`` (height, width)."""
        return spread(self.heat, self.where, size)

    @property
    def scaled(self) -> Floats:
        """The heat from 0 to 1; zeros where nothing speaks for the class."""
        most = float(self.heat.max(initial=0))
        return np.asarray(self.heat / most if most > 0 else self.heat)


class Cams(NamedTuple):
    """All depths of one question.

    Attributes:
        depths: in the order in which they ran.
        at_input: gradient x input of the same passes, see :func:`gradient_x_input`.
        seconds: of the passes forth and back.
    """

    depths: tuple[Cam, ...]
    at_input: Floats
    seconds: float


def seg_grad_cam(subject: Subject, question: Question, paths: Sequence[str] = ()) -> Cams:
    """Seg-Grad-CAM at every depth from one pass forth and one back.

    The mean gradient of a channel is its weight: ``alpha_k = mean over places of d score / d A_k``; the map is
    ``ReLU(sum over k of alpha_k A_k)``, as Vinogradova et al. have it, with the score averaged over the region instead
    of summed, which changes the map by a factor alone.

    Args:
        subject: from :func:`core.passes.attribution.question.look`.
        question: what is asked.
        paths: module paths; those of :func:`core.passes.attribution.depths.paths` if none are given.

    Raises:
        AttributionError: a question that cannot be answered.
    """
    check(subject, question)
    timed = gradients.run(_cams, subject.model.module, subject, question, tuple(paths))
    return Cams(*timed.value, timed.seconds)


def cams_of(network: nn.Module, subject: Subject, question: Question, paths: Sequence[str] = ()) -> tuple[Cam, ...]:
    """The same for another network of the same build, such as one whose weights were shuffled."""
    check(subject, question)
    return gradients.run(_cams, network, subject, question, tuple(paths)).value[0]


def _cams(
    network: nn.Module, subject: Subject, question: Question, paths: tuple[str, ...]
) -> tuple[tuple[Cam, ...], Floats]:
    import torch

    kept: dict[str, Tensor] = {}
    modules = dict(network.named_modules())
    with Hooks() as hooks:
        for path in paths or stages(network):
            hooks.after(modules[path], _keeper(kept, path))
        x = subject.model.prepare(subject.pixels).clone().requires_grad_()
        asked = score(network(x), question)[0]
    # A stage on which the score does not hang gets zeros.
    *slopes, first = torch.autograd.grad(asked, [*kept.values(), x], allow_unused=True, materialize_grads=True)
    found = []
    with torch.no_grad():
        for (path, maps), slope in zip(kept.items(), slopes, strict=True):
            weights = slope.mean((2, 3), keepdim=True)  # (1, C, 1, 1)
            heat = (weights * maps).sum(1).relu()[0]  # (h, w)
            where = places(network, subject.size, (heat.shape[0], heat.shape[1]))
            found.append(Cam(path, heat.numpy(), maps.shape[1], where))
        at_input = (first * x.detach()).sum(1)[0].numpy()  # (h, w)
    return tuple(found), np.asarray(at_input)


def _keeper(kept: dict[str, Tensor], path: str) -> Any:
    def keep(_module: nn.Module, _inputs: object, output: Any) -> Any:
        from torch import Tensor

        if not isinstance(output, Tensor) or output.dim() != 4:
            return None
        kept.pop(path, None)
        kept[path] = output
        return output.clone()  # what comes next may work in place, and would change what is kept

    return keep


def gradient_x_input(subject: Subject, question: Question) -> Floats:
    """How much every pixel adds, if the score were linear: ``sum over channels of x * d score / d x``.

    Input values count from what the network reads as 0, mid grey or the mean of its training pictures.

    Returns:
        ``float32 (h, w)``, of either sign.
    """
    check(subject, question)

    def compute() -> Floats:
        import torch

        x = subject.model.prepare(subject.pixels).clone().requires_grad_()
        (slope,) = torch.autograd.grad(score(subject.model.module(x), question)[0], x)
        return np.asarray((slope * x.detach()).sum(1)[0].numpy())

    return gradients.run(compute).value


class Integrated(NamedTuple):
    """Integrated gradients, finished or on the way.

    Attributes:
        heat: ``float32 (h, w)`` of either sign; while it is on the way, of the steps so far.
        done, steps: passes.
        gain: the score of the picture less that of the empty one, which the map's sum should be.
    """

    heat: Floats
    done: int
    steps: int
    gain: float

    @property
    def missing(self) -> float:
        """By which share of the gain the map's sum misses it: the error of adding up in steps, 0 or more."""
        return abs(float(self.heat.sum(dtype=np.float64)) - self.gain) / max(abs(self.gain), 1e-9)


STEPS = 24
"""Points at which the gradient is read on the way from the empty picture to the photo."""


def integrated_gradients(subject: Subject, question: Question, steps: int = STEPS) -> Iterator[Integrated]:
    """Gradients along the straight way from an input of zeros to the photo, added up by Gauss and Legendre's rule.

    Every value that is yielded is one more step; the last one is the result. Each step is a turn of its own.

    Raises:
        AttributionError: a question that cannot be answered.
    """
    check(subject, question)
    points, weights = np.polynomial.legendre.leggauss(steps)
    points, weights = (points + 1) / 2, weights / 2
    gain = _gain(subject, question)
    total = np.zeros(subject.size, np.float32)
    for done, (at, weight) in enumerate(zip(points, weights, strict=True), start=1):
        total = total + np.float32(weight) * gradients.run(_slope_at, subject, question, float(at)).value
        yield Integrated(total, done, steps, gain)


def _slope_at(subject: Subject, question: Question, at: float) -> Floats:
    import torch

    x = subject.model.prepare(subject.pixels).clone()
    there = (at * x).requires_grad_()
    (slope,) = torch.autograd.grad(score(subject.model.module(there), question)[0], there)
    return np.asarray((slope * x).sum(1)[0].numpy())


def _gain(subject: Subject, question: Question) -> float:
    import torch

    from core.engine import inference

    x = subject.model.prepare(subject.pixels)
    with_photo = score(torch.from_numpy(subject.scores)[None], question)
    empty = inference.run(lambda: score(subject.model.module(torch.zeros_like(x)), question)).value
    return float(with_photo[0] - empty[0])
