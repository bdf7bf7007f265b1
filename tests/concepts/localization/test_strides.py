"""One network at three output strides: the same weights and the same sight, and an outline that gets worse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.concepts.localization import strides, window_sweep
from core.concepts.localization.screen import results, stride, window
from core.concepts.localization.window_sweep import Grade
from core.engine import inference
from core.maths import arithmetic, geometry
from core.models import measured
from core.models.registry import SPECS, spec
from core.passes import ablation
from core.pictures import images, reference
from core.ui.kit import made_for
from tests.ui.test_pages import opened, words


def test_only_the_stride_changes() -> None:
    model = inference.load(strides.NETWORK)
    fields = {arithmetic.receptive_field(arithmetic.mobilenetv2(s)).size for s in strides.STRIDES}
    assert len(fields) == 1, "every cell sees the same pixels"
    x = torch.rand(1, 3, 97, 129)
    maps = {}
    for s in strides.STRIDES:
        network = ablation.at_stride(model.module, s)  # type: ignore[arg-type]
        ours, theirs = network.state_dict(), model.module.state_dict()
        assert all(torch.equal(ours[key], theirs[key]) for key in theirs), "the same weights"
        with torch.inference_mode():
            maps[s] = network.encoder(x)
        assert maps[s].shape[-2:] == (geometry.cells(97, s), geometry.cells(129, s))
    assert torch.allclose(maps[8][..., ::2, ::2], maps[16], atol=1e-4)
    assert torch.allclose(maps[8][..., ::4, ::4], maps[32], atol=1e-4)


def read(key: str) -> tuple[strides.Read, ...]:
    picture = images.sample(key)
    pixels = window_sweep.render(picture.pixels)
    known = reference.bundled(picture)
    assert known is not None
    return strides.read(inference.load(strides.NETWORK), pixels, window_sweep.at_scale(known.ids, pixels))


@pytest.mark.parametrize("key", ["kitten", "dog", "street"])
def test_the_outline_gets_worse_with_every_doubling(key: str) -> None:
    seen = read(key)
    assert [each.stride for each in seen] == [8, 16, 32]
    scores = [each.grade.boundary for each in seen]
    limits = [each.limit for each in seen]
    assert scores == sorted(scores, reverse=True)
    assert limits == sorted(limits, reverse=True)
    assert scores[0] > 1.3 * scores[-1]
    assert stride.says(seen).startswith("With every doubling of the stride the outline gets worse")
    assert f"{scores[0]:.0%} at stride 8" in stride.says(seen)


def test_where_it_does_not_the_sentence_says_so() -> None:
    blank = np.zeros((2, 2), np.uint8)
    seen = [strides.Read(s, blank, Grade(1, 1, b), 1) for s, b in ((8, 0.24), (16, 0.29), (32, 0.21))]
    assert "does not get worse with every doubling" in stride.says(seen)


def test_without_a_reference_the_finest_answer_counts_as_right() -> None:
    pixels = window_sweep.render(images.sample("dog").pixels)
    first, *rest = strides.read(inference.load(strides.NETWORK), pixels, None)
    assert first.grade == (1, 1, 1)
    assert all(each.grade.boundary < 1 for each in rest)


def test_what_the_windows_show_follows_the_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    """The four classifiers do not show that seeing more blurs: their outlines get better with the window."""
    known = measured.measurements()
    errors = [1 - known[name].voc.boundary for name in results.PATCHES]  # type: ignore[union-attr]
    assert errors == sorted(errors, reverse=True)
    assert "*falls* as the window grows" in window.shows()
    assert f"from {errors[0]:.0%} to {errors[-1]:.0%}" in window.shows()
    turned = dict(known)
    for name, other in zip(results.PATCHES, reversed(results.PATCHES), strict=True):
        turned[name] = replace(known[other])
    monkeypatch.setattr(window, "measurements", lambda: turned)
    assert "*falls*" not in window.shows()


def test_output_strides_are_those_of_the_maps() -> None:
    """What the figure prints below each mask, of U-Net too: its decoder ends at half the picture's resolution."""
    network = inference.load(results.FREE).module
    with torch.inference_mode():
        scores = network.decoder(network.encoder.forward_features(torch.zeros(1, 3, 257, 257)))  # type: ignore[union-attr,operator]
    assert (257 - 1) // (scores.shape[-1] - 1) == spec(results.FREE).output_stride == 2


@pytest.mark.parametrize("layer", [9, 13, 17])
def test_most_of_the_gradient_of_a_deep_layer_comes_from_a_much_smaller_square(layer: int) -> None:
    pixels = window_sweep.render(images.sample("dog").pixels)
    found = window_sweep.field(inference.load("fcn8s"), pixels, 200, 160, layer)
    assert found.share < 0.5


@pytest.mark.parametrize("name", sorted(SPECS))
def test_a_network_is_offered_its_kind_of_picture_or_says_that_it_is_not(name: str) -> None:
    labels = spec(name).labels
    for sample in images.SAMPLES:
        photo = sample.kind not in made_for.MICROGRAPHS
        fits = sample.kind == "nuclei" if labels == "nuclei" else labels != "em" and photo
        assert (made_for.sentence(name, sample) == "") is fits, (name, sample.key)
    assert (made_for.sentence(name, None) != "") is (labels == "em")


@pytest.mark.usefixtures("torch_loaded")
def test_the_exhibit_of_the_stride_stands_first() -> None:
    test = opened("localization", img="dog")
    assert not test.exception
    assert "gets worse" not in words(test), "the answer, before a guess"
    (guess,) = [group for group in test.button_group if group.key and group.key.startswith("localization-stride-")]
    said = words(guess.set_value(-1).run())
    assert said.index("**Localization** says where") < said.index("gets worse on this photo")
    assert [s.value for s in test.subheader][:2] == ["Only the stride", "Four windows"]
    assert "two opposite corners fix it" in said
    assert "Luo, Li, Urtasun, Zemel" in said
    assert "Zhou, Khosla" in said
    assert not [b for b in test.button if b.key == "made-for"]
    cells = opened("localization", img="cells")
    assert not cells.exception
    assert [b for b in cells.button if b.key == "made-for"]
