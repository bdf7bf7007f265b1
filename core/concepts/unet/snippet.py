"""What the page about U-Net shows as a few lines of PyTorch that print the same numbers. A test runs every one."""

from __future__ import annotations

from collections.abc import Sequence

from core.models.registry import spec
from core.passes.counting import reduced_size
from core.passes.segmentation import size_for
from core.pictures.images import MAX_SIDE, Picture

_PHOTO = """\
photo = photo.resize({size}, Image.Resampling.BILINEAR)
x = (np.asarray(photo, dtype=np.float32) - {mean}) / {std}
x = torch.tensor(x, dtype=torch.float32).permute(2, 0, 1)[None]  # (1, 3, H, W)
height, width = x.shape[-2:]
"""
_PLAIN = """\
x = F.pad(x, (0, -width % 16, 0, -height % 16), mode="replicate")
"""
_SHARED = """\
x = extend(x)  # sides of 32 n + 1
"""
_EM = """\
x = (np.asarray(photo, dtype=np.float32) - {mean}) / {std}
x = torch.tensor(x, dtype=torch.float32).permute(2, 0, 1)[None].mean(1, keepdim=True)  # (1, 1, H, W)
x = mirror(x, (x.shape[-2] - 388) // 2 - 92, (x.shape[-1] - 388) // 2 - 92, 572, 572)
height = width = 388
"""
_NUCLEI = """\
photo = stretched(np.asarray({shrunk}))  # contrast as in training
x = torch.tensor((photo.astype(np.float32) - {mean}) / {std}, dtype=torch.float32).permute(2, 0, 1)[None]
height, width = x.shape[-2:]
x = mirror(x, -92, -92, input_side(height), input_side(width))  # what the unpadded network loses on each side
"""
_COUNTED = """\
with torch.inference_mode():
    print(cut(scores({gains})[0].softmax(0).numpy()).max(), "nuclei")
"""


def faders(network: str, picture: Picture, path: str, gains: Sequence[int]) -> str:
    """A script that fades the skip connections and prints how many pixels each class gets, and how many changed.

    Args:
        network: registry name of a U-Net.
        picture: what is on screen.
        path: where the script finds the picture's file.
        gains: percent, finest first.
    """
    entry = spec(network)
    nuclei, em, shared = entry.labels == "nuclei", entry.labels == "em", bool(entry.encoder)
    width, height = picture.pixels.shape[1], picture.pixels.shape[0]
    size = reduced_size(entry, width, height) if nuclei else size_for(entry, width, height)
    shrunk = f"photo.resize({size}, Image.Resampling.LANCZOS)" if size != (width, height) else "photo"
    scale = entry.preprocessing
    numbers = {"mean": list(scale.mean), "std": list(scale.std), "size": size, "shrunk": shrunk}
    prepare = (_NUCLEI if nuclei else _EM if em else _PHOTO + (_SHARED if shared else _PLAIN)).format(**numbers)
    reduce = f"photo.thumbnail(({MAX_SIDE}, {MAX_SIDE}), Image.Resampling.LANCZOS)\n"
    encode = "net.encoder.forward_features(x)" if shared else "net.encode(x)"
    decode = "resize(net.decoder(maps, gains), x)" if shared else "net.decode(maps, gains)"
    helper = "from core.passes.tiling import mirror\n" if em else ""
    if shared:
        helper = "from core.models.shared import extend, resize\n"
    if nuclei:
        helper = "from core.models.unet import input_side\nfrom core.maths.nuclei import cut, stretched\n"
        helper += "from core.passes.tiling import mirror\n"
    functional = "" if em or nuclei or shared else "import torch.nn.functional as F\n"
    best = "(scores(gains).softmax(1)[0, 0] < 0.5).long()" if nuclei else "scores(gains).argmax(1)[0]"
    return f"""\
import numpy as np
import torch
{functional}from PIL import Image

from core.models import weights
{helper}
net = weights.load({network!r}).eval()
photo = Image.open({path!r}).convert("RGB")
{reduce if max(picture.original_size) > MAX_SIDE else ""}{prepare}
def scores(gains):  # finest first; 1 leaves a skip connection as it is, 0 cuts it
    return {decode}[..., :height, :width]

def mask(gains):
    return {best}

with torch.inference_mode():
    maps = {encode}  # the path down, once
    before, after = mask((1.0, 1.0, 1.0, 1.0)), mask({tuple(gain / 100 for gain in gains)})
print(*after.shape, int((before != after).sum()))
for i, count in enumerate(after.flatten().bincount().tolist()):
    if count:
        print(i, count)
{_COUNTED.format(gains=tuple(gain / 100 for gain in gains)) if nuclei else ""}"""
