"""Files that belong to SegScope and are broken: named at the start with a cure, one sentence for a visitor."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.models import bundled, measured, weights
from core.ui import language
from tests.support.paths import ROOT

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 1234\n"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SegScope in a folder of its own, which may be broken; the large files are links."""
    folder = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__")
    for part in ("core", "pages", ".streamlit"):
        shutil.copytree(ROOT / part, folder / part, ignore=ignored, copy_function=_copied)
    shutil.copy(ROOT / "app.py", folder)
    return folder


def _copied(source: str, target: str) -> None:
    if source.endswith(".safetensors"):
        Path(target).symlink_to(source)
    else:
        shutil.copy(source, target)


@pytest.fixture
def broken(copy: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, str]]:
    """The copy with one broken file, and what is said of it; whole again afterwards."""
    name, content, sentence = request.param
    file = copy / "core" / name
    aside = copy / "aside"
    file.rename(aside)
    if content is not None:
        file.write_bytes(content)
    yield copy, sentence
    file.unlink(missing_ok=True)
    aside.rename(file)


DAMAGE = {
    "index empty": ("weights/index.json", b"", "The list of weights index.json is damaged: get it again"),
    "index of another kind": ("weights/index.json", b"[1]", "The list of weights index.json is damaged"),
    "index with odd entries": ("weights/index.json", b'{"unet": 3}', "The list of weights index.json is damaged"),
    "index not text": ("weights/index.json", b"\xff\xfe", "The list of weights index.json is damaged"),
    "weights missing": ("weights/unet.safetensors", None, "git checkout core/weights/unet.safetensors"),
    "weights empty": ("weights/unet.safetensors", b"", "core/weights/unet.safetensors of SegScope is damaged"),
    "weights a pointer": ("weights/unet.safetensors", POINTER, "core/weights/unet.safetensors of SegScope"),
    "weights no header": ("weights/unet.safetensors", b"\2" + bytes(7) + b"[]", "core/weights/unet.safetensors"),
    "measurements cut": ("weights/results.json", b'{"fcn8s": {"voc": ', "The measurements results.json are damaged"),
    "measurements odd": ("weights/results.json", b'{"a": {"training": 3}}', "The measurements results.json are"),
    "catalogue missing": ("locale/ko/LC_MESSAGES/segscope.mo", None, "core/locale/ko/LC_MESSAGES/segscope.mo"),
    "catalogue cut": (
        "locale/ko/LC_MESSAGES/segscope.mo",
        (ROOT / "core/locale/ko/LC_MESSAGES/segscope.mo").read_bytes()[:5000],
        "core/locale/ko/LC_MESSAGES/segscope.mo",
    ),
    "catalogue of rubbish": ("locale/ko/LC_MESSAGES/segscope.mo", b"rubbish", "segscope.mo of SegScope is damaged"),
}


def test_what_is_whole_is_silent() -> None:
    assert bundled.broken() == []


@pytest.mark.parametrize("broken", DAMAGE.values(), ids=DAMAGE, indirect=True)
def test_a_broken_file_is_named_with_its_cure(broken: tuple[Path, str]) -> None:
    """In a process of its own, as at the start of the application, which calls the same."""
    folder, sentence = broken
    code = "from core.models import bundled; print(*bundled.broken(), sep='\\n')"
    run = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    (line,) = run.stdout.splitlines()
    assert sentence in line
    assert "git checkout" in line
    assert "install SegScope anew" in line


@pytest.mark.parametrize("broken", [DAMAGE["index empty"]], indirect=True)
def test_the_command_line_says_it_in_one_line(broken: tuple[Path, str]) -> None:
    folder, sentence = broken
    photo = str(ROOT / "core" / "samples" / "cat.jpg")
    for command in (["models"], ["segment", photo, "--model", "fcn8s", "--out", "x.png"]):
        run = subprocess.run(
            [sys.executable, "-m", "core", *command], cwd=folder, capture_output=True, text=True, check=False
        )
        assert run.stderr.startswith(f"python -m core {command[0]}: {sentence}")
        assert run.stderr.count("\n") == 1
        assert run.returncode == (0 if command == ["models"] else 2)


def test_a_broken_index_is_a_sentence_where_weights_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.json").write_text("{")
    shutil.copy(weights.path("unet"), tmp_path)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    with pytest.raises(weights.WeightsError, match=r"index\.json is damaged"):
        weights.load("unet")


def test_measurements_that_are_a_folder_or_odd_are_damaged(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text('{"a": {"training": 3}}')
    with pytest.raises(measured.MeasuredError, match="git checkout"):
        measured.comparison(file)


@pytest.mark.parametrize("content", [None, b"", b"rubbish", "cut"])
def test_a_visitor_reads_english_and_one_sentence_where_the_catalogue_is_broken(
    content: bytes | str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    if content is not None:
        whole = (language.LOCALE_FOLDER / "ko" / "LC_MESSAGES" / "segscope.mo").read_bytes()
        (folder / "segscope.mo").write_bytes(whole[:5000] if isinstance(content, str) else content)
    monkeypatch.setattr(language, "LOCALE_FOLDER", tmp_path)
    language.catalogue.cache_clear()
    try:
        page = AppTest.from_file(str(ROOT / "core" / "ui" / "shell.py"), default_timeout=60)
        page.query_params["lang"] = "ko"
        page.run()
        assert not page.exception
        assert len(page.title) == 1
        (warning,) = page.warning
        assert warning.value.startswith("한국어: the texts of this language are damaged")
    finally:
        language.catalogue.cache_clear()


def test_the_server_names_what_is_broken_when_it_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.server import app
    from core.ui import streamlit_internals

    monkeypatch.setattr(bundled, "broken", lambda: [weights.WeightsError("unet.safetensors is damaged.")])
    monkeypatch.setattr(streamlit_internals, "take_short_cuts", lambda: None)
    monkeypatch.setattr(app, "WARM_UP_DELAY", 1000.0)

    async def begin() -> None:
        async with app.lifespan(None):  # type: ignore[arg-type]
            pass

    asyncio.run(begin())
    assert capsys.readouterr().err == "SegScope: unet.safetensors is damaged.\n"
