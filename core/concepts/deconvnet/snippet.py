"""The page about DeconvNet as a few lines of PyTorch that print the same numbers. A test runs every one of them."""

from __future__ import annotations

from core.concepts.deconvnet.hourglass import SHARED, SIDE
from core.models.kernels import Integers, Kernel
from core.models.registry import spec
from core.passes.segmentation import size_for
from core.pictures.images import MAX_SIDE, Picture


def unpooling(x: Integers, kernel: Kernel, remember: bool) -> str:
    """A script that prints the pooled map, the unpooled one and what the transposed convolution makes of it.

    Args:
        x: the map, even sides.
        kernel: ``(3, 3)`` weights.
        remember: with switches, or into the corners of the windows.
    """
    over = f" / {kernel.denominator}" if kernel.denominator != 1 else ""
    forget = (
        ""
        if remember
        else """\
rows, columns = (2 * torch.arange(n) for n in values.shape[2:])
switches = (rows[:, None] * x.shape[1] + columns).view_as(switches)  # every switch: top left
"""
    )
    return f"""\
import torch
import torch.nn.functional as F

x = torch.tensor({x.tolist()}, dtype=torch.float64)
w = torch.tensor({kernel.numerators.tolist()}, dtype=torch.float64){over}

values, switches = F.max_pool2d(x[None, None], 2, return_indices=True)
{forget}large = F.max_unpool2d(values, switches, 2)
dense = F.conv_transpose2d(large, w[None, None], stride=1, padding=1)  # keeps the size
for y in (values, large, dense):
    print(*y.shape[2:])
    for row in y[0, 0].tolist():
        print(*(f"{{value:.4f}}" for value in row))
"""


_SHARED = """\
with torch.inference_mode():
    maps = net.encoder.forward_features(extend(x))  # strides 2, 4, 8, 16, 32
    up = net.decoder
    y = up.bottom(maps[-1])
    for block, fine, share in zip(up.up, reversed(maps[:-1]), up.shares):
        wide = fine.repeat(1, share, 1, 1)  # as many maps as the way up has here
        switches = F.max_pool2d(wide, 2, ceil_mode=True, return_indices=True)[1]
        large = F.max_unpool2d(y, switches, 2, output_size=fine.shape[2:])  # enlarges
        y = block(large)  # fills in
        print(*y.shape[2:], f"{(large == 0).float().mean():.3f}", f"{(y == 0).float().mean():.3f}")
    mask = resize(up.score(y), extend(x))[..., : x.shape[2], : x.shape[3]].argmax(1)[0]
"""
_SLIM = """\
with torch.inference_mode():
    memory = []
    for block in net.down:
        x, switches = F.max_pool2d(block(x), 2, return_indices=True)
        memory.append(switches)
    x = net.deconv_fc6(net.fc7(net.fc6(x)))  # one cell, then 7 x 7
    for block, switches in zip(net.up, reversed(memory)):
        large = F.max_unpool2d(x, switches, 2)  # enlarges
        x = block(large)  # fills in
        print(*x.shape[2:], f"{(large == 0).float().mean():.3f}", f"{(x == 0).float().mean():.3f}")
    mask = net.score(x).argmax(1)[0]
"""


def network(name: str, picture: Picture, path: str) -> str:
    """A script that runs DeconvNet on what it sees of a picture, level by level, and prints what the page shows.

    Args:
        name: one of :data:`core.concepts.deconvnet.hourglass.NETWORKS`.
        picture: what is on screen.
        path: where the script finds the picture's file.
    """
    entry = spec(name)
    scale, shared = entry.preprocessing, name == SHARED
    height, width = picture.pixels.shape[:2]
    cut = min(height, width)
    left, top = (width - cut) // 2, (height - cut) // 2
    size = size_for(entry, width, height) if shared else (SIDE, SIDE)
    box = "" if shared else f", box=({left}, {top}, {left + cut}, {top + cut})"
    reduce = f"photo.thumbnail(({MAX_SIDE}, {MAX_SIDE}), Image.Resampling.LANCZOS)\n"
    return f"""\
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from core.models import weights
{"from core.models.shared import extend, resize" + chr(10) if shared else ""}
net = weights.load({name!r}).eval()
photo = Image.open({path!r}).convert("RGB")
{reduce if max(picture.original_size) > MAX_SIDE else ""}\
photo = photo.resize({size}, Image.Resampling.BILINEAR{box})
x = (np.asarray(photo, dtype=np.float32) - {list(scale.mean)}) / {list(scale.std)}
x = torch.tensor(x, dtype=torch.float32).permute(2, 0, 1)[None]  # (1, 3, {size[1]}, {size[0]})

{_SHARED if shared else _SLIM}\
print(*mask.unique(return_counts=True)[1].tolist())
"""
