"""What the hourglass shows is what the network computes: maps, switches, masks, to the last bit."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.concepts.deconvnet import hourglass
from core.concepts.deconvnet.hourglass import NETWORKS, Hourglass
from core.concepts.deconvnet.screen.hourglass import kept, packed_switches, payload
from core.engine import inference
from core.models.deconvnet import DeconvNet, Pooled, pool, unpool
from core.models.registry import SPECS, build
from core.models.shared import extend, extended, resize
from core.pictures import images
from core.ui.kit.feature_sheets import Gallery
from tests.support.bundles import random_weights


@pytest.fixture(scope="module", params=NETWORKS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[inference.LoadedModel]:
    with random_weights(request.param, tmp_path_factory.mktemp("weights")):
        yield inference.load(request.param)


@pytest.fixture(scope="module")
def glass(model: inference.LoadedModel) -> Hourglass:
    return hourglass.look(model, images.sample("dog"))


def by_hand(model: inference.LoadedModel, pixels: np.ndarray, corners: bool = False) -> dict[str, torch.Tensor]:
    """The network layer by layer, without a hook."""
    network: Any = model.module
    out: dict[str, torch.Tensor] = {}

    def remember(i: int, x: torch.Tensor) -> Pooled:
        pooled = pool(x)
        if corners:  # every second cell of every second row
            h, w = pooled.size
            flat = torch.arange(h * w).view(h, w)[::2, ::2]
            pooled = Pooled(pooled.values, flat.expand_as(pooled.switches), pooled.size)
        out[f"switches{i}"] = pooled.switches
        return pooled

    with torch.inference_mode():
        x, poolings = model.prepare(pixels), []
        if isinstance(network, DeconvNet):
            up, x_of_scores = network, x
            for i, block in enumerate(network.down):
                out[f"down{i}"] = x = block(x)
                poolings.append(remember(i, x))
                x = poolings[-1].values
            x = network.deconv_fc6(network.fc7(network.fc6(x)))
        else:
            up, x_of_scores = network.decoder, extend(x)
            *finer, deepest = network.encoder.forward_features(x_of_scores)
            for i, (fine, share) in enumerate(zip(finer, reversed(up.shares), strict=True)):
                out[f"down{i}"] = fine
                poolings.append(remember(i, fine.repeat(1, share, 1, 1)))
            x = up.bottom(deepest)
        count = len(poolings)
        out[f"rising{count}"] = x
        for i, (block, p) in enumerate(zip(up.up, reversed(poolings), strict=True)):
            out[f"large{count - 1 - i}"] = large = unpool(x, p.switches, p.size)
            out[f"rising{count - 1 - i}"] = x = block(large)
        height, width = pixels.shape[:2]
        out["scores"] = resize(up.score(x), x_of_scores)[..., :height, :width]
    return out


def test_levels_hold_the_networks_own_maps(model: inference.LoadedModel, glass: Hourglass) -> None:
    wanted = by_hand(model, glass.pixels)
    if glass.shared:
        height, width = ((extended(side) - 1) // 2 + 1 for side in glass.pixels.shape[:2])
        assert min(glass.pixels.shape[:2]) == 321, "the scale of its training, any shape"
        assert len(glass.levels) == 4
    else:
        height, width = glass.pixels.shape[:2]
        assert (height, width) == (224, 224)
        assert len(glass.levels) == 5
    for i, level in enumerate(glass.levels):
        assert level.depth == i + 1
        assert level.size == (height, width)
        height, width = (height + 1) // 2, (width + 1) // 2
        assert level.small == (height, width)
        assert np.array_equal(level.before, wanted[f"down{i}"][0])
        assert np.array_equal(level.incoming, wanted[f"rising{i + 1}"][0])
        assert np.array_equal(level.dense, wanted[f"rising{i}"][0])
        assert np.array_equal(level.unpooled, wanted[f"large{i}"][0]), "unpooled with the network's own switches"
        rows, columns = np.divmod(wanted[f"switches{i}"][0].numpy(), level.size[1])
        assert np.array_equal(level.switches, rows % 2 * 2 + columns % 2)
        unpooled = wanted[f"large{i}"]
        assert level.empty == pytest.approx((float((unpooled == 0).double().mean()), float((level.dense == 0).mean())))
        cells = level.small[0] * level.small[1] / (level.size[0] * level.size[1])
        assert level.empty[0] >= 1 - cells
    assert np.array_equal(glass.ids, wanted["scores"].argmax(1)[0])
    target = int(glass.ids[0, 0])
    np.testing.assert_allclose(glass.probability(target), wanted["scores"].softmax(1)[0, target], atol=1e-6)


def test_the_pass_is_the_untouched_networks(model: inference.LoadedModel, glass: Hourglass) -> None:
    scores = inference.run(model.module, model.prepare(glass.pixels)).value
    assert np.array_equal(glass.ids, scores.argmax(1)[0])


def test_stages_and_their_parameters_are_the_whole_network(model: inference.LoadedModel, glass: Hourglass) -> None:
    counted = sum(stage.parameters for stage in glass.stages)
    score = getattr(model.module, "decoder", model.module).score
    assert counted + sum(p.numel() for p in score.parameters()) == sum(p.numel() for p in model.module.parameters())
    assert len(glass.down) + len(glass.middle) + len(glass.up) == len(glass.stages)
    assert all(stage.seconds > 0 for stage in glass.stages)


def test_maps_lie_where_their_cells_stand(glass: Hourglass) -> None:
    for stage in glass.stages:
        height, width = stage.maps.shape[-2:]
        jump, left = glass.jump(stage), glass.left(stage)
        if glass.shared:
            assert jump in (2, 4, 8, 16, 32)
            assert left + jump / 2 == 0.5, "the first cell stands at the middle of the first pixel"
            assert left + (width - 0.5) * jump == glass.filled[1] - 0.5, "the last one at the last pixel's"
            assert left + (height - 0.5) * jump == glass.filled[0] - 0.5
        else:
            assert (left, left + width * jump) == (0, 224)


@pytest.mark.parametrize("size", [(640, 100), (90, 300), (1000, 12)])
def test_any_shape_of_photo_goes_through(size: tuple[int, int], tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    with random_weights("deconvnet-mobilenetv2", tmp_path):
        model = inference.load("deconvnet-mobilenetv2")
        glass = hourglass.look(model, images.Picture(pixels, "", "", (size[1], size[0])))
    assert (glass.pixels.shape[0] > glass.pixels.shape[1]) == (size[0] > size[1])
    assert glass.ids.shape == glass.pixels.shape[:2]
    data = payload(glass, Gallery(glass.stages))
    assert [tuple(level["size"]) for level in data["levels"]] == [level.size for level in glass.levels]


def test_networks_that_climb_otherwise_are_refused() -> None:
    model = inference.LoadedModel(SPECS["fcn32s"], build("fcn32s").eval(), 0.0)
    with pytest.raises(hourglass.HourglassError):
        hourglass.look(model, images.sample("dog"))


def test_without_switches_is_the_way_up_with_corners(model: inference.LoadedModel, glass: Hourglass) -> None:
    wanted = by_hand(model, glass.pixels, corners=True)["scores"].argmax(1)[0].numpy()
    sizes = [level.size for level in glass.levels]
    height, width = glass.ids.shape
    got = hourglass.without_switches(model, glass.up[0].maps, sizes, glass.filled, (height, width))
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

    def same(sheet: dict[str, object], maps: np.ndarray, most: int) -> None:
        channels = np.asarray(sheet["channels"])
        assert 1 <= len(channels) <= most
        assert sheet["signed"] is bool(maps[channels % len(maps)].min() < 0)
        for bytes_, channel in zip(decoded(sheet), channels % len(maps), strict=True):
            low, high = maps[channel].min(), maps[channel].max()
            assert np.array_equal(bytes_, ((maps[channel] - low) / (high - low) * 255).round())

    assert len(data["rising"]) == len(glass.levels) + 1
    for level, shown, rising in zip(glass.levels, data["levels"], data["rising"][1:], strict=True):
        same(shown["before"], level.before, kept(level.small))
        same(rising, level.incoming, kept(level.small))
        assert shown["before"]["channels"] == rising["channels"], "switches of the same channels"
        means = np.abs(level.incoming).mean(axis=(1, 2))
        assert means[shown["before"]["channels"][0]] == means.max()
        packed = np.frombuffer(base64.b64decode(shown["switches"]), np.uint8)
        turns = (packed[:, None] >> np.array([0, 2, 4, 6]) & 3).ravel()
        wanted = level.switches[shown["before"]["channels"]].ravel()
        assert np.array_equal(turns[: wanted.size], wanted)
        assert (shown["own"], shown["channels"], shown["outputs"]) == (
            len(level.before), len(level.incoming), len(level.dense),
        )  # fmt: skip
    same(data["rising"][0], glass.levels[0].dense, kept(glass.levels[0].size))


def test_the_strip_leads_from_the_photo_to_the_mask(glass: Hourglass) -> None:
    data = payload(glass, Gallery(glass.stages))
    kinds = [box["kind"] for box in data["boxes"]]
    middle = ["deepest"] if glass.shared else ["pooled", "code"]
    count = len(glass.levels)
    assert kinds == ["photo", *["down"] * count, *middle, *["up"] * (count + 1), "mask"]
    for box in data["boxes"]:
        if "open" in box:
            maps = glass.stages[box["open"]].maps
            assert (box["channels"], *box["size"]) == maps.shape
            assert data["stages"][box["open"]]["channels"] == len(maps)
        if box["kind"] == "down":
            assert glass.stages[box["open"]] is glass.down[box["depth"] - 1]
        if box["kind"] == "up":
            assert glass.stages[box["open"]] is glass.up[box["up"]]
    assert json.dumps(data, allow_nan=False)


@pytest.mark.parametrize(
    ("size", "count"), [((7, 7), 12), ((14, 14), 12), ((28, 28), 8), ((41, 54), 5), ((161, 215), 2)]
)
def test_fewer_maps_are_sent_of_large_ones(size: tuple[int, int], count: int) -> None:
    assert kept(size) == count


@given(st.integers(0, 40), st.integers(0, 99))
def test_switches_are_packed_four_to_a_byte(count: int, seed: int) -> None:
    switches = np.random.default_rng(seed).integers(0, 4, count).astype(np.uint8)
    packed = packed_switches(switches)
    assert packed.size == -(-count // 4)
    assert [int(packed[i // 4]) >> 2 * (i % 4) & 3 for i in range(count)] == switches.tolist()


def test_strongest() -> None:
    maps = np.stack([np.full((2, 2), v, np.float32) for v in (1, -3, 0, 2)])
    assert hourglass.strongest(maps, 3).tolist() == [1, 3, 0]
