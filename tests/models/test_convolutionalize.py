"""The converted network equals its classifier at the native size, and every crop once there is no padding."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from core.maths import arithmetic as ar
from core.models import classifiers, efficientnet
from core.models import convolutionalize as surgery
from core.models.googlenet import GoogLeNet, Inception

BUILDERS: dict[str, Callable[[], nn.Module]] = {
    "alexnet": lambda: classifiers.alexnet(10),
    "vgg16": lambda: classifiers.vgg16(10),
    "googlenet": lambda: GoogLeNet(10),
    "efficientnet-lite0": lambda: efficientnet.efficientnet_lite0(10),
}


def random_network(name: str) -> nn.Module:
    """``name`` in float64 with random weights that keep a signal's size, so that scores are of order one.

    Built on the meta device first: the networks' own initialisation of up to 138 million weights would be thrown away.
    """
    torch.manual_seed(0)
    with torch.device("meta"):
        network = BUILDERS[name]().double().eval()
    network.to_empty(device="cpu")
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
        elif isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.normal_(module.weight, 0, (2 / module.weight[0].numel()) ** 0.5)
            if module.bias is not None:
                nn.init.normal_(module.bias, 0, 0.1)
    return network


def rigid_scores(classifier: surgery.Classifier, x: Tensor) -> Tensor:
    """Scores of the classifier as its paper built it, without torchvision's adaptive pooling: ``(B, classes)``."""
    v = classifier.features(x)
    if classifier.pooling == "windows":
        v = nn.functional.avg_pool2d(v, classifier.window, stride=1)
    v = v.mean((2, 3)) if classifier.pooling == "average" else torch.flatten(v, 1)
    for layer in classifier.head_layers():
        v = layer(v)
    return v


@pytest.fixture(scope="module", params=list(BUILDERS))
def pair(request: pytest.FixtureRequest) -> tuple[str, nn.Module]:
    return request.param, random_network(request.param)


@torch.inference_mode()
def test_equal_at_the_native_size(pair: tuple[str, nn.Module]) -> None:
    _, classifier = pair
    x = torch.randn(1, 3, 224, 224, dtype=torch.float64)
    scores, grid = classifier(x), surgery.FullyConvolutional(classifier)(x)
    assert grid.shape == (1, 10, 1, 1)
    assert scores.std() > 1e-3  # a network that always answers zero would prove nothing
    assert (grid[:, :, 0, 0] - scores).abs().max() < 1e-9
    assert (rigid_scores(classifier, x) - scores).abs().max() < 1e-9


@torch.inference_mode()
def test_grid_grows_by_one_cell_every_32_pixels(pair: tuple[str, nn.Module]) -> None:
    _, classifier = pair
    grid = surgery.FullyConvolutional(classifier)(torch.randn(1, 3, 256, 320, dtype=torch.float64))
    assert grid.shape == (1, 10, 2, 4)


def test_no_weight_is_copied(pair: tuple[str, nn.Module]) -> None:
    _, classifier = pair
    network = surgery.FullyConvolutional(classifier)
    own = {p.untyped_storage().data_ptr() for p in classifier.parameters()}
    assert all(p.untyped_storage().data_ptr() in own for p in network.parameters())
    assert sum(p.numel() for p in network.parameters()) == sum(p.numel() for p in classifier.parameters())
    assert not network.training


def test_only_the_first_layer_gets_a_window(pair: tuple[str, nn.Module]) -> None:
    name, classifier = pair
    sizes = [m.kernel_size for m in surgery.FullyConvolutional(classifier).head if isinstance(m, nn.Conv2d)]
    first = {"alexnet": (6, 6), "vgg16": (7, 7)}.get(name, (1, 1))
    assert sizes == [first, *[(1, 1)] * (len(sizes) - 1)]


def test_rigid_classifier_refuses_another_map_unless_it_averages_all_of_it(pair: tuple[str, nn.Module]) -> None:
    _, classifier = pair
    x = torch.randn(1, 3, 256, 224, dtype=torch.float64)
    with torch.inference_mode():
        if classifier.pooling != "average":
            with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
                rigid_scores(classifier, x)
        else:
            assert rigid_scores(classifier, x).shape == (1, 10)


class Unpadded(nn.Module):
    """An inception module whose branches lose different rims; what all of them have is put side by side."""

    def __init__(self, module: Inception) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> Tensor:
        branches = [branch(x) for branch in self.module.children()]
        height, width = branches[2].shape[-2:]  # of the 5x5 branch, which loses most
        parts = []
        for branch in branches:
            top, left = (branch.shape[-2] - height) // 2, (branch.shape[-1] - width) // 2
            parts.append(branch[..., top : top + height, left : left + width])
        return torch.cat(parts, 1)


def without_padding(network: nn.Module) -> nn.Module:
    for module in list(network.modules()):
        if isinstance(module, nn.Conv2d):
            module.padding = (0, 0)
        elif isinstance(module, nn.MaxPool2d):
            module.padding = 0
        for name, child in list(module.named_children()):
            if isinstance(child, Inception):
                module.add_module(name, Unpadded(child))
    return network


@pytest.mark.parametrize(
    ("classifier", "chain"),
    [
        (classifiers.alexnet_slim(5), ar.TORCHVISION_ALEXNET),
        (classifiers.vgg16_slim(5), ar.VGG16),
        (GoogLeNet(5, divisor=8), ar.GOOGLENET),
    ],
    ids=["alexnet-slim", "vgg16-slim", "googlenet, an eighth"],
)
@torch.inference_mode()
def test_every_cell_equals_its_crop_without_padding(classifier: nn.Module, chain: tuple[ar.Layer, ...]) -> None:
    classifier = without_padding(classifier.double().eval())
    field = ar.receptive_field(chain)
    x = torch.randn(1, 3, field.size + field.jump, field.size + 2 * field.jump, dtype=torch.float64)
    grid = surgery.FullyConvolutional(classifier)(x)  # (1, 5, 2, 3)
    assert grid.shape[-2:] == (2, 3)
    assert grid.std() > 1e-6
    for row in range(2):
        for column in range(3):
            top, left = row * field.jump, column * field.jump
            crop = x[..., top : top + field.size, left : left + field.size]
            assert (grid[..., row, column] - rigid_scores(classifier, crop)).abs().max() < 1e-9


@given(
    channels=st.integers(1, 4), size=st.integers(1, 4), outputs=st.integers(1, 3), bias=st.booleans(), data=st.data()
)
def test_linear_layer_equals_its_convolution(
    channels: int, size: int, outputs: int, bias: bool, data: st.DataObject
) -> None:
    torch.manual_seed(data.draw(st.integers(0, 99)))
    linear = nn.Linear(channels * size * size, outputs, bias=bias, dtype=torch.float64)
    f = torch.randn(2, channels, size + 1, size + 2, dtype=torch.float64)
    grid: Tensor = surgery.linear_to_conv(linear, size)(f)
    assert grid.shape == (2, outputs, 2, 3)
    for row in range(2):
        for column in range(3):
            part = f[:, :, row : row + size, column : column + size]
            assert torch.allclose(grid[:, :, row, column], linear(part.flatten(1)), atol=1e-12)


def test_folded_row_is_the_kernel() -> None:
    linear = nn.Linear(3 * 4, 5)
    assert torch.equal(surgery.fold_row(linear, 2, 2), surgery.linear_to_conv(linear, 2).weight[2])


def test_impossible_surgery_is_one_sentence() -> None:
    with pytest.raises(surgery.SurgeryError, match="10 values cannot be folded"):
        surgery.linear_to_conv(nn.Linear(10, 2), 2)

    class Odd:
        features, window, pooling = nn.Identity(), 1, "flatten"

        def head_layers(self) -> list[nn.Module]:
            return [nn.LayerNorm(3)]

    with pytest.raises(surgery.SurgeryError, match="LayerNorm cannot be converted"):
        surgery.FullyConvolutional(Odd())  # type: ignore[arg-type]
    with pytest.raises(surgery.SurgeryError, match="no fully connected layer"):
        surgery.first_linear(Odd())  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["alexnet", "vgg16", "googlenet"])
@pytest.mark.parametrize("size", [(224, 224), (225, 224), (256, 256), (320, 224)])
def test_outcome_is_what_real_tensors_give(name: str, size: tuple[int, int]) -> None:
    outcome = surgery.rigid_outcome(name, *size)
    with torch.device("meta"):
        classifier = {"alexnet": classifiers.alexnet, "vgg16": classifiers.vgg16, "googlenet": GoogLeNet}[name]().eval()
    classifier.to_empty(device="cpu")  # real tensors whose values do not matter here
    with torch.inference_mode():
        features = classifier.features(torch.zeros(1, 3, *size))
        assert outcome.map_size == features.shape[-2:]
        handed = nn.AvgPool2d(7, 1)(features) if name == "googlenet" else features
        assert outcome.values == handed.flatten(1).shape[1]
        assert outcome.wanted == (1 if name == "googlenet" else classifier.window**2) * features.shape[1]
        if outcome.values == outcome.wanted:
            assert outcome.error is None
        else:
            with pytest.raises(RuntimeError) as caught:
                rigid_scores(classifier, torch.zeros(1, 3, *size))
            assert outcome.error == str(caught.value).splitlines()[0]


def test_one_more_pixel_is_swallowed_by_rounding_and_32_more_are_not() -> None:
    assert surgery.rigid_outcome("alexnet", 225, 224).error is None
    assert "mat1 and mat2" in (surgery.rigid_outcome("alexnet", 256, 224).error or "")
    assert surgery.rigid_outcome("googlenet", 225, 224).error is None
    assert "mat1 and mat2" in (surgery.rigid_outcome("googlenet", 256, 224).error or "")  # two windows of 7 x 7
    assert surgery.rigid_outcome("efficientnet-lite0", 320, 320).error is None  # an average over all takes any size
