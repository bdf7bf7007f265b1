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
from core.models.registry import SPECS, build, spec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn

FOLDER = Path(__file__).parents[1] / "weights"
LIMIT = 95 * 10**6
"""Bytes that all files together may take."""
ENCODERS = {"mobilenetv2": "encoder-mobilenetv2"}
"""Encoders that several networks share, by :attr:`ModelSpec.encoder`: bundled once, in a file of this name."""
ENCODER_OF = {"encoder-mobilenetv2": "deeplabv3-released"}
"""The released network with which an encoder's file comes."""


ENCODER_PREFIX = "encoder."


class WeightsError(SegScopeError):
    """A weights file that is missing or damaged; the sentence names the file and the command that rebuilds it."""


def path(name: str) -> Path:
    """Where the weights of network ``name`` lie, whether they are there or not."""
    return FOLDER / f"{name}.safetensors"


def present(name: str) -> bool:
    """Whether weights of ``name`` are bundled (they may still be damaged)."""
    return all(path(file).is_file() for file in files(name))


def _index() -> dict[str, str]:
    file = FOLDER / "index.json"
    if not file.is_file():
        return {}
    try:
        index = json.loads(file.read_text(encoding="utf-8"))
        if not (isinstance(index, dict) and all(isinstance(digits, str) for digits in index.values())):
            raise TypeError
        return index
    except (OSError, ValueError, TypeError) as error:
        raise WeightsError(
            N_("The list of weights {file} is damaged: get it again with git checkout, or install SegScope anew."),
            file=file.name,
        ) from error


def names() -> list[str]:
    """Names of the bundled files, as the index has them.

    Raises:
        WeightsError: the index is damaged.
    """
    return sorted(_index())


def save(name: str, network: nn.Module) -> Path:
    """Bundle the weights of ``network`` as those of ``name``: floating-point tensors in half precision.

    Of a network on a shared encoder only what is its own: the encoder has a file, see :func:`save_encoder`.
    """
    state = network.state_dict()
    if spec(name).encoder in ENCODERS:
        state = {key: value for key, value in state.items() if not key.startswith(ENCODER_PREFIX)}
    return _write(name, state)


def save_encoder(kind: str, encoder: nn.Module) -> Path:
    """Bundle a shared encoder, one of :data:`ENCODERS`."""
    return _write(ENCODERS[kind], {ENCODER_PREFIX + key: value for key, value in encoder.state_dict().items()})


def _write(name: str, state: Mapping[str, Tensor]) -> Path:
    from safetensors.torch import save_file

    halves = {
        key: (value.half() if value.is_floating_point() else value).contiguous().clone() for key, value in state.items()
    }
    FOLDER.mkdir(exist_ok=True)
    save_file(halves, path(name))
    index = _index() | {name: hashlib.sha256(path(name).read_bytes()).hexdigest()}
    (FOLDER / "index.json").write_text(json.dumps(dict(sorted(index.items())), indent=2) + "\n", encoding="utf-8")
    return path(name)


def files(name: str) -> list[str]:
    """Names of the files that the weights of ``name`` lie in: its encoder's, if it shares one, and its own."""
    entry = spec(name)
    shared = ENCODERS.get(entry.encoder)
    return [shared, entry.name] if shared else [entry.name]


def load(name: str) -> nn.Module:
    """Network ``name`` with its bundled weights, in single precision.

    Raises:
        RegistryError: no network has this name.
        WeightsError: a file is missing, damaged, or of another network.
    """
    network, name = build(name), spec(name).name
    state = {key: value for file in files(name) for key, value in _read(file, name).items()}
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise _damaged(path(name), name) from error
    return network


def load_encoder(kind: str) -> dict[str, Tensor]:
    """The state of a shared encoder, one of :data:`ENCODERS`, in single precision.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    stored = _read(ENCODERS[kind], kind)
    return {key.removeprefix(ENCODER_PREFIX): value for key, value in stored.items()}


def _read(stem: str, name: str) -> dict[str, Tensor]:
    """One file's tensors, in single precision; ``name`` is the network that wants them."""
    from safetensors import SafetensorError
    from safetensors.torch import load as parse

    file = path(stem)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise WeightsError(
            N_(
                "The weights {file} are missing: get the file again with git checkout, install SegScope anew, or make"
                " it with python -m core.training {name}."
            ),
            file=file.name,
            name=_recipe(ENCODER_OF.get(stem, name)),
        ) from error
    if hashlib.sha256(data).hexdigest() != _index().get(stem):
        raise _damaged(file, ENCODER_OF.get(stem, name))
    try:
        return {key: value.float() if value.is_floating_point() else value for key, value in parse(data).items()}
    except SafetensorError as error:
        raise _damaged(file, ENCODER_OF.get(stem, name)) from error


def _damaged(file: Path, name: str) -> WeightsError:
    return WeightsError(
        N_(
            "The weights {file} are damaged: get the file again with git checkout, install SegScope anew, or make it"
            " with python -m core.training {name}."
        ),
        file=file.name,
        name=_recipe(name),
    )


def _recipe(name: str) -> str:
    """What ``python -m core.training`` is given to make the weights of ``name``."""
    return f"convert {name}" if name in SPECS and SPECS[name].released else name
