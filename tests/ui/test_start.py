"""The first view of a page does not wait for PyTorch: nothing on the way imports it or waits until it is there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.support.paths import ROOT

from core.ui.story import available

NAMES = [entry.name for entry in available()]

PROGRAM = """
import json, sys, traceback
from pathlib import Path
from streamlit.testing.v1 import AppTest
from core.engine import inference
inference.warm_up = lambda: None  # PyTorch never comes: whoever waits for it runs into the limit
found, root = {}, Path.cwd()
for name in sys.argv[1:]:
    try:
        page = AppTest.from_file(str(root / "core/ui/shell.py"), default_timeout=60).run()
        page = page.switch_page(str(root / f"pages/{name}.py")).run()
        failures = [exception.message for exception in page.exception]
        titles = len(page.title)
    except Exception:
        failures, titles = [traceback.format_exc()], 0
    found[name] = {"failures": failures, "titles": titles, "torch": sorted({"torch", "torchvision"} & set(sys.modules))}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def views() -> dict[str, dict[str, object]]:
    """What every page's first view left behind, in one process that has not seen PyTorch.

    Once a page has imported it, those after it look guilty too: the first one in the report is the culprit.
    """
    run = subprocess.run([sys.executable, "-c", PROGRAM, *NAMES], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[str, dict[str, object]] = json.loads(run.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_first_view_of_a_page_imports_no_pytorch(views: dict[str, dict[str, object]], name: str) -> None:
    assert views[name] == {"failures": [], "titles": 1, "torch": []}
