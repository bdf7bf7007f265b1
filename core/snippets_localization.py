"""What the page about localisation shows as a few lines of PyTorch that print the same box. A test runs it."""

from __future__ import annotations

from core.images import MAX_SIDE, Picture
from core.models.registry import spec
from core.segmentation import input_size


def box(picture: Picture, path: str, label: int, level: int) -> str:
    """A script that thresholds FCN-8s's softmax and prints the box of the largest region, half-open.

    Args:
        picture: what is on screen.
        path: where the script finds the picture's file.
        label: id of the class.
        level: threshold, 1 to 255 of 255.
    """
    scale = spec("fcn8s").preprocessing
    size = input_size(picture.pixels.shape[1], picture.pixels.shape[0])
    reduce = f"photo.thumbnail(({MAX_SIDE}, {MAX_SIDE}), Image.Resampling.LANCZOS)\n"
    return f"""\
import numpy as np
import torch
from PIL import Image

from core.localize import formats, regions
from core.models import weights

net = weights.load("fcn8s").eval()
photo = Image.open({path!r}).convert("RGB")
{reduce if max(picture.original_size) > MAX_SIDE else ""}photo = photo.resize({size}, Image.Resampling.BILINEAR)
x = (np.asarray(photo, dtype=np.float32) - {list(scale.mean)}) / {list(scale.std)}
x = torch.tensor(x, dtype=torch.float32).permute(2, 0, 1)[None]  # (1, 3, H, W)
with torch.inference_mode():
    heat = net(x).softmax(1)[0, {label}]  # (H, W), 0 to 1
heat = (255 * heat).round().byte().numpy()
for region in regions(heat, {level})[:1]:  # the largest; without [:1] all of them
    print(region.area, *region.box)  # left, top, right, bottom; the last two lie behind the region
    print(formats(region.box, *photo.size))
"""
