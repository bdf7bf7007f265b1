"""Every browser half is mounted with what a real page sends it, under node and a small DOM (``tests/js``)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from core.ui import component
from tests.support.paths import ROOT
from tests.ui.test_pages import NAMES, opened

JS = ROOT / "tests" / "js"
AFTER_A_CLICK = {"photo_keeper", "polygon_pen", "tile_player", "two_shapes"}
"""No page draws them by itself; ``tests/js`` has payloads of its own for them."""


@pytest.fixture(scope="module")
def payloads(torch_loaded: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file ``NAME.json`` for each component that a page draws by itself, with what it is sent."""
    folder = tmp_path_factory.mktemp("payloads")
    for name in NAMES:
        test = opened(name, img="cat")
        assert not test.exception
        for node in test.get("bidi_component"):
            if node.proto.bytes:
                file = node.proto.component_name.removeprefix("segscope-").replace("-", "_")
                (folder / f"{file}.json").write_bytes(node.proto.bytes)
    return folder


def test_the_types_name_what_is_sent(payloads: Path) -> None:
    """``@typedef {{ ... }} Data`` in a half has the names that Python sends, no more and no fewer."""
    for file in payloads.glob("*.json"):
        text = component.sources()[file.stem].read_text()
        block = re.search(r"@typedef \{\{\n((?: \*.*\n)+?) \* \}\} Data", text)
        assert block, file.stem
        assert set(re.findall(r"^ \*   (\w+):", block[1], re.MULTILINE)) == set(json.loads(file.read_bytes())), (
            file.stem
        )


@pytest.mark.skipif(not (JS / "node_modules").is_dir(), reason="no npm: `make js` installs what these tests need")
def test_every_half_draws_what_its_page_sends(payloads: Path) -> None:
    sent = {file.stem for file in payloads.glob("*.json")}
    players = {name for name, file in component.sources().items() if file.with_suffix(".py").is_file()}
    assert players - sent - {"channel_browser"} == AFTER_A_CLICK
    node = shutil.which("node")
    assert node
    run = subprocess.run(
        [node, str(JS / "payloads.mjs"), str(payloads)], cwd=JS, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert set(run.stdout.split()) == sent
