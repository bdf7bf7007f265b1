"""The benchmark: what it prints, and that its ratios make sense. Never how long anything took."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch

from core import machine
from core.bench import __main__ as program
from core.bench import browser, forward, pages, race, report
from core.bench.report import Measurement
from core.engine import inference
from core.pictures import images

LOAD = Measurement("cold load", 1574.2, "kB", "empty app", 2691.0, 3)
PAGE = Measurement("rerun of fcn", 42.6789, "ms", samples=9)


def test_ratio_needs_something_to_compare_with() -> None:
    assert LOAD.ratio == pytest.approx(0.585, abs=1e-3)
    assert PAGE.ratio is None


def test_table_is_aligned_and_rounded() -> None:
    head, rule, *lines = report.table([LOAD, PAGE]).splitlines()
    assert len({len(line) for line in (head, rule, *lines)}) == 1
    assert "1,574 kB" in lines[0]
    assert "0.58" in lines[0]
    assert "42.7 ms" in lines[1]


def test_markdown_has_one_line_for_each_and_names_the_machine() -> None:
    text = report.markdown([LOAD, PAGE], {"CPU": "a 6502", "Python": "3.12.1"}, ["Not measured: x"])
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 4
    assert len({line.count("|") for line in table}) == 1
    assert "CPU a 6502, Python 3.12.1" in text
    assert text.endswith("Not measured: x")


def test_json_carries_the_ratio() -> None:
    data = json.loads(report.as_json([LOAD, PAGE], {"CPU": "a 6502"}, []))
    assert [entry["ratio"] for entry in data["measurements"]] == [LOAD.ratio, None]
    assert data["machine"] == {"CPU": "a 6502"}


def test_readme_section_is_replaced_in_place_and_only_that(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"# Title\n\n{report.BEGIN}\nold\n{report.END}\n\nThe rest\n", encoding="utf-8")
    report.into_readme(readme, "new")
    report.into_readme(readme, "newer")
    assert readme.read_text(encoding="utf-8") == f"# Title\n\n{report.BEGIN}\nnewer\n{report.END}\n\nThe rest\n"


@pytest.mark.parametrize("old", ["# Title\n", "", f"broken {report.BEGIN} for good\n"])
def test_readme_without_a_section_gets_one_at_its_end(old: str, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(old, encoding="utf-8")
    report.into_readme(readme, "new")
    text = readme.read_text(encoding="utf-8")
    assert text.startswith(old.rstrip())
    assert text.endswith(f"{report.BEGIN}\nnew\n{report.END}\n")


def test_machine_is_named() -> None:
    where = machine.here()
    assert set(where) == {"CPU", "Python", "PyTorch", "Streamlit", "system", "load before"}
    assert all(where.values())
    assert f"({os.cpu_count()} cores)" in where["CPU"]


def test_turns_are_fair() -> None:
    """Two warm-up calls each; then every function equally often, and each of them first as often as the others."""
    order: list[str] = []
    times = forward.in_turns(4, lambda: order.append("a"), lambda: order.append("b"))
    assert "".join(order) == "abab" + "abba" * 2
    assert [len(series) for series in times] == [4, 4]
    assert all(second >= 0 for series in times for second in series)


def near_one(measure: Callable[[], Sequence[Measurement]]) -> Sequence[Measurement]:
    """What ``measure`` finds when its first ratio is between a half and four; it may try five times.

    On a quiet machine the ratio is near 1. On a busy one a stall can hit all samples of one side and none of the
    other's, which says nothing about our code; a wrong baseline is outside every time.
    """
    ratios = []
    for _ in range(5):
        found = measure()
        assert found[0].ratio is not None
        ratios.append(found[0].ratio)
        if 0.5 < found[0].ratio < 4:
            return found
    pytest.fail(f"Always outside a half to four: {ratios}")


def test_heatmap_costs_more_than_its_pass_but_not_a_multiple() -> None:
    (measured,) = near_one(lambda: [forward.heatmap(5, side=224)])
    assert measured.samples == 5
    assert "224" in measured.what


def test_lanes_of_the_race_are_measured_in_turns() -> None:
    lane, batched, single = near_one(lambda: race.lanes(1, side=256))
    assert "256 x 256" in lane.what
    for windows in (batched, single):
        assert windows.what.startswith("4 windows")
        assert windows.against == "one pass"
        assert windows.ratio is not None
        assert windows.ratio > 0


def test_all_networks_cost_about_their_passes() -> None:
    (measured,) = near_one(lambda: [forward.comparison(3, side=128)])
    assert measured.samples == 3
    assert "128 x 96" in measured.what


def test_every_page_is_rerun() -> None:
    from core.ui.story import available

    measured = list(forward.reruns(1))
    assert [m.what.split()[-1] for m in measured] == [entry.name for entry in available()]
    assert all(m.value > 0 and m.ratio is None for m in measured)


@pytest.mark.e2e
def test_cold_load_is_smaller_than_that_of_an_empty_app_thanks_to_compression() -> None:
    try:
        transferred, seconds = browser.first_page(1)
    except browser.BrowserError as error:
        if os.environ.get("SEGSCOPE_REQUIRE_BROWSER"):
            raise
        pytest.skip(str(error))
    assert transferred.ratio is not None
    assert 0.05 < transferred.ratio < 1  # SegScope compresses, plain Streamlit does not
    assert transferred.value > 100  # kB: the page really came
    assert seconds.ratio is not None
    assert 0.1 < seconds.ratio < 20


def test_a_server_that_does_not_start_is_an_error_and_leaves_nothing_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "PATIENCE", 0.0)
    script = tmp_path / "empty.py"
    script.write_text(browser.EMPTY)
    with (
        pytest.raises(browser.BrowserError, match=r"empty\.py does not start"),
        browser.server(script, tmp_path, "/_stcore/health"),
    ):
        pytest.fail("it cannot be ready at once")


def _fake(repeats: int) -> list[Measurement]:
    return [Measurement("fake", repeats, "ms", "half of it", repeats / 2, repeats)]


def _absent(_repeats: int) -> list[Measurement]:
    raise browser.BrowserError("No browser: install one.")


def test_program_prints_a_table_and_says_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "PARTS", {"load": _absent, "heatmap": _fake})
    assert program.main(["--repeats", "7"]) == 1
    out = capsys.readouterr().out
    assert "2.00" in out
    assert "Not measured (load): No browser: install one." in out


def test_program_writes_json_and_the_readme(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    readme = tmp_path / "README.md"
    monkeypatch.setattr(program, "README", readme)
    monkeypatch.setattr(program, "PARTS", {"load": _absent, "heatmap": _fake})
    assert program.main(["--json", "--only", "heatmap", "--readme"]) == 0
    assert json.loads(capsys.readouterr().out)["measurements"][0]["ratio"] == 2
    assert "| fake | 9 ms | half of it | 4.5 ms | 2.00 | 9 |" in readme.read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [["--repeats", "0"], ["--only", "lunch"], ["--fast"]])
def test_program_refuses_nonsense(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        program.main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("name", pages.FIRST)
def test_first_pictures_contain_the_pass_that_they_are_compared_with(name: str) -> None:
    """Counted and not timed: every convolution of the pass sees the same sizes on the way to the first picture."""
    model = inference.load(name)
    x, whole = pages.FIRST[name](model, images.sample("kitten"))
    seen: dict[int, set[tuple[int, ...]]] = {}
    convolutions = [layer for layer in model.module.modules() if isinstance(layer, torch.nn.Conv2d)]
    hooks = [
        layer.register_forward_pre_hook(lambda m, given: seen.setdefault(id(m), set()).add(tuple(given[0].shape)))
        for layer in convolutions
    ]
    try:
        inference.run(model.module, x)
        bare = {key: set(sizes) for key, sizes in seen.items()}
        seen.clear()
        whole()
    finally:
        for hook in hooks:
            hook.remove()
    assert bare.keys() == {id(layer) for layer in convolutions}
    assert all(sizes <= seen[key] for key, sizes in bare.items())


def test_first_pictures_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FIRST", {"unet": pages.FIRST["unet"]})
    (found,) = pages.first_pictures(1)
    assert found.what == "first full picture (unet)"
    assert found.ratio is not None
    assert found.ratio > 0


def test_first_view_counts_the_bytes_of_the_messages(tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    sizes = []
    for text in ("short", "long " * 2000):
        script.write_text(f"import streamlit as st\nst.text({text!r})\n", encoding="utf-8")
        with browser.server(script, tmp_path, "/_stcore/health") as address:
            sizes.append(asyncio.run(pages._first_view(address, "")))
    assert sizes[0] > 100
    assert sizes[1] - sizes[0] == pytest.approx(len("long " * 2000), abs=20)
