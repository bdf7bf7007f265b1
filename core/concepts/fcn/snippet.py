"""What is on screen as a few lines of PyTorch that print the same numbers. A test runs every one of them."""

from __future__ import annotations

from collections.abc import Sequence

from core.models.registry import spec
from core.passes.heatmaps import NATIVE, STRIDE, View
from core.pictures.images import MAX_SIDE, Picture

_AVERAGED = """\
features, fc = net.features, net.classifier
conv = nn.Conv2d(fc.in_features, fc.out_features, 1)
conv.weight.data = fc.weight.data[:, :, None, None]  # a row of the matrix is a 1x1 kernel
conv.bias.data = fc.bias.data
fcn = nn.Sequential(features, nn.AvgPool2d(7, stride=1), conv).eval()
"""

_FLATTENED = """\
fc6, fc7, fc8 = [layer for layer in net.classifier if isinstance(layer, nn.Linear)]

def convolution(fc, k):  # the same weights in another shape
    c = nn.Conv2d(fc.in_features // k**2, fc.out_features, k)
    c.weight.data, c.bias.data = fc.weight.data.view(c.weight.shape), fc.bias.data
    return c

head = [convolution(fc6, {window}), nn.ReLU(), convolution(fc7, 1), nn.ReLU(), convolution(fc8, 1)]
fcn = nn.Sequential(net.features, *head).eval()
"""

_LITE0 = """\
from core.models.efficientnet import efficientnet_lite0, imagenet_state

net = efficientnet_lite0()
net.load_state_dict(imagenet_state())
net.eval()
"""

_BUNDLED = """\
from core.models import weights

net = weights.load("{name}").eval()
"""

_TORCHVISION = """\
from torchvision.models import {name}

net = {name}(weights="IMAGENET1K_V1").eval()
"""

_NETWORKS = {
    "efficientnet-lite0": _LITE0 + _AVERAGED,
    "googlenet": _BUNDLED.format(name="googlenet") + _AVERAGED,
    "alexnet-slim": _BUNDLED.format(name="alexnet-slim") + _FLATTENED.format(window=6),
    "vgg16-slim": _BUNDLED.format(name="vgg16-slim") + _FLATTENED.format(window=7),
    "alexnet": _TORCHVISION.format(name="alexnet") + _FLATTENED.format(window=6),
    "vgg16": _TORCHVISION.format(name="vgg16") + _FLATTENED.format(window=7),
}


def _listed(ids: Sequence[int]) -> str:
    """Class ids as Python: a range where they are neighbours."""
    first, last = min(ids), max(ids)
    return f"range({first}, {last + 1})" if list(ids) == list(range(first, last + 1)) else str(list(ids))


def heatmap(model: str, picture: Picture, path: str, view: View, ids: Sequence[int]) -> str:
    """A script that computes the heatmap of ``ids`` and prints the grid, its maximum, and the window of that cell.

    Args:
        model: registry name of a classifier of whole photos.
        picture: what is on screen.
        path: where the script finds the picture's file.
        view: part and size of the picture.
        ids: classes whose probabilities are added.
    """
    scale = spec(model).preprocessing
    height, width = picture.pixels.shape[:2]
    reduce = f"photo.thumbnail(({MAX_SIDE}, {MAX_SIDE}), Image.Resampling.LANCZOS)\n"
    return f"""\
import numpy as np
import torch
from PIL import Image
from torch import nn
{_NETWORKS[model]}
photo = Image.open({path!r}).convert("RGB")
{reduce if max(picture.original_size) > MAX_SIDE else ""}\
photo = photo.resize({view.input_size(width, height)}, Image.Resampling.BICUBIC, box={view.box(width, height)})
x = (np.asarray(photo, dtype=np.float32) - {list(scale.mean)}) / {list(scale.std)}
x = torch.tensor(x, dtype=torch.float32).permute(2, 0, 1)[None]  # (1, 3, H, W)

with torch.inference_mode():
    probabilities = fcn(x).softmax(1)[0]  # (classes, rows, columns)
heat = probabilities[list({_listed(ids)})].sum(0)  # (rows, columns)
row, column = divmod(int(heat.argmax()), heat.shape[1])
print(*heat.shape, f"{{heat.max():.3f}}", row, column)
print({STRIDE} * column, {STRIDE} * row, {STRIDE} * column + {NATIVE}, {STRIDE} * row + {NATIVE})
"""
