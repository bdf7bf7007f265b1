"""The converted network equals its classifier at the native size, and every crop once there is no padding."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from core import arithmetic as ar
from core import convolutionalize as surgery
from core.models import classifiers, encoder

BUILDERS: dict[str, Callable[[], nn.Module]] = {
    "alexnet": lambda: classifiers.alexnet(10),
    "vgg16": lambda: classifiers.vgg16(10),
    "googlenet": lambda: classifiers.googlenet(10),
    "efficientnet-lite0": lambda: encoder.efficientnet_lite0(10),
}


def random_network(name: str) -> nn.Module:
    """``name`` in float64 with scores of order one: random weights shrink signals, so normalisation is made random."""
    torch.manual_seed(0)
    network = BUILDERS[name]().double().eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0, module.in_features**-0.5)
    return network


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
    assert (surgery.rigid_scores(classifier, x) - scores).abs().max() < 1e-9


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


def test_rigid_classifier_refuses_another_map_only_when_it_flattens(pair: tuple[str, nn.Module]) -> None:
    _, classifier = pair
    x = torch.randn(1, 3, 256, 224, dtype=torch.float64)
    with torch.inference_mode():
        if classifier.pooling == "flatten":
            with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
                surgery.rigid_scores(classifier, x)
        else:
            assert surgery.rigid_scores(classifier, x).shape == (1, 10)


def without_padding(network: nn.Module) -> nn.Module:
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.padding = (0, 0)
    return network


@pytest.mark.parametrize(
    ("classifier", "chain"),
    [(classifiers.alexnet_slim(5), ar.TORCHVISION_ALEXNET), (classifiers.vgg16_slim(5), ar.VGG16)],
    ids=["alexnet-slim", "vgg16-slim"],
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
            assert (grid[..., row, column] - surgery.rigid_scores(classifier, crop)).abs().max() < 1e-9


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
