"""Bundled weights: saved, loaded, checked; damage and absence are sentences that name the file and the cure."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch

from core.models import registry, weights
from core.models.classifiers import googlenet_slim


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "weights")
    return tmp_path / "weights"


def test_saved_weights_come_back_to_half_precision(folder: Path) -> None:
    torch.manual_seed(0)
    network = googlenet_slim().eval()
    file = weights.save("googlenet-slim", network)
    assert file == folder / "googlenet-slim.safetensors"
    loaded = weights.load("googlenet-slim").eval()
    for key, value in network.state_dict().items():
        back = loaded.state_dict()[key]
        assert back.dtype == value.dtype
        assert torch.equal(back, value.half().float() if value.is_floating_point() else value), key


def test_absent_weights(folder: Path) -> None:
    assert not weights.present("googlenet-slim")
    with pytest.raises(
        weights.WeightsError, match=r"googlenet-slim\.safetensors are missing.*core\.training googlenet-slim"
    ):
        weights.load("googlenet-slim")


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "other"])
def test_damaged_weights(folder: Path, damage: str) -> None:
    file = weights.save("googlenet-slim", googlenet_slim())
    data = bytearray(file.read_bytes())
    if damage == "flip":
        data[len(data) // 2] ^= 1
    elif damage == "cut":
        del data[-100:]
    elif damage == "empty":
        data.clear()
    else:  # a valid file with the right checksum, but of another network
        data = bytearray(weights.save("alexnet-slim", registry.build("alexnet-slim")).read_bytes())
        index = {"googlenet-slim": hashlib.sha256(data).hexdigest()}
        (folder / "index.json").write_text(json.dumps(index))
    file.write_bytes(data)
    with pytest.raises(weights.WeightsError, match=r"googlenet-slim\.safetensors are damaged"):
        weights.load("googlenet-slim")


BUNDLED = sorted(file.stem for file in weights.FOLDER.glob("*.safetensors"))


def test_index_and_files_agree_and_fit() -> None:
    assert sorted(weights._index()) == BUNDLED
    assert set(BUNDLED) <= set(registry.SPECS)
    assert sum(weights.path(name).stat().st_size for name in BUNDLED) <= weights.LIMIT


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_weights_load_and_are_finite(name: str) -> None:
    network = weights.load(name)
    assert all(torch.isfinite(value).all() for value in network.state_dict().values())
