"""``pip install .``: the wheel has everything that runs, and ``segscope`` is the application and the command line."""

from __future__ import annotations

import socket
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from core.cli import program
from tests.support.paths import ROOT

SOURCES_OF_OTHERS = {".po", ".pot", ".pyc"}  # what translators edit, and what Python makes of a file


def _needed() -> set[str]:
    files = [file for folder in ("core", "pages") for file in (ROOT / folder).rglob("*") if file.is_file()]
    return {
        file.relative_to(ROOT).as_posix()
        for file in [*files, ROOT / "app.py", ROOT / ".streamlit" / "config.toml"]
        if file.suffix not in SOURCES_OF_OTHERS
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this working copy, without compression and without anything from a network."""
    folder = tmp_path_factory.mktemp("wheel")
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    run = subprocess.run([sys.executable, "-c", code, folder], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return folder / run.stdout.splitlines()[-1]


def test_wheel_has_all_that_runs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (about,) = (name for name in names if name.endswith("/METADATA"))
        folder = about.removesuffix("METADATA")
        metadata = archive.read(about).decode("utf-8")
        commands = archive.read(folder + "entry_points.txt").decode("utf-8")
        for name in _needed() & names:
            assert archive.getinfo(name).file_size == (ROOT / name).stat().st_size, name
    assert _needed() - names == set()
    assert {name for name in names if not name.startswith(folder)} == _needed()
    assert {folder + f"licenses/{name}" for name in ("LICENSE", "NOTICE", "SAMPLES.md")} <= names
    assert any(name.endswith(".safetensors") for name in names)
    assert commands.split() == ["[console_scripts]", "segscope", "=", "core.cli.program:main"]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = {line.split("#")[0].split(";")[0].strip() for line in lines} - {""}
    stated = [
        line.removeprefix("Requires-Dist: ") for line in metadata.splitlines() if line.startswith("Requires-Dist")
    ]
    assert {line.split(";")[0] for line in stated} == wanted


def test_an_unpacked_wheel_answers_far_from_the_repository(wheel: Path, tmp_path: Path) -> None:
    """Nothing is read that lies beside the repository: the copy is alone, and its data are found."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from core.cli import program\n"
        "assert program.APP.is_file() and (program.APP.parent / '.streamlit' / 'config.toml').is_file()\n"
        "sys.exit(program.main())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "site")]
    (tmp_path / "away").mkdir()

    def segscope(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments], cwd=tmp_path / "away", capture_output=True, text=True, check=False
        )

    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert segscope("--version").stdout == f"segscope {version}\n"
    run = segscope("segment", str(ROOT / "core" / "samples" / "cat.jpg"), "--model", "fcn8s", "--out", "masks")
    assert (run.returncode, run.stderr) == (0, "")
    assert "-> masks/cat.png" in run.stdout
    run = segscope("segmnt")
    assert run.returncode == 2
    assert run.stderr.startswith("segscope: ")
    assert "segscope starts the application" in " ".join(segscope("--help").stdout.split())


@pytest.mark.parametrize(
    ("arguments", "application"),
    [
        ([], True),
        (["--server.port", "8790"], True),
        (["--help"], False),
        (["-h"], False),
        (["models"], False),
        (["segmnt"], False),
        (["--"], False),
    ],
)
def test_what_starts_the_application(arguments: list[str], application: bool) -> None:
    assert program.starts_application(arguments) is application


def test_streamlit_is_given_the_installed_application(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[object, ...]] = []

    def run_module(name: str, **_: object) -> None:
        ran.append((name, *sys.argv))

    monkeypatch.setattr("runpy.run_module", run_module)
    monkeypatch.setattr(sys, "argv", ["segscope", "--server.port", "8790"])
    assert program.main() == 0
    assert ran == [("streamlit", "streamlit", "run", str(ROOT / "app.py"), "--server.port", "8790")]


def test_a_port_that_is_taken_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert program.port_in_use(["--server.address", "127.0.0.1", "--server.port", port]) == port
        assert program.port_in_use([f"--server.port={port}"]) == port
    assert program.port_in_use([]) == ""
    assert program.port_in_use([f"--server.port={port}"]) == ""
    assert program.port_in_use(["--server.port=99999999"]) == ""
