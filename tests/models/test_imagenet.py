"""Class names against torchvision's list, groups against the names they claim to hold."""

from __future__ import annotations

import pytest

from core.models import imagenet
from core.models.torchvision_compat import torchvision


def test_names_are_torchvisions() -> None:
    assert list(imagenet.class_names()) == torchvision.models.AlexNet_Weights.IMAGENET1K_V1.meta["categories"]


def test_groups_are_disjoint_and_hold_known_members() -> None:
    groups = imagenet.groups()
    names = imagenet.class_names()
    ids = [i for group in groups.values() for i in group.ids]
    assert len(ids) == len(set(ids))
    assert all(0 <= i < 1000 for i in ids)
    members = {key: {names[i] for i in group.ids} for key, group in groups.items()}
    assert members["cat"] == {"tabby", "tiger cat", "Persian cat", "Siamese cat", "Egyptian cat"}
    assert len(members["dog"]) == 118  # ILSVRC-2012's breeds
    assert {"Chihuahua", "Mexican hairless", "golden retriever"} <= members["dog"]
    assert not {"timber wolf", "dingo", "kit fox"} & members["dog"]
    assert {"robin", "king penguin", "peacock", "flamingo", "cock", "albatross"} <= members["bird"]
    assert not {"tusker", "grey whale"} & members["bird"]
    assert {"pizza", "banana", "espresso"} <= members["food"]
    assert "cup" not in members["food"]


@pytest.mark.parametrize(
    ("label", "ids"),
    [("tabby", (281,)), ("TABBY", (281,)), (" 281 ", (281,)), ("cat", (281, 282, 283, 284, 285))],
)
def test_labels_are_found(label: str, ids: tuple[int, ...]) -> None:
    assert imagenet.resolve(label) == ids


def test_title_of_a_group_is_a_label() -> None:
    assert imagenet.resolve("any cat") == imagenet.groups()["cat"].ids


@pytest.mark.parametrize("label", ["", "tabbi", "1000", "-1", "xyzzy", "dog house"])
def test_unknown_labels_are_one_sentence(label: str) -> None:
    with pytest.raises(imagenet.LabelError) as caught:
        imagenet.resolve(label)
    assert "\n" not in str(caught.value)


def test_near_misses_are_named() -> None:
    with pytest.raises(imagenet.LabelError, match=r"try .*tabby"):
        imagenet.resolve("tabbi")
    with pytest.raises(imagenet.LabelError, match="golden retriever"):
        imagenet.resolve("retriever")


def test_korean_titles_have_the_english_name_beside_them() -> None:
    titles = imagenet.titles("ko")
    assert len(set(titles)) == 1000
    for title, name in zip(titles, imagenet.class_names(), strict=True):
        korean = title.removesuffix(f" ({name})")
        assert korean != title
        assert any("가" <= letter <= "힣" for letter in korean), title
    by_name = dict(zip(imagenet.class_names(), titles, strict=True))
    assert by_name["Egyptian cat"].startswith("이집트고양이")  # one in each hundred or so, so that no line has slipped
    known = {"goldfish": "금붕어", "golden retriever": "골든 리트리버", "zebra": "얼룩말", "airliner": "여객기"}
    known |= {"dining table": "식탁", "laptop": "노트북 컴퓨터", "pizza": "피자", "toilet tissue": "두루마리 화장지"}
    known |= {"pirate": "해적선", "umbrella": "우산", "flamingo": "플라밍고", "castle": "성", "mouse": "컴퓨터 마우스"}
    assert {name: by_name[name].removesuffix(f" ({name})") for name in known} == known
    assert imagenet.titles("en") == imagenet.class_names()
