"""``look``: a network from a file, a table, and one line for everything that does not fit. No pickle is opened."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from core.cli import MISTAKE, main

MODULE = """
from torch import nn
import beside

class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, beside.WIDTH, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(beside.WIDTH, 5, 1))

def build():
    return Net()

def nothing():
    return "no network"

def fails():
    raise ValueError("no such backbone\\nand more")
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A file with networks, and one beside it that it imports."""
    (tmp_path / "beside.py").write_text("WIDTH = 6\n")
    path = tmp_path / "my_module.py"
    path.write_text(MODULE)
    return path


def test_a_network_is_built_from_a_file_and_told_by_its_stages(
    module: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["look", f"{module}:build", "--size", "64"]) == 0
    out = capsys.readouterr().out
    head, first, *_ = out.splitlines()
    assert head.split()[:3] == ["STAGE", "KIND", "GIVES"]
    assert first.split()[:2] == ["0", "Conv2d"]
    assert "6 x 32 x 32" in first
    assert f"{6 * 32 * 32 * 27:,}" in first
    assert "5 classes at 32 x 32" in out
    assert "scores at stride 2" in out


def test_json_and_a_mask_are_written(module: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mask.png"
    assert main(["look", f"{module}:Net", "--size", "64", "--json", "--out", str(out)]) == 0
    data = json.loads(capsys.readouterr().out.splitlines()[0])
    assert data["scores"] == [5, 32, 32]
    assert [stage["path"] for stage in data["stages"]] == ["0", "1", "2"]
    assert out.is_file()
    assert main(["look", f"{module}:Net", "--size", "64", "--out", str(out)]) == MISTAKE


def weights(module: Path, **changes: torch.Tensor | None) -> Path:
    state = {
        "0.weight": torch.ones(6, 3, 3, 3),
        "0.bias": torch.zeros(6),
        "2.weight": torch.ones(5, 6, 1, 1),
        "2.bias": torch.zeros(5),
    } | changes
    path = module.with_name("my.safetensors")
    save_file({name: value for name, value in state.items() if value is not None}, path)
    return path


def test_weights_that_fit_are_taken(module: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = weights(module, **{"0.weight": torch.zeros(6, 3, 3, 3)})
    assert main(["look", f"{module}:build", "--size", "64", "--weights", str(path)]) == 0
    assert "dead maps on this picture: 6 of 6" in capsys.readouterr().out


def header(text: bytes, length: int | None = None, rest: bytes = b"") -> bytes:
    return struct.pack("<Q", len(text) if length is None else length) + text + rest


HOSTILE = {
    "empty": b"",
    "short": b"\x01\x02",
    "a pickle": b"\x80\x02}q\x00.",
    "a zip": b"PK\x03\x04" + b"\0" * 40,
    "a header beyond the end": header(b"{}", 10**15),
    "no JSON": header(b"not json at all"),
    "a list": header(b"[1, 2]"),
    "no shapes": header(b'{"0.weight": {}}'),
    "offsets beyond the end": header(b'{"0.bias": {"dtype": "F32", "shape": [6], "data_offsets": [0, 4000000000]}}'),
    "offsets backwards": header(
        b'{"0.bias": {"dtype": "F32", "shape": [6], "data_offsets": [24, 0]}}', rest=b"\0" * 24
    ),
    "shapes of text": header(b'{"0.bias": {"dtype": "F32", "shape": ["x"], "data_offsets": [0, 0]}}'),
    "deep nesting": header(b"[" * 100_000),
    "not UTF-8": header(b'{"\xff": 1}'),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_weights_are_one_sentence(name: str, module: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = module.with_name("bad.safetensors")
    path.write_bytes(HOSTILE[name])
    assert main(["look", f"{module}:build", "--size", "64", "--weights", str(path)]) == MISTAKE
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "pickle" in error if name in ("a pickle", "a zip") else "no safetensors file, or a damaged one" in error


def test_what_does_not_fit_is_listed(module: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = weights(module, **{"0.bias": None, "head.weight": torch.zeros(1), "2.weight": torch.ones(4, 6, 1, 1)})
    assert main(["look", f"{module}:build", "--size", "64", "--weights", str(path)]) == MISTAKE
    error = capsys.readouterr().err
    assert "missing: 0.bias" in error
    assert "unexpected: head.weight" in error
    assert "of another shape: 2.weight (4, 6, 1, 1) for (5, 6, 1, 1)" in error


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("{module}", "name a file and what builds the network"),
        ("{module}:absent", "has nothing called absent"),
        ("{module}:nothing", "gives str, and not a torch.nn.Module"),
        ("{module}:fails", "ValueError: no such backbone"),
        ("absent.py:build", "cannot be read"),
        ("no.such.package:build", "cannot be imported: ModuleNotFoundError"),
    ],
)
def test_what_cannot_be_built_is_one_sentence(
    target: str, says: str, module: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["look", target.format(module=module), "--size", "64"]) == MISTAKE
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
