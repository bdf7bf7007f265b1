"""A network from somebody's own Python file, and its weights from a safetensors file.

The file is run, as Python runs any file: on the machine of whoever names it on the command line, and nowhere else. A
server has no way in here. Pickles are never opened.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.console import shown
from core.cli.files import CommandError, check_input
from core.errors import N_

if TYPE_CHECKING:
    from torch import nn

MOST_HEADER = 16 << 20
"""Bytes that the list of tensors in a weights file may have: a hundred thousand tensors fit."""
_NAMED = 6


def build(target: str) -> nn.Module:
    """The network that ``file.py:function``, or ``package.module:function``, gives: a function without arguments, a
    class, or a network that is there already.

    Raises:
        CommandError: there is none; one sentence says why.
    """
    from torch import nn

    where, colon, name = target.rpartition(":")
    if not colon or not where or not name:
        raise CommandError(
            N_("{target}: name a file and what builds the network, as in my_module.py:build."), target=target
        )
    try:
        module = _from_file(Path(where)) if where.endswith(".py") else importlib.import_module(where)
    except CommandError:
        raise
    except Exception as error:  # somebody's code raises whatever it likes
        raise CommandError(N_("{where} cannot be imported: {reason}"), where=where, reason=_reason(error)) from error
    if not hasattr(module, name):
        raise CommandError(N_("{where} has nothing called {name}."), where=where, name=name)
    made = getattr(module, name)
    if not isinstance(made, nn.Module):
        try:
            made = made()
        except Exception as error:
            raise CommandError(N_("{target} fails: {reason}"), target=target, reason=_reason(error)) from error
    if not isinstance(made, nn.Module):
        raise CommandError(
            N_("{target} gives {kind}, and not a torch.nn.Module."), target=target, kind=type(made).__name__
        )
    return made


def _from_file(path: Path) -> object:
    check_input(path)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise CommandError(N_("{path} is no Python file."), path=shown(path))
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))  # as if it were run: it may import what lies beside it
    sys.modules.setdefault(path.stem, module)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module


def _reason(error: BaseException) -> str:
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def load_weights(network: nn.Module, path: Path) -> None:
    """Put the tensors of a safetensors file into ``network``. Names and shapes are compared before a value is read.

    Raises:
        CommandError: another kind of file, a damaged one, or tensors that do not fit; the sentence lists them.
    """
    import safetensors.torch

    check_input(path)
    held = shapes(path)
    state = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    optional = {name for name in state if name.endswith("num_batches_tracked")}
    problems = []
    for words, names in (
        ("missing", [name for name in state if name not in held and name not in optional]),
        ("unexpected", [name for name in held if name not in state]),
        (
            "of another shape",
            [f"{n} {held[n]} for {state[n]}" for n in state if n in held and held[n] != state[n]],
        ),
    ):
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            problems.append(f"{words}: {', '.join(map(str, names[:_NAMED]))}{more}")
    if problems:
        raise CommandError(
            N_("{path} does not fit this network; {problems}"), path=shown(path), problems="; ".join(problems)
        )
    try:
        network.load_state_dict(safetensors.torch.load_file(path), strict=False)
    except Exception as error:
        raise CommandError(N_("{path} is damaged: {reason}"), path=shown(path), reason=_reason(error)) from error


def shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Names and shapes in a safetensors file, from its header alone.

    Raises:
        CommandError: it is none, or its header is longer than the file, or not what the format says.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        if head[:2] in (b"PK", b"\x80\x02") or path.suffix.lower() in (".pt", ".pth", ".bin", ".ckpt", ".pkl"):
            raise CommandError(
                N_("{path} is a pickle, which can run anything when it is opened: save it as safetensors."),
                path=shown(path),
            )
        (length,) = struct.unpack("<Q", head) if len(head) == 8 else (0,)
        if not 2 <= length <= min(size - 8, MOST_HEADER):
            raise CommandError(N_("{path} is no safetensors file, or a damaged one."), path=shown(path))
        text = file.read(length)
    try:
        entries = json.loads(text)
        found = {}
        for name, entry in entries.items():
            if name == "__metadata__":
                continue
            found[name] = tuple(int(side) for side in entry["shape"])
            begin, end = entry["data_offsets"]
            if not 0 <= begin <= end <= size - 8 - length:
                raise ValueError("beyond the end of the file")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CommandError(N_("{path} is no safetensors file, or a damaged one."), path=shown(path)) from error
    return found
