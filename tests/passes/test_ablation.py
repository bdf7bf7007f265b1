"""Switching parts of a decoder off: with everything on nothing changes, and off means zeros where it says."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from core.engine.tracing import Trace
from core.models.registry import build
from core.models.shared import EncoderDecoder
from core.passes import ablation
from core.passes.ablation import AblationError

SIDES = [(64, 96), (70, 45)]  # the second one is extended and cut back


def network(name: str) -> EncoderDecoder:
    """Random weights, and normalisation that has seen something, so that nothing is accidentally zero."""
    torch.manual_seed(3)
    made = build(name)
    assert isinstance(made, EncoderDecoder)
    made.train()
    with torch.no_grad():
        for _ in range(3):
            made(torch.randn(2, 3, 64, 64))
    return made.eval()


@pytest.fixture(scope="module")
def networks() -> dict[str, EncoderDecoder]:
    return {name: network(name) for name in ("deeplabv3", "deeplabv3plus", "pspnet", "fcn8s")}


def ablated(made: EncoderDecoder, encoded: ablation.Encoded, **options: object) -> Tensor:
    run = ablation.run_pspnet if hasattr(made.decoder, "pool") else ablation.run_deeplab
    return run(made, encoded, **options)  # type: ignore[arg-type]


@torch.inference_mode()
@pytest.mark.parametrize("size", SIDES)
@pytest.mark.parametrize("name", ["deeplabv3", "deeplabv3plus", "pspnet"])
def test_all_on_is_the_untouched_network_bit_by_bit(
    networks: dict[str, EncoderDecoder], name: str, size: tuple[int, int]
) -> None:
    x = torch.randn(1, 3, *size)
    encoded = ablation.encode(networks[name], x)
    assert torch.equal(ablated(networks[name], encoded), networks[name](x))


@torch.inference_mode()
@pytest.mark.parametrize("name", ["deeplabv3", "deeplabv3plus"])
@pytest.mark.parametrize("off", range(5))
def test_a_branch_that_is_off_gives_zeros_to_the_mixing_convolution(
    networks: dict[str, EncoderDecoder], name: str, off: int
) -> None:
    """The same as a network whose branch has nothing behind its ReLU but zero, which a hook makes it."""
    made, x = networks[name], torch.randn(1, 3, 64, 96)
    branch = ablation.aspp_of(made).branches[off]
    handle = branch.register_forward_hook(lambda _module, _inputs, output: torch.zeros_like(output))
    expected = made(x)
    handle.remove()
    on = [i != off for i in range(5)]
    found = ablation.run_deeplab(made, ablation.encode(made, x), on)
    assert torch.equal(found, expected)
    assert not torch.equal(found, made(x))


@torch.inference_mode()
def test_zeroed_low_level_maps(networks: dict[str, EncoderDecoder]) -> None:
    made, x = networks["deeplabv3plus"], torch.randn(1, 3, 64, 64)
    encoded = ablation.encode(made, x)
    with Trace(made, ["decoder.reduce"]) as trace:
        made(x)
    maps = ablation.low_level_maps(made, encoded)
    assert torch.equal(maps, trace["decoder.reduce"])
    assert maps.shape == (1, 48, 17, 17)  # 64 pixels are extended to 65
    handle = made.decoder.reduce.register_forward_hook(  # type: ignore[operator, union-attr]
        lambda _module, _inputs, output: torch.zeros_like(output)
    )
    expected = made(x)
    handle.remove()
    assert torch.equal(ablation.run_deeplab(made, encoded, low_level=False), expected)
    v3 = networks["deeplabv3"]
    encoded = ablation.encode(v3, x)
    assert torch.equal(ablation.run_deeplab(v3, encoded, low_level=False), v3(x))


@torch.inference_mode()
@pytest.mark.parametrize("off", range(4))
def test_a_level_that_is_off(networks: dict[str, EncoderDecoder], off: int) -> None:
    made, x = networks["pspnet"], torch.randn(1, 3, 96, 64)
    level = made.decoder.pool.levels[off]  # type: ignore[union-attr, index]
    handle = level.register_forward_hook(lambda _module, _inputs, output: torch.zeros_like(output))
    expected = made(x)
    handle.remove()
    encoded = ablation.encode(made, x)
    assert torch.equal(ablation.run_pspnet(made, encoded, [i != off for i in range(4)]), expected)


@torch.inference_mode()
def test_one_bin_of_a_level(networks: dict[str, EncoderDecoder]) -> None:
    made, x = networks["pspnet"], torch.randn(1, 3, 192, 192)
    encoded = ablation.encode(made, x)
    everything = ablation.run_pspnet(made, encoded)
    alone = ablation.run_pspnet(made, encoded, without=(0, 0, 0))
    assert torch.equal(alone, ablation.run_pspnet(made, encoded, (False, True, True, True)))
    corner = ablation.run_pspnet(made, encoded, without=(3, 0, 0))
    assert not torch.equal(corner, everything)
    assert torch.equal(corner[..., 96:, 96:], everything[..., 96:, 96:])  # far from that bin nothing changes
    assert torch.equal(ablation.run_pspnet(made, encoded), everything)  # and nothing was written over


@torch.inference_mode()
def test_all_bins_at_once_equal_one_after_the_other(networks: dict[str, EncoderDecoder]) -> None:
    made, x = networks["pspnet"], torch.randn(1, 3, 150, 224)
    encoded = ablation.encode(made, x)
    whole, without = ablation.bin_scores(made, encoded)
    assert [len(scores) for scores in without] == [1, 4, 9, 36]
    untouched = ablation.run_pspnet(made, encoded)
    assert torch.allclose(ablation.enlarged(whole, (150, 224)), untouched, atol=1e-5)
    for level, row, column in ((0, 0, 0), (1, 1, 0), (2, 0, 2), (3, 5, 1), (3, 2, 4)):
        side = ablation.level_vectors(made, encoded)[level].shape[-1]
        scores = without[level][row * side + column][None]
        expected = ablation.run_pspnet(made, encoded, without=(level, row, column))
        found = ablation.enlarged(scores, (150, 224))
        assert torch.allclose(found, expected, atol=1e-5)
        for y, x_ in ((0, 0), (149, 223), (75, 101), (8, 8)):
            assert torch.allclose(ablation.at_pixel(scores, (150, 224), y, x_), found[..., y, x_], atol=1e-5)
    assert torch.equal(ablation.run_pspnet(made, encoded), untouched)


@torch.inference_mode()
def test_another_stride_is_a_copy(networks: dict[str, EncoderDecoder]) -> None:
    made, x = networks["deeplabv3"], torch.randn(1, 3, 64, 64)
    before = made(x)
    fine = ablation.at_stride(made, 8)
    assert ablation.encode(fine, x).cells == (9, 9)  # 64 pixels are extended to 65
    assert ablation.encode(made, x).cells == (5, 5)
    assert ablation.rates(ablation.aspp_of(fine)) == (8, 16, 24)
    assert ablation.rates(ablation.aspp_of(made)) == (4, 8, 12)
    assert torch.equal(made(x), before)


@torch.inference_mode()
@pytest.mark.parametrize(("coarse", "fine"), [(32, 16), (16, 8)])
def test_a_finer_stride_says_the_same_wherever_the_coarser_one_computes(
    networks: dict[str, EncoderDecoder], coarse: int, fine: int
) -> None:
    """But for image pooling, whose mean is over other cells. Between them the coarser one can only interpolate."""
    made = networks["deeplabv3"]
    x = torch.randn(1, 3, 129, 161, dtype=torch.float64)
    scores = {}
    for stride in (coarse, fine):
        twin = ablation.at_stride(made, stride).double()
        scores[stride] = ablation.run_deeplab(twin, ablation.encode(twin, x), (True,) * 4 + (False,))
    same = (scores[coarse] - scores[fine]).abs().amax(1)[0]
    assert same[::coarse, ::coarse].max() < 1e-9
    assert same.max() > 1e-3


@torch.inference_mode()
def test_other_rates_are_a_copy_too(networks: dict[str, EncoderDecoder]) -> None:
    made, x = networks["deeplabv3"], torch.randn(1, 3, 64, 96)
    encoded, own = ablation.encode(made, x), ablation.aspp_of(made)
    far = ablation.with_rates(own, (50, 60, 70))
    assert ablation.rates(own) == (4, 8, 12)
    # Beyond the map only the middle taps are left: the spread convolution multiplies each channel by its middle weight.
    spread = far.branches[1][0]  # type: ignore[index]
    middle = encoded.pyramid[-1] * spread.weight[:, 0, 1, 1].view(1, -1, 1, 1)  # type: ignore[union-attr, operator, index]
    assert torch.allclose(spread(encoded.pyramid[-1]), middle, atol=1e-6)  # type: ignore[operator]
    assert torch.equal(ablation.run_deeplab(made, encoded, aspp=ablation.with_rates(own, (4, 8, 12))), made(x))


def test_share_off_the_centre(networks: dict[str, EncoderDecoder]) -> None:
    aspp = ablation.with_rates(ablation.aspp_of(networks["deeplabv3"]), (1, 2, 3))
    for branch, fill in zip(aspp.branches[1:-1], (0.0, 1.0, -0.5), strict=True):
        branch[0].weight.data.fill_(fill)  # type: ignore[index, union-attr, operator]
        branch[0].weight.data[:, :, 1, 1] = 4.0  # type: ignore[index, union-attr]
    assert ablation.off_centre(aspp) == pytest.approx((0, 8 / 12, 4 / 8))


@torch.inference_mode()
def test_networks_without_such_parts_are_refused(networks: dict[str, EncoderDecoder]) -> None:
    x = torch.randn(1, 3, 64, 64)
    fcn = networks["fcn8s"]
    encoded = ablation.encode(fcn, x)
    with pytest.raises(AblationError):
        ablation.run_deeplab(fcn, encoded)
    with pytest.raises(AblationError):
        ablation.run_pspnet(fcn, encoded)
    with pytest.raises(AblationError):
        ablation.bin_scores(fcn, encoded)
    with pytest.raises(AblationError):
        ablation.low_level_maps(networks["deeplabv3"], encoded)
