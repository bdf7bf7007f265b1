"""The table of networks: complete, lazy, and helpful about a wrong name."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from core.models import registry

NAMES = {
    "fcn32s", "fcn16s", "fcn8s", "pspnet", "deeplabv3", "deeplabv3plus", "unet-mobilenetv2", "unet", "unet-em",
    "unet-nuclei", "deconvnet", "deconvnet-mobilenetv2", "deeplabv3-released", "alexnet-slim", "vgg16-slim",
    "alexnet", "vgg16", "googlenet", "efficientnet-lite0", "patch-35", "patch-67", "patch-115", "patch-211",
    "fcn-resnet50", "deeplabv3-resnet50", "deeplabv3-mobilenetv3", "lraspp-mobilenetv3",
}  # fmt: skip


def test_every_network_of_the_story_is_there_once() -> None:
    assert set(registry.SPECS) == NAMES
    assert all(entry.name == name for name, entry in registry.SPECS.items())


def test_the_table_needs_no_torch() -> None:
    code = "import sys, core.models.registry; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", sorted(NAMES - {"unet-em", "unet-nuclei"}))
def test_every_network_is_what_its_entry_says(name: str) -> None:
    entry = registry.spec(name)
    classes = {"imagenet-1k": 1000, "voc-21": 21, "em": 2}[entry.labels]
    with torch.device("meta"):
        out = registry.build(name).eval()(torch.zeros(1, 3, entry.input_side, entry.input_side))
    side = {"segmenter": entry.input_side, "patch": entry.input_side // entry.output_stride}.get(entry.kind)
    size = (side, side) if side else ()
    assert out.shape == (1, classes, *size)
    assert (entry.download_mb > 0) == (entry.weights == "torchvision")


def test_a_wrong_name_names_its_neighbours() -> None:
    with pytest.raises(registry.RegistryError, match=r"'fcn8'.*fcn8s"):
        registry.spec("fcn8")
    with pytest.raises(registry.RegistryError, match=r"alexnet, .*vgg16-slim"):
        registry.build("zzzzzz")


def test_old_names_lead_to_networks_of_today() -> None:
    assert registry.ALIASES
    for old, new in registry.ALIASES.items():
        assert old not in registry.SPECS
        assert registry.current(old) == new
        assert registry.spec(old) is registry.SPECS[new]
    assert registry.current("fcn8s") == "fcn8s"
    assert registry.current("zzzzzz") == "zzzzzz"
    with torch.device("meta"):
        assert type(registry.build("googlenet-slim")).__name__ == "GoogLeNet"
