"""What the released network answers on every training picture: computed once, kept as bytes, cut with the crops.

A mask names one class for each pixel, and of small sets a network learns the mask by heart. The released network's
answer says how probable every class is, on pictures without a mask too (Hinton, Vinyals, Dean, "Distilling the
Knowledge in a Neural Network", 2015, at temperature 1). It sees each picture whole, at :data:`LONG_SIDE` pixels; a crop
of the picture gets its part of that answer.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from core.models.shared import EncoderDecoder
from core.pictures.labels import CLASSES
from core.training.data import Bytes, PictureSet
from core.training.hints import normalise

LONG_SIDE = 513
STRIDE = 16
NAME = "deeplabv3-released"


@dataclass(frozen=True)
class Answers:
    """Scores of one list of pictures, in memory-mapped half precision.

    Attributes:
        cells: (rows, columns) of each picture's map; cell i stands at pixel 16 i of the picture as the network saw it.
        scores: (N,) all maps, one after the other.
        offsets: where each begins.
    """

    cells: tuple[tuple[int, int], ...]
    scores: NDArray[np.float16]
    offsets: tuple[int, ...]

    def __getitem__(self, index: int) -> NDArray[np.float32]:
        """(21, rows, columns) scores of one picture."""
        rows, columns = self.cells[index]
        start = self.offsets[index]
        part = self.scores[start : start + len(CLASSES) * rows * columns]
        return part.reshape(len(CLASSES), rows, columns).astype(np.float32)

    def at(self, index: int, y: NDArray[np.floating], x: NDArray[np.floating]) -> Tensor:
        """Scores at places of the picture: (21, len(y), len(x)), bilinear.

        Args:
            index: of the picture.
            y, x: from 0 (its upper or left edge) to 1 (its lower or right edge); what lies beyond gets the edge's.
        """
        rows, columns = self.cells[index]
        down, across = (_place(shares, cells) for shares, cells in ((y, rows), (x, columns)))
        grid = torch.stack(torch.meshgrid(down, across, indexing="ij")[::-1], dim=-1)[None]  # (1, h, w, 2): x, y
        scores = torch.from_numpy(self[index])[None]
        return F.grid_sample(scores, grid, mode="bilinear", padding_mode="border", align_corners=True)[0]


def _place(shares: NDArray[np.floating], cells: int) -> Tensor:
    """Shares of a side, 0 to 1 between its edges -> -1 to 1 between the first and the last of ``cells`` cells."""
    pixels = (cells - 1) * STRIDE + 1
    cell = (torch.from_numpy(np.asarray(shares, np.float32)) * pixels - 0.5) / STRIDE
    return 2 * cell / max(cells - 1, 1) - 1


def seen_size(height: int, width: int) -> tuple[int, int]:
    """(height, width) at which the network sees a picture: the long side is 513, both are 16 n + 1."""
    scale = LONG_SIDE / max(height, width)
    down, across = (max(1, round((side * scale - 1) / STRIDE)) * STRIDE + 1 for side in (height, width))
    return down, across


@torch.inference_mode()
def answer(network: EncoderDecoder, pixels: Bytes) -> Tensor:
    """(H, W, 3) bytes -> (21, rows, columns) scores."""
    x = torch.from_numpy(np.array(pixels, dtype=np.float32)).permute(2, 0, 1)[None]
    size = seen_size(*pixels.shape[:2])
    x = F.interpolate(x, size, mode="bilinear", antialias=True, align_corners=False)
    x = normalise(x, NAME).contiguous(memory_format=torch.channels_last)
    scores: Tensor = network.decoder(network.encoder.forward_features(x))  # (1, 21, rows, columns)
    return scores[0]


def prepare(network: nn.Module, pictures: PictureSet, target: Path) -> Answers:
    """The answers on all ``pictures``, computed now or earlier; a run that was stopped goes on where it stood.

    Args:
        network: the released network in evaluation mode.
        pictures: a training list.
        target: folder of this list's answers.
    """
    assert isinstance(network, EncoderDecoder)
    target.mkdir(parents=True, exist_ok=True)
    sizes = [seen_size(*size) for size in pictures.sizes]
    cells = tuple(((down - 1) // STRIDE + 1, (across - 1) // STRIDE + 1) for down, across in sizes)
    offsets = np.concatenate([[0], np.cumsum([len(CLASSES) * rows * columns for rows, columns in cells])])
    file, part = target / "scores.bin", target / "scores.part"
    if not file.is_file():
        done = part.stat().st_size // 2 if part.is_file() else 0
        first = int(np.searchsorted(offsets, done, side="right")) - 1
        with part.open("r+b" if part.is_file() else "wb") as out:
            out.truncate(int(offsets[first]) * 2)
            out.seek(int(offsets[first]) * 2)
            for index in range(first, len(pictures)):
                out.write(answer(network, pictures[index][0]).half().numpy().tobytes())
                if index % 100 == 0:
                    print(f"answers: {index} of {len(pictures)} in {target.name}", file=sys.stderr, flush=True)
        os.replace(part, file)
        (target / "names.json").write_text(json.dumps(pictures.names))
    scores = np.memmap(file, np.float16, "r")
    return Answers(cells, scores, tuple(int(offset) for offset in offsets[:-1]))
