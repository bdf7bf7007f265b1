"""What the page about FCN says beside its pictures: upsampling, the two additions, the table of sizes."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch

from core import facts
from core.concepts.fcn.screen import grid_size, upsampling
from core.maths import arithmetic
from core.models import fcn
from core.models.measured import measurements
from core.models.registry import spec


@pytest.mark.parametrize(("name", "additions"), [("fcn32s", 0), ("fcn16s", 1), ("fcn8s", 2)])
def test_additions_are_those_that_the_page_names(name: str, additions: int) -> None:
    """32s adds nothing; 16s doubles and adds scores of stride 16; 8s doubles the sum and adds scores of stride 8."""
    network = getattr(fcn, name)().eval()
    sides: list[int] = []
    for layer in network.decoder.skip_scores:
        layer.register_forward_hook(lambda _m, _x, out: sides.append(out.shape[-1]))
    with torch.inference_mode():
        out = network.decoder(network.encoder.forward_features(torch.zeros(1, 3, 129, 129)))
    assert [128 // (side - 1) for side in sides] == [16, 8][:additions]
    assert 128 // (out.shape[-1] - 1) == spec(name).output_stride == 32 >> additions
    published = getattr(fcn, f"{name}_vgg16")
    with torch.device("meta"):
        theirs = published()
    assert len(theirs.skip_scores) == additions
    assert theirs.enlarge.stride[0] == 32 >> additions, "only then they enlarge"


def test_the_section_on_upsampling_has_the_papers_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(upsampling.st, "markdown", said.append)
    upsampling.draw()
    (text,) = said
    assert all(fact.text in text for fact in facts.FCN_CONVERTED.values())
    assert all(facts.REPORTED[name].text in text for name in upsampling.NETWORKS)
    scores = [facts.REPORTED[name].value for name in upsampling.NETWORKS]
    assert scores == sorted(scores), "with each addition"
    assert "16 and 8 times" in text
    outlines = [measurements()[name].voc.boundary for name in upsampling.NETWORKS]  # type: ignore[union-attr]
    assert ", ".join(f"{score:.0%}" for score in outlines) in text
    for word in ("downsample", "upsampled", "Nearest neighbour", "bilinear", "unpooling", "transposed convolution"):
        assert word in text


@pytest.mark.parametrize("name", grid_size.RIGID)
def test_every_row_of_the_table_of_sizes_is_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Padding stands on both sides: the formula with one p would be wrong in every padded row."""
    tables: list[list[dict[str, Any]]] = []
    monkeypatch.setattr(grid_size.st, "table", tables.append)
    grid_size.growth(name, 448, 320)
    assert tables[0]
    for row in tables[0]:
        ((head, formula),) = [(key, value) for key, value in row.items() if "⌋" in key]
        assert "p + p′" in head
        side, padding, kernel, stride = map(int, re.findall(r"\d+", formula)[:4])
        assert side == int(row["in"])
        up = -(-(side + padding - kernel) // stride) if "⌈" in formula else (side + padding - kernel) // stride
        assert up + 1 == int(row["out"])
    layers = {layer.name: layer for layer in arithmetic.CHAINS[name]}
    for row in tables[0]:
        layer = layers[row["layer"]]
        assert layer.total_padding == layer.padding + (
            layer.padding if layer.padding_after is None else layer.padding_after
        )
