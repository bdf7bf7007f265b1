"""The guide's steps are all there is: what is entered in the table of networks, or in the story, appears everywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from core import cli
from core.bench import forward, load
from core.concepts.sliding_window.screen import lanes
from core.engine import inference
from core.models import costs, segmenters, weights
from core.models.entry import LITE0, Kind, ModelSpec
from core.models.registry import SPECS
from core.passes import heatmaps
from core.server import guards
from core.ui import story
from tests.support.paths import ROOT


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Kind, str], str]:
    """Enters a network called ``example`` in the table and puts a weights file of that name where they lie."""
    for file in weights.FOLDER.iterdir():
        (tmp_path / file.name).symlink_to(file)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)

    def enter(kind: Kind, builder: str) -> str:
        entry = ModelSpec("example", "Example", "Nobody (2026)", kind, "voc-21", builder, preprocessing=LITE0)
        monkeypatch.setitem(SPECS, entry.name, entry)
        assert entry.name not in (*lanes.networks(), *segmenters.networks()), "it has no weights yet"
        (tmp_path / "example.safetensors").touch()
        return entry.name

    return enter


def listed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Names and tasks that ``python -m core models`` prints; what they cost is not asked here."""
    monkeypatch.setattr(costs, "cost", lambda name: costs.Cost(1, 2, 3))
    assert cli.main(["models", "--json"]) == 0
    return {row["name"]: row["task"] for row in json.loads(capsys.readouterr().out)}


def measured(monkeypatch: pytest.MonkeyPatch, measure: Callable[[], object]) -> list[str]:
    """Names of the networks that a part of the bench loads; nothing is run."""
    names: list[str] = []

    class Ready:
        def __init__(self, name: str) -> None:
            self.name, self.spec, self.module = name, SPECS[name], None

        def prepare(self, pixels: object) -> object:
            return torch.zeros(1, 3, 1, 1)

    def loaded(name: str) -> Ready:
        names.append(name)
        return Ready(name)

    monkeypatch.setattr(inference, "load", loaded)
    monkeypatch.setattr(heatmaps, "converted", lambda model: None)
    monkeypatch.setattr(forward, "in_turns", lambda repeats, *functions: [[1.0] for _ in functions])
    measure()
    return names


def test_a_new_classifier_races_is_listed_and_is_measured(
    entered: Callable[[Kind, str], str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = lanes.networks()
    assert before == ["efficientnet-lite0", "googlenet", "alexnet-slim", "vgg16-slim", "unet-em"]
    name = entered("classifier", "core.models.classifiers:alexnet_slim")
    assert lanes.networks() == [*before, name]
    assert name not in segmenters.networks()
    assert listed(capsys, monkeypatch)[name] == "classifier"
    assert measured(monkeypatch, lambda: forward.heatmap(1, name)) == [name]


def test_a_new_segmenter_is_compared_listed_and_measured(
    entered: Callable[[Kind, str], str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = segmenters.networks()
    name = entered("segmenter", "core.models.unet:unet_photos")
    assert segmenters.networks() == (*before, name)
    assert name not in lanes.networks()
    assert listed(capsys, monkeypatch)[name] == "segmenter"
    assert measured(monkeypatch, lambda: forward.comparison(1)) == [*before, name]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A page called ``example`` at the end of the story."""
    for entry in story.STORY:
        (tmp_path / entry.file.name).touch()
    monkeypatch.setattr(story, "_FOLDER", tmp_path)
    monkeypatch.setattr(story, "STORY", (*story.STORY, story.Entry("example", "Example")))
    story.available.cache_clear()
    assert "example" not in load.pages(), "its file is not there yet"
    (tmp_path / "example.py").touch()
    story.available.cache_clear()
    yield "example"
    monkeypatch.undo()
    story.available.cache_clear()


def test_a_new_page_is_visited_by_the_bench_and_is_a_page_to_the_guards(written: str) -> None:
    assert load.pages() == (*(entry.name for entry in story.STORY[1:-1]), written)
    assert guards.kind(f"/{written}") == "page"
    assert guards.kind(f"/{written}/_stcore/stream") == "websocket"


def test_every_page_is_a_page_to_the_guards() -> None:
    assert {guards.kind(f"/{entry.name}") for entry in story.STORY} == {"page"}
    assert guards.kind("/") == "page"


DOCS = sorted(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md"))
GUIDES = ["README.md", "CONTRIBUTING.md", "SAMPLES.md", "NOTICE", *DOCS]


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_names_files_that_are_there(guide: str) -> None:
    words = (ROOT / guide).read_text(encoding="utf-8")
    files = {word.rstrip(".") for word in re.findall(r"(?<![\w/.])(?:core|tests|pages|deploy|docs)/[\w./-]+", words)}
    assert not [file for file in files if "NAME" not in file and "CODE" not in file and not (ROOT / file).exists()]


def _is_there(name: str) -> bool:
    """Whether ``core.a.b.c`` is a module, or something that one of its modules names."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:end])
        file = place.with_suffix(".py") if place.with_suffix(".py").is_file() else place / "__init__.py"
        if file.is_file():
            return end == len(parts) or bool(re.search(rf"\b{parts[end]}\b", file.read_text(encoding="utf-8")))
    return False


def test_docstrings_refer_to_what_is_there() -> None:
    sources = [file for folder in ("core", "pages", "tests") for file in (ROOT / folder).rglob("*.py")]
    found = {
        name
        for file in sources
        for name in re.findall(r":(?:mod|func|class|data|attr|meth):`~?(core(?:\.\w+)+)`", file.read_text("utf-8"))
    }
    assert len(found) > 50
    assert not [name for name in found if not _is_there(name)]
