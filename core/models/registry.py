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

__all__ = ["ALIASES", "SPECS", "ModelSpec", "RegistryError", "build", "current", "spec"]


class RegistryError(SegScopeError):
    """A name that no network has."""


SPECS: dict[str, ModelSpec] = {entry.name: entry for entry in TABLE}

ALIASES: dict[str, str] = {"googlenet-slim": "googlenet", "unet-lite0": "unet-mobilenetv2"}
"""Names that networks had before, and the names of those that took their places. Shared addresses and people's scripts
still hold the old ones."""


def current(name: str) -> str:
    """The name that ``name`` leads to now: itself, unless it is one of :data:`ALIASES`."""
    return ALIASES.get(name, name)


def spec(name: str) -> ModelSpec:
    """The entry called ``name``, or that of the network which took its place.

    Raises:
        RegistryError: there is none; the sentence names near matches, or every name.
    """
    name = current(name)
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
