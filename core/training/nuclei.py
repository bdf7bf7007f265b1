"""How the unpadded U-Net learns nuclei from 400 microscope pictures, fluorescence and stained tissue.

The recipe is the paper's (Ronneberger, Fischer, Brox, MICCAI 2015, section 3): unpadded tiles, mirrored beyond the
picture, deformed elastically, with weights that grow where two nuclei are close (equation 2). Departures: three
classes instead of two (:mod:`core.maths.nuclei`), the border weights taken between the cores, since the nuclei
themselves may touch; no class weights; batches of four tiles of 444 pixels, batch normalisation, bfloat16 where the CPU
has it; Adam with a warm-up and a linear decay instead of momentum 0.99.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from core.engine.inference import LoadedModel
from core.maths.boxes import components
from core.maths.nuclei import CORE, Agreement, rims_and_cores, stretched
from core.maths.nuclei import agreement as matches
from core.models.registry import build, spec
from core.models.unet import output_side
from core.passes.counting import count
from core.pictures import images
from core.training.data import load, names_of
from core.training.elastic import displacements, sample
from core.training.losses import border_weights, weighted_cross_entropy
from core.training.membranes import rate
from core.training.run import Run, agreement, descend, device

NAME = "unet-nuclei"
FOLDER = "dsb2018"
TILE = 444
BATCH = ("fluorescence", "tissue", "tissue", "any")
"""Kinds of the tiles of a batch: tissue is a fifth of the pictures and the harder kind. The bundled weights took one of
tissue and two of fluorescence in their first 650 batches."""
SETTLED = 0.75
"""Share of the run after which batch normalisation keeps its running statistics, as in use. A batch mixes dark pictures
with bright ones, so its own statistics differ from the running ones."""
PEAK_RATE = 2e-3
HELD_OUT = 10
"""Every tenth picture of a kind in the training list is kept apart for choices and never learned from."""
KINDS = {"fluorescence": "fluorescence", "stained": "tissue", "grey": "grey"}


class Example(NamedTuple):
    """One picture: bytes ``(3, H, W)`` with stretched contrast, ids ``(1, H, W)``, weights ``(1, H, W)``."""

    pixels: Tensor
    ids: Tensor
    weights: Tensor


def kinds(data: Path) -> dict[str, str]:
    """Name of a picture -> ``fluorescence``, ``tissue`` or ``grey``."""
    with (data / FOLDER / "index.csv").open(encoding="utf-8") as file:
        return {row["name"]: KINDS[row["kind"].split()[0].strip(",")] for row in csv.DictReader(file)}


def instances(data: Path, name: str) -> NDArray[np.int32]:
    """The nuclei of a picture: ``(H, W)``, 0 background, one number per nucleus."""
    with Image.open(data / FOLDER / "instances" / f"{name}.png") as image:
        return np.asarray(image).astype(np.int32)


def weight_map(ids: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Equation 2 with 1 for every class: border weights between the cores. ``(H, W)`` ids -> ``(H, W)``."""
    return 1 + border_weights(components(ids == CORE))


def split(names: tuple[str, ...], kind: dict[str, str]) -> tuple[list[int], list[int]]:
    """Positions in the list to learn from, and those held out: every tenth of its kind."""
    learn: list[int] = []
    held: list[int] = []
    seen = dict.fromkeys(KINDS.values(), 0)
    for index, name in enumerate(names):
        seen[kind[name]] += 1
        (held if seen[kind[name]] % HELD_OUT == 0 else learn).append(index)
    return learn, held


def examples(data: Path, cache: Path) -> dict[str, list[Example]]:
    """The pictures to learn from, by kind; weight maps are computed once and kept in ``cache``."""
    pictures, kind = load(data, FOLDER, "train", cache), kinds(data)
    out: dict[str, list[Example]] = {name: [] for name in KINDS.values()}
    for index in split(pictures.names, kind)[0]:
        name = pictures.names[index]
        file = cache / f"{FOLDER}-train" / f"{name}.npz"
        if not file.is_file():
            ids = rims_and_cores(instances(data, name))
            np.savez_compressed(file, ids=ids, weights=weight_map(ids).astype(np.float16))
        with np.load(file) as stored:
            ids, weights = stored["ids"], stored["weights"]
        pixels = np.ascontiguousarray(stretched(pictures[index][0]).transpose(2, 0, 1))  # (3, H, W)
        out[kind[name]].append(Example(*(torch.from_numpy(part) for part in (pixels, ids[None], weights[None]))))
    return out


@dataclass(frozen=True)
class Dice:
    """Random numbers of one generator."""

    generator: torch.Generator

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=self.generator))

    def below(self, count: int) -> int:
        return int(torch.randint(count, (), generator=self.generator))

    def chance(self, share: float) -> bool:
        return self.between(0, 1) < share


def places(height: int, width: int, dice: Dice) -> tuple[Tensor, Tensor]:
    """Where a tile's pixels come from: columns and rows of a picture, ``(444, 444)`` each.

    Turned by right angles and mirrored always; in three of five tiles also turned by any angle, zoomed by 0.6 to 1.7
    and deformed elastically, which blurs a little: the others stay as sharp as the pictures that will be asked.
    """
    answer = output_side(TILE)
    rows, columns = torch.meshgrid(*(torch.arange(TILE) - (TILE - 1) / 2,) * 2, indexing="ij")
    zoom, angle = 1.0, dice.below(4) * np.pi / 2
    if bent := dice.chance(0.6):
        zoom = float(np.exp(dice.between(np.log(0.6), np.log(1.7))))
        angle = dice.between(0, 2 * np.pi)
        field = displacements(TILE, TILE, dice.generator, sigma=8.0, nodes=5)
        rows, columns = rows + field[1], columns + field[0]
    mirrored = -1 if dice.chance(0.5) else 1
    cos, sin = round(float(np.cos(angle)), 9) / zoom, round(float(np.sin(angle)), 9) / zoom
    across, down = mirrored * (cos * columns - sin * rows), sin * columns + cos * rows
    middles = []
    for side in (width, height):
        room = side - answer / zoom
        middle = (side - 1) / 2 + (dice.between(-room / 2, room / 2) if room > 0 else dice.between(-20, 20))
        # halves stay halves: an unbent tile reads whole pixels
        middles.append(middle if bent else np.floor(middle) + 0.5)
    return across + middles[0], down + middles[1]


def coloured(pixels: Tensor, dice: Dice, stained: bool) -> Tensor:
    """Other brightness, contrast, gamma, stain, blur and noise: ``(3, h, w)``, 0 to 255."""
    x = pixels / 255
    if dice.chance(0.8):
        gammas = [dice.between(-0.4, 0.4)] * 3
        if stained:
            gammas = [gammas[0] + dice.between(-0.25, 0.25) for _ in range(3)]
        x = x.clamp(min=1e-4) ** torch.tensor(gammas).exp()[:, None, None]
        gain, offset = dice.between(0.75, 1.15), dice.between(-0.08, 0.08)
        x = x * gain + offset
    if stained and dice.chance(0.1):
        x = x.mean(0, keepdim=True).expand(3, -1, -1)
    if dice.chance(0.15):
        x = nn.functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    if dice.chance(0.2):
        x = x + dice.between(0, 0.06) * torch.randn(1, *x.shape[1:], generator=dice.generator)
    return 255 * x.clamp(0, 1)


def tile(example: Example, dice: Dice, stained: bool) -> tuple[Tensor, Tensor, Tensor]:
    """One training example: picture ``(3, 444, 444)``, ids and weights ``(260, 260)``."""
    across, down = places(example.pixels.shape[1], example.pixels.shape[2], dice)
    margin = (TILE - output_side(TILE)) // 2
    inner = (slice(margin, TILE - margin),) * 2
    x = coloured(sample(example.pixels.float(), across, down), dice, stained)
    ids = sample(example.ids.float(), across[inner], down[inner], "nearest")[0].long()
    weights = sample(example.weights.float(), across[inner], down[inner])[0]
    scale = spec(NAME).preprocessing
    return (x - scale.mean[0]) / scale.std[0], ids, weights


def settle(network: nn.Module) -> None:
    """Let batch normalisation use its running statistics and leave them as they are; its gains still learn."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eval()


def train(name: str, data: Path, cache: Path, out: Path, steps: int, seed: int = 0) -> nn.Module:
    """Train ``name`` for ``steps`` batches; resumes from ``out``.

    Args:
        name: of the registry, ``unet-nuclei``.
        data: the data folder.
        cache: where decoded pictures and weight maps are kept.
        out: folder of this :class:`core.training.run.Run`.
        steps: batches; the learning rate follows their number.

    Returns:
        The network in evaluation mode.
    """
    torch.manual_seed(seed)
    where = device()
    network = build(name).to(where).train()
    optimiser = torch.optim.Adam(network.parameters(), PEAK_RATE)
    pool = examples(data, cache)
    run = Run(out, steps, {"network": network, "optimiser": optimiser})
    dice = Dice(torch.Generator().manual_seed(seed + run.step))
    everything = [(kind, example) for kind, members in pool.items() for example in members]

    def drawn(kind: str) -> tuple[Tensor, Tensor, Tensor]:
        if kind == "any" or not pool[kind]:
            kind, example = everything[dice.below(len(everything))]
        else:
            example = pool[kind][dice.below(len(pool[kind]))]
        return tile(example, dice, kind == "tissue")

    def batch() -> tuple[Tensor, NDArray[np.int64]]:
        if run.progress >= SETTLED:
            settle(network)
        x, target, costs = (torch.stack(part).to(where) for part in zip(*map(drawn, BATCH), strict=True))
        with torch.autocast(where.type, torch.bfloat16):
            scores = network(x)  # (4, 3, 260, 260)
        scores = scores.float()
        return weighted_cross_entropy(scores, target, costs), agreement(scores, target)

    descend(name, network, optimiser, run, rate, batch)
    return network.cpu().eval()


def record(data: Path, out: Path, steps: int) -> dict[str, Any]:
    """What a run was, for ``results.json``.

    Args:
        data: the data folder.
        out: folder of the run; its last checkpoint says how far it came.
        steps: planned batches.
    """
    stored, kind = torch.load(out / "last.pt", weights_only=True, map_location="cpu"), kinds(data)
    names = tuple(names_of(data, FOLDER, "train"))
    learned = Counter(kind[names[index]] for index in split(names, kind)[0])
    return {
        "recipe": "`core/training/nuclei.py`: unpadded tiles, warped elastically, with the paper's border weights",
        "batches": int(stored["step"]),
        "planned": steps,
        "batch": len(BATCH),
        "tile": TILE,
        "rate": PEAK_RATE,
        "pictures": {name: learned[name] for name in KINDS.values()},
        "minutes": round(float(stored["spent"]) / 60, 1),
        "machine": "a part of one CPU core",
    }


@torch.inference_mode()
def measured(network: nn.Module, data: Path, names: Iterable[str]) -> dict[str, dict[str, float]]:
    """How well nuclei are found, cut apart and counted, for each kind of picture, as the app does it, in one pass.

    Args:
        network: ``unet-nuclei`` in evaluation mode.
        data: the data folder.
        names: of pictures.

    Returns:
        kind -> ``pictures``, ``iou`` of all their nucleus pixels together, ``score`` (the mean over pictures of
        :attr:`core.maths.nuclei.Agreement.score`) and ``count_error`` (the median of :attr:`core.maths.nuclei.Agreement
        .count_error`).
    """
    model, kind = LoadedModel(spec(NAME), network, 0.0), kinds(data)
    pixels: dict[str, NDArray[np.int64]] = {}
    pairs: dict[str, list[Agreement]] = {}
    for name in names:
        true = instances(data, name)
        found = count(model, images.decode((data / FOLDER / "images" / f"{name}.jpg").read_bytes())).labels
        common = np.array([((true > 0) & (found > 0)).sum(), ((true > 0) | (found > 0)).sum()])
        pixels[kind[name]] = pixels.get(kind[name], 0) + common
        pairs.setdefault(kind[name], []).append(matches(true, found))
    return {
        each: {
            "pictures": len(pairs[each]),
            "iou": round(float(pixels[each][0] / pixels[each][1]), 4),
            "score": round(float(np.mean([pair.score for pair in pairs[each]])), 4),
            "count_error": round(float(np.median([pair.count_error for pair in pairs[each]])), 4),
        }
        for each in KINDS.values()
        if each in pairs
    }


def test_scores(network: nn.Module, data: Path) -> dict[str, dict[str, float]]:
    """:func:`measured` on the whole test list.

    Raises:
        DataError: the list is not there.
    """
    return measured(network, data, names_of(data, FOLDER, "test"))
