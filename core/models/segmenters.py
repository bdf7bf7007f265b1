"""The segmenters of photos that a comparison can have."""

from __future__ import annotations

from core.models import weights
from core.models.registry import SPECS


def networks() -> tuple[str, ...]:
    """Registry names of the segmenters of photos whose weights are here, in the order of the chapter."""
    able = (s.name for s in SPECS.values() if s.kind == "segmenter" and s.labels == "voc-21")
    return tuple(name for name in able if weights.present(name))


def optional() -> tuple[str, ...]:
    """Registry names of the segmenters of photos whose weights are a download, whether they are here or not."""
    return tuple(s.name for s in SPECS.values() if s.kind == "segmenter" and s.weights == "torchvision")
