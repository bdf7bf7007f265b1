"""Every published figure has a source, and those that can be checked agree with our own arithmetic."""

from __future__ import annotations

import pytest

from core import facts
from core.maths import arithmetic as ar

ALL = {name: value for name, value in vars(facts).items() if isinstance(value, facts.Fact)}
ALL |= {f"REPORTED[{name}]": fact for name, fact in facts.REPORTED.items()}
ALL |= {f"FCN_CONVERTED[{name}]": fact for name, fact in facts.FCN_CONVERTED.items()}
ALL |= {f"RELEASED[{name}]": fact for name, fact in facts.RELEASED.items()}


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_figure_says_where_it_stands(name: str) -> None:
    fact = ALL[name]
    assert fact.where
    assert fact.unit
    assert str(fact.source).count(",") >= 2
    assert 1980 < fact.source.year <= 2026


def test_text_has_no_superfluous_digits() -> None:
    assert facts.FCN_GRID_MS.text == "22 ms"
    assert facts.FCN_CROP_MS.text == "1.2 ms"


def test_caffes_grid_is_the_papers() -> None:
    assert ar.output_size(ar.CAFFENET, 500) == facts.FCN_GRID_SIDE.value


def test_googlenets_receptive_field_is_the_papers() -> None:
    assert ar.receptive_field(ar.GOOGLENET).size == facts.FCN_GOOGLENET_FIELD.value


def test_published_speed_up_is_more_than_five_times() -> None:
    crops = facts.FCN_GRID_SIDE.value**2
    assert crops * facts.FCN_CROP_MS.value / facts.FCN_GRID_MS.value > 5  # the paper's own words


def test_first_layer_is_the_networks() -> None:
    import torch

    from core.models.classifiers import alexnet
    from core.models.convolutionalize import first_linear, linear_to_conv

    with torch.device("meta"):
        weight = linear_to_conv(first_linear(alexnet()), facts.ALEXNET_FC6.size).weight
    assert weight.shape == (facts.ALEXNET_FC6.outputs, facts.ALEXNET_FC6.channels, 6, 6)


def test_headline_figures_belong_to_the_papers_of_the_registry() -> None:
    from core.models.registry import spec

    for name, fact in facts.REPORTED.items():
        assert (
            fact.source.title in spec(name).paper.replace(" (", ": ")
            or fact.source.title.split(":")[0] in spec(name).paper
        )
        assert fact.data
        assert 50 < fact.value < 100


def test_figures_of_released_weights_are_those_that_torchvision_states() -> None:
    from core.models.torchvision_compat import torchvision

    for fact in facts.RELEASED.values():
        stated = torchvision.models.get_weight(fact.where).meta["_metrics"]
        assert stated["COCO-val2017-VOC-labels"]["miou"] == fact.value


def test_figures_under_one_label_have_one_data_set_and_one_pre_training() -> None:
    """PSPNet's 82.6 is without MS-COCO and the DeepLabs' 85.7 and 87.8 are with it: side by side that is a lie."""
    pspnet, v3, plus = (facts.REPORTED[name] for name in ("pspnet", "deeplabv3", "deeplabv3plus"))
    assert (pspnet.value, v3.value, plus.value) == (85.4, 85.7, 87.8)
    assert pspnet.data == v3.data == plus.data
    assert "MS-COCO" in pspnet.data
    assert {fact.data for name, fact in facts.REPORTED.items() if name.startswith("fcn")} != {pspnet.data}
    assert pspnet.data not in (facts.REPORTED["deconvnet"].data, facts.REPORTED["unet"].data)


def test_what_fcn_made_of_three_classifiers_is_its_first_table() -> None:
    assert {name: fact.value for name, fact in facts.FCN_CONVERTED.items()} == {
        "alexnet": 39.8,
        "vgg16": 56.0,
        "googlenet": 42.5,
    }
    assert {(fact.source, fact.where) for fact in facts.FCN_CONVERTED.values()} == {(facts.FCN, "table 1")}


def test_no_text_dates_a_graphics_card_that_the_paper_does_not_date() -> None:
    """FCN says "a typical GPU", U-Net "a recent GPU"."""
    from core.locale.messages import extract

    assert [m.id for m in extract() if m.id and "GPU of" in str(m.id)] == []
