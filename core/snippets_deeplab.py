"""DeepLab on screen as a few lines of PyTorch: parts of the decoder switched off by hooks, no weight changed."""

from __future__ import annotations

from collections.abc import Sequence

from core.images import MAX_SIDE, Picture
from core.models.registry import spec
from core.segmentation import size_for


def prepared(picture: Picture, path: str, name: str) -> str:
    """The lines that load network ``name`` as ``net`` and the picture as its input ``x``."""
    entry = spec(name)
    height, width = picture.pixels.shape[:2]
    reduce = f"photo.thumbnail(({MAX_SIDE}, {MAX_SIDE}), Image.Resampling.LANCZOS)\n"
    return f"""\
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from core.labels import VOC
from core.models import weights

net = weights.load({name!r}).eval()
photo = Image.open({path!r}).convert("RGB")
{reduce if max(picture.original_size) > MAX_SIDE else ""}\
small = photo.resize({size_for(entry, width, height)}, Image.Resampling.BILINEAR)
x = (np.asarray(small, dtype=np.float32) - {list(entry.preprocessing.mean)}) / {list(entry.preprocessing.std)}
x = torch.tensor(x, dtype=torch.float32).permute(2, 0, 1)[None]  # (1, 3, H, W)
"""


ANSWER = """\
with torch.inference_mode():
    scores = F.interpolate(net(x), photo.size[::-1], mode="bilinear", align_corners=False)
ids = scores.argmax(1)[0]  # a class for every pixel
for i, pixels in enumerate(torch.bincount(ids.flatten(), minlength=21).tolist()):
    if pixels:
        print(f"{VOC[i]}: {pixels / ids.numel():.4f}")
"""

SILENCE = """
def silence(module, inputs, output):  # after its ReLU, before the concatenation
    return torch.zeros_like(output)

"""


def aspp(picture: Picture, path: str, name: str, on: Sequence[bool]) -> str:
    """A script that prints the share of each class with some branches of ASPP switched off.

    Args:
        picture: what is on screen.
        path: where the script finds the picture's file.
        name: ``deeplabv3`` or ``deeplabv3plus``.
        on: which branches speak.
    """
    off = [i for i, keep in enumerate(on) if not keep]
    silenced = ""
    if off:
        silenced = SILENCE + f"for i in {off}:  # of 0: 1x1, 1 to 3: the rates, 4: image pooling\n"
        silenced += "    net.decoder.aspp.branches[i].register_forward_hook(silence)\n\n"
    return prepared(picture, path, name) + silenced + ANSWER
