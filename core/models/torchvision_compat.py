"""torchvision, importable beside a CPU-only PyTorch: ``from core.models.torchvision_compat import torchvision``.

torchvision's wheel on PyPI for x86 Linux is linked against CUDA libraries. Beside a CPU-only PyTorch its compiled
extension cannot be loaded, which is harmless for everything used here, except that ``import torchvision`` then fails
while it registers meta kernels for two operators that the extension would have declared
(``operator torchvision::nms does not exist``). Declaring them is enough: nothing here calls them. Where the compiled
extension loads, this module changes nothing.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
from pathlib import Path

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_library: torch.library.Library | None = None  # the declarations live exactly as long as this object


def _extension_loads() -> bool:
    """Whether torchvision's compiled operators can be loaded into this process."""
    spec = importlib.util.find_spec("torchvision")  # finds the folder without running its code
    if spec is None or not spec.submodule_search_locations:
        return True  # no torchvision at all: its own ImportError is the better message
    folder = Path(next(iter(spec.submodule_search_locations)))
    finder = importlib.machinery.FileFinder(
        os.fspath(folder), (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
    )
    extension = finder.find_spec("_C")
    if extension is None or extension.origin is None:
        return False
    try:
        torch.ops.load_library(extension.origin)
    except OSError:
        return False
    return True


def declare_missing_operators() -> bool:
    """Declare torchvision's two operators if its extension does not load. Returns whether that was needed."""
    global _library
    if _library is None and not _extension_loads():
        _library = torch.library.Library("torchvision", "FRAGMENT")
        for schema in _SCHEMAS:
            _library.define(schema)
    return _library is not None


declare_missing_operators()

import torchvision  # noqa: E402  (only after the declarations)

__all__ = ["declare_missing_operators", "torchvision"]
