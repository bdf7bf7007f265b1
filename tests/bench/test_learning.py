"""What the page about training is measured by: its arithmetic, its guide, and visitors who train on a real server."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.bench import __main__ as program
from core.bench import findings, learning
from core.bench.browser import ROOT, process
from core.bench.findings import Finding, Load
from core.bench.learning_load import PLAYER, Trainee
from core.bench.load import ENVIRONMENT
from tests.support import training_data


def test_a_finding_may_have_a_least_value() -> None:
    assert Finding("x", 2, "s", least=2).holds is True
    assert Finding("x", 1.9, "s", least=2).holds is False
    assert Finding("x", 3, "s", 2, least=1).holds is False
    assert findings.line(Finding("x", 1.9, "", least=2)) == "x: 1.9   (at least 2: MISSED)"
    assert "at most 0: kept" in findings.line(Finding("x", 0, "", 0))


def test_the_guide_is_what_the_reports_say(tmp_path: Path) -> None:
    assert learning.markdown(tmp_path) == ""
    report = findings.write("learning_run", [Finding("steps", 20, "", least=15)], [], {"CPU": "a 6502"})
    (tmp_path / "learning_run.json").write_text(report, encoding="utf-8")
    text = learning.markdown(tmp_path)
    assert "`--only run`, on CPU a 6502:" in text
    assert "- steps: 20" in text
    assert "(at least 15: kept)" in text


def test_the_guide_stands_as_it_was_measured() -> None:
    assert learning.markdown() in learning.GUIDE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments", [["learning", "--repeats", "0"], ["learning", "--only", "lunch"], ["learning", "--trainings", "0"]]
)
def test_program_refuses_nonsense(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        program.main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err


@pytest.mark.usefixtures("torch_loaded")
def test_pictures_that_are_not_there_are_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["learning", "--only", "pictures", "--data", str(tmp_path)]) == 1
    assert "give the data folder with --data" in capsys.readouterr().err


@pytest.mark.usefixtures("torch_loaded")
def test_strokes_on_pictures_of_a_list_are_scored(tmp_path: Path) -> None:
    data = training_data.make(tmp_path)
    for file in (data / "voc" / "images").glob("test*.png"):
        file.rename(file.with_suffix(".jpg"))  # what opens pictures goes by their first bytes
    load = Load()
    learning.on_test_pictures(load, data, 2)
    found = {finding.what: finding.value for finding in load.findings}
    assert found["VOC test pictures with simulated strokes"] == 2
    assert 0.5 < found["mean IoU after 3 simulated strokes"] <= 1, "a bright square on a dark ground"
    assert len(found) == 7


def test_visitors_train_and_pause() -> None:
    """Against a server of its own: it learns while somebody looks, and stands still after a pause."""

    async def visit(address: str) -> None:
        trainee = Trainee(address)
        try:
            await trainee.train()
            for _ in range(600):
                if any(trainee.paces):
                    break
                await asyncio.sleep(0.1)
            assert any(trainee.paces)
            await trainee.pause()
            await trainee.rerun()
            seen = len(trainee.paces)
            await trainee.rerun()
            assert len(trainee.paces) == seen, "a run that stands still has no pace"
            assert trainee.widget(PLAYER)
            assert trainee.failures == []
        finally:
            await trainee.close()

    with process(ROOT / "app.py", ROOT, "/readyz", ENVIRONMENT) as (address, _):
        asyncio.run(visit(address))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are not counted here")
def test_numpy_has_no_threads_of_its_own() -> None:
    code = (
        "import core, os, numpy as np; x = np.ones((600, 500)); x @ x.T @ x; print(len(os.listdir('/proc/self/task')))"
    )
    variables = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=variables, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == 1
