"""The patch classifiers: rows of :mod:`core.models.table`. Does not import torch."""

from __future__ import annotations

from core.errors import N_
from core.models.entry import ModelSpec

_CIRESAN = "Ciresan et al.: Deep Neural Networks Segment Neuronal Membranes in Electron Microscopy Images (NIPS 2012)"

PATCHES: tuple[ModelSpec, ...] = tuple(
    ModelSpec(
        name=f"patch-{size}",
        title=title,
        paper=_CIRESAN,
        kind="patch",
        labels="voc-21",
        builder="core.models.patches:patch_net",
        options={"size": size},
        output_stride=stride,
        input_side=256,
        encoder="lite0",
        departures=(
            N_("The first blocks of EfficientNet-Lite0, and a head of two 1x1 convolutions."),
            N_("Read at every place in one pass; the windows lie as far apart as the output stride."),
        ),
    )
    for size, stride, title in (
        (35, 8, N_("Patch classifier, 35 pixels")),
        (67, 8, N_("Patch classifier, 67 pixels")),
        (115, 16, N_("Patch classifier, 115 pixels")),
        (211, 16, N_("Patch classifier, 211 pixels")),
    )
)
"""By the side of their window, the smallest first."""
