"""Where each number comes from that a text of the catalogue holds as a word, and not as a value filled in.

A new one is entered here, beside what it is compared with, or it fails ``test_numbers.py``. Better still, the text gets
a place ``{name}`` for it, and the code that fills it says where the number comes from.
"""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from core import facts
from core.concepts.deconvnet import unpooling
from core.concepts.deconvnet.screen import hourglass
from core.concepts.localization import window_sweep
from core.concepts.sliding_window import windows
from core.maths import arithmetic, boxes, shapes
from core.maths.metrics import VOID, boundary_score, confusion, iou
from core.models import patches
from core.models.classifiers import alexnet, vgg16
from core.models.deconvnet import DeconvNet
from core.models.efficientnet import EfficientNetLite0
from core.models.imagenet import class_names
from core.models.registry import SPECS, build
from core.models.unet import UNet, UNetError, output_side
from core.passes import heatmaps
from core.passes.learning import run, strokes, tasks
from core.passes.stress import answers
from core.pictures.labels import VOC

CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)

REASONS = {
    "scale": "the ends of a scale, or a colour's value on it",
    "formula": "a part of a formula, whose other parts stand beside it; the formula has a test of its own",
    "ordinal": "which of several: a section, a step, an item of a list",
    "name": "a part of the name of something: a layer of that stride, a mode, a year, a file format",
    "example": "an example of what may be entered",
    "words": "said with the digit and meant as the word: one pixel less, one hundred percent by definition",
    "paper": "a statement of the paper that the network's entry cites; docs/claims.md says where",
}


def on_meta(make: Callable[[], nn.Module]) -> nn.Module:
    with torch.device("meta"):
        return make()


def widths(network: nn.Module) -> set[int]:
    """Channels of all convolutions, and their least and largest."""
    return {m.out_channels for m in network.modules() if isinstance(m, CONVOLUTIONS)}


def ends(network: nn.Module, classes: int = 21) -> tuple[int, int]:
    found = widths(network) - {classes}
    return min(found), max(found)


def values(network: nn.Module) -> set[int]:
    """Values in the fully connected layers but the last, which gives the classes."""
    return {m.out_features for m in list(network.modules()) if isinstance(m, nn.Linear)} - {21, 1000}


def kernels(network: nn.Module, part: str = "") -> set[int]:
    chosen = network.get_submodule(part) if part else network
    return {k for m in chosen.modules() if isinstance(m, CONVOLUTIONS) for k in m.kernel_size}


def pooled(name: str) -> set[int]:
    """Kernel and stride of a network's poolings."""
    found = [m for m in build(name).modules() if isinstance(m, nn.MaxPool2d)]
    return {int(v) for m in found for v in (m.kernel_size, m.stride)}  # type: ignore[arg-type]


def transposed(name: str) -> set[int]:
    found = [m for m in build(name).modules() if isinstance(m, nn.ConvTranspose2d)]
    return {v for m in found for v in (m.kernel_size[0], m.stride[0], m.padding[0])}


def rates(name: str) -> set[int]:
    return {m.dilation[0] for m in build(name).modules() if isinstance(m, nn.Conv2d)} - {1}


def parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def about(value: float, digits: int = 1) -> float:
    """``value`` with so many digits that count."""
    return float(f"{value:.{digits}g}")


def smallest_training() -> int:
    return about(parameters(run.Training(run.Options()).network), 1)


def unpadded_sides() -> list[int]:
    """Sides that the U-Net without padding takes."""
    fits = []
    for side in range(185, 260):
        with contextlib.suppress(UNetError):
            output_side(side)
            fits.append(side)
    return fits


def aspp_filters(name: str) -> int:
    """Channels that each branch of ASPP gives."""
    found = {m.out_channels for m in build(name).decoder.aspp.modules() if isinstance(m, nn.Conv2d) and m.groups == 1}
    (filters,) = found
    return filters


def lens() -> int:
    """Windows along one side of the squares of the hourglass, as its half in the browser has it."""
    source = (Path(hourglass.__file__).parent / "hourglass_maps.js").read_text(encoding="utf-8")
    found = re.search(r"export const VIEW = (\d+);", source)
    assert found
    return int(found[1]) // unpooling.WINDOW


def jitter_step() -> int:
    return int(inspect.signature(answers.shifted).parameters["step"].default)


def boundary_distance() -> int:
    return int(inspect.signature(boundary_score).parameters["distance"].default)


def box_difference() -> int:
    """What torchvision's boxes lack to our right edge, for a mask."""
    from torchvision.ops import masks_to_boxes

    mask = torch.zeros(1, 8, 8, dtype=torch.bool)
    mask[:, 2:5, 1:7] = True
    (found,) = boxes.regions(mask[0].numpy().astype(np.uint8) * 255, 128)
    return found.box.right - int(masks_to_boxes(mask)[0, 2])


def grown() -> set[int]:
    """By how many pixels the shapes are grown where the texts' sentences about them are true."""

    def scores(kind: str, by: int) -> tuple[float, float]:
        true, found = shapes.shape(kind).astype(np.uint8), shapes.shape(kind, grow=by).astype(np.uint8)
        return float(iou(confusion(true, found, 2))[1]), boundary_score(true, found)

    large, thin = [[scores(kind, by) for kind in kinds] for kinds, by in ((("disc", "square"), 4), (("bar",), 2))]
    assert all(overlap > 0.75 and outline == 0 for overlap, outline in large)
    assert all(scores(kind, 2)[0] > 0.75 for kind in ("disc", "square"))
    assert all(overlap < 0.5 and outline == 1 for overlap, outline in thin)
    return {4, 2}


def vgg_in() -> int:
    """Values that VGG16's first fully connected layer reads, 512 maps of them."""
    return next(m.in_features for m in on_meta(vgg16).modules() if isinstance(m, nn.Linear))


Origin = str | Callable[[], Iterable[Any]]

WRITTEN: dict[str, Origin] = {
    "**A bin speaks beyond its borders.** ": lambda: {2, *kernels(build("pspnet").decoder.mix)},
    "**A branch can be less than it looks.** Rate": "words",
    "**A fader at 0% is not": "scale",
    "**BatchNorm is essential, by the authors": "ordinal",
    "**Even overlap is no guarantee.** ": "name",
    "**Gradient × input and integrated gradients depend": "scale",
    "**Localization** says where a thing is": "ordinal",
    "**Multi-grid is not always a cure.** ": lambda: {16, 1},
    "**Seg-Grad-CAM weighs whole channels.** ": "scale",
    "**Stride 1 never multiplies the size": lambda: {1, 2, *transposed("deconvnet") - {7, 0}},
    "**The published network has no BatchNorm and no padding.**": lambda: {(572 - output_side(572)) // 2},
    "**What is small here.** ": lambda: {tasks.SIDE, smallest_training(), run.LAST, run.PICTURES[-1]},
    "**Zeros go *between* the cells": "formula",
    "**“Deconvolution” here means up-convolution.**": lambda: transposed("unet"),
    "**“Deconvolution” is a misnomer.**": "scale",
    "**“Deconvolution” is a transposed convolution with stride 1 here": lambda: transposed("deconvnet"),
    "**“Replace fully connected layers by 1×1": lambda: {round((vgg_in() / 512) ** 0.5)},
    "1, 2, 3 …": "formula",
    "1. Row {row} of {layer}": "ordinal",
    "2. The map was flattened": "ordinal",
    "3. Fold each piece": "ordinal",
    "4. Stack them": "ordinal",
    "128 filters behind the pyramid": lambda: {*widths(build("pspnet").decoder.mix), facts.PSPNET_FILTERS.value},
    "3 × 3, rate {rate}": lambda: kernels(build("deeplabv3")),
    "8 to 144 maps instead of 64 to 512, and 160": lambda: {
        *ends(build("deconvnet"))[:1], max(widths(build("deconvnet")) - {160}), 160, *ends(on_meta(DeconvNet))[:1],
        max(widths(on_meta(DeconvNet)) - {4096}), 4096,
    },
    "8 to 144 maps instead of 64 to 512, and 256": lambda: {
        *ends(build("vgg16-slim")), *values(build("vgg16-slim")), *ends(on_meta(vgg16)), *values(on_meta(vgg16)),
    },
    "90% of the gradient": lambda: {100 * window_sweep.MOST},
    "A dilated ResNet-50 at output stride 8": lambda: {SPECS["fcn-resnet50"].output_stride, 32},
    "A head of a 3x3 and a 1x1": lambda: {1, *kernels(on_meta(lambda: build("fcn-resnet50")), "classifier")},
    "A larger rate is not always more context.": lambda: kernels(build("deeplabv3")),
    "A map of {side} × {side} goes into a deconvolution": lambda: transposed("deconvnet") - {7},
    "A map of {size} × {size} cells, a 3 × 3": lambda: kernels(build("deeplabv3")),
    "A quarter of the width: 16 to 256": lambda: {*ends(build("unet")), *ends(on_meta(UNet), classes=2)},
    "A side of {native} pixels gives 1 cell": lambda: {arithmetic.grid_size(224)},
    "A wider window alone does not blur": "words",
    "A window moves over the photo in steps of 2": lambda: {jitter_step()},
    "All three lanes paint": "scale",
    "Atrous rates 12, 24, 36 at output stride 16": lambda: {
        *rates("deeplabv3-mobilenetv3") & {12, 24, 36}, SPECS["deeplabv3-mobilenetv3"].output_stride,
        *facts.DEEPLABV3_RATES,
    },
    "Atrous rates 4, 8, 12 instead of": lambda: {
        *rates("deeplabv3") & {4, 8, 12}, *facts.DEEPLABV3_RATES, SPECS["deeplabv3"].short_side,
        facts.DEEPLABV3_CROP.value,
    },
    "Batch normalisation; three colour channels": lambda: {len(VOC)},
    "Boundary score, 2 pixels": lambda: {boundary_distance()},
    "Boxes here are half-open": lambda: {box_difference()},
    "Brightness of the dot": "scale",
    "By how many points does the boundary score, 0 to 100": "scale",
    "COCO val2017, VOC": lambda: {len(VOC)},
    "Checkerboard: k3 s2": "name",
    "Classes go from 0 to": "scale",
    "Dark is 0, bright is 1.": "scale",
    "Each map has a scale of its own": "scale",
    "DeconvNet, no growth: k3 s1 p1": lambda: transposed("deconvnet") - {7, 0},
    "Dilated: k3 d2": "name",
    "Exactly double: k3 s2 p1 o1": lambda: {3, 2, 1} if arithmetic.transposed_output_size(9, 3, 2, 1, 1) == 18 else (),
    "FCN, bilinear: k4 s2 p1": lambda: {4, 2, 1} if arithmetic.transposed_output_size(9, 4, 2, 1) == 18 else (),
    "Grid against classifier, 224 × 224": lambda: {windows.NATIVE},
    "Half the maps, and 384 instead": lambda: {*values(build("alexnet-slim")), *values(on_meta(alexnet))},
    "Here it brings {miou} points": "name",
    "Here, unlike in the paper": "name",
    "It is {cells}: the first window": "formula",
    "Kernel, stride and dilation are at least 1": "scale",
    "Large squares show 7 × 7 windows": lambda: {lens()},
    "Largest difference of any of the 1000 scores": lambda: {len(class_names())},
    "Layer of FCN-8s’s encoder": "ordinal",
    "MobileNetV2 at output stride 16 instead": lambda: {
        SPECS["pspnet"].output_stride, facts.PSPNET_OUTPUT_STRIDE.value,
    },
    "MobileNetV2 instead of ResNet or Xception, and 128": lambda: {
        aspp_filters("deeplabv3plus"), facts.DEEPLAB_FILTERS.value
    },
    "MobileNetV2 instead of ResNet, and 128": lambda: {aspp_filters("deeplabv3"), facts.DEEPLAB_FILTERS.value},
    "MobileNetV2 instead of VGG16; fc6 keeps": lambda: {
        max(kernels(build("fcn32s").decoder)), 512 if 512 in widths(build("fcn32s").decoder) else 0,
        *values(on_meta(vgg16)),
    },
    "Not quite. It is {size} and not": lambda: {1, *transposed("deconvnet") - {7, 0}},
    "One more 3x3 convolution behind ASPP": lambda: kernels(
        on_meta(lambda: build("deeplabv3-resnet50")), "classifier"
    ),
    "One small disc, 1 % of the picture": lambda: {round(100 * float(tasks.lesson("rare", 64).ids.mean()))},
    "One tower of 64, 192": lambda: widths(on_meta(alexnet)),
    "Others found the same": "paper",
    "PASCAL VOC 2011 val": "name",
    "Patch classifier, ": lambda: {side for size in patches.CUTS for side in [patches.window(patches.CUTS[size]).size]},
    "Row {row}, column {column}": lambda: {max(kernels(build("deeplabv3"))) ** 2},
    "Run {title} at output stride 32 and 8": "name",
    "Same weights, same parameters": "name",
    "Scores at stride 32": lambda: {SPECS["fcn32s"].output_stride},
    "Sides are 32 n + 1": lambda: {32, 1, 100},
    "Stack three layers of rate 2": "formula",
    "The 3 × 3 deconvolutions keep the size": lambda: kernels(build("deconvnet")),
    "The 3x3 convolutions are depthwise": lambda: kernels(build("deeplabv3plus").decoder),
    "The attention is the mean over the whole map": lambda: {facts.LRASPP_WINDOW.value},
    "The boundary score is the F1 of the outlines": "name",
    "The convolution with the same kernel": "scale",
    "The input side must be a multiple of 32": lambda: {heatmaps.STRIDE},
    "The kernel spans {span}": lambda: {max(kernels(build("deeplabv3"))) ** 2},
    "The last feature map of each network": lambda: {225, 224, 256},
    "The learning rate is {given}": lambda: {0, run.RATES[1]},
    "The patch classifiers are EfficientNet": lambda: {sum(1 for _ in EfficientNetLite0().blocks())},
    "The photo. Arrow keys move the pixel": "name",
    "The scores have a standard deviation": "formula",
    "The threshold must lie between": lambda: {1, 255},
    "The unpadded U-Net takes sides of 188": lambda: unpadded_sides(),
    "These strokes hold the value": lambda: {0, strokes.NOTHING},
    "These weights were trained at × 1": lambda: {1, facts.DEEPLABV3_FOUR_RATES[-1]},
    "This PNG has 16 bits": "name",
    "This PNG has fewer than 8": "name",
    "This feature is 0 here": "scale",
    "This mask holds the value": lambda: {0, VOID},
    "This mask is black and white": lambda: {255, VOC.index("cat")},
    "This picture has no reference mask.": "words",
    "Tiles of {tile} pixels answer": "scale",
    "Trained by torchvision on COCO": lambda: {len(VOC) - 1},
    "Transposed, k = ": "name",
    "Transposed: (i − 1) s": "formula",
    "Two 3 × 3 convolutions": lambda: kernels(build("deconvnet-mobilenetv2").decoder.bottom),
    "Two 3x3 convolutions at stride 32": lambda: {*kernels(build("deconvnet-mobilenetv2").decoder.bottom), 32},
    "Two networks with the same seed": lambda: {min(run.PICTURES), 1},
    "U-Net builds on FCN": lambda: {*kernels(build("unet").contracting) - {1}, *pooled("unet")},
    "U-Net: k2 s2": lambda: transposed("unet"),
    "U-Net’s stride is 2": lambda: {SPECS["unet-mobilenetv2"].output_stride},
    "White: theoretical field.": lambda: {100 * window_sweep.MOST},
    "Windows cost the same each": "scale",
    "A U-Net halves its map at each depth": "ordinal",
    "[The input](part:input)": lambda: {0, 9},
    "Lay it over and grow it by": grown,
    "all 1": "formula",
    "boundary score (F1) = ": "formula",
    "blue {low}, white 0": "scale",
    "fc7 is one cell": lambda: {max(transposed("deconvnet"))},
    "input with zeros {size}, kernel turned": "formula",
    "kernel 3 × 3, stride 1": lambda: transposed("deconvnet") - {7, 0},
    "localisation: boundary score": lambda: {1, boundary_distance()},
    "mIoU: mean over the classes": "name",
    "max pooling 2 × 2": lambda: pooled("unet"),
    "outline F1": "name",
    "probability of a membrane": "scale",
    "probability of “{target}”": "scale",
    "up-convolution 2 × 2, then skip": lambda: transposed("unet"),
    "{count} of 9 taps": lambda: {max(kernels(build("deeplabv3"))) ** 2},
    "{count} people are training": "formula",
    "{given} pictures cannot teach": "scale",
    "{given} steps are not on offer": "scale",
    "{taps} of 9 taps": lambda: {max(kernels(build("deeplabv3"))) ** 2},
    "{title} enlarges what ASPP says": lambda: kernels(build("deeplabv3plus").decoder) - {1},
    "↑ up-convolution 2 × 2": lambda: transposed("unet"),
    "↓ max pooling 2 × 2": lambda: pooled("unet"),
    "↓ stride 2": "name",
}  # fmt: skip
