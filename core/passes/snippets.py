"""Lines of PyTorch that the snippets of several pages begin and end with."""

from __future__ import annotations

from core.models.registry import spec
from core.passes.segmentation import size_for
from core.pictures.images import MAX_SIDE, Picture


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

from core.pictures.labels import VOC
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
