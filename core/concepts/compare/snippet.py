"""Code to copy for the page that compares all networks: run in SegScope's folder, it prints the page's numbers."""

from __future__ import annotations

from collections.abc import Sequence

from core.models.registry import spec
from core.passes.segmentation import size_for
from core.pictures.images import MAX_SIDE, Picture


def comparison(names: Sequence[str], picture: Picture, path: str) -> str:
    """A script that prints, for each network, the share of the picture that is not background and how far it stands
    apart from the others, and last the share of the picture on which all agree.

    Args:
        names: registry names of two or more segmenters of photos.
        picture: what is on screen.
        path: where the script finds the picture's file.
    """
    height, width = picture.pixels.shape[:2]
    sizes = {name: size_for(spec(name), width, height) for name in names}
    scale = spec(names[0]).preprocessing
    mean, std, modules, load, scales = str(list(scale.mean)), str(list(scale.std)), "weights", "weights.load(name)", ""
    if any(spec(name).preprocessing != scale for name in names):
        known = {name: (list(spec(name).preprocessing.mean), list(spec(name).preprocessing.std)) for name in names}
        mean, std = "scales[name][0]", "scales[name][1]"
        scales = f"scales = {known!r}  # mean and standard deviation of each channel\n"
    if any(spec(name).weights == "torchvision" for name in names):
        modules, load = "pretrained, weights", "(weights if weights.present(name) else pretrained).load(name)"
    reduce = f"photo.thumbnail(({MAX_SIDE}, {MAX_SIDE}), Image.Resampling.LANCZOS)\n"
    return f"""\
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from core.models import {modules}  # of SegScope: run this in its folder

photo = Image.open({path!r}).convert("RGB")
{reduce if max(picture.original_size) > MAX_SIDE else ""}\
sizes = {sizes!r}  # width and height of each network's input
{scales}masks = []
for name, size in sizes.items():
    network = {load}.eval()
    pixels = np.asarray(photo.resize(size, Image.Resampling.BILINEAR), dtype=np.float32)
    x = torch.from_numpy((pixels - {mean}) / {std}).float().permute(2, 0, 1)[None]
    with torch.inference_mode():
        scores = F.interpolate(network(x), (photo.height, photo.width), mode="bilinear", align_corners=False)
    masks.append(scores.argmax(1)[0])  # (H, W) class ids

for name, mask in zip(sizes, masks):
    apart = sum((mask != other).float().mean() for other in masks) / (len(masks) - 1)
    print(f"{{name}} {{(mask > 0).float().mean():.3f}} {{apart:.3f}}")
print(f"{{torch.stack([mask == masks[0] for mask in masks]).all(0).float().mean():.3f}}")
"""
