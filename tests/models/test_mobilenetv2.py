"""The shared encoder: its authors' weights give their answers, in their geometry, at every output stride."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import nn

from core.models import mobilenetv2, weights
from core.models.deeplab import ReleasedHead
from core.models.mobilenetv2 import PYRAMID_CHANNELS, STRIDES, MobileNetV2, Standard
from core.models.registry import build
from core.models.shared import EncoderDecoder, extend, extended, resize
from core.pictures.samples import SAMPLES
from core.training import released
from core.training.convert import ConversionError

EIGHT_BIT = Path(__file__).parent / "data" / "deeplabv3_mnv2_pascal_quant.tflite"
LONG_SIDE = 513


@pytest.fixture(scope="module")
def network() -> EncoderDecoder:
    loaded = weights.load("deeplabv3-released").eval()
    assert isinstance(loaded, EncoderDecoder)
    return loaded


def test_parameters() -> None:
    with torch.device("meta"):
        encoder, whole = MobileNetV2(), build("deeplabv3-released")
    assert sum(p.numel() for p in encoder.parameters()) == 1_795_936
    assert sum(p.numel() for p in whole.parameters()) == 2_097_013
    assert len(list(encoder.blocks())) == 17


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.labels == "voc-21"], ids=lambda s: s.key)
def test_the_authors_own_eight_bit_network_answers_alike(network: EncoderDecoder, sample: object) -> None:
    """In their interpreter, on the same 513 x 513 bytes: 95 % of the pixels, but for the cup, 84 % (its table)."""
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    theirs = interpreter.Interpreter(str(EIGHT_BIT), num_threads=1)
    theirs.allocate_tensors()
    photo = Image.open(sample.path).convert("RGB")  # type: ignore[attr-defined]
    photo.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BILINEAR)
    scale = LONG_SIDE / max(photo.size)
    photo = photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.BILINEAR)
    square = np.full((LONG_SIDE, LONG_SIDE, 3), 128, np.uint8)
    square[: photo.height, : photo.width] = np.asarray(photo)
    theirs.set_tensor(theirs.get_input_details()[0]["index"], square[None])
    theirs.invoke()
    wanted = theirs.get_tensor(theirs.get_output_details()[0]["index"])[0, : photo.height, : photo.width]
    x = (torch.from_numpy(square.astype(np.float32)) - 128) / 128
    with torch.inference_mode():
        ids = network(x.permute(2, 0, 1)[None]).argmax(1)[0, : photo.height, : photo.width].numpy()
    assert (ids == wanted).mean() >= (0.84 if sample.key == "coffee" else 0.95)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 3), (5, 2)])
def test_output_strides_differ_in_density_only(rows: int, columns: int) -> None:
    encoder = MobileNetV2(8)
    encoder.load_state_dict(weights.load_encoder("mobilenetv2"))
    encoder = encoder.double().eval()
    x = torch.rand(1, 3, 32 * rows + 1, 32 * columns + 1, generator=torch.Generator().manual_seed(0)).double() * 2 - 1
    last = {}
    with torch.inference_mode():
        for stride in (8, 16, 32):
            encoder.set_output_stride(stride)
            maps = encoder.forward_features(x)
            last[stride] = maps[-1]
            assert last[stride].shape[-2:] == (32 * rows // stride + 1, 32 * columns // stride + 1)
    torch.testing.assert_close(last[8][..., ::2, ::2], last[16], rtol=0, atol=1e-9)
    torch.testing.assert_close(last[16][..., ::2, ::2], last[32], rtol=0, atol=1e-9)


def test_no_other_output_stride() -> None:
    with pytest.raises(ValueError, match="8, 16 or 32, not 4"):
        MobileNetV2(4)


@pytest.mark.parametrize("stride", [8, 16, 32])
def test_pyramid_has_the_stated_channels_and_strides(stride: int) -> None:
    with torch.device("meta"):
        maps = MobileNetV2(stride).forward_features(torch.zeros(1, 3, 97, 129))
    assert tuple(m.shape[1] for m in maps) == PYRAMID_CHANNELS
    wanted = [min(s, stride) for s in STRIDES]
    assert [tuple(m.shape[2:]) for m in maps] == [(96 // s + 1, 128 // s + 1) for s in wanted]


def test_padding_is_as_wide_as_the_rate_on_all_sides() -> None:
    for stride, rates in ((16, {1, 2}), (8, {1, 2, 4}), (32, {1})):
        found = set()
        for block in MobileNetV2(stride).blocks():
            convolution = block.depthwise.conv
            assert convolution.padding == convolution.dilation
            found.add(convolution.dilation[0])
        assert found == rates


@given(st.integers(1, 2000))
def test_sides_are_extended_to_the_next_of_the_form_32_n_plus_1(side: int) -> None:
    wide = extended(side)
    assert wide >= side
    assert wide % 32 == 1
    assert wide > 32
    assert wide - side < 32 or side == 1
    x = extend(torch.ones(1, 3, side, 5))
    assert x.shape == (1, 3, wide, 33)
    assert (x[:, :, :side, :5] == 1).all()
    assert x.sum() == 3 * side * 5  # the rest is zero: pixel 128


@given(cells=st.integers(2, 12), place=st.integers(0, 11), step=st.sampled_from([2, 4, 8, 16, 32]))
def test_a_cell_keeps_its_place_when_a_map_is_enlarged(cells: int, place: int, step: int) -> None:
    place %= cells
    hot = torch.zeros(1, 1, cells, cells, dtype=torch.float64)
    hot[..., place, place] = 1
    large = resize(hot, torch.zeros(1, 1, (cells - 1) * step + 1, (cells - 1) * step + 1))[0, 0]
    row, column = divmod(int(large.argmax()), large.shape[1])
    assert (row, column) == (place * step, place * step)
    assert large.max() == pytest.approx(1)


def test_maps_come_in_their_own_units() -> None:
    torch.manual_seed(0)
    encoder = MobileNetV2().eval()
    pictures = [torch.randn(1, 3, 97, 65), torch.randn(1, 3, 65, 129)]
    released.standardise(encoder, pictures)
    released.standardise(encoder, pictures)  # what was measured before is forgotten
    with torch.inference_mode():
        pyramids = [encoder.forward_features(extend(picture)) for picture in pictures]
    for maps in zip(*pyramids, strict=True):
        flat = torch.cat([m[0].flatten(1) for m in maps], 1)
        torch.testing.assert_close(flat.mean(1), torch.zeros(len(flat)), rtol=0, atol=1e-3)
        torch.testing.assert_close(flat.std(1, correction=0), torch.ones(len(flat)), rtol=0, atol=1e-2)


def test_the_released_head_answers_the_same_in_those_units() -> None:
    torch.manual_seed(0)
    head, standard = ReleasedHead(6, 5, 4).double(), Standard(6).double()
    standard.mean.copy_(torch.randn(6))
    standard.deviation.copy_(torch.rand(6) + 0.5)
    x = torch.randn(2, 6, 3, 4, dtype=torch.float64)
    before = head([x])
    released.into_units(head, standard)
    torch.testing.assert_close(head([standard(x)]), before)


def test_weights_of_another_shape_are_refused() -> None:
    pairs = [(torch.zeros(2, 1, 1, 1), torch.zeros(2))]
    with pytest.raises(ValueError, match="does not fit"):
        released.fill(nn.Conv2d(1, 3, 1), pairs)
    with pytest.raises(ValueError, match="zip"):
        released.fill(nn.Sequential(nn.Conv2d(1, 2, 1), nn.Conv2d(2, 2, 1)), pairs)


def test_absent_release(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match=r"No file .*weights\.npz.*--data"):
        released.convolutions(tmp_path)


def test_conversion_reads_the_layers_in_order(tmp_path: Path) -> None:
    """A file of numbered layers, written from a random network, comes back as that network."""
    torch.manual_seed(0)
    whole = build("deeplabv3-released")
    layers = [layer for layer in whole.modules() if isinstance(layer, nn.Conv2d)]
    assert len(layers) == 55
    stored = {}
    for index, layer in enumerate(layers):
        assert layer.bias is not None
        stored |= {
            f"{index:02d}.weight": layer.weight.detach().numpy(),
            f"{index:02d}.bias": layer.bias.detach().numpy(),
        }
    (tmp_path / released.FILE).parent.mkdir(parents=True)
    np.savez(tmp_path / released.FILE, **stored)
    pairs, again = released.convolutions(tmp_path), build("deeplabv3-released")
    inside = len([layer for layer in again.encoder.modules() if isinstance(layer, nn.Conv2d)])  # type: ignore[union-attr]
    released.fill(again.encoder, pairs[:inside])  # type: ignore[arg-type]
    released.fill(again.decoder, pairs[inside:])  # type: ignore[arg-type]
    x = torch.rand(1, 3, 65, 65)
    with torch.inference_mode():
        torch.testing.assert_close(again.eval()(x), whole.eval()(x))


def test_module_says_how_many_parameters_it_has() -> None:
    assert "1,795,936" in (mobilenetv2.__doc__ or "")
