"""How good the networks for photos are, on the test lists that none of them was trained on.

Each photo is brought to the size at which the app shows it to the network, and scored at its own. On pets, whatever a
network calls neither cat nor dog counts as background, because pets are all that those masks tell. Networks that share
an encoder share its pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.maths.metrics import boundary_score, confusion, iou, mean_iou, pixel_accuracy
from core.models.mobilenetv2 import MobileNetV2
from core.models.registry import spec
from core.models.shared import EncoderDecoder, extend, resize
from core.passes.segmentation import brought_to_size
from core.pictures.labels import CLASSES
from core.training.data import CAT, DOG, PictureSet, load
from core.training.together import view

PETS = (0, CAT, DOG)


def normalised(name: str, pixels: NDArray[np.uint8]) -> Tensor:
    """(H, W, 3) bytes -> (1, 3, H, W) as network ``name`` wants them."""
    scale = spec(name).preprocessing
    x = (torch.from_numpy(pixels.astype(np.float32)) - torch.tensor(scale.mean)) / torch.tensor(scale.std)
    return x.permute(2, 0, 1)[None].contiguous(memory_format=torch.channels_last)


def _share_encoder(networks: Mapping[str, nn.Module]) -> bool:
    """Whether one pass of one encoder serves them all."""
    if not all(isinstance(network, EncoderDecoder) for network in networks.values()):
        return False
    if len({(spec(name).short_side, spec(name).widest) for name in networks}) > 1:
        return False
    states = [network.encoder.state_dict() for network in networks.values()]  # type: ignore[union-attr]
    return all(torch.equal(value, other[key]) for other in states[1:] for key, value in states[0].items())


def predictor(networks: Mapping[str, nn.Module]) -> Callable[[NDArray[np.uint8]], dict[str, NDArray[np.int64]]]:
    """A function from the (H, W, 3) bytes of a photo to (H, W) class ids, one for each network.

    Each photo is read as :func:`core.passes.segmentation.segment` reads it.
    """
    if len(networks) > 1 and _share_encoder(networks):
        first = next(iter(networks))
        encoder = networks[first].encoder
        assert isinstance(encoder, MobileNetV2)
        encoder.set_output_stride(16)

        def shared(pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.int64]]:
            x = normalised(first, brought_to_size(spec(first), pixels))
            height, width = x.shape[-2:]
            x = extend(x)
            maps = encoder.forward_features(x)
            found = {}
            for name, network in networks.items():
                scores = network.decoder(view(maps, name))  # type: ignore[operator]
                found[name] = _ids(resize(scores, x)[..., :height, :width], pixels)
            return found

        return shared
    return lambda pixels: {
        name: _ids(_scores(name, network, brought_to_size(spec(name), pixels)), pixels)
        for name, network in networks.items()
    }


def _scores(name: str, network: nn.Module, pixels: NDArray[np.uint8]) -> Tensor:
    """(h, w, 3) bytes as the network reads them -> (1, 21, h, w); of a patch classifier every cell fills its square."""
    scores: Tensor = network(normalised(name, pixels))
    if spec(name).kind == "patch":
        squares = [spec(name).output_stride * cells for cells in scores.shape[-2:]]
        scores = nn.functional.interpolate(scores, squares, mode="bilinear")[..., : pixels.shape[0], : pixels.shape[1]]
    return scores


def _ids(scores: Tensor, pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(1, 21, h, w) scores -> (H, W) ids of the photo's own pixels."""
    size = pixels.shape[:2]
    ids: NDArray[np.int64] = nn.functional.interpolate(scores, size, mode="bilinear").argmax(1)[0].numpy()
    return ids


def _spread(pictures: PictureSet, limit: int) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """All pictures, or ``limit`` of them spread evenly over the list."""
    for index in np.unique(np.linspace(0, len(pictures) - 1, min(limit or len(pictures), len(pictures))).round()):
        yield pictures[int(index)]


@torch.inference_mode()
def photos(
    networks: Mapping[str, nn.Module], data: Path, cache: Path, limits: Mapping[str, int] | None = None
) -> dict[str, dict[str, dict[str, object]]]:
    """Scores of every network on the test lists of VOC and pets.

    Args:
        networks: by name, in evaluation mode; segmenters with VOC's classes.
        data: the data folder.
        cache: where decoded pictures are kept.
        limits: pictures per list, spread evenly over it; 0 or absent takes all.

    Returns:
        name -> list -> ``pictures``, ``miou``, ``iou`` (by class name, 0 to 1), ``accuracy`` and ``boundary`` (mean
        of :func:`core.maths.metrics.boundary_score`).
    """
    predict = predictor(networks)
    result: dict[str, dict[str, dict[str, object]]] = {name: {} for name in networks}
    for folder in ("voc", "pets"):
        ids = tuple(range(len(CLASSES))) if folder == "voc" else PETS
        table = np.zeros(256, np.uint8)
        table[list(ids)] = range(len(ids))
        table[255] = 255
        matrices = {name: np.zeros((len(ids), len(ids)), np.int64) for name in networks}
        outlines: dict[str, list[float]] = {name: [] for name in networks}
        for pixels, labels in _spread(load(data, folder, "test", cache), (limits or {}).get(folder, 0)):
            truth = table[labels]
            for name, found in predict(pixels).items():
                answer = table[found]
                matrices[name] += confusion(truth, answer, len(ids))
                outlines[name].append(boundary_score(truth, answer))
        for name, matrix in matrices.items():
            each = iou(matrix)
            result[name][folder] = {
                "pictures": len(outlines[name]),
                "miou": round(mean_iou(matrix), 4),
                "accuracy": round(pixel_accuracy(matrix), 4),
                "boundary": round(float(np.mean(outlines[name])), 4),
                "iou": {CLASSES[c]: round(float(value), 4) for c, value in zip(ids, each, strict=True)},
            }
    return result


@torch.inference_mode()
def latency(network: nn.Module, side: int = 256, channels: int = 3, repeats: int = 9) -> float:
    """Median milliseconds of one pass over a ``side`` x ``side`` picture on this CPU, after one to warm up."""
    x = torch.zeros(1, channels, side, side)
    network(x)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        network(x)
        times.append(time.perf_counter() - start)
    return float(np.median(times) * 1000)


@torch.inference_mode()
def membranes(network: nn.Module, data: Path, cache: Path) -> dict[str, object]:
    """Pixel accuracy and foreground-restricted Rand score of the unpadded U-Net on the test sections, and the IoU."""
    from core.maths.boxes import components
    from core.training.membranes import rand_score, whole

    pictures = load(data, "isbi2012", "test", cache)
    matrix, rand = np.zeros((2, 2), np.int64), []
    for index in range(len(pictures)):
        pixels, labels = pictures[index]
        inside = whole(network, pixels) > 0.5
        matrix += confusion(labels, inside.astype(np.uint8), 2)
        rand.append(rand_score(components(labels == 1), components(inside)))
    return {
        "pictures": len(pictures),
        "accuracy": round(pixel_accuracy(matrix), 4),
        "miou": round(mean_iou(matrix), 4),
        "rand": round(float(np.mean(rand)), 4),
    }


@torch.inference_mode()
def pointing(name: str, network: nn.Module, data: Path, cache: Path, limit: int = 0) -> dict[str, object]:
    """How often a converted classifier's heatmap peaks inside the animal, over the pets test list.

    The page's first view of a photo: its central square at 448 pixels goes through the network with its fully
    connected layers as convolutions. The map is that of the animal that the picture holds (of all cats or all dogs
    among ImageNet's classes); its highest cell counts as a point in the middle of its window.
    """
    from core.maths.metrics import peak_inside
    from core.models.convolutionalize import FullyConvolutional
    from core.models.imagenet import groups
    from core.passes.heatmaps import NATIVE, STRIDE, View

    dense, view = FullyConvolutional(network), View()  # type: ignore[arg-type]  # every classifier has the protocol
    ids: dict[int, tuple[int, ...]] = {CAT: (CAT,), DOG: (DOG,)}
    if spec(name).labels == "imagenet-1k":
        ids = {CAT: groups()["cat"].ids, DOG: groups()["dog"].ids}
    hits = []
    for pixels, labels in _spread(load(data, "pets", "test", cache), limit):
        left, top, right, bottom = view.box(labels.shape[1], labels.shape[0])
        animal = DOG if (labels == DOG).any() else CAT
        x = normalised(name, view.render(pixels))
        scores = dense(x).softmax(1)[0, list(ids[animal])].sum(0).numpy()  # (h, w)
        seen = labels[top:bottom, left:right] == animal
        hits.append(peak_inside(seen, scores, (x.shape[2], x.shape[3]), NATIVE, STRIDE))
    return {"pictures": len(hits), "inside": round(float(np.mean(hits)), 4)}
