"""What the hourglass shows is what the network computes: maps, switches, masks, to the last bit."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core import hourglass, images, inference, labels
from core.hourglass import Hourglass
from core.models.deconvnet import DeconvNet, Pooled, pool, unpool
from core.ui.components.hourglass import KEPT, packed_switches, payload
from core.ui.feature_sheets import Gallery
from tests.bundles import random_weights


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[inference.LoadedModel]:
    with random_weights("deconvnet", tmp_path_factory.mktemp("weights")):
        yield inference.load("deconvnet")


@pytest.fixture(scope="module")
def glass(model: inference.LoadedModel) -> Hourglass:
    return hourglass.look(model, images.sample("dog"))


def by_hand(model: inference.LoadedModel, pixels: np.ndarray, corners: bool = False) -> dict[str, torch.Tensor]:
    """The network layer by layer, without a hook."""
    network = model.module
    assert isinstance(network, DeconvNet)
    out: dict[str, torch.Tensor] = {}
    with torch.inference_mode():
        x, poolings = model.prepare(pixels), []
        for i, block in enumerate(network.down):
            out[f"down{i}"] = x = block(x)
            pooled = pool(x)
            if corners:  # every second cell of every second row
                h, w = pooled.size
                flat = torch.arange(h * w).view(h, w)[::2, ::2]
                pooled = Pooled(pooled.values, flat.expand_as(pooled.switches), pooled.size)
            poolings.append(pooled)
            out[f"switches{i}"], x = pooled.switches, pooled.values
        out["code"] = network.fc7(network.fc6(x))
        out["rising5"] = x = network.deconv_fc6(out["code"])
        for i, (block, p) in enumerate(zip(network.up, reversed(poolings), strict=True)):
            out[f"large{4 - i}"] = large = unpool(x, p.switches, p.size)
            out[f"rising{4 - i}"] = x = block(large)
        out["scores"] = network.score(x)
    return out


def test_levels_hold_the_networks_own_maps(model: inference.LoadedModel, glass: Hourglass) -> None:
    wanted = by_hand(model, glass.pixels)
    assert [level.side for level in glass.levels] == [224, 112, 56, 28, 14]
    for i, level in enumerate(glass.levels):
        assert level.depth == i + 1
        assert np.array_equal(level.before, wanted[f"down{i}"][0])
        assert np.array_equal(level.incoming, wanted[f"rising{i + 1}"][0])
        assert np.array_equal(level.dense, wanted[f"rising{i}"][0])
        assert np.array_equal(level.unpooled, wanted[f"large{i}"][0]), "unpooled with the network's own switches"
        places = wanted[f"switches{i}"][0].numpy()
        rows, columns = np.divmod(places, level.side)
        assert np.array_equal(level.switches, rows % 2 * 2 + columns % 2)
        unpooled = wanted[f"large{i}"]
        assert level.empty == pytest.approx((float((unpooled == 0).double().mean()), float((level.dense == 0).mean())))
        assert level.empty[0] >= 0.75
    assert np.array_equal(glass.code, wanted["code"][0, :, 0, 0])
    assert np.array_equal(glass.ids, wanted["scores"].argmax(1)[0])
    np.testing.assert_allclose(glass.probabilities, wanted["scores"].softmax(1)[0], atol=1e-6)


def test_without_switches_is_the_way_up_with_corners(model: inference.LoadedModel, glass: Hourglass) -> None:
    wanted = by_hand(model, glass.pixels, corners=True)["scores"].argmax(1)[0].numpy()
    got = hourglass.without_switches(model, glass.code)
    assert np.array_equal(got, wanted)
    assert (got != glass.ids).any()


def test_no_hook_is_left(model: inference.LoadedModel, glass: Hourglass) -> None:
    assert not any(module._forward_hooks for module in model.module.modules())


def decoded(sheet: dict[str, object]) -> np.ndarray:
    """(count, height, width) bytes of a sheet as the browser reads them."""
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(str(sheet["image"]).partition(",")[2]))))
    height, width, columns = (int(str(sheet[k])) for k in ("height", "width", "columns"))
    places = [divmod(i, columns) for i in range(int(str(sheet["count"])))]
    return np.stack([image[r * height : (r + 1) * height, c * width : (c + 1) * width] for r, c in places])


def test_sheets_hold_the_traced_activations(glass: Hourglass) -> None:
    data = payload(glass, Gallery(glass.stages))
    rising = {sheet["width"]: sheet for sheet in data["rising"]}
    assert sorted(rising) == [7, 14, 28, 56, 112, 224]

    def same(sheet: dict[str, object], maps: np.ndarray) -> None:
        channels = np.asarray(sheet["channels"])
        assert 1 <= len(channels) <= KEPT[maps.shape[-1] // (2 if maps is level.before else 1)]
        for bytes_, channel in zip(decoded(sheet), channels, strict=True):
            low, high = maps[channel].min(), maps[channel].max()
            assert np.array_equal(bytes_, ((maps[channel] - low) / (high - low) * 255).round())

    for level, shown in zip(glass.levels, data["levels"], strict=True):
        same(shown["before"], level.before)
        same(rising[level.side // 2], level.incoming)
        assert shown["before"]["channels"] == rising[level.side // 2]["channels"], "switches of the same channels"
        means = np.abs(level.incoming).mean(axis=(1, 2))
        assert means[shown["before"]["channels"][0]] == means.max()
        packed = np.frombuffer(base64.b64decode(shown["switches"]), np.uint8)
        turns = (packed[:, None] >> np.array([0, 2, 4, 6]) & 3).ravel()
        wanted = level.switches[shown["before"]["channels"]].ravel()
        assert np.array_equal(turns[: wanted.size], wanted)
    same(rising[224], glass.levels[0].dense)


@given(st.integers(0, 40), st.integers(0, 99))
def test_switches_are_packed_four_to_a_byte(count: int, seed: int) -> None:
    switches = np.random.default_rng(seed).integers(0, 4, count).astype(np.uint8)
    packed = packed_switches(switches)
    assert packed.size == -(-count // 4)
    assert [int(packed[i // 4]) >> 2 * (i % 4) & 3 for i in range(count)] == switches.tolist()


def test_three_ways_enlarge_the_same_numbers() -> None:
    coarse, picture = inference.load("fcn32s"), images.sample("dog")
    found = hourglass.enlargements(coarse, picture)
    pixels = hourglass.square(picture)
    network = coarse.module
    with torch.inference_mode():
        x = coarse.prepare(pixels)
        cells = network.decoder(network.encoder.forward_features(x))  # type: ignore[operator, union-attr]
        assert np.array_equal(found.ids, network(x).argmax(1)[0])
    assert labels.VOC[found.target] == "dog"
    values = cells.softmax(1)[0, found.target]
    assert np.array_equal(found.coarse, values)
    large = F.interpolate(values[None, None], (224, 224), mode="bilinear", align_corners=False)[0, 0]
    np.testing.assert_allclose(found.bilinear, large, atol=1e-6)
    grey = np.rint(pixels.astype(float) @ (0.299, 0.587, 0.114))
    cornered, switched = np.zeros((224, 224)), np.zeros((224, 224))
    for (r, c), value in np.ndenumerate(found.coarse):
        block = grey[32 * r : 32 * r + 32, 32 * c : 32 * c + 32]
        cornered[32 * r, 32 * c] = value
        places = np.argwhere(found.switched[32 * r : 32 * r + 32, 32 * c : 32 * c + 32])
        assert len(places) == 1
        y, x_ = places[0]
        assert block[y, x_] == block.max(), "at the brightest pixel of its square"
        switched[32 * r + y, 32 * c + x_] = value
    assert np.allclose(found.cornered, cornered)
    assert np.allclose(found.switched, switched)


def test_strongest() -> None:
    maps = np.stack([np.full((2, 2), v, np.float32) for v in (1, -3, 0, 2)])
    assert hourglass.strongest(maps, 3).tolist() == [1, 3, 0]


def test_strongest_class_is_not_the_background() -> None:
    assert hourglass.strongest_class(np.array([[0, 0, 0], [8, 8, 12]], np.uint8)) == 8
    assert hourglass.strongest_class(np.zeros((2, 2), np.uint8)) == 0
