"""The 1000 ImageNet classes by name, and groups of them that people ask for ("any cat").

The list is ILSVRC-2012's in its official order, as torchvision prints it; a test compares the two. Reading it needs no
PyTorch, so that a page can offer the choice before a network is loaded.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.errors import N_, SegScopeError


class LabelError(SegScopeError):
    """A label that is neither a class nor a group."""


@cache
def class_names() -> tuple[str, ...]:
    """The 1000 names; the position is the class id."""
    return tuple((Path(__file__).parent / "imagenet_classes.txt").read_text(encoding="utf-8").splitlines())


@cache
def titles(code: str) -> tuple[str, ...]:
    """What a page calls the classes in the language ``code``: the name there, the English one beside it. English has
    no other, and so has a language without a list of its own."""
    own = Path(__file__).with_name(f"imagenet_classes_{code}.txt")
    if not own.is_file():
        return class_names()
    names = own.read_text(encoding="utf-8").splitlines()
    return tuple(f"{name} ({english})" for name, english in zip(names, class_names(), strict=True))


@dataclass(frozen=True)
class Group:
    """Classes whose probabilities are added.

    Attributes:
        key: short name for addresses and the command line.
        title: name on screen (English, marked for translation).
        ids: class ids, increasing.
    """

    key: str
    title: str
    ids: tuple[int, ...]


def _ids(*names: str) -> tuple[int, ...]:
    index = {name: i for i, name in enumerate(class_names())}
    return tuple(sorted(index[name] for name in names))


@cache
def groups() -> dict[str, Group]:
    """The groups by key, in the order in which they are offered."""
    return {
        group.key: group
        for group in (
            Group("cat", N_("any cat"), tuple(range(281, 286))),
            Group("dog", N_("any dog"), tuple(range(151, 269))),
            Group("bird", N_("any bird"), (*range(7, 25), *range(80, 101), *range(127, 147))),
            Group(
                "vehicle",
                N_("any road vehicle"),
                _ids(
                    *("ambulance", "beach wagon", "cab", "convertible", "fire engine", "garbage truck", "jeep"),
                    *("limousine", "minibus", "minivan", "Model T", "moped", "motor scooter", "moving van", "pickup"),
                    *("police van", "racer", "recreational vehicle", "school bus", "sports car", "streetcar"),
                    *("tow truck", "tractor", "trailer truck", "trolleybus", "bicycle-built-for-two", "mountain bike"),
                ),
            ),
            Group(
                "building",
                N_("any building"),
                _ids(
                    *("bakery", "barn", "bell cote", "boathouse", "bookshop", "butcher shop", "castle", "church"),
                    *("cinema", "greenhouse", "grocery store", "library", "monastery", "mosque", "palace", "prison"),
                    *("restaurant", "shoe shop", "stupa", "tobacco shop", "toyshop", "triumphal arch", "yurt"),
                ),
            ),
            Group(
                "furniture",
                N_("any furniture"),
                _ids(
                    *("barber chair", "bassinet", "bookcase", "chest", "chiffonier", "china cabinet", "cradle", "crib"),
                    *("desk", "dining table", "entertainment center", "folding chair", "four-poster", "park bench"),
                    *("rocking chair", "studio couch", "table lamp", "throne", "wardrobe"),
                ),
            ),
            Group("food", N_("any food or drink"), tuple(i for i in range(924, 970) if class_names()[i] != "cup")),
        )
    }


def resolve(label: str) -> tuple[int, ...]:
    """Class ids of a label: a group's key or title, a class id, or a class name (case does not matter).

    Raises:
        LabelError: nothing of that name; the sentence names what comes close.
    """
    wanted = label.strip().casefold()
    for group in groups().values():
        if wanted in (group.key, group.title):
            return group.ids
    names = [name.casefold() for name in class_names()]
    if wanted in names:
        return (names.index(wanted),)
    if wanted.isdecimal() and int(wanted) < len(names):
        return (int(wanted),)
    near = difflib.get_close_matches(wanted, [*names, *(g.title for g in groups().values())], n=3, cutoff=0.5)
    near += [name for name in names if wanted and wanted in name and name not in near][: 5 - len(near)]
    if near:
        raise LabelError(N_("There is no label “{label}”: try {near}."), label=label, near=", ".join(near))
    raise LabelError(N_("There is no label “{label}”: use the name of an ImageNet class, or “any cat”."), label=label)
