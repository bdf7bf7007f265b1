"""The command line: useful output, one line for every mistake, nothing heavy before it is needed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.cli import MISTAKE, STOPPED, main, parser
from core.cli.files import CommandError, read, targets
from core.cli.models import weights_state
from core.engine import inference
from core.models.registry import SPECS, spec
from core.pictures import images
from tests.support.weights_server import instead_of_torchvision

SAMPLE = {sample.key: sample for sample in images.SAMPLES}
CAT, DOG = str(SAMPLE["cat"].path), str(SAMPLE["dog"].path)


def _fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run in vain; the one line that says why."""
    assert main(arguments) == MISTAKE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("python -m core")
    assert captured.err.count("\n") == 1
    return captured.err


# ----------------------------------------------------------------------------------------------------------- models


def test_table_names_every_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["NAME", "TASK", "LABELS", "PARAMETERS", "MULTIPLY-ADDS", "STRIDE", "WEIGHTS", "PAPER"]
    assert [line.split()[0] for line in lines] == list(SPECS)
    lite = next(line for line in lines if line.startswith("efficientnet-lite0 "))
    assert lite.split()[1:7] == ["classifier", "imagenet-1k", "4,652,008", "385,187,552", "32", "ready"]


def test_json_has_what_the_table_has_and_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == set(SPECS)
    assert rows["vgg16"]["parameters"] == 138_357_544
    assert rows["vgg16"]["download_mb"] == 528
    assert rows["deeplabv3-resnet50"]["parameters"] == 39_638_869
    for name, row in rows.items():
        assert row["task"] in {"classifier", "segmenter", "patch"}
        assert row["weights"] in {"ready", "download", "missing"}
        assert row["departures"] == list(SPECS[name].departures)


@pytest.mark.parametrize("name", sorted(SPECS))
def test_ready_means_that_it_loads(name: str) -> None:
    if weights_state(spec(name)) == "ready":
        assert inference.load(name).spec.name == name


# ------------------------------------------------------------------------------------------------------------ fetch


def test_weights_are_fetched_and_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, mask = "lraspp-mobilenetv3", tmp_path / "mask.png"
    with instead_of_torchvision(name, tmp_path / "hub") as source:
        assert weights_state(spec(name)) == "download"
        line = _fails(capsys, "segment", CAT, "--model", name, "--out", str(mask))
        assert "LR-ASPP on MobileNetV3 (12 MB) are not here yet" in line
        assert f"python -m core fetch {name}" in line
        assert main(["fetch", name]) == 0
        before, after = capsys.readouterr().out.splitlines()
        assert before.startswith(f"{name}: 12 MB from {source.server.address}")
        assert after == f"{name}: {source.file}"
        assert weights_state(spec(name)) == "ready"
        assert main(["fetch", name]) == 0
        assert "here already" in capsys.readouterr().out
        assert len(source.server.asked) == 1
        assert main(["segment", CAT, "--model", name, "--out", str(mask)]) == 0
        with Image.open(mask) as picture:
            assert picture.size == images.sample("cat").original_size


def test_fetching_in_vain(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "needs no download" in _fails(capsys, "fetch", "unet")
    assert "lraspp-mobilenetv3" in _fails(capsys, "fetch", "lraspp-mobilenetv4", "alexnet")
    name = "lraspp-mobilenetv3"
    with instead_of_torchvision(name, tmp_path) as source:
        monkeypatch.setitem(source.server.files, source.file.name, b"something else")
        assert main(["fetch", name]) == MISTAKE
        assert "arrived damaged: try again" in capsys.readouterr().err
        source.server.files.clear()
        assert main(["fetch", name]) == MISTAKE
        assert "answered 404" in capsys.readouterr().err
        source.server.shutdown()
        source.server.server_close()
        assert main(["fetch", name]) == MISTAKE
        assert "use a network that is bundled" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_transfer_is_shown_and_can_be_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "lraspp-mobilenetv3"
    with instead_of_torchvision(name, tmp_path):
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        assert main(["fetch", name]) == 0
        assert re.search(r"\r[1-9]\d? of 12 MB.*\r12 of 12 MB\n$", capsys.readouterr().err)
        next(tmp_path.iterdir()).unlink()

        def interrupt(done: int, total: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("core.cli.fetch._progress", interrupt)
        assert main(["fetch", name]) == STOPPED
        assert f"{name} was stopped; nothing of it was kept." in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------------------------- heatmap


def test_heatmap_of_the_cat(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "heat.png"
    assert main(["heatmap", CAT, "--model", "efficientnet-lite0", "--label", "tabby", "--out", str(out)]) == 0
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert "tabby" in line
    with Image.open(out) as picture:
        assert picture.format == "PNG"
        assert picture.size == (672, 448)


def test_heatmap_finds_the_kitten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The window of the hottest cell has its centre inside the kitten, which fills less than half of the picture."""
    sample = SAMPLE["kitten"]
    assert sample.box
    out = tmp_path / "heat.jpg"
    assert main(["heatmap", str(sample.path), "--label", "any cat", "--out", str(out)]) == 0
    words = capsys.readouterr().out.replace(",", "").split()
    row, column = (int(words[words.index(word) + 1]) for word in ("row", "column"))
    scale = 576 / 448  # picture pixels per input pixel, along the shorter side
    left, top, right, bottom = sample.box
    assert left <= (32 * column + 112) * scale <= right
    assert top <= (32 * row + 112) * scale <= bottom
    with Image.open(out) as picture:
        assert picture.format == "JPEG"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--label", "tabbi"], "try tabby"),
        (["--label", "tabby", "--model", "vgg61"], "vgg16"),
        (["--label", "tabby", "--model", "unet"], "knows no ImageNet classes: choose one of efficientnet-lite0"),
        (["--label", "tabby", "--side", "300"], "multiple of 32"),
        (["--label", "tabby", "--side", "wide"], "invalid int value"),
        (["--label", "tabby", "--crop", "round"], "invalid choice"),
        ([], "--label"),
    ],
)
def test_heatmap_mistakes(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "heat.png"
    assert sentence in _fails(capsys, "heatmap", CAT, "--out", str(out), *arguments)
    assert not out.exists()


@pytest.mark.parametrize(
    ("out", "sentence"),
    [("heat.gif", "must end in .png or .jpg"), ("none/heat.png", "does not exist"), ("heat", "must end in")],
)
def test_where_the_heatmap_cannot_go(
    out: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in _fails(capsys, "heatmap", CAT, "--label", "tabby", "--out", str(tmp_path / out))


def test_a_folder_in_the_way_of_the_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "heat.png").mkdir()
    assert "cannot be written" in _fails(
        capsys, "heatmap", CAT, "--label", "tabby", "--side", "224", "--out", str(tmp_path / "heat.png")
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b"%PDF-1.7", "is a PDF file"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"x" * (images.MAX_BYTES + 1), "at most 32 MB"),
    ],
)
def test_pictures_that_cannot_be_used(
    data: bytes | None, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a {strange} name.png"
    if data is not None:
        path.write_bytes(data)
    line = _fails(capsys, "heatmap", str(path), "--label", "tabby", "--out", str(tmp_path / "heat.png"))
    assert sentence in line
    assert str(path) in line


# ---------------------------------------------------------------------------------------------------------- segment


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks with random weights stand in, whatever is bundled."""
    import torch

    from core.models.registry import build

    def load(name: str) -> inference.LoadedModel:
        torch.manual_seed(0)
        return inference.LoadedModel(spec(name), build(name).eval().requires_grad_(False), 0.0)

    monkeypatch.setattr(inference, "load", load)


@pytest.mark.usefixtures("untrained")
def test_one_image_into_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(images.encode_png(np.zeros((700, 1400, 3), np.uint8)))
    mask, overlay = tmp_path / "mask.png", tmp_path / "over.jpg"
    assert main(["segment", str(large), "--model", "unet", "--out", str(mask), "--overlay", str(overlay)]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "%" in out
    assert " ms " in out
    with Image.open(mask) as picture:
        assert picture.mode == "P"
        assert picture.size == (1400, 700)  # the original size, though the network saw a smaller picture
        assert np.asarray(picture).max() < 21
    with Image.open(overlay) as picture:
        assert picture.size == (1024, 512)


@pytest.mark.usefixtures("untrained")
def test_several_images_into_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "masks"
    assert main(["segment", CAT, DOG, "--model", "unet", "--out", str(out), "--overlay", str(tmp_path / "over")]) == 0
    assert capsys.readouterr().out.count("\n") == 2
    assert {path.name for path in out.iterdir()} == {"cat.png", "dog.png"}
    assert {path.name for path in (tmp_path / "over").iterdir()} == {"cat.jpg", "dog.jpg"}
    for key in ("cat", "dog"):
        with Image.open(out / f"{key}.png") as picture:
            assert picture.size == images.sample(key).original_size


def test_nuclei_are_numbered_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from core.passes import counting

    sample, out, overlay = SAMPLE["nuclei"], tmp_path / "nuclei.png", tmp_path / "over.png"
    command = ["segment", str(sample.path), "--model", "unet-nuclei", "--out", str(out), "--overlay", str(overlay)]
    assert main(command) == 0
    found = counting.count(inference.load("unet-nuclei"), images.sample("nuclei"))
    assert f"{sample.path}: {found.number} nuclei, background " in capsys.readouterr().out
    with Image.open(out) as picture:
        assert np.array_equal(np.asarray(picture), found.labels)
        assert np.asarray(picture).dtype == np.uint16
    with Image.open(overlay) as picture:
        painted = np.asarray(picture) != images.sample("nuclei").pixels
    assert not painted[found.labels == 0].any()
    assert painted.any()


@pytest.mark.usefixtures("untrained")
def test_segment_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "mask.png")
    assert "name a folder" in _fails(capsys, "segment", CAT, DOG, "--model", "unet", "--out", file)
    assert "Two images are called cat" in _fails(capsys, "segment", CAT, CAT, "--model", "unet", "--out", str(tmp_path))
    assert "cuts nothing out" in _fails(capsys, "segment", CAT, "--model", "alexnet", "--out", file)
    assert "must end in .png" in _fails(capsys, "segment", CAT, "--model", "unet", "--out", str(tmp_path / "mask.jpg"))
    assert "cannot be read" in _fails(capsys, "segment", "none.png", "--model", "unet", "--out", file)
    assert not list(tmp_path.iterdir())


def test_absent_weights_are_named_with_the_command_that_makes_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inference.forget("unet")
    monkeypatch.setattr("core.models.weights.FOLDER", tmp_path)
    line = _fails(capsys, "segment", CAT, "--model", "unet", "--out", str(tmp_path / "mask.png"))
    assert "unet.safetensors" in line
    assert "python -m core.training unet" in line
    assert not list(tmp_path.iterdir())


def test_targets(tmp_path: Path) -> None:
    one, two = Path("a/one.jpg"), Path("b/two.webp")
    assert targets([one], tmp_path / "mask.png", ".png") == [tmp_path / "mask.png"]
    assert targets([one, two], tmp_path / "new", ".png") == [tmp_path / "new" / "one.png", tmp_path / "new" / "two.png"]
    assert not (tmp_path / "new").exists()  # not before there is something to write
    with pytest.raises(CommandError, match="does not exist"):
        targets([one], tmp_path / "no" / "folder", ".png")


# -------------------------------------------------------------------------------------------------- the whole program


def _program(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "core", *arguments], capture_output=True, text=True, check=False)


def test_help_is_quick_because_it_imports_nothing_heavy() -> None:
    code = (
        "import sys; from core.cli import main; status = main(['--help']) or main(['heatmap', '--help']); "
        "sys.exit(status or bool({'torch', 'numpy', 'PIL', 'streamlit'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0
    assert all(word in run.stdout for word in ("models", "fetch", "heatmap", "segment", "--label"))


@pytest.mark.parametrize("arguments", ["", "hatmap", "models --xml", "heatmap none.png --label dog --out x.png"])
def test_mistakes_end_in_one_line_and_status_two(arguments: str) -> None:
    run = _program(*arguments.split())
    assert run.returncode == MISTAKE
    assert run.stdout == ""
    assert run.stderr.startswith("python -m core")
    assert run.stderr.count("\n") == 1


def test_a_reader_that_leaves_early_is_no_error() -> None:
    run = subprocess.run(
        f"{sys.executable} -m core models --json | head -1", shell=True, capture_output=True, text=True, check=False
    )
    assert run.stdout == "[\n"
    assert run.stderr == ""


def test_every_option_explains_itself() -> None:
    commands = next(a for a in parser()._actions if a.dest == "command").choices
    assert isinstance(commands, dict)
    for command in commands.values():
        assert all(action.help for action in command._actions)


def test_a_picture_read_from_a_file_keeps_its_name() -> None:
    assert read(Path(CAT)).name == "cat.jpg"
    assert read(Path(CAT)).digest == images.sample("cat").digest
