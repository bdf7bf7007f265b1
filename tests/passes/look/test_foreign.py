"""Networks that nobody here wrote: what is seen of each, or one sentence that names the place."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.engine import inference
from core.passes.look import findings, own
from core.passes.look.own import LookError
from core.passes.look.stages import Stage, parts, stages

pytestmark = pytest.mark.usefixtures("torch_loaded")


def torchvisions(name: str) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        from core.models.torchvision_compat import torchvision

        return getattr(torchvision.models.segmentation, name)(weights=None, weights_backbone=None, num_classes=5)

    return build


def smps(name: str) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        import core.models.torchvision_compat  # noqa: F401  (before torchvision, beside a CPU-only torch)

        smp = pytest.importorskip("segmentation_models_pytorch")
        return getattr(smp, name)("resnet18", encoder_weights=None, classes=5)

    return build


class Double(nn.Sequential):
    def __init__(self, i: int, o: int) -> None:
        super().__init__(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(), nn.Conv2d(o, o, 3, padding=1))


class Small(nn.Module):
    """A U with one step, as tutorials have it: one channel, for a sigmoid."""

    def __init__(self) -> None:
        super().__init__()
        self.inc, self.down, self.up = Double(3, 8), Double(8, 8), nn.ConvTranspose2d(8, 8, 3, 2, 1, 1)
        self.outc = nn.Conv2d(16, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.inc(x)
        return self.outc(torch.cat([a, self.up(self.down(F.max_pool2d(a, 2)))], 1))


class TwoOutputs(Small):
    """Scores and an auxiliary vector, the vector first."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        scores = super().forward(x)
        return scores.mean((2, 3)), scores


class Logits(Small):
    """As Hugging Face returns it."""

    def forward(self, x: Tensor) -> SimpleNamespace:  # type: ignore[override]
        return SimpleNamespace(logits=super().forward(x))


class Multiples(Small):
    """Takes sides that are multiples of 32 only."""

    def forward(self, x: Tensor) -> Tensor:
        assert x.shape[-1] % 32 == 0, "sides must be multiples of 32"
        return super().forward(x)


class Breaks(Small):
    """Its second half expects other channels."""

    def __init__(self) -> None:
        super().__init__()
        self.down = Double(9, 8)


class Classifies(Small):
    """Gives one vector for a picture."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).mean((2, 3))


def look(network: nn.Module, side: int = 64) -> tuple[Tensor, list[Stage], list[str]]:
    network.eval().requires_grad_(False)
    x = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))

    def compute() -> tuple[Tensor, list[Stage], list[str]]:
        scores, found = stages(network, x)
        return scores, found, [finding.text for finding in findings.all_of(network, x, scores)]

    return inference.run(compute).value


FOREIGN = {
    "torchvision lraspp": (torchvisions("lraspp_mobilenet_v3_large"), 5),
    "torchvision fcn": (torchvisions("fcn_resnet50"), 5),
    "torchvision deeplabv3": (torchvisions("deeplabv3_mobilenet_v3_large"), 5),
    "smp Unet": (smps("Unet"), 5),
    "smp FPN": (smps("FPN"), 5),
    "smp DeepLabV3Plus": (smps("DeepLabV3Plus"), 5),
    "smp Linknet": (smps("Linknet"), 5),
    "smp PSPNet": (smps("PSPNet"), 5),
    "a small U for a sigmoid": (Small, 2),
    "two outputs": (TwoOutputs, 2),
    "logits in an object": (Logits, 2),
    "multiples of 32": (Multiples, 2),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_it_is_seen_by_its_stages(name: str) -> None:
    build, classes = FOREIGN[name]
    torch.manual_seed(0)
    network = build()
    scores, found, said = look(network)
    assert scores.shape[:2] == (1, classes)
    assert 3 <= len(found) <= 40
    assert sum(stage.parameters for stage in found) == sum(p.numel() for p in network.parameters())
    assert sum(1 for stage in found if stage.shape) >= 3
    assert all(stage.seconds >= 0 for stage in found)
    assert any("receptive field" in line for line in said), said
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in network.modules())


def test_multiply_adds_are_pytorchs_flops_halved() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    network = Small().eval()
    x = torch.randn(1, 3, 32, 32)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(x)
    _scores, found, _said = look(network, 32)
    assert sum(stage.multiply_adds for stage in found) * 2 == counter.get_total_flops()


def test_one_channel_is_a_foreground_before_a_background_of_zeros() -> None:
    x = torch.randn(1, 1, 4, 4)
    scores = own.scores_of(x)
    assert torch.equal(scores.softmax(1)[:, 1:], x.sigmoid()) or torch.allclose(scores.softmax(1)[:, 1:], x.sigmoid())
    assert torch.equal(own.scores_of({"aux": x, "out": x.repeat(1, 3, 1, 1)}), x.repeat(1, 3, 1, 1))


@pytest.mark.parametrize(
    ("network", "side", "says"),
    [
        (Breaks, 64, "fails in down.0 for an input of 64 x 64 pixels"),
        (Multiples, 50, "fails in the network itself for an input of 50 x 50 pixels: sides must be multiples of 32"),
        (Classifies, 64, r"gives Tensor \(1, 1\), and not scores"),
        (lambda: nn.Identity(), 64, ""),
    ],
)
def test_what_fails_is_one_sentence_that_names_the_place(
    network: Callable[[], nn.Module], side: int, says: str
) -> None:
    made = network()
    if not says:
        assert look(made, side)[0].shape == (1, 3, side, side)
        return
    with pytest.raises(LookError, match=says):
        look(made, side)
    assert not any(m._forward_hooks for m in made.modules())


def test_findings_have_their_evidence() -> None:
    torch.manual_seed(0)
    network = Small()
    network.inc[3].weight.data[:3] = 0
    network.inc[3].bias.data[:3] = 0
    network.inc.append(nn.ReLU())
    _scores, _found, said = look(network)
    assert any(line.startswith("up: kernel 3 is no multiple of stride 2") for line in said)
    assert any("dead maps on this picture: " in line and "inc.4, 3 of 8" in line for line in said), said
    assert any("never seen a batch: 2 of 2 layers" in line for line in said)
    assert not any("at stride" in line for line in said)
    network.outc.weight.data[0, 0] = float("nan")
    said = look(network)[2]
    assert any("weights that are no numbers: outc.weight" in line for line in said)
    assert "scores that are no numbers at 100.0% of the places" in said


def test_the_field_of_a_stack_is_the_arithmetics() -> None:
    stack = nn.Sequential(*(nn.Conv2d(3, 3, 3, padding=1) for _ in range(4)))
    assert "receptive field of the middle: 9 x 9 of 64 x 64 pixels" in look(stack)[2]


def test_a_network_is_opened_up_until_it_has_enough_parts() -> None:
    network = nn.Sequential(nn.Sequential(*(Double(3, 3) for _ in range(3))), nn.Conv2d(3, 2, 1))
    assert parts(network, 2) == ["0", "1"]
    assert parts(network, 5) == ["0.0", "0.1", "0.2", "1"]
    assert len(parts(network, 99)) == 13
