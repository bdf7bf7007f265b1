"""The page about U-Net without a browser: what it sends, and what it says in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.engine import inference
from core.models import measured
from core.passes import counting
from core.pictures import images
from tests.ui.test_pages import opened, unfolded, words


def choice(test: AppTest) -> Any:
    """The widget for the network."""
    return next(group for group in test.button_group if str(group.key).endswith("/net"))


def network_of(test: AppTest) -> str:
    """The chosen network's name."""
    assert not test.exception
    return str(choice(test).value)


@pytest.mark.usefixtures("torch_loaded")
@pytest.mark.parametrize(("language", "said"), [("en", "To be exact"), ("ko", "드롭아웃은 수축 경로의 끝에만")])
def test_whole_page(language: str, said: str) -> None:
    test = opened("unet", lang=language)
    assert not test.exception
    assert not test.error
    assert said in words(test)
    assert not test.code
    assert "decode" in unfolded(test).code[0].value


@pytest.mark.usefixtures("torch_loaded")
@pytest.mark.parametrize(("language", "said"), [("en", "people marked **24**"), ("ko", "표시한 세포핵은 **24**개")])
def test_it_opens_with_nuclei_counted_beside_the_true_count(language: str, said: str) -> None:
    test = opened("unet", lang=language)
    found = counting.count(inference.load("unet-nuclei"), images.sample("nuclei")).number
    assert said in words(test)
    assert f"**{found}**" in words(test)
    assert network_of(test) == "unet-nuclei"
    assert test.metric[0].value == f"{(316 / 132) ** 2:.2f} ×"
    assert '"nuclei")' in unfolded(test).code[0].value


@pytest.mark.usefixtures("torch_loaded")
def test_a_photo_gets_a_network_for_photos_and_nuclei_get_theirs() -> None:
    test = opened("unet", img="cat")
    first = network_of(test)
    assert first == "unet-mobilenetv2"
    test.session_state["picture_choice"] = "nuclei-tissue"
    assert network_of(test.run()) == "unet-nuclei"
    test.session_state["picture_choice"] = "dog"
    assert network_of(test.run()) == first
    choice(test).set_value("unet-em").run()
    test.session_state["picture_choice"] = "nuclei-grey"
    assert network_of(test.run()) == "unet-em", "a network that was chosen stays"


@pytest.mark.usefixtures("torch_loaded")
@pytest.mark.parametrize(("language", "said"), [("en", "and nothing before"), ("ko", "사전 학습 없이")])
def test_what_the_network_from_scratch_can_know_is_said(language: str, said: str) -> None:
    test = opened("unet", img="cat", net="unet", lang=language)
    own = measured.measurements()["unet"].voc
    assert own is not None
    assert [c.value for c in test.caption if said in c.value and f"{own.miou:.0%}" in c.value]
    assert said not in words(opened("unet", img="cat", lang=language))


@pytest.mark.usefixtures("torch_loaded")
def test_an_old_address_leads_to_the_network_that_took_the_place() -> None:
    assert network_of(opened("unet", img="cat", net="unet-lite0", pin="100.60")) == "unet-mobilenetv2"


@pytest.mark.usefixtures("torch_loaded")
def test_the_network_for_nuclei_offers_its_own_kind_for_a_photo() -> None:
    test = opened("unet", net="unet-nuclei", img="cat")
    assert "people marked" not in words(test)
    assert "nuclei, each in a colour of its own." in words(test)
    next(button for button in test.button if button.label == "Choose a picture of nuclei").click().run()
    assert not test.exception
    assert "people marked **24**" in words(test)


@pytest.mark.usefixtures("torch_loaded")
def test_no_picture_is_offered_for_the_network_for_membranes() -> None:
    test = opened("unet", net="unet-em", img="cells")
    assert "electron micrographs of nerve tissue" in words(test)
    assert not [button for button in test.button if button.label.startswith("Take")]


@pytest.mark.usefixtures("torch_loaded")
def test_membranes_show_tiles_and_their_price() -> None:
    test = opened("unet", net="unet-em", img="cells")
    assert not test.exception
    assert test.metric[0].value == "2.17 ×"


@pytest.mark.usefixtures("torch_loaded")
def test_table_of_sizes_is_the_papers() -> None:
    test = opened("unet")
    steps = test.dataframe[0].value.iloc[:, 2].tolist()
    assert steps[0] == "572 → 570 → 568"
    assert steps[4] == "32 → 30 → 28"
    assert steps[-1] == "392 → 390 → 388"
    assert "31,030,658" in words(test)


def test_the_box_counts_the_layers_of_dropout_as_the_network_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from core.concepts.unet.screen import structure
    from core.models.unet import LEVELS, UNet

    network, calls, stages = UNet(width=2).train(), [], []
    network.dropout.register_forward_hook(lambda _m, _x, out: calls.append(out.shape[1]))
    for block in (*network.contracting, network.bottom):
        block.register_forward_hook(lambda _m, _x, out: stages.append(out.shape[1]))
    with torch.no_grad():
        network(torch.rand(1, 1, 188, 188))
    assert calls == stages[-2:], "after the last block of the way down and at the bottom, nowhere else"
    assert len(stages) == LEVELS + 1 == 5
    said: list[str] = []
    monkeypatch.setattr(structure.page, "honest_box", lambda *paragraphs: said.extend(paragraphs))
    structure.honest_box()
    dropout = next(text for text in said if "Dropout" in text)
    assert "one place" not in dropout
    assert "twice: after the fourth block and at the bottom" in dropout


def test_maps_are_concatenated_where_fcn_adds() -> None:
    import torch

    from core.models.unet import UNet

    network, seen = UNet(width=2).eval(), []
    for up, block in zip(network.up, network.expanding, strict=True):
        up.register_forward_hook(lambda _m, x, out: seen.append((x[0].shape[1], out.shape[1])))
        block.register_forward_pre_hook(lambda _m, x: seen.append((x[0].shape[1],)))
    with torch.no_grad():
        network(torch.rand(1, 1, 188, 188))
    for (before, after), (joined,) in zip(seen[::2], seen[1::2], strict=True):
        assert after == before / 2, "it halves the channels"
        assert joined == 2 * after, "channel behind channel"


def test_the_u_nets_for_photos_pad_normalise_and_crop_nothing() -> None:
    import torch
    from torch import nn

    from core.models.registry import build

    for name in ("unet", "unet-mobilenetv2"):
        network = build(name).eval()
        assert any(isinstance(layer, nn.BatchNorm2d) for layer in network.modules())
        with torch.no_grad():
            assert network(torch.zeros(1, 3, 96, 128)).shape[-2:] == (96, 128)
    with torch.device("meta"):
        assert not any(isinstance(layer, nn.BatchNorm2d) for layer in build("unet-em").modules())
