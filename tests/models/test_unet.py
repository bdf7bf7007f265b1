"""U-Net: the paper's numbers, parity with labml, and its options."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import core.models.torchvision_compat  # noqa: F401  (before labml_nn, which imports torchvision)
from core.engine.tracing import Trace
from core.models.mobilenetv2 import PYRAMID_CHANNELS
from core.models.shared import EncoderDecoder, extended
from core.models.unet import (
    UNet,
    UNetDecoder,
    UNetError,
    crop_centre,
    input_side,
    output_side,
    unet,
    unet_em,
    unet_photos,
)


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_the_papers_network():
    with torch.device("meta"):
        network = unet()
        maps = network.encode(torch.empty(1, 1, 572, 572))
        scores = network(torch.empty(1, 1, 572, 572))
    assert count(network) == 31_030_658
    assert [m.shape[1:] for m in maps] == [
        (64, 568, 568), (128, 280, 280), (256, 136, 136), (512, 64, 64), (1024, 28, 28),
    ]  # fmt: skip
    assert scores.shape == (1, 2, 388, 388)
    assert sum(isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)) for layer in network.modules()) == 23
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in network.modules())


def test_slim_networks_fit_their_budgets():
    assert 2 * count(unet_photos()) <= 6_000_000, "bytes as fp16"
    assert 2 * count(unet_em()) <= 4_000_000


@given(st.integers(4, 60))
def test_valid_sides(b):
    assert output_side(16 * b + 124) == 16 * b - 60
    assert input_side(16 * b - 60) == 16 * b + 124


@given(st.integers(1, 2000))
def test_the_smallest_valid_side_covers_what_is_asked(least):
    side = input_side(least)
    assert output_side(side) >= least
    if side > 188:
        assert output_side(side - 16) < least


@given(st.integers(1, 1200).filter(lambda side: (side - 124) % 16 or side < 188))
def test_other_sides_are_refused_with_a_valid_one(side):
    with pytest.raises(UNetError) as caught:
        output_side(side)
    valid = caught.value.params["valid"]
    assert output_side(valid) > 0
    assert valid >= side
    assert str(valid) in str(caught.value)


def test_the_side_rule_is_what_the_layers_do():
    """Chains of the layers themselves, side by side with the formula."""
    network = UNet(width=1, dropout="none").eval()
    with torch.inference_mode():
        for side in range(188, 260, 16):
            maps = network.encode(torch.zeros(1, 1, side, side))
            assert maps[-1].shape[-1] == (side - 124) // 16
            assert network(torch.zeros(1, 1, side, side)).shape[-1] == output_side(side)


def test_sides_may_differ():
    with torch.inference_mode():
        assert UNet(width=1).eval()(torch.zeros(1, 1, 188, 220)).shape == (1, 2, 4, 36)
        with pytest.raises(UNetError):
            UNet(width=1).eval()(torch.zeros(1, 1, 188, 200))


def test_logits_equal_labmls():
    theirs, ours = pytest.importorskip("labml_nn.unet").UNet(1, 2).eval(), UNet().eval()
    for layer in theirs.modules():
        if isinstance(layer, nn.Conv2d) and layer.kernel_size == (3, 3):
            layer.padding = (0, 0)  # theirs pads, the paper does not
    copied = theirs.state_dict()
    parts = {"contracting": "down_conv", "bottom": "middle_conv", "up": "up_sample", "expanding": "up_conv"}
    layers = {"conv1": "first", "conv2": "second"}
    renamed = {}
    for key in ours.state_dict():
        first, *rest = key.split(".")
        if first == "up":
            rest.insert(1, "up")
        name = [parts.get(first, "final_conv"), *(layers.get(word, word) for word in rest)]
        renamed[key] = copied.pop(".".join(name))
    assert not copied, "every value of theirs has a place in ours"
    ours.load_state_dict(renamed)
    x = torch.rand(1, 1, 220, 204, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def active_dropouts(network: UNet) -> dict[str, float]:
    return {path: m.p for path, m in network.named_modules() if isinstance(m, nn.Dropout) and m.p > 0}


def test_dropout_of_the_paper_stands_at_the_end_of_the_contracting_path_only():
    network = UNet(width=2).train()
    assert active_dropouts(network) == {"dropout": 0.5}
    torch.manual_seed(0)
    x = torch.rand(1, 1, 188, 188)
    first, second = network.encode(x), network.encode(x)
    changed = [not torch.equal(a, b) for a, b in zip(first, second, strict=True)]
    assert changed == [False, False, False, True, True]
    assert torch.equal(network.decode(first), network.decode(first)), "none on the way up"


def test_dropout_between_the_convolutions_of_every_block():
    network = UNet(width=2, dropout="blocks", rate=0.25)
    assert len(active_dropouts(network)) == 9
    assert set(active_dropouts(network).values()) == {0.25}
    for path in active_dropouts(network):
        block = network.get_submodule(path.rpartition(".")[0])
        assert [name for name, _ in block.named_children()] == ["conv1", "relu1", "dropout", "conv2", "relu2"]


def test_no_dropout():
    network = UNet(width=2, dropout="none").train()
    x = torch.rand(1, 1, 188, 188)
    assert active_dropouts(network) == {}
    assert torch.equal(network(x), network(x))


@pytest.mark.parametrize("dropout", ["contracting-end", "blocks"])
def test_dropout_is_off_in_evaluation(dropout):
    network = UNet(width=2, dropout=dropout).eval()
    x = torch.rand(1, 1, 188, 188)
    assert torch.equal(network(x), network(x))


def test_batch_norm_stands_between_convolution_and_relu():
    block = UNet(width=2, batch_norm=True).bottom
    assert [name for name, _ in block.named_children()] == ["conv1", "norm1", "relu1", "conv2", "norm2", "relu2"]
    assert block.conv1.bias is None, "BatchNorm's shift replaces it"


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 70), st.integers(1, 70))
def test_the_padded_network_keeps_every_size(height, width):
    network = UNet(channels=3, classes=4, width=1, padded=True).eval()
    with torch.inference_mode():
        assert network(torch.rand(1, 3, height, width)).shape == (1, 4, height, width)


def test_a_gain_of_one_changes_nothing_and_of_zero_cuts_the_connection():
    torch.manual_seed(0)
    network = UNet(width=4).eval()
    with torch.inference_mode():
        maps = network.encode(torch.rand(1, 1, 188, 188))
        whole = network.decode(maps)
        assert torch.equal(network.decode(maps, (1.0, 1.0, 1.0, 1.0)), whole)
        for level in range(4):
            gains = [float(i != level) for i in range(4)]
            cut = network.decode(maps, gains)
            assert not torch.equal(cut, whole)
            maps_without = [torch.zeros_like(m) if i == level else m for i, m in enumerate(maps)]
            assert torch.equal(network.decode(maps_without), cut)


def test_crops_take_the_middle():
    x = torch.arange(49.0).view(1, 1, 7, 7)
    assert torch.equal(crop_centre(x, 3, 5), x[..., 2:5, 1:6])


def test_skip_and_upsampled_maps_lie_over_the_same_place():
    """A picture shifted by 16 pixels gives an answer shifted by 16, exactly: no crop is off by one anywhere."""
    torch.manual_seed(0)
    network = UNet(width=2).double().eval()
    x = torch.rand(1, 1, 236, 236, dtype=torch.float64)
    with torch.inference_mode():
        whole = network(x)
        shifted = network(x[..., 16:220, 32:236])
    assert (whole[..., 16:36, 32:52] - shifted).abs().max() < 1e-12


@pytest.mark.parametrize(("pixel", "edge"), [(0, 0), (-1, -1)])
def test_the_margin_is_needed_to_its_last_pixel(pixel, edge):
    """The first output pixel reads the first input pixel, the last one the last."""
    torch.manual_seed(0)
    network = UNet(width=4).double().eval()
    x = torch.rand(1, 1, 236, 236, dtype=torch.float64, requires_grad=True)
    network(x)[..., pixel, pixel].sum().backward()
    reached = x.grad[0, 0].abs().sum(0) > 0
    assert reached[edge]
    assert not reached[~edge], "and not the other end of the picture"
    assert reached[92 if edge == 0 else -93], "nor is the pixel itself forgotten"


def test_one_channel_takes_the_grey_mean_of_a_colour_picture():
    network = UNet(width=2).eval()
    grey = torch.rand(1, 1, 188, 188)
    tint = torch.tensor([0.1, -0.3, 0.2]).view(1, 3, 1, 1)
    with torch.inference_mode():
        assert torch.allclose(network(grey + tint), network(grey), atol=1e-5)


@pytest.mark.parametrize("size", [(65, 65), (97, 65), (33, 50), (64, 100)])
def test_the_encoder_variant_keeps_every_size(size):
    network = EncoderDecoder(UNetDecoder(classes=4, bottom=12, widths=(8, 6, 4, 4)), output_stride=32).eval()
    with Trace(network, ["decoder.expanding.3"]) as trace, torch.inference_mode():
        assert network(torch.randn(1, 3, *size)).shape == (1, 4, *size)
    assert trace["decoder.expanding.3"].shape[-2:] == tuple((extended(side) - 1) // 2 + 1 for side in size), "stride 2"


def pyramid(cells: int = 2, **options: object) -> list[torch.Tensor]:
    """Random maps of a picture of 32 n + 1 pixels, finest first, where n + 1 is ``cells``."""
    sides = [16 // 2**level * (cells - 1) + 1 for level in range(5)]
    return [
        torch.randn(1, channels, side, side, **options)  # type: ignore[call-overload]
        for side, channels in zip(sides, PYRAMID_CHANNELS, strict=True)
    ]


def small_decoder() -> UNetDecoder:
    torch.manual_seed(0)
    return UNetDecoder(classes=4, bottom=12, widths=(8, 6, 4, 4)).eval()


def test_the_encoder_variant_uses_all_five_maps():
    decoder, maps = small_decoder(), pyramid(3, requires_grad=True)
    scores = decoder(maps)
    scores.square().sum().backward()
    assert scores.shape == (1, 4, 33, 33)
    assert all(m.grad.abs().sum() > 0 for m in maps)
    cut = decoder(maps, (1, 0, 1, 1))
    without = [torch.zeros_like(m) if level == 1 else m for level, m in enumerate(maps)]
    assert torch.equal(cut, decoder(without))


def test_the_encoder_variant_climbs_level_by_level():
    decoder, maps = small_decoder(), pyramid(3)
    with torch.inference_mode():
        levels = decoder.climb(maps)
        assert [tuple(level.shape[1:]) for level in levels] == [
            (12, 3, 3), (8, 5, 5), (6, 9, 9), (4, 17, 17), (4, 33, 33),
        ]  # fmt: skip
        assert torch.equal(levels[0], decoder.bottom(maps[-1]))
        assert torch.equal(decoder.head(levels[-1]), decoder(maps))


def test_of_an_enlarged_map_the_last_row_and_column_are_cropped():
    """n + 1 cells become 2 n + 2, and the map beside them has 2 n + 1: what is cut off counts for nothing."""
    decoder, maps = small_decoder(), pyramid(3)

    def spoil(_module: nn.Module, _inputs: object, out: torch.Tensor) -> torch.Tensor:
        assert out.shape[-1] % 2 == 0
        out = out.clone()
        out[..., -1, :] = out[..., :, -1] = 1e4
        return out

    with torch.inference_mode():
        whole = decoder(maps)
        handles = [up.register_forward_hook(spoil) for up in decoder.up]
        assert torch.equal(decoder(maps), whole)
        for handle in handles:
            handle.remove()


def test_every_place_of_the_answer_reads_every_map_and_every_cell_is_read():
    decoder, maps = small_decoder().double(), pyramid(2, dtype=torch.float64, requires_grad=True)
    for module in decoder.modules():  # nothing is clipped, so that what is connected has a gradient
        if isinstance(module, nn.ReLU):
            module.forward = lambda x: x
        elif isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.constant_(module.weight, 0.1)
    answer = decoder(maps)[0].sum(0)  # (17, 17)
    reached = [torch.zeros(m.shape[-2:]) for m in maps]
    for place in answer.flatten():
        for seen, gradient in zip(reached, torch.autograd.grad(place, maps, retain_graph=True), strict=True):
            here = gradient[0].abs().sum(0) > 0
            assert here.any()
            seen += here
    assert all((seen > 0).all() for seen in reached), "the cells of the last row and column too"


def test_the_encoder_variant_at_its_real_size():
    decoder = UNetDecoder()
    widths, skips = (128, 96, 64, 32), (96, 32, 24, 16)
    wanted = 9 * 160 * (320 + 160) + 2 * 2 * 160  # the bottom: two 3x3 convolutions, BatchNorm's two values a channel
    below = 160
    for width, skip in zip(widths, skips, strict=True):
        wanted += 4 * below * width + width  # up-convolution 2x2 with bias
        wanted += 9 * width * (width + skip + width) + 2 * 2 * width
        below = width
    wanted += 21 * below + 21
    assert count(decoder) == wanted
