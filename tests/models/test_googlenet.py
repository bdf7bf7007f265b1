"""GoogLeNet against its paper's table, against Caffe's layers written down a second time, and on real photos."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor, nn

from core.engine import inference
from core.engine.tracing import Trace
from core.models import weights
from core.models.classifiers import ClassifierError
from core.models.convolutionalize import FullyConvolutional
from core.models.googlenet import INCEPTIONS, GoogLeNet, LocalResponseNorm, googlenet
from core.models.imagenet import class_names, resolve
from core.models.layer_costs import count
from core.passes import heatmaps
from core.passes.heatmaps import View
from core.pictures import images
from core.training.convert import convert_googlenet

OPERATIONS = {"3a": 128, "3b": 304, "4a": 73, "4b": 88, "4c": 100, "4d": 119, "4e": 170, "5b": 71}
"""Multiply-adds in millions, as the paper's table 1 has them, but for 5a: it says 54 there, and its own widths give
51."""
SHAPES = {
    "conv1": (64, 112), "pool1": (64, 56), "norm1": (64, 56), "conv2": (192, 56), "pool2": (192, 28),
    "inception_3a": (256, 28), "inception_3b": (480, 28), "pool3": (480, 14), "inception_4a": (512, 14),
    "inception_4e": (832, 14), "pool4": (832, 7), "inception_5b": (1024, 7),
}  # fmt: skip


def parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def test_parameters() -> None:
    with torch.device("meta"):
        assert parameters(googlenet()) == 6_998_552
        assert round(parameters(googlenet(21)) / 1e6) == 6  # 6M in table 1 of the FCN paper, which has 21 classes


def test_every_map_has_the_papers_shape() -> None:
    with torch.device("meta"):
        network = googlenet().eval()
        with Trace(network, [f"features.{name}" for name in SHAPES]) as trace:
            assert network(torch.zeros(2, 3, 224, 224)).shape == (2, 1000)
    for name, (channels, side) in SHAPES.items():
        assert trace[f"features.{name}"].shape == (2, channels, side, side), name


def test_the_papers_table_line_by_line() -> None:
    with torch.device("meta"):
        costs = count(googlenet().eval(), torch.zeros(1, 3, 224, 224))
    for name, millions in OPERATIONS.items():
        products = sum(c.multiply_adds for c in costs if c.path.startswith(f"features.inception_{name}."))
        assert abs(products / 1e6 - millions) < 1, name


@given(channels=st.integers(3, 9), side=st.integers(1, 3), scale=st.sampled_from([1.0, 300.0]), seed=st.integers(0, 99))
def test_local_response_norm_is_pytorchs(channels: int, side: int, scale: float, seed: int) -> None:
    torch.manual_seed(seed)
    x = (scale * torch.randn(2, channels, side, side, dtype=torch.float64)).requires_grad_()
    ours, theirs = LocalResponseNorm()(x), F.local_response_norm(x, 5, 1e-4, 0.75, 1.0)
    assert torch.allclose(ours, theirs, atol=1e-12, rtol=1e-12)
    gradients = [torch.autograd.grad(y.square().sum(), x)[0] for y in (ours, theirs)]
    assert torch.allclose(*gradients, atol=1e-9, rtol=1e-9)


def caffe(stored: dict[str, Tensor], x: Tensor) -> Tensor:
    """BVLC's network as its layers stand in Caffe, ``(B, 3, 224, 224)`` in BGR -> ``(B, 1000)``."""

    def conv(x: Tensor, name: str, stride: int = 1, padding: int = 0) -> Tensor:
        return F.relu(F.conv2d(x, stored[f"{name}.weight"], stored[f"{name}.bias"], stride, padding))

    def inception(x: Tensor, name: str) -> Tensor:
        at = f"inception_{name}/"
        branches = [
            conv(x, at + "1x1"),
            conv(conv(x, at + "3x3_reduce"), at + "3x3", padding=1),
            conv(conv(x, at + "5x5_reduce"), at + "5x5", padding=2),
            conv(F.max_pool2d(x, 3, 1, 1), at + "pool_proj"),
        ]
        return torch.cat(branches, 1)

    x = F.max_pool2d(conv(x, "conv1/7x7_s2", 2, 3), 3, 2, ceil_mode=True)
    x = F.local_response_norm(x, 5, 1e-4, 0.75)
    x = F.local_response_norm(conv(conv(x, "conv2/3x3_reduce"), "conv2/3x3", padding=1), 5, 1e-4, 0.75)
    for name in ("pool", "3a", "3b", "pool", "4a", "4b", "4c", "4d", "4e", "pool", "5a", "5b"):
        x = F.max_pool2d(x, 3, 2, ceil_mode=True) if name == "pool" else inception(x, name)
    x = F.avg_pool2d(x, 7).flatten(1)
    return F.linear(x, stored["loss3/classifier.weight"], stored["loss3/classifier.bias"])


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, dict[str, Tensor]]:
    """A data folder with random weights under Caffe's names, in half precision, and those weights."""
    torch.manual_seed(0)
    shapes = {"conv1/7x7_s2": (64, 3, 7, 7), "conv2/3x3_reduce": (64, 64, 1, 1), "conv2/3x3": (192, 64, 3, 3)}
    inputs = 192
    for module, (one, three_in, three, five_in, five, pool) in INCEPTIONS.items():
        at = f"inception_{module}/"
        shapes |= {
            at + "1x1": (one, inputs, 1, 1),
            at + "3x3_reduce": (three_in, inputs, 1, 1),
            at + "3x3": (three, three_in, 3, 3),
            at + "5x5_reduce": (five_in, inputs, 1, 1),
            at + "5x5": (five, five_in, 5, 5),
            at + "pool_proj": (pool, inputs, 1, 1),
        }
        inputs = one + three + five + pool
    stored = {}
    for name, shape in shapes.items():
        stored[f"{name}.weight"] = (torch.randn(shape) * (2 / np.prod(shape[1:])) ** 0.5).half()
        stored[f"{name}.bias"] = (torch.randn(shape[0]) * 0.1).half()
    stored["loss3/classifier.weight"] = (torch.randn(1000, inputs) * 0.03).half()
    stored["loss3/classifier.bias"] = (torch.randn(1000) * 0.1).half()
    folder = tmp_path_factory.mktemp("data")
    (folder / "googlenet").mkdir()
    np.savez(folder / "googlenet" / "weights.npz", **{name: value.numpy() for name, value in stored.items()})
    return folder, {name: value.float() for name, value in stored.items()}


@torch.inference_mode()
def test_converted_weights_say_in_rgb_what_caffe_says_in_bgr(released: tuple[object, dict[str, Tensor]]) -> None:
    folder, stored = released
    network = convert_googlenet(folder).eval()  # type: ignore[arg-type]
    assert len(stored) == 116
    assert sum(value.numel() for value in stored.values()) == parameters(network)
    pixels = np.random.default_rng(0).integers(0, 256, (224, 224, 3)).astype(np.uint8)
    x = inference.LoadedModel(inference.load("googlenet").spec, network, 0.0).prepare(pixels)
    blue_first = torch.from_numpy(pixels[..., ::-1].copy()).float().permute(2, 0, 1)[None]
    theirs = caffe(stored, blue_first - torch.tensor([104.0, 117.0, 123.0]).view(3, 1, 1))
    ours = network(x)
    assert theirs.std() > 0.1
    assert torch.allclose(ours, theirs, atol=1e-4 * float(theirs.std()))


TOPS = {
    "cat": {"Egyptian cat": 0.453, "tiger cat": 0.284, "tabby": 0.157},
    "dog": {"German shepherd": 0.997},
    "coffee": {"espresso": 0.922, "consomme": 0.033},
    "street": {"patio": 0.456, "lakeside": 0.121},
    "kitten": {"tabby": 0.215, "Egyptian cat": 0.152, "Siamese cat": 0.127},
    "horses": {"ox": 0.190},  # wrong
    "portrait": {"neck brace": 0.182},  # wrong
    "people": {"oboe": 0.334},
}
"""Likeliest classes of the sample photos, as the released weights give them."""


@pytest.mark.parametrize("key", TOPS)
def test_the_released_network_knows_the_sample_photos(key: str) -> None:
    """Bilinear to a shorter side of 256, then the central 224 x 224: the way in which its authors test it."""
    with Image.open(next(s.path for s in images.SAMPLES if s.key == key)) as file:
        photo = file.convert("RGB")
    scale = 256 / min(photo.size)
    photo = photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.BILINEAR)
    left, top = (photo.width - 224) // 2, (photo.height - 224) // 2
    model = inference.load("googlenet")
    x = model.prepare(np.asarray(photo.crop((left, top, left + 224, top + 224))))
    with torch.inference_mode():
        shares = model.module(x).softmax(1)[0]
    best = shares.topk(len(TOPS[key])).indices.tolist()
    assert [class_names()[i] for i in best] == list(TOPS[key])
    assert [float(shares[i]) for i in best] == pytest.approx(list(TOPS[key].values()), abs=0.004)


def test_bundled_kernels_keep_the_channels_last() -> None:
    network = weights.load("googlenet")
    assert network.features.get_submodule("conv2.0").weight.is_contiguous(memory_format=torch.channels_last)


def test_read_at_every_place_it_finds_the_dog() -> None:
    grid = heatmaps.scan(inference.load("googlenet"), images.sample("dog"), View("whole", 448))
    left, top, right, bottom = grid.window(*grid.hottest(resolve("German shepherd")))
    box = next(s.box for s in images.SAMPLES if s.key == "dog")
    assert box is not None
    scale = min(images.sample("dog").original_size) / 448
    assert box[0] <= (left + right) / 2 * scale <= box[2]
    assert box[1] <= (top + bottom) / 2 * scale <= box[3]
    assert float(grid.heat(resolve("any dog")).max()) > 0.95


@torch.inference_mode()
def test_a_map_that_is_too_small_is_refused() -> None:
    network = GoogLeNet(3, divisor=8).eval()
    with pytest.raises(ClassifierError, match="223 to 254 pixels, not 224 x 256"):
        network(torch.zeros(1, 3, 256, 224))  # two windows of 7 x 7: twice the values
    assert FullyConvolutional(network)(torch.zeros(1, 3, 256, 224)).shape == (1, 3, 2, 1)
