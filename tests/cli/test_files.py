"""The command line and other people's files: nothing is overwritten that was not meant, and one bad picture or odd
output costs only itself."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from core.cli import MISTAKE, SOME, STOPPED, console, main
from core.cli.files import CommandError, claim, write
from core.engine import inference
from core.models.registry import spec
from core.pictures import images
from tests.support.paths import ROOT

CAT = next(sample.path for sample in images.SAMPLES if sample.key == "cat")


@pytest.fixture(autouse=True)
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network with random weights stands in: what it finds does not matter here."""
    import torch

    from core.models.registry import build

    def load(name: str) -> inference.LoadedModel:
        torch.manual_seed(0)
        return inference.LoadedModel(spec(name), build(name).eval().requires_grad_(False), 0.0)

    monkeypatch.setattr(inference, "load", load)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with three small pictures, one of them a PNG."""
    folder = tmp_path / "photos"
    folder.mkdir()
    with Image.open(CAT) as picture:
        small = picture.resize((64, 48))
    for name in ("cat.png", "dog.jpg", "owl.webp"):
        small.save(folder / name)
    return folder


def _segment(*arguments: object) -> int:
    return main(["segment", "--model", "unet", *map(str, arguments)])


def _state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --------------------------------------------------------------------------------------------- what must not be lost


def _hard(photos: Path) -> list[object]:
    (photos.parent / "mask.png").hardlink_to(photos / "cat.png")
    return [photos / "cat.png", "--out", photos.parent / "mask.png", "--force"]


def _symbolic(photos: Path) -> list[object]:
    (photos.parent / "mask.png").symlink_to(photos / "cat.png")
    return [photos / "cat.png", "--out", photos.parent / "mask.png", "--force"]


def _linked_folder(photos: Path) -> list[object]:
    (photos.parent / "album").symlink_to(photos)
    return [photos / "cat.png", "--out", photos.parent / "album", "--force"]


def _same_results(photos: Path) -> list[object]:
    (photos.parent / "a.png").touch()
    (photos.parent / "b.png").symlink_to(photos.parent / "a.png")
    return [photos / "dog.jpg", "--out", photos.parent / "a.png", "--overlay", photos.parent / "b.png", "--force"]


def _dangling(photos: Path) -> list[object]:
    (photos.parent / "b.png").symlink_to(photos.parent / "a.png")
    return [photos / "dog.jpg", "--out", photos.parent / "a.png", "--overlay", photos.parent / "b.png"]


def _case(photos: Path) -> list[object]:
    shutil.copy(photos / "dog.jpg", photos / "DOG.jpg")
    return [photos / "dog.jpg", photos / "DOG.jpg", "--out", photos.parent / "new"]


def _composed(photos: Path) -> list[object]:
    names = [photos / f"{unicodedata.normalize(form, '고양이')}.jpg" for form in ("NFC", "NFD")]
    for name in names:
        shutil.copy(photos / "dog.jpg", name)
    return [*names, "--out", photos.parent / "new"]


def _circle(photos: Path) -> list[object]:
    (photos.parent / "a.png").symlink_to(photos.parent / "b.png")
    (photos.parent / "b.png").symlink_to(photos.parent / "a.png")
    return [photos / "dog.jpg", "--out", photos.parent / "a.png", "--force"]


LOSSES: dict[str, tuple[Callable[[Path], list[object]], str]] = {
    "the folder of the photo": (lambda p: [p / "cat.png", "--out", p], "is the picture"),
    "even with --force": (lambda p: [p / "cat.png", "--out", p, "--force"], "is the picture"),
    "another photo of the batch": (
        lambda p: [p / "dog.jpg", p / "cat.png", "--out", p, "--force"],
        "cat.png is the picture",
    ),
    "overlay into the folder": (
        lambda p: [p / "dog.jpg", "--out", p.parent / "new.png", "--overlay", p],
        "dog.jpg is the picture",
    ),
    "a longer way to the same": (
        lambda p: [p / "cat.png", "--out", p / ".." / p.name / "cat.png", "--force"],
        "is the picture",
    ),
    "a hard link": (_hard, "is the picture"),
    "a symbolic link": (_symbolic, "is the picture"),
    "a link to the folder": (_linked_folder, "is the picture"),
    "links in a circle": (_circle, "cannot be written"),
    "mask and overlay": (
        lambda p: [p / "dog.jpg", "--out", p.parent / "x.png", "--overlay", p.parent / "x.png"],
        "would be one file",
    ),
    "mask and overlay by a link": (_same_results, "would be one file"),
    "mask and overlay by a link to nothing": (_dangling, "would be one file"),
    "two inputs of one stem": (
        lambda p: [p / "dog.jpg", p / ".." / p.name / "dog.jpg", "--out", p.parent / "new"],
        "Two images are called dog",
    ),
    "names that differ in case": (_case, "would be one file"),
    "names that differ in composition": (_composed, "would be one file"),
    "an empty name": (lambda p: [p / "dog.jpg", "--out", ""], "an empty name"),
    "an empty overlay": (lambda p: [p / "dog.jpg", "--out", p.parent / "x.png", "--overlay", ""], "an empty name"),
    "a folder": (lambda p: [p / "dog.jpg", "--out", _made(p.parent / "x.png") / "..", "--overlay", p], "is the pic"),
}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize("case", sorted(LOSSES))
def test_what_would_lose_a_file_is_refused_before_anything_is_computed(
    case: str, photos: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, sentence = LOSSES[case][0](photos), LOSSES[case][1]
    monkeypatch.chdir(photos.parent)
    before = _state(photos.parent)

    def computed(name: str) -> None:
        raise AssertionError("a network was loaded")

    monkeypatch.setattr(inference, "load", computed)
    assert _segment(*arguments) == MISTAKE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert sentence in said.err
    assert _state(photos.parent) == before


def test_a_heatmap_spares_its_picture(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, photo = _state(photos), str(photos / "cat.png")
    assert main(["heatmap", photo, "--label", "tabby", "--out", photo, "--force"]) == MISTAKE
    assert f"{photo} is the picture {photo} itself" in capsys.readouterr().err
    assert _state(photos) == before


def test_another_file_gives_way_with_force_only(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mask = photos.parent / "mask.png"
    mask.write_bytes(b"a year's work")
    mask.chmod(0o640)
    assert _segment(photos / "dog.jpg", "--out", mask) == MISTAKE
    assert f"{mask} is there already: name another file or folder, or overwrite it with --force." in (
        capsys.readouterr().err
    )
    assert mask.read_bytes() == b"a year's work"
    assert _segment(photos / "dog.jpg", "--out", mask, "--force") == 0
    assert mask.read_bytes().startswith(b"\x89PNG")
    assert mask.stat().st_mode & 0o777 == 0o640


def test_force_writes_through_a_symbolic_link(photos: Path) -> None:
    real, link = photos.parent / "real.png", photos.parent / "link.png"
    real.touch()
    link.symlink_to(real)
    assert _segment(photos / "dog.jpg", "--out", link, "--force") == 0
    assert link.is_symlink()
    assert real.read_bytes().startswith(b"\x89PNG")


def test_a_folder_in_the_way_is_named(photos: Path) -> None:
    with pytest.raises(CommandError, match=r"cannot be written \(it is a folder\)"):
        claim([], [photos], force=True)
    with pytest.raises(CommandError, match="a device"):
        claim([], [Path("/dev/null")], force=True)
    with pytest.raises(CommandError, match="File name too long"):
        claim([], [photos / ("x" * 300)])


def test_a_write_that_fails_leaves_the_old_file_whole(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = photos / "mask.png"
    target.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(CommandError, match="No space left on device"):
        write(target, b"new")
    assert target.read_bytes() == b"old"
    assert len(list(photos.iterdir())) == 4


def test_results_may_be_read_by_those_who_may_read_other_files(photos: Path) -> None:
    (photos / "plain").touch()
    write(photos / "new.png", b"new")
    assert (photos / "new.png").stat().st_mode == (photos / "plain").stat().st_mode


# ------------------------------------------------------------------------------------------------------------ batches


def test_a_bad_picture_costs_only_itself(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (photos / "bad.jpg").write_bytes(b"\xff\xd8\xff rubbish")
    out = photos.parent / "masks"
    names = ["cat.png", "none.jpg", "bad.jpg", "dog.jpg"]
    assert _segment(*(photos / name for name in names), "--out", out) == SOME
    said = capsys.readouterr()
    assert [line.split(":")[0] for line in said.out.splitlines()] == [str(photos / n) for n in ("cat.png", "dog.jpg")]
    first, second, last = said.err.splitlines()
    assert "none.jpg cannot be read" in first
    assert "bad.jpg: This picture is damaged" in second
    assert last == "python -m core segment: 2 of 4 pictures failed."
    assert sorted(_state(out)) == ["cat.png", "dog.png"]


def test_missing_pictures_are_named_before_the_work_starts(
    photos: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(name: str) -> None:
        assert "none.jpg cannot be read" in capsys.readouterr().err
        raise CommandError("seen")

    monkeypatch.setattr(inference, "load", load)
    assert _segment(photos / "dog.jpg", photos / "none.jpg", "--out", photos.parent / "new") == MISTAKE
    assert "seen" in capsys.readouterr().err


def test_where_nothing_succeeds_the_status_is_two(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (photos / "bad.jpg").write_bytes(b"")
    assert _segment(photos / "bad.jpg", photos / "none.jpg", "--out", photos.parent / "new") == MISTAKE
    assert "2 of 2 pictures failed" in capsys.readouterr().err
    assert _segment(photos / "a.jpg", photos / "b.jpg", "--out", photos.parent / "new") == MISTAKE
    assert "2 of 2 pictures failed" in capsys.readouterr().err
    assert not (photos.parent / "new").exists()


def test_a_pass_that_fails_costs_its_picture(
    photos: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object) -> None:
        raise RuntimeError("not enough memory: you tried to allocate 7 bytes\nC++ frames")

    monkeypatch.setattr("core.passes.segmentation.segment", no_memory)
    assert _segment(photos / "dog.jpg", "--out", photos.parent / "x.png") == MISTAKE
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "could not be computed (not enough memory: you tried to allocate 7 bytes)" in said


def test_a_result_that_there_is_no_memory_for_costs_its_picture(
    photos: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.pictures import reference

    real, seen = reference.palette_image, []

    def once(ids: object) -> object:
        seen.append(ids)
        if len(seen) == 1:
            raise MemoryError
        return real(ids)  # type: ignore[arg-type]

    monkeypatch.setattr(reference, "palette_image", once)
    assert _segment(photos / "cat.png", photos / "dog.jpg", "--out", photos.parent / "new") == SOME
    assert "cat.png could not be computed (MemoryError)" in capsys.readouterr().err
    assert list(_state(photos.parent / "new")) == ["dog.png"]


def test_how_far_a_batch_is_stands_on_the_terminal_only(
    photos: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sorted(photos.iterdir())
    assert _segment(*files, "--out", photos.parent / "a") == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert _segment(*files, "--out", photos.parent / "b") == 0
    said = capsys.readouterr().err
    assert "picture 1 of 3" in said
    assert "picture 3 of 3, about " in said
    assert said.endswith("\r")
    assert _segment(files[1], "--out", photos.parent / "c") == 0
    assert capsys.readouterr().err == ""


def test_stopping_says_how_far_it_came_and_leaves_whole_files(
    photos: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.passes import segmentation

    real, seen = segmentation.segment, []

    def interrupted(*arguments: object) -> object:
        seen.append(arguments)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("core.passes.segmentation.segment", interrupted)
    assert _segment(*sorted(photos.iterdir()), "--out", photos.parent / "new") == STOPPED
    said = capsys.readouterr().err
    assert said == "python -m core segment: stopped: 1 of 3 pictures are done, and what was written is whole.\n"
    assert list(_state(photos.parent / "new")) == ["cat.png"]


# ----------------------------------------------------------------------------------------------------- odd pictures


def test_what_is_no_file_is_not_waited_for(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(photos / "pipe.jpg")
    for odd in (photos / "pipe.jpg", Path("/dev/zero"), photos):
        assert _segment(odd, "--out", photos.parent / "x.png") == MISTAKE
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert f"{odd} cannot be read (it is a" in said


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("[red]cat[bold].jpg", "[red]cat[bold]"),
        ("<b>cat&amp;.jpg", "<b>cat&amp;"),
        ("{0}{path}%s.jpg", "{0}{path}%s"),
        ("a\u202egpj.jpg", r"a\u202egpj"),
        ("two\nlines.jpg", r"two\nlines"),
        ("\x1b[2Jclear.jpg", r"\x1b[2Jclear"),
        (os.fsdecode(b"latin-\xe9.jpg"), r"latin-\udce9"),
        (unicodedata.normalize("NFD", "고양이") + ".jpg", unicodedata.normalize("NFD", "고양이")),
        ("x" * 251 + ".jpg", "x" * 251),
        ("-rf.jpg", "-rf"),
    ],
)
def test_odd_names_are_read_written_and_said_on_one_line(
    name: str, seen: str, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(photos / "dog.jpg", photos / name)
    out = photos.parent / "new"
    assert _segment(photos / name, "--out", out) == 0
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert f"{seen}.jpg: " in line
    assert line.endswith(f"{seen}.png\n")
    assert [path.name for path in out.iterdir()] == [name[:-4] + ".png"]
    (photos / name).write_bytes(b"no picture")
    assert _segment(photos / name, "--out", out, "--force") == MISTAKE
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"{seen}.jpg: This file is not a picture" in said


# ------------------------------------------------------------------------------------------------ odd outputs, whole


def _program(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A shell's line, in which ``segscope`` is the program."""
    script = f'segscope() {{ "{sys.executable}" -m core "$@"; }}; {script}'
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, check=False, env=variables)


def test_outputs_that_take_nothing(photos: Path) -> None:
    """A list that nobody gets is a mistake; masks are written all the same."""
    run = _program("segscope models > /dev/full", photos)
    assert run.returncode == MISTAKE
    assert run.stderr == b"python -m core: the output cannot be written (No space left on device).\n"
    run = _program("segscope models --json >&-", photos)
    assert run.returncode == MISTAKE
    assert run.stderr == b"python -m core: the output cannot be written (it is closed).\n"
    run = _program("segscope segment *.jpg *.png --out new >&-", photos)
    assert run.returncode == SOME
    assert run.stderr.count(b"\n") == 1
    assert sorted(path.name for path in (photos / "new").iterdir()) == ["cat.png", "dog.png"]
    with Image.open(photos / "new" / "cat.png") as mask:
        mask.load()
    assert _program("segscope --help > /dev/full", photos).stderr.count(b"\n") == 1
    run = _program("segscope models 2>&-; segscope nothing 2>&-", photos)
    assert run.returncode == MISTAKE
    assert run.stdout.startswith(b"NAME ")
    assert b"nothing" not in run.stdout


def test_a_reader_that_leaves_costs_no_mask(photos: Path) -> None:
    run = _program("segscope segment *.jpg *.png *.webp --out new | head -1; exit ${PIPESTATUS[0]}", photos)
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout.count(b"\n") == 1
    assert len(list((photos / "new").iterdir())) == 3


def test_names_that_the_output_cannot_encode(photos: Path) -> None:
    shutil.copy(photos / "dog.jpg", photos / "고양이.jpg")
    run = _program("segscope segment 고*.jpg --out new", photos, PYTHONIOENCODING="ascii")
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout.startswith(rb"\uace0\uc591\uc774.jpg: ")
    assert [path.name for path in (photos / "new").iterdir()] == ["고양이.png"]


def test_ctrl_c_ends_in_one_line(photos: Path) -> None:
    for number in range(400):
        os.link(photos / "dog.jpg", photos / f"{number}.jpg")
    command = [sys.executable, "-m", "core", "segment", *map(str, sorted(photos.glob("*.jpg"))), "--out", "new"]
    process = subprocess.Popen(
        command,
        cwd=photos,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a test run in the background ignores it
    )
    limit = threading.Timer(120, process.kill)
    limit.start()
    assert process.stdout is not None
    process.stdout.readline()  # the first one is done
    process.send_signal(signal.SIGINT)
    _out, error = process.communicate()
    limit.cancel()
    assert process.returncode == STOPPED, error
    assert error.count(b"\n") == 1
    assert b"of 401 pictures are done, and what was written is whole." in error
    for path in (photos / "new").iterdir():
        with Image.open(path) as mask:
            mask.load()


def test_progress_survives_a_terminal_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def isatty(self) -> bool:
            return True

        def write(self, _: str) -> None:
            raise OSError(5, "Input/output error")

        def flush(self) -> None: ...

    monkeypatch.setattr(sys, "stderr", Gone())
    progress = console.Progress(3)
    progress.show(1)
    progress.clear()
    console.complain("nobody hears this")
