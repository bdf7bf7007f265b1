"""The places inside a segmenter where a map can be read, from the first to the last, by module path."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from torch import nn

from core.maths import geometry

Floats = npt.NDArray[np.float32]

_STAGE = re.compile(
    r"^(encoder\.)?(stem|stages\.\d+)$"  # the shared encoder
    r"|^(decoder\.)?(bottom|fc6|fc7|aspp|refine|mix|here|project|expanding\.\d+|up\.\d+)$"
    r"|^(contracting|down)\.\d+$|^deconv_fc6$"  # U-Net and DeconvNet of their own
    r"|^backbone\.(layer[1-4]|\d+)$|^classifier\.(0|cbr)$"  # torchvision's
)


def paths(network: nn.Module) -> tuple[str, ...]:
    """Module paths of the stages, in the order of definition; each gives one (B, C, h, w) map.

    A network whose stages nobody has named here gives those of its direct parts that hold parameters.
    """
    modules = dict(network.named_modules())
    found = [
        path
        for path, module in modules.items()
        if _STAGE.match(path) and not isinstance(module, nn.ModuleList | nn.ConvTranspose2d)
    ]
    return tuple(found or [path for path, part in network.named_children() if any(True for _ in part.parameters())])


class Place(NamedTuple):
    """Where the cells of a map stand along one axis, in pixels of the network's input.

    Attributes:
        first: middle of the first cell; 0.5 is the middle of the first pixel.
        step: from one middle to the next.
    """

    first: float
    step: float


def places(network: nn.Module, size: tuple[int, int], cells: tuple[int, int]) -> tuple[Place, Place]:
    """Where a map's rows and columns stand.

    On the shared encoder cell ``i`` stands at pixel ``i x stride`` of a picture that was extended to 32 n + 1. The
    U-Net fills up to a multiple of 16 on the right and below, DeconvNet to one of 32 on all sides; each of their cells
    covers its own pixels. Of any other network it is taken that the map covers the picture evenly.

    Args:
        network: which one.
        size: (height, width) of the input in pixels.
        cells: (rows, columns) of the map.
    """
    from core.models.deconvnet import STRIDE, WINDOW, DeconvNet
    from core.models.shared import EncoderDecoder
    from core.models.unet import STEP, UNet

    found = []
    for side, count in zip(size, cells, strict=True):
        if isinstance(network, EncoderDecoder):
            found.append(Place(0.5, (geometry.extended(side) - 1) / max(count - 1, 1)))
        elif isinstance(network, UNet):
            step = (side + -side % STEP) / count
            found.append(Place(step / 2, step))
        elif isinstance(network, DeconvNet):
            added = max(-side % STRIDE, WINDOW * STRIDE - side)
            step = (side + added) / count
            found.append(Place(step / 2 - added // 2, step))
        else:
            found.append(Place(side / count / 2, side / count))
    return found[0], found[1]


def spread(heat: Floats, where: tuple[Place, Place], size: tuple[int, int]) -> Floats:
    """A map at every pixel of the input: linear between the middles of cells, constant beyond the outermost.

    Args:
        heat: ``float32 (rows, columns)``.
        where: from :func:`places`.
        size: (height, width) in pixels.
    """
    for axis, (place, length) in enumerate(zip(where, size, strict=True)):
        last = heat.shape[axis] - 1
        at = np.clip((np.arange(length) + 0.5 - place.first) / place.step, 0, last)
        low = np.minimum(at.astype(int), max(last - 1, 0))
        part = (at - low).astype(np.float32).reshape((-1, 1) if axis == 0 else (1, -1))
        heat = heat.take(low, axis) * (1 - part) + heat.take(np.minimum(low + 1, last), axis) * part
    return np.asarray(heat, np.float32)
