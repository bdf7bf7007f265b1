"""What every network of the registry must pass, whoever adds one: sizes, batches, number types, modes, weights, hooks.

No weights are needed: a network is built once, given random values everywhere, and goes through all tests.
"""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core.errors import SegScopeError
from core.feature_maps import Spot, capture
from core.models.costs import cost
from core.models.entry import ModelSpec
from core.models.registry import SPECS, build, spec
from core.tracing import Trace, layers

CLASSES = {"imagenet-1k": 1000, "voc-21": 21, "em": 2, "nuclei": 3}
SMALL = {"googlenet": (224, 231), "unet-em": (188, 204), "unet-nuclei": (188, 204)}
"""(height, width) of the smallest picture worth a pass, for the networks that are choosy."""
UNPADDED = ("unet-em", "unet-nuclei")
ODD_AND_EVEN = ((33, 33), (64, 96), (65, 70), (97, 64), (128, 101), (188, 204), (224, 253), (231, 223), (257, 193))
"""Sizes to try: each must give an answer of the right size, or a sentence."""


def small(entry: ModelSpec) -> tuple[int, int]:
    """(height, width) of a small picture that the network takes, odd and even."""
    return SMALL.get(entry.name, (65, 70))


def answered(entry: ModelSpec, height: int, width: int) -> tuple[int, ...]:
    """The law of the entry: the shape of the answer for one picture, without the batch."""
    classes = CLASSES[entry.labels]
    if entry.kind == "classifier":
        return (classes,)
    if entry.kind == "patch":
        return (classes, -(-height // entry.output_stride), -(-width // entry.output_stride))
    lost = 184 if entry.name in UNPADDED else 0
    return (classes, height - lost, width - lost)


def pictures(entry: ModelSpec, count: int = 2, size: tuple[int, int] | None = None) -> Tensor:
    """Noise as the network takes it, ``(count, 3, H, W)`` in the units of its preprocessing."""
    random = torch.Generator().manual_seed(1)
    x = 255 * torch.rand(count, 3, *(size or small(entry)), generator=random)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (entry.preprocessing.mean, entry.preprocessing.std))
    return (x - mean) / std


@pytest.fixture(scope="module", params=list(SPECS))
def network(request: pytest.FixtureRequest) -> nn.Module:
    """Built once for all tests of a name; where a network starts with zeros, it gets small random values instead."""
    torch.manual_seed(0)
    with torch.device("meta"):
        made = build(request.param)
    made.to_empty(device="cpu")
    with torch.no_grad():
        for path, layer in made.named_modules():
            own = dict(layer.named_parameters(recurse=False))
            if isinstance(layer, nn.BatchNorm2d):
                layer.reset_parameters()
            elif "weight" in own:
                fan = max(1, own["weight"][0].numel())
                own["weight"].normal_(0, (2 / fan) ** 0.5)
                if "bias" in own:
                    own["bias"].normal_(0, 0.01)
            else:
                assert not own, f"{path} has parameters that no layer of PyTorch's holds"
            for name, buffer in layer.named_buffers(recurse=False):
                if name in ("mean", "deviation"):
                    buffer.fill_(float(name == "deviation"))
    made.name = request.param  # type: ignore[assignment]
    return made.eval()


def entry_of(network: nn.Module) -> ModelSpec:
    return spec(str(network.name))


def hooks(network: nn.Module) -> int:
    """Hooks that hang on any module, of any kind."""
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return sum(len(getattr(module, kind)) for module in network.modules() for kind in kinds)


def test_the_answer_has_the_size_that_the_law_says_or_the_size_is_refused_in_a_sentence(network: nn.Module) -> None:
    """On the ``meta`` device, where every size costs nothing; shapes are all that is asked."""
    entry = entry_of(network)
    with torch.device("meta"), torch.inference_mode():
        same = build(entry.name).eval()
        taken = []
        for height, width in (small(entry), *ODD_AND_EVEN, *((side, side) for side in (1, 2, 7, 31, 32, 62, 63, 222))):
            try:
                out = same(torch.empty(2, 3, height, width))
            except SegScopeError as error:
                said = str(error)
                assert str(height) in said or str(width) in said, "it names the size"
                assert said.endswith((".", "?")) or ":" in said
                continue
            taken.append((height, width))
            assert out.shape == (2, *answered(entry, height, width))
    assert small(entry) in taken
    assert len(taken) > 1


def test_a_batch_of_two_is_two_batches_of_one(network: nn.Module) -> None:
    x = pictures(entry_of(network))
    with torch.inference_mode():
        together, apart = network(x), torch.cat([network(x[:1]), network(x[1:])])
    assert together.shape == apart.shape
    assert together.std() > 0
    assert (together - apart).abs().max() <= 1e-3 * together.abs().max()


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_every_number_type_gives_the_same_answer_up_to_its_precision(network: nn.Module, dtype: torch.dtype) -> None:
    x = pictures(entry_of(network), 1)
    with torch.inference_mode():
        expected = network(x)
        assert expected.dtype == torch.float32
    try:
        kept = {name: value.clone() for name, value in network.state_dict().items()} if dtype.itemsize < 4 else None
        with torch.inference_mode():
            found = network.to(dtype)(x.to(dtype))
    finally:
        network.float()
        if kept is not None:  # what bfloat16 has rounded
            network.load_state_dict(kept)
    assert found.dtype == dtype
    apart = (found.double() - expected.double()).norm() / expected.double().norm()
    assert apart < (1e-3 if dtype == torch.float64 else 0.2)


def test_in_evaluation_the_answer_is_always_the_same(network: nn.Module) -> None:
    x = pictures(entry_of(network), 1)
    before = {name: value.clone() for name, value in network.named_buffers()}
    with torch.inference_mode():
        assert torch.equal(network(x), network(x))
    assert all(torch.equal(value, before[name]) for name, value in network.named_buffers()), "nothing is counted"


def test_in_training_every_parameter_learns(network: nn.Module) -> None:
    x = pictures(entry_of(network))
    torch.manual_seed(0)
    state = {name: value.clone() for name, value in network.named_buffers()}
    network.train()
    try:
        out = network(x)
        (out - out.detach().roll(1, 1)).square().mean().backward()
        for path, parameter in network.named_parameters():
            if not parameter.requires_grad:
                continue
            assert parameter.grad is not None, path
            assert parameter.grad.isfinite().all(), path
            assert parameter.grad.any(), f"{path} reaches no answer"
    finally:
        network.zero_grad(set_to_none=True)
        network.eval()
        for name, value in network.named_buffers():
            value.copy_(state[name])


def test_weights_go_out_and_in_again(network: nn.Module) -> None:
    entry = entry_of(network)
    with torch.device("meta"):
        other = build(entry.name).eval()
    assert list(other.state_dict()) == list(network.state_dict())
    other.load_state_dict(network.state_dict(), assign=True)  # every key, every shape
    x = pictures(entry, 1)
    with torch.inference_mode():
        assert torch.equal(other(x), network(x))


def test_it_is_counted_without_being_computed(network: nn.Module) -> None:
    entry = entry_of(network)
    side = min(small(entry))
    price = cost(entry.name, side)
    assert price.parameters == sum(parameter.numel() for parameter in network.parameters())
    assert price.multiply_adds > 0
    assert cost(entry.name, side).side == side


def test_no_hook_is_left_after_a_trace(network: nn.Module) -> None:
    x, paths = pictures(entry_of(network), 1), layers(network)
    with torch.inference_mode():
        expected = network(x)
        with Trace(network, paths[:1]) as trace:
            assert hooks(network) == 1
            assert torch.equal(network(x), expected), "watching changes nothing"
        assert list(trace) == paths[:1]
        capture(network, [Spot("first", paths[0])], lambda: network(x))
        with pytest.raises(ZeroDivisionError), Trace(network, paths):
            raise ZeroDivisionError
    assert hooks(network) == 0


MODELS = sorted((Path(__file__).parents[1] / "core" / "models").glob("*.py"))


def test_every_forward_says_its_shapes() -> None:
    """Where a layer is applied, a comment at the end of the line gives the shape that comes out, as in ``# (B, C)``."""
    silent = []
    for file in MODELS:
        text = file.read_text()
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        told = {token.start[0] for token in tokens if token.type == tokenize.COMMENT and "(B, " in token.string}
        for function in ast.walk(ast.parse(text)):
            if not isinstance(function, ast.FunctionDef) or function.name != "forward":
                continue
            same = "the same shape" in (ast.get_docstring(function) or "")
            lines = set(range(function.lineno, (function.end_lineno or 0) + 1))
            if not same and not lines & told:
                silent.append(f"{file.name}:{function.lineno}")
    assert not silent
