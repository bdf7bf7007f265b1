"""The list of the chapter on the first page."""

from __future__ import annotations

from core.concepts.home.screen import chapters
from core.ui import story
from core.ui.chapters import CHAPTERS


def test_every_page_of_the_chapter_has_its_problem_and_its_idea() -> None:
    named = {entry.name for entry in chapters.chapter()}
    assert named == {entry.name for entry in story.available()[1:] if entry.group == story.CHAPTER}
    assert named == {chapter.page for chapter in CHAPTERS} | set(chapters.BETWEEN)
    assert all(chapters._row(name).count("→") >= 1 for name in named)
