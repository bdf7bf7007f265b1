"""What the page about localisation shows as a few lines of PyTorch that print the same box. A test runs it."""

from __future__ import annotations

from core.models.registry import spec
from core.passes.segmentation import input_size
from core.pictures.images import MAX_SIDE, Picture

_SEGMENTER = """\
from core.models import weights

net = weights.load("fcn8s").eval()
"""
_CLASSIFIER = """\
import torch.nn.functional as F

from core.models.efficientnet import efficientnet_lite0, imagenet_state

net = efficientnet_lite0()
net.load_state_dict(imagenet_state())
net.eval()
"""
_PROBABILITY = """\
    heat = net(x).softmax(1)[0, {label}]  # (H, W), 0 to 1
heat = (255 * heat).round().byte().numpy()
"""
_MASK = """\
    heat = net(x).argmax(1)[0] == {label}  # (H, W), yes or no
heat = (255 * heat.byte()).numpy()
"""
_ACTIVATION = """\
    h, w = x.shape[-2:]
    x = F.pad(x, (0, -w % 32, 0, -h % 32))
    features = net.features(x)  # (1, 1280, rows, columns)
    scores = F.conv2d(features, net.classifier.weight[{label}][None, :, None, None], net.classifier.bias[[{label}]])
    heat = F.interpolate(scores, x.shape[-2:], mode="bilinear")[0, 0, :h, :w].clamp(min=0)  # {name}
heat = (255 * heat / heat.max()).round().byte().numpy()
"""


def box(picture: Picture, path: str, label: int, level: int, heat: str = "fcn", about: int = -1) -> str:
    """A script that thresholds a heatmap and prints the box of the largest region, half-open.

    Args:
        picture: what is on screen.
        path: where the script finds the picture's file.
        label: id of the class.
        level: threshold, 1 to 255 of 255.
        heat: ``fcn``, FCN-8s's softmax; ``mask``, its mask; ``cam``, the class activation map.
        about: ImageNet id that the class activation map is about.
    """
    from core.models.imagenet import class_names

    network = "efficientnet-lite0" if heat == "cam" else "fcn8s"
    answer = {
        "fcn": _PROBABILITY.format(label=label),
        "mask": _MASK.format(label=label),
        "cam": _ACTIVATION.format(label=about, name=class_names()[about]),
    }[heat]
    scale = spec(network).preprocessing
    size = input_size(picture.pixels.shape[1], picture.pixels.shape[0])
    reduce = f"photo.thumbnail(({MAX_SIDE}, {MAX_SIDE}), Image.Resampling.LANCZOS)\n"
    return f"""\
import numpy as np
import torch
from PIL import Image

from core.maths.boxes import formats, regions
{_CLASSIFIER if heat == "cam" else _SEGMENTER}
photo = Image.open({path!r}).convert("RGB")
{reduce if max(picture.original_size) > MAX_SIDE else ""}photo = photo.resize({size}, Image.Resampling.BILINEAR)
x = (np.asarray(photo, dtype=np.float32) - {list(scale.mean)}) / {list(scale.std)}
x = torch.tensor(x, dtype=torch.float32).permute(2, 0, 1)[None]  # (1, 3, H, W)
with torch.inference_mode():
{answer}\
for region in regions(heat, {level})[:1]:  # the largest; without [:1] all of them
    print(region.area, *region.box)  # left, top, right, bottom; the last two lie behind the region
    print(formats(region.box, *photo.size))
"""
