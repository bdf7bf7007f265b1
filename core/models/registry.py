"""Every network by name: what it is, where it comes from, how its input is prepared, and where its code is.

Importing this does not import torch; :func:`build` imports a network's module when the network is asked for.
"""

from __future__ import annotations

import difflib
import importlib
from typing import TYPE_CHECKING

from core.errors import N_, SegScopeError
from core.models.entry import ModelSpec
from core.models.table import TABLE

if TYPE_CHECKING:
    from torch import nn

__all__ = ["SPECS", "ModelSpec", "RegistryError", "build", "spec"]


class RegistryError(SegScopeError):
    """A name that no network has."""


SPECS: dict[str, ModelSpec] = {entry.name: entry for entry in TABLE}


def spec(name: str) -> ModelSpec:
    """The entry called ``name``.

    Raises:
        RegistryError: there is none; the sentence names near matches, or every name.
    """
    if name not in SPECS:
        near = difflib.get_close_matches(name, SPECS, n=3, cutoff=0.5) or sorted(SPECS)
        raise RegistryError(N_("No network is called {name!r}; try one of {near}."), name=name, near=", ".join(near))
    return SPECS[name]


def build(name: str) -> nn.Module:
    """The network called ``name``, in training mode and without trained weights.

    Raises:
        RegistryError: no network has this name.
    """
    entry = spec(name)
    module, function = entry.builder.split(":")
    network: nn.Module = getattr(importlib.import_module(module), function)(**entry.options)
    return network
