"""Classifiers against torchvision's, on the meta device and with copied weights."""

import pytest
import torch
from torch import nn

import core.models.torchvision_compat  # noqa: F401  (before torchvision)
from core.models import classifiers
from core.models.convolutionalize import FullyConvolutional

PARAMETERS = {"alexnet": 61_100_840, "vgg16": 138_357_544}
SLIM = ("alexnet_slim", "vgg16_slim")


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(("name", "parameters"), PARAMETERS.items())
def test_full_width_has_the_published_number_of_parameters(name, parameters):
    with torch.device("meta"):
        assert count(getattr(classifiers, name)()) == parameters


@pytest.mark.parametrize(("name", "parameters"), {"alexnet": 57_089_877, "vgg16": 134_346_581}.items())
def test_with_21_classes_the_counts_are_those_of_the_fcn_table(name, parameters):
    """57M and 134M in table 1 of the FCN paper (whose AlexNet, with groups, has 56,954,261)."""
    with torch.device("meta"):
        assert count(getattr(classifiers, name)(classes=21)) == parameters


def test_alexnets_keys_and_logits_are_torchvisions():
    """VGG16's 138 million values take long to draw, so its logits are compared at the slim width below."""
    models = pytest.importorskip("torchvision.models")

    theirs, ours = models.alexnet().eval(), classifiers.alexnet().eval()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def test_vgg16_has_torchvisions_keys_shapes_and_layers():
    models = pytest.importorskip("torchvision.models")

    with torch.device("meta"):
        theirs, ours = models.vgg16(), classifiers.vgg16()
    assert {k: v.shape for k, v in ours.state_dict().items()} == {k: v.shape for k, v in theirs.state_dict().items()}
    assert [repr(layer) for layer in ours.features] == [repr(layer) for layer in theirs.features]
    assert [repr(layer) for layer in ours.classifier] == [repr(layer) for layer in theirs.classifier]


def test_slim_vgg16_computes_what_torchvisions_class_computes():
    vgg = pytest.importorskip("torchvision.models.vgg")

    a, b, c, d, e = classifiers.SLIM_VGG16
    plan = [a, a, "M", b, b, "M", c, c, c, "M", d, d, d, "M", e, e, e, "M"]
    ours = classifiers.vgg16_slim().eval()
    theirs = vgg.VGG(vgg.make_layers(plan, batch_norm=True), init_weights=False).eval()
    theirs.classifier = ours.classifier  # torchvision's has 4096 values per layer
    theirs.features.load_state_dict(ours.features.state_dict())
    x = torch.randn(1, 3, 240, 300, generator=torch.Generator().manual_seed(0))  # not the native size
    with torch.inference_mode():
        assert torch.allclose(ours(x), theirs(x), atol=1e-5)


@pytest.mark.parametrize("name", SLIM)
def test_slim_fits_its_budget_and_keeps_the_topology(name):
    slim = getattr(classifiers, name)().eval()
    with torch.device("meta"):
        full = getattr(classifiers, name.removesuffix("_slim"))()
    assert 2 * count(slim) <= 6_000_000, "bytes as fp16"

    def kinds(network: nn.Module) -> list[tuple[object, ...]]:
        return [
            (type(layer), getattr(layer, "kernel_size", None), getattr(layer, "stride", None))
            for layer in network.modules()
            if isinstance(layer, (nn.Conv2d, nn.MaxPool2d, nn.Linear))
        ]

    assert kinds(slim) == kinds(full)


@pytest.mark.parametrize("name", SLIM)
def test_slim_becomes_fully_convolutional_without_changing_its_answer(name):
    network = getattr(classifiers, name)().eval()
    x = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    converted = FullyConvolutional(network)
    with torch.inference_mode():
        scores = network(x)
        assert torch.allclose(converted(x).flatten(1), scores, atol=1e-5)
        grid = converted(torch.nn.functional.pad(x, (0, 64, 0, 32)))
    assert grid.shape == (1, 21, 2, 3)
