"""The sliding-window page's numbers as a few lines of PyTorch. A test runs them."""

from __future__ import annotations

from collections.abc import Sequence

from core.concepts.sliding_window.windows import MARGIN, NATIVE, Windows, tile_for
from core.models.registry import spec
from core.passes.heatmaps import View
from core.pictures.images import MAX_SIDE, Picture

_START = """\
import numpy as np
import torch
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

from core.engine import inference

model = inference.load({model!r})
photo = Image.open({path!r}).convert("RGB")
{reduce}photo = photo.resize({size}, Image.Resampling.BICUBIC, box={box})
x = model.prepare(np.asarray(photo))  # (1, 3, H, W)
"""

_CLASSIFIER = """\
from core.models.convolutionalize import FullyConvolutional

net, fcn = model.module, FullyConvolutional(model.module).eval()  # the same weights
tops, lefts = range(0, x.shape[2] - {side} + 1, {stride}), range(0, x.shape[3] - {side} + 1, {stride})
windows = [x[:, :, t : t + {side}, l : l + {side}] for t in tops for l in lefts]
ids = {ids}

with torch.inference_mode(), FlopCounterMode(display=False) as slow:
    one_by_one = torch.cat([net(window) for window in windows])  # (N, classes)
with torch.inference_mode(), FlopCounterMode(display=False) as fast:
    grid = fcn(x)[0, :, ::{step}, ::{step}]  # (classes, rows, columns)
at_once = grid.flatten(1).T  # (N, classes)
heat = [scores.softmax(1)[:, ids].sum(1).max() for scores in (one_by_one, at_once)]
print(*grid.shape[1:], f"{{heat[0]:.3f}} {{heat[1]:.3f}}")
"""

_TILES = """\
from core.passes.tiling import mirror

x, net = x.mean(1, keepdim=True), model.module
corners = [(t, l) for t in range(0, x.shape[2], {stride}) for l in range(0, x.shape[3], {stride})]
tiles = [mirror(x, t - {margin}, l - {margin}, {side}, {side}) for t, l in corners]  # beyond the edge, the mirror image
ids = {ids}

with torch.inference_mode(), FlopCounterMode(display=False) as slow:
    answers = [net(tile) for tile in tiles]
one_by_one = torch.zeros(x.shape[2:])
for (t, l), answer in zip(corners, answers):
    part = one_by_one[t : t + {stride}, l : l + {stride}]
    part.copy_(answer[0].softmax(0)[ids].sum(0)[: part.shape[0], : part.shape[1]])
with torch.inference_mode(), FlopCounterMode(display=False) as fast:
    at_once = net(mirror(x, -{margin}, -{margin}, {height}, {width}))[0].softmax(0)[ids].sum(0)
at_once = at_once[: x.shape[2], : x.shape[3]]
print(len(tiles), f"{{one_by_one.mean():.3f}} {{at_once.mean():.3f}} {{(one_by_one - at_once).abs().max():.0e}}")
"""

_END = """\
print(slow.get_total_flops() // 2, fast.get_total_flops() // 2)  # multiply-adds
print(f"{slow.get_total_flops() / fast.get_total_flops():.1f}")
"""


def race(model: str, picture: Picture, path: str, view: View, windows: Windows, ids: Sequence[int]) -> str:
    """A script that asks window by window and once, and prints both results and both bills.

    Args:
        model: registry name.
        picture: what is on screen.
        path: where the script finds the picture's file.
        view: part and size of the picture.
        windows: where they lie.
        ids: classes whose probabilities are added.
    """
    height, width = picture.pixels.shape[:2]
    shrink = max(picture.original_size) > MAX_SIDE
    listed = list(ids)
    if len(listed) > 3 and listed == list(range(listed[0], listed[-1] + 1)):
        wanted = f"list(range({listed[0]}, {listed[-1] + 1}))"
    else:
        wanted = str(listed)
    body = _TILES if windows.margin else _CLASSIFIER
    return (
        _START.format(
            model=spec(model).name,
            path=path,
            reduce=f"photo.thumbnail(({MAX_SIDE}, {MAX_SIDE}), Image.Resampling.LANCZOS)\n" if shrink else "",
            size=view.input_size(width, height),
            box=view.box(width, height),
        )
        + body.format(
            side=windows.side,
            stride=windows.stride,
            step=windows.stride // 32,
            ids=wanted,
            margin=MARGIN,
            height=tile_for(windows.height),
            width=tile_for(windows.width),
            native=NATIVE,
        )
        + _END
    )
