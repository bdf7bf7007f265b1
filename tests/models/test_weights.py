"""Bundled weights: saved, loaded, checked; damage and absence are sentences that name the file and the cure."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch

from core.models import registry, weights
from core.models.classifiers import alexnet_slim


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "weights")
    return tmp_path / "weights"


def test_saved_weights_come_back_to_half_precision(folder: Path) -> None:
    torch.manual_seed(0)
    network = alexnet_slim().eval()
    file = weights.save("alexnet-slim", network)
    assert file == folder / "alexnet-slim.safetensors"
    loaded = weights.load("alexnet-slim").eval()
    for key, value in network.state_dict().items():
        back = loaded.state_dict()[key]
        assert back.dtype == value.dtype
        assert torch.equal(back, value.half().float() if value.is_floating_point() else value), key


def test_absent_weights(folder: Path) -> None:
    assert not weights.present("alexnet-slim")
    with pytest.raises(
        weights.WeightsError, match=r"alexnet-slim\.safetensors are missing.*core\.training alexnet-slim"
    ):
        weights.load("alexnet-slim")


def test_absent_weights_of_others_are_converted_anew(folder: Path) -> None:
    with pytest.raises(weights.WeightsError, match=r"core\.training convert googlenet\."):
        weights.load("googlenet")


def test_an_old_name_brings_the_weights_of_today() -> None:
    assert type(weights.load("googlenet-slim")).__name__ == "GoogLeNet"


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "other"])
def test_damaged_weights(folder: Path, damage: str) -> None:
    file = weights.save("alexnet-slim", alexnet_slim())
    data = bytearray(file.read_bytes())
    if damage == "flip":
        data[len(data) // 2] ^= 1
    elif damage == "cut":
        del data[-100:]
    elif damage == "empty":
        data.clear()
    else:  # a valid file with the right checksum, but of another network
        data = bytearray(weights.save("vgg16-slim", registry.build("vgg16-slim")).read_bytes())
        index = {"alexnet-slim": hashlib.sha256(data).hexdigest()}
        (folder / "index.json").write_text(json.dumps(index))
    file.write_bytes(data)
    with pytest.raises(weights.WeightsError, match=r"alexnet-slim\.safetensors are damaged"):
        weights.load("alexnet-slim")


BUNDLED = sorted(file.stem for file in weights.FOLDER.glob("*.safetensors"))


def test_index_and_files_agree_and_fit() -> None:
    assert sorted(weights._index()) == BUNDLED
    assert set(BUNDLED) <= {*registry.SPECS, *weights.ENCODERS.values()}
    assert sum(weights.path(name).stat().st_size for name in BUNDLED) <= weights.LIMIT


@pytest.mark.parametrize("kind", weights.ENCODERS)
def test_shared_encoders_are_bundled_and_finite(kind: str) -> None:
    assert all(torch.isfinite(value).all() for value in weights.load_encoder(kind).values())


@pytest.mark.parametrize("name", [name for name in BUNDLED if name not in weights.ENCODERS.values()])
def test_bundled_weights_load_and_are_finite(name: str) -> None:
    network = weights.load(name)
    assert all(torch.isfinite(value).all() for value in network.state_dict().values())


@pytest.mark.parametrize("kind", weights.ENCODERS)
def test_a_shared_encoder_lies_in_one_file(kind: str) -> None:
    state = weights.load_encoder(kind)
    sharing = [name for name in BUNDLED if name in registry.SPECS and registry.SPECS[name].encoder == kind]
    assert len(sharing) > 1
    for name in sharing:
        assert weights.files(name) == [weights.ENCODERS[kind], name]
        whole = weights.load(name).state_dict()
        assert all(torch.equal(whole[weights.ENCODER_PREFIX + key], value) for key, value in state.items())


def test_a_missing_encoder_is_made_anew_by_converting(folder: Path) -> None:
    weights.save("fcn8s", registry.build("fcn8s"))
    assert not weights.present("fcn8s")  # the decoder alone is not enough
    with pytest.raises(
        weights.WeightsError, match=r"encoder-mobilenetv2\.safetensors are missing.*convert deeplabv3-r"
    ):
        weights.load("fcn8s")
