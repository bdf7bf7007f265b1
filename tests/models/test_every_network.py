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

from core.engine.tracing import Trace, layers
from core.errors import SegScopeError
from core.models.costs import cost
from core.models.entry import ModelSpec
from core.models.registry import SPECS, build, spec
from core.passes.feature_maps import Spot, capture
from tests.support.paths import ROOT

CLASSES = {"imagenet-1k": 1000, "voc-21": 21, "em": 2, "nuclei": 3}
UNPADDED = ("unet-em", "unet-nuclei")
SIZES = ((65, 70), (96, 97), (128, 63))
"""(height, width) of small pictures that a network takes, odd and even; the first is used where one is enough."""
CHOOSY = {"googlenet": ((224, 231), (223, 254)), **dict.fromkeys(UNPADDED, ((188, 204), (220, 188)))}
"""The same for networks that take few sizes."""
SMALLEST = {
    "alexnet": 63, "alexnet-slim": 63, "vgg16": 32, "vgg16-slim": 32, "googlenet": 223, **dict.fromkeys(UNPADDED, 188),
}  # fmt: skip
"""Pixels per side from which on a network has an answer, where that is not one pixel."""


def small(entry: ModelSpec) -> tuple[int, int]:
    """(height, width) of a small picture that the network takes."""
    return CHOOSY.get(entry.name, SIZES)[0]


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
                own["weight"].uniform_(-((6 / fan) ** 0.5), (6 / fan) ** 0.5)  # He's: a signal keeps its size
                if "bias" in own:
                    own["bias"].uniform_(-0.01, 0.01)
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


def copied(network: nn.Module, dtype: torch.dtype = torch.float32) -> nn.Module:
    """Another network of the same name with the same weights, in another number type."""
    with torch.device("meta"):
        other = build(entry_of(network).name).eval()
    state = {
        name: value.to(dtype) if value.is_floating_point() else value for name, value in network.state_dict().items()
    }
    other.load_state_dict(state, assign=True)  # every key, every shape
    return other


def test_the_answer_has_the_size_that_the_law_says(network: nn.Module) -> None:
    """On the ``meta`` device, where shapes are all there is."""
    entry = entry_of(network)
    with torch.device("meta"), torch.inference_mode():
        same = build(entry.name).eval()
        for height, width in CHOOSY.get(entry.name, SIZES):
            assert same(torch.empty(2, 3, height, width)).shape == (2, *answered(entry, height, width))


def test_a_size_that_is_too_small_is_refused_in_a_sentence(network: nn.Module) -> None:
    entry = entry_of(network)
    least = SMALLEST.get(entry.name, 1)
    with torch.device("meta"), torch.inference_mode():
        same = build(entry.name).eval()
        assert same(torch.empty(1, 3, least, least)).shape == (1, *answered(entry, least, least))
        for side in {1, least // 2, least - 1} - {0, least}:
            for size in ((side, least), (least, side)):
                with pytest.raises(SegScopeError, match=rf"\b{side}\b.*[:.]"):
                    same(torch.empty(1, 3, *size))


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
        expected, found = network(x), copied(network, dtype)(x.to(dtype))
    assert (expected.dtype, found.dtype) == (torch.float32, dtype)
    assert found.shape == expected.shape
    # the median: where two values of a window are almost alike, rounding moves a switch of DeconvNet's, and what
    # follows from it
    apart = (found.double() - expected.double()).abs().median() / expected.double().std()
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
    other = copied(network)
    assert list(other.state_dict()) == list(network.state_dict())
    x = pictures(entry_of(network), 1)
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


MODELS = sorted((ROOT / "core" / "models").glob("*.py"))


def computes(statement: ast.AST) -> bool:
    """Whether a statement assigns or returns what a layer of its own, or a function of PyTorch's, has made."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Return)) or statement.value is None:
        return False
    called = [node.func for node in ast.walk(statement.value) if isinstance(node, ast.Call)]
    return any(
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id in ("self", "F", "torch")
        and not function.attr.startswith("_")
        for function in called
    )


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.stem)
def test_every_line_of_a_forward_says_its_shape(file: Path) -> None:
    """Where a layer is applied, a comment at the end of the line gives the shape that comes out, as in ``# (B, C)``."""
    text = file.read_text(encoding="utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    told = {token.start[0] for token in tokens if token.type == tokenize.COMMENT and "(B, " in token.string}
    silent = [
        f"{statement.lineno}: {ast.unparse(statement)}"
        for function in ast.walk(ast.parse(text))
        if isinstance(function, ast.FunctionDef) and function.name == "forward"
        if "the same shape" not in (ast.get_docstring(function) or "")
        for statement in ast.walk(function)
        if computes(statement)
        if not told.intersection(range(statement.lineno, (statement.end_lineno or 0) + 1))
    ]
    assert not silent
