"""Memory page by page: kept, read again, and said; nothing is said where nothing was measured."""

from __future__ import annotations

import os
from pathlib import Path

from core.bench import memory
from core.bench.memory import Seen

PAGES = [Seen("", 308.2, 310.0), Seen("compare", 612.4, 700.6)]


def test_what_was_measured_is_kept_and_said(tmp_path: Path) -> None:
    file = tmp_path / "memory.json"
    assert memory.kept(file) == []
    assert memory.markdown([]) == ""
    memory.keep(PAGES, file)
    assert memory.kept(file) == PAGES
    text = memory.markdown(memory.kept(file))
    assert "| home | 308 MB | 310 MB |" in text
    assert "| compare | 612 MB | 701 MB |" in text
    assert text.endswith("612 MB after all of them, of the 690 that Streamlit Community Cloud promises at least.")


def test_the_most_is_never_less_than_what_is_there() -> None:
    assert memory.peak(os.getpid()) >= 0.99 * memory.memory(os.getpid())
