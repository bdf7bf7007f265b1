"""What a training picture goes through: a random window at a random scale, a flip, other colours, a pasted object.

Pasting ("Simple Copy-Paste is a Strong Data Augmentation Method for Instance Segmentation", Ghiasi et al., CVPR 2021)
takes the objects of a second picture, chosen for its rare classes, and lays them over the first: VOC's subset has 14
aeroplanes and 225 dogs, and pasting shows the aeroplanes more often and in front of other things without more steps.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.maths.metrics import near
from core.training.data import VOID, Bytes

RIM = 4  # pixels
FILL = 128  # the encoder's mean colour: after normalisation it is the zero of padding


class Window(NamedTuple):
    """A square piece of a picture and how it is enlarged; it may reach beyond the picture.

    Attributes:
        top, left: where it begins, in source pixels.
        tall, wide: its extent in source pixels.
        height, width: of the picture.
        side: of the result, in pixels.
        mirrored: whether left and right are swapped.
    """

    top: float
    left: float
    tall: float
    wide: float
    height: int
    width: int
    side: int
    mirrored: bool

    @classmethod
    def draw(
        cls,
        height: int,
        width: int,
        side: int,
        zoom: float,
        rng: np.random.Generator,
        focus: NDArray[np.bool_] | None = None,
    ) -> Window:
        """A random window, half of them mirrored.

        Args:
            height, width: of the picture.
            side: of the result.
            zoom: result pixels per source pixel; the aspect ratio varies by up to a seventh besides.
            rng: random numbers.
            focus: (height, width) what the window should hold: it is placed around one of these pixels.
        """
        stretch = np.exp(rng.uniform(-0.13, 0.13))
        tall, wide = side / (zoom * stretch), side / (zoom / stretch)  # the window in source pixels
        centre: tuple[float, float] | None = None
        if focus is not None:
            rows, columns = np.nonzero(focus[::8, ::8])
            if len(rows):
                pick = rng.integers(len(rows))
                centre = rows[pick] * 8.0, columns[pick] * 8.0

        def start(extent: float, length: int, middle: float | None) -> float:
            low, high = min(0.0, length - extent), max(0.0, length - extent)
            if middle is not None:
                low, high = max(low, middle - 0.8 * extent), min(high, middle - 0.2 * extent)
            return rng.uniform(low, high) if low < high else min(max(low, 0.0), max(0.0, length - extent))

        top = start(tall, height, centre and centre[0])
        left = start(wide, width, centre and centre[1])
        return cls(top, left, tall, wide, height, width, side, bool(rng.random() < 0.5))

    def cut(self, pixels: Bytes, labels: Bytes) -> tuple[Bytes, Bytes]:
        """(H, W, 3) and (H, W) -> (side, side, 3) and (side, side); beyond the picture grey and void."""
        box = (max(self.left, 0.0), max(self.top, 0.0), min(self.left + self.wide, self.width),
               min(self.top + self.tall, self.height))  # fmt: skip
        x0, x1 = (round((edge - self.left) / self.wide * self.side) for edge in (box[0], box[2]))
        y0, y1 = (round((edge - self.top) / self.tall * self.side) for edge in (box[1], box[3]))
        out_pixels = np.full((self.side, self.side, 3), FILL, np.uint8)
        out_labels = np.full((self.side, self.side), VOID, np.uint8)
        if x1 > x0 and y1 > y0:
            size = (x1 - x0, y1 - y0)
            out_pixels[y0:y1, x0:x1] = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, box))
            out_labels[y0:y1, x0:x1] = np.asarray(Image.fromarray(labels).resize(size, Image.Resampling.NEAREST, box))
        if self.mirrored:
            return out_pixels[:, ::-1], out_labels[:, ::-1]
        return out_pixels, out_labels

    def shares(self, stride: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where every ``stride``-th row and column of the result lies in the picture: 0 at one edge, 1 at the other."""
        middles = (np.arange(0, self.side, stride) + 0.5) / self.side
        across = 1 - middles if self.mirrored else middles
        return (self.top + middles * self.tall) / self.height, (self.left + across * self.wide) / self.width


def colours(pixels: Bytes, rng: np.random.Generator) -> NDArray[np.float32]:
    """Other brightness, contrast, saturation and white balance: (H, W, 3) bytes -> floats from 0 to 255."""
    x = pixels.astype(np.float32)
    grey = x.mean(axis=2, keepdims=True)
    saturation = 0.0 if rng.random() < 0.05 else rng.uniform(0.6, 1.4)
    x = grey + (x - grey) * np.float32(saturation)
    gain = rng.uniform(0.7, 1.3) * rng.uniform(0.92, 1.08, 3)
    middle = x.mean()
    x = (x - middle) * gain.astype(np.float32) + np.float32(middle + rng.uniform(-30, 30))
    return np.clip(x, 0, 255, out=x)


def paste(pixels: Bytes, labels: Bytes, over_pixels: Bytes, over_labels: Bytes) -> tuple[Bytes, Bytes]:
    """Lay the objects of the second picture, with their void outline, over the first; both of one size."""
    inside = (over_labels > 0) & (over_labels < VOID)
    # a void pixel belongs to the object if one is near: an outline is about five pixels wide
    object_ = inside | (near(inside, RIM) & (over_labels == VOID) & (over_pixels != FILL).any(axis=2))
    return np.where(object_[..., None], over_pixels, pixels), np.where(object_, over_labels, labels)
