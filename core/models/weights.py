"""The bundled weights: half precision in safetensors files, which hold numbers and nothing that could run.

``core/weights/index.json`` names each file with its SHA-256, so that a damaged file is a sentence and not a wrong
answer. The networks compute in single precision; rounding the weights to half changes a score by about 0.1 %.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import N_, SegScopeError
from core.models.registry import build

if TYPE_CHECKING:
    from torch import nn

FOLDER = Path(__file__).parents[1] / "weights"
LIMIT = 80 * 10**6
"""Bytes that all files together may take."""


class WeightsError(SegScopeError):
    """A weights file that is missing or damaged; the sentence names the file and the command that rebuilds it."""


def path(name: str) -> Path:
    """Where the weights of network ``name`` lie, whether they are there or not."""
    return FOLDER / f"{name}.safetensors"


def present(name: str) -> bool:
    """Whether weights of ``name`` are bundled (they may still be damaged)."""
    return path(name).is_file()


def _index() -> dict[str, str]:
    file = FOLDER / "index.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def save(name: str, network: nn.Module) -> Path:
    """Bundle the weights of ``network`` as those of ``name``: floating-point tensors in half precision."""
    from safetensors.torch import save_file

    state = {
        key: (value.half() if value.is_floating_point() else value).contiguous().clone()
        for key, value in network.state_dict().items()
    }
    FOLDER.mkdir(exist_ok=True)
    save_file(state, path(name))
    index = _index() | {name: hashlib.sha256(path(name).read_bytes()).hexdigest()}
    (FOLDER / "index.json").write_text(json.dumps(dict(sorted(index.items())), indent=2) + "\n", encoding="utf-8")
    return path(name)


def load(name: str) -> nn.Module:
    """Network ``name`` with its bundled weights, in single precision.

    Raises:
        RegistryError: no network has this name.
        WeightsError: the file is missing, damaged, or of another network.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load as parse

    network, file = build(name), path(name)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise WeightsError(
            N_(
                "The weights {file} are missing: restore the file, or make it anew with python -m core.training {name}."
            ),
            file=file.name,
            name=name,
        ) from error
    damaged = WeightsError(
        N_("The weights {file} are damaged: restore the file, or make it anew with python -m core.training {name}."),
        file=file.name,
        name=name,
    )
    if hashlib.sha256(data).hexdigest() != _index().get(name):
        raise damaged
    try:
        state = parse(data)
        network.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    except (SafetensorError, RuntimeError) as error:
        raise damaged from error
    return network
