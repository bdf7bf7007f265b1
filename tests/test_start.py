"""The first view of a page does not wait for PyTorch: nothing on the way imports it or waits until it is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.ui.story import available

ROOT = Path(__file__).parents[1]

PROGRAM = """
import sys
from streamlit.testing.v1 import AppTest
from core import inference
inference.warm_up = lambda: None  # PyTorch never comes: whoever waits for it runs into the limit
page = AppTest.from_file("{root}/core/ui/shell.py", default_timeout=60).run()
page = page.switch_page("{root}/pages/{name}.py").run()
assert not page.exception and len(page.title) == 1
sys.exit(bool({{"torch", "torchvision"}} & set(sys.modules)))
"""


@pytest.mark.parametrize("name", [entry.name for entry in available()])
def test_first_view_of_a_page_imports_no_pytorch(name: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(root=ROOT, name=name)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
