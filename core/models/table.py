"""The networks, one entry each, in a file for each kind; :mod:`core.models.registry` looks them up.

These files are tables. They do not import torch, so a page can list the networks before torch is there.
"""

from __future__ import annotations

from core.models.entry import ModelSpec
from core.models.table_classifiers import CLASSIFIERS
from core.models.table_patches import PATCHES
from core.models.table_segmenters import SEGMENTERS
from core.models.table_torchvision import TORCHVISION

TABLE: tuple[ModelSpec, ...] = (*CLASSIFIERS, *SEGMENTERS, *PATCHES, *TORCHVISION)
"""All of them, in the order in which they are listed."""
