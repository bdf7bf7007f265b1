"""torchvision's segmenters: its layers, its keys, its logits, its figures; and the way from its file to a mask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from core.engine import inference
from core.models import downloads, pretrained, segmenters
from core.models.costs import cost
from core.models.registry import build, spec
from core.models.torchvision_compat import torchvision
from core.passes.segmentation import segment, size_for
from core.pictures import images
from core.pictures.labels import VOC
from tests.support.weights_server import instead_of_torchvision, theirs

# name, parameters without the auxiliary classifier, channels of the map that it reads (0: there is none), its stride
NETWORKS = {
    "fcn-resnet50": (32_957_013, 1024, 8),
    "deeplabv3-resnet50": (39_638_869, 1024, 8),
    "deeplabv3-mobilenetv3": (11_025_477, 40, 8),
    "lraspp-mobilenetv3": (3_221_538, 0, 8),
}


def test_these_are_the_optional_ones() -> None:
    assert set(segmenters.optional()) == set(NETWORKS)


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters_and_multiply_adds_are_torchvisions(name: str) -> None:
    """Its own figures count the auxiliary classifier: a 3x3 to a quarter of the channels, batch norm, a 1x1."""
    parameters, channels, stride = NETWORKS[name]
    meta = torchvision.models.get_weight(pretrained._WEIGHTS[name]).meta
    price, quarter, cells = cost(name, 520), channels // 4, (520 // stride) ** 2
    assert price.parameters == parameters
    auxiliary = 9 * channels * quarter + 2 * quarter + 21 * quarter + 21 if channels else 0
    assert parameters + auxiliary == meta["num_params"]
    adds = cells * (9 * channels * quarter + 21 * quarter)
    assert (price.multiply_adds + adds) / 1e9 == pytest.approx(meta["_ops"], abs=6e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_entry_is_what_torchvision_says(name: str) -> None:
    weights, entry = torchvision.models.get_weight(pretrained._WEIGHTS[name]), spec(name)
    plan = weights.transforms()
    assert plan.resize_size == [entry.short_side]
    assert entry.preprocessing.mean == pytest.approx([255 * v for v in plan.mean])
    assert entry.preprocessing.std == pytest.approx([255 * v for v in plan.std])
    assert entry.download_mb == round(weights.meta["_file_size"])
    ours = [title.replace(" ", "").lower() for title in VOC]
    assert ["background", *weights.meta["categories"][1:]] == ours  # the same ids
    source = pretrained.remote(name)
    assert source is not None
    assert (source.url, source.megabytes) == (weights.url, weights.meta["_file_size"])


@pytest.mark.parametrize("name", NETWORKS)
def test_output_stride_is_that_of_the_map_that_is_classified(name: str) -> None:
    with torch.device("meta"):
        maps = build(name).eval().backbone(torch.zeros(1, 3, 480, 480))  # type: ignore[operator]
    assert max(480 // m.shape[-1] for m in maps.values()) == spec(name).output_stride


@pytest.mark.parametrize("name", NETWORKS)
def test_keys_and_logits_are_torchvisions(name: str) -> None:
    official = theirs(name)
    state = {key: value for key, value in official.state_dict().items() if not key.startswith("aux")}
    with torch.device("meta"):
        ours = build(name).eval()
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict(state, assign=True)
    x = torch.rand(1, 3, 97, 131)
    with torch.inference_mode():
        assert torch.equal(ours(x), official(x)["out"])


@pytest.mark.parametrize("name", ["lraspp-mobilenetv3", "deeplabv3-mobilenetv3"])
def test_from_the_server_to_a_mask(name: str, tmp_path: Path, torch_loaded: None) -> None:
    """One without an auxiliary classifier in its file, and one with it."""
    picture = images.sample("cat")
    with instead_of_torchvision(name, tmp_path / "there") as source:
        with pytest.raises(pretrained.WeightsAbsent, match=rf"not here yet.*python -m core fetch {name}.*bundled"):
            inference.load(name)
        job = pretrained.start(name)
        job.join(60)
        assert (job.state, job.share, job.total) == ("finished", 1.0, source.file.stat().st_size)
        found = segment(inference.load(name), picture)
        height, width = picture.pixels.shape[:2]
        assert found.input_size == size_for(spec(name), width, height)
        assert min(found.input_size) == 520
        small = Image.fromarray(picture.pixels).resize(found.input_size, Image.Resampling.BILINEAR)
        plan = torchvision.transforms._presets.SemanticSegmentation(resize_size=None)
        with torch.inference_mode():
            scores = source.network(plan(small)[None])["out"]
            wanted = F.interpolate(scores, (height, width), mode="bilinear", align_corners=False).argmax(1)[0]
        assert (found.ids == wanted.numpy()).mean() > 0.9999
        assert len(np.unique(found.ids)) > 1


def test_a_panorama_takes_no_more_than_twice_the_square() -> None:
    for name in NETWORKS:
        assert size_for(spec(name), 1024, 256) == (1040, 260)
        assert size_for(spec(name), 400, 300) == (693, 520)


def test_a_file_with_other_bytes_is_refused(tmp_path: Path) -> None:
    name = "lraspp-mobilenetv3"
    with instead_of_torchvision(name, tmp_path) as source:
        body = source.server.files[source.file.name]
        source.server.files[source.file.name] = body[:-1] + bytes([body[-1] ^ 1])
        job = pretrained.start(name)
        job.join(60)
        assert job.state == "failed"
        assert str(job.error) == f"The file {source.file.name} arrived damaged: try again."
        assert list(tmp_path.iterdir()) == []


def test_weights_of_another_network_are_removed_and_named(tmp_path: Path, torch_loaded: None) -> None:
    with instead_of_torchvision("lraspp-mobilenetv3", tmp_path) as source:
        torch.save({"backbone.0.0.weight": torch.zeros(3)}, source.file)
        with pytest.raises(downloads.DownloadError, match="is damaged and was removed: fetch it again"):
            inference.load("lraspp-mobilenetv3")
        assert not source.file.exists()
