"""From a load test's report to the table of the guide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.bench import sizing
from core.bench.sizing import Found, SizingError

MACHINE = {"CPU": "a 6502 (2 cores)", "Python": "3.12.1"}
FINDINGS = {
    "memory of the server when all pages have been seen and nobody is there": 900.0,
    "memory for each idle visitor": 1.5,
    "200 reruns without a network at the same time, median": 0.4,
    "200 reruns without a network at the same time, 95th percentile": 1.0,
    "seconds for each segmentation, all together": 0.25,
}


def written(folder: Path, findings: dict[str, Any], machine: object = MACHINE) -> Path:
    file = folder / "load.json"
    entries = [{"what": what, "value": value, "unit": ""} for what, value in findings.items()]
    file.write_text(json.dumps({"machine": machine, "findings": entries, "failures": []}), encoding="utf-8")
    return file


def test_table_follows_from_the_report(tmp_path: Path) -> None:
    found = sizing.read(written(tmp_path, FINDINGS))
    assert found == Found(900, 1.5, 1.0, 200, 0.25, 2, None, "CPU a 6502 (2 cores), Python 3.12.1")
    table = {row[0]: row[1:] for row in sizing.rows(found)}
    assert table["200"] == ("1.2 GB", "1 s", "50 s")
    assert table["500"] == ("1.6 GB", "2.5 s", "125 s")
    text = sizing.markdown(found)
    assert text.count("\n|") == 1 + len(sizing.CLASSES)
    assert "240 a minute" in text
    assert text.endswith("Machine: CPU a 6502 (2 cores), Python 3.12.1.")


def test_processes_are_named(tmp_path: Path) -> None:
    two = sizing.read(written(tmp_path, FINDINGS, {**MACHINE, "processes": "2"}))
    assert two.processes == 2
    assert "Measured: 2 processes, each tied to a core; 900 MB" in sizing.markdown(two)
    one = sizing.read(written(tmp_path, FINDINGS, {**MACHINE, "processes": "1"}))
    assert "Measured: one process; 900 MB" in sizing.markdown(one)


def test_other_numbers_of_processes_get_a_sentence(tmp_path: Path) -> None:
    written(tmp_path, FINDINGS)
    assert sizing.beside(tmp_path) == []
    for many in (1, 2):
        written(tmp_path, FINDINGS).rename(tmp_path / f"load_{many}.json")
    one, two = sizing.beside(tmp_path)
    assert "with one process that has all cores: 900 MB" in one
    assert "with 2 processes, each tied to a core: 900 MB" in two
    assert "95% of 200 simultaneous reruns within 1.00 s; 0.25 s for each segmentation" in two
    written(tmp_path, {}).rename(tmp_path / "load_2.json")
    with pytest.raises(SizingError, match=r"load_2\.json is damaged"):
        sizing.beside(tmp_path)


@pytest.mark.parametrize("missing", FINDINGS)
def test_what_is_missing_is_said(tmp_path: Path, missing: str) -> None:
    found = sizing.read(written(tmp_path, {what: value for what, value in FINDINGS.items() if what != missing}))
    gaps = sum(cell == "not measured" for row in sizing.rows(found) for cell in row)
    assert gaps == (0 if missing.endswith("median") else len(sizing.CLASSES))
    assert "None" not in sizing.markdown(found)


def test_an_empty_report_is_a_report(tmp_path: Path) -> None:
    assert "Nothing that the table needs was measured." in sizing.markdown(sizing.read(written(tmp_path, {}, {})))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"findings": [{"what": 1}], "machine": {}}', "\x00"])
def test_a_damaged_report_is_one_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "load.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SizingError, match=r"^load\.json is damaged"):
        sizing.read(file)


def test_program_writes_the_guide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = tmp_path / "sizing.md"
    guide.write_text(sizing.GUIDE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(sizing, "GUIDE", guide)
    monkeypatch.setattr(sizing.read, "__defaults__", (tmp_path / "load.json",))
    assert sizing.main(["--write"]) == 1
    assert "There are no measurements" in capsys.readouterr().err
    written(tmp_path, FINDINGS)
    assert sizing.main(["--write"]) == 0
    text = guide.read_text(encoding="utf-8")
    assert "| 200 | 1.2 GB | 1 s | 50 s |" in text
    assert "Not measured yet." not in text
    assert text.index("## Reading it") > text.index("1.2 GB")
