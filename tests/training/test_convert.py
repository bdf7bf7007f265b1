"""Weights of others: what is converted is written down, and what cannot be is one sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.models import weights
from core.models.registry import SPECS
from core.training import card, convert, recipes
from core.training.__main__ import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the one with the bundled weights."""
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "weights")
    monkeypatch.setattr(recipes, "RESULTS", tmp_path / "weights" / "results.json")
    return tmp_path / "weights"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    """A conversion called ``part`` besides: one that is no network of the registry, as an encoder would be."""
    network = nn.Conv2d(2, 3, 1)
    origin = replace(convert.CONVERSIONS["googlenet"].origin, source="a drawer")
    monkeypatch.setitem(weights.ENCODERS, "piece", "part")
    conversion = convert.Conversion(lambda data, cache: weights.save_encoder("piece", network), origin)
    monkeypatch.setitem(convert.CONVERSIONS, "part", conversion)
    return network


def test_what_is_converted_is_bundled_and_written_down(
    folder: Path, small: nn.Module, capsys: pytest.CaptureFixture[str]
) -> None:
    from safetensors.torch import load_file

    assert main(["convert", "part", "--data", str(folder)]) == 0
    assert "part.safetensors" in capsys.readouterr().out
    stored = load_file(folder / "part.safetensors")
    assert torch.equal(stored["encoder.weight"], small.weight.half())
    assert json.loads((folder / "results.json").read_text())["part"]["released"]["source"] == "a drawer"
    text = card.text()
    assert "### `part`" in text
    assert "Not trained here: a drawer." in text
    assert "`python -m core.training convert part`" in text


def test_the_card_says_whose_googlenet_is() -> None:
    part = card.text().split("(`googlenet`)")[1].split("###")[0]
    origin = convert.CONVERSIONS["googlenet"].origin
    for words in (origin.source, origin.licence, origin.claims, origin.changes, "convert googlenet"):
        assert words in part
    assert "Training:" not in part


def test_every_released_network_has_a_conversion() -> None:
    for name, entry in SPECS.items():
        assert bool(entry.released) == (name in convert.CONVERSIONS), name
        assert not entry.released or entry.weights == "bundled"


def test_unknown_names_and_missing_files(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, sentence in (
        (["convert", "fcn8s"], f"Nothing is converted to fcn8s: choose one of {', '.join(convert.CONVERSIONS)}."),
        (["convert", "googlenet", "--data", str(tmp_path)], "No file weights.npz in "),
        (["convert", "googlenet-slim", "--data", str(tmp_path)], "No file weights.npz in "),  # its name of yesterday
        (["googlenet"], "GoogLeNet is not trained here: run python -m core.training convert googlenet."),
    ):
        assert main(arguments) == 2
        assert sentence in capsys.readouterr().err
    assert not folder.exists()


@pytest.mark.parametrize("damage", ["empty", "cut", "missing", "extra", "shape"])
def test_damaged_files_are_named(tmp_path: Path, damage: str) -> None:
    from core.training.convert import ConversionError, convert_googlenet

    (tmp_path / "googlenet").mkdir()
    file = tmp_path / "googlenet" / "weights.npz"
    network = convert.googlenet()
    stored = {
        f"{layer}.{part}": value.detach().half().numpy()
        for layer, module in convert._caffes_names().items()
        for part, value in network.get_submodule(module).named_parameters()
    }
    if damage == "missing":
        del stored["inception_4c/5x5.bias"]
    elif damage == "extra":
        stored["loss1/classifier.bias"] = np.zeros(1000, np.float16)
    elif damage == "shape":
        stored["conv2/3x3.bias"] = stored["conv2/3x3.bias"][:-1]
    np.savez(file, **stored)
    if damage in ("empty", "cut"):
        data = file.read_bytes()
        file.write_bytes(b"" if damage == "empty" else data[: len(data) // 2])
    sentence = "is damaged: fetch it again" if damage in ("empty", "cut") else "holds another network's weights"
    with pytest.raises(ConversionError, match=sentence):
        convert_googlenet(tmp_path)
