"""The command line: list the networks, fetch weights, draw a heatmap, cut a picture into objects.

    segscope models [--json]
    segscope fetch NAME...
    segscope heatmap IMAGE --model NAME --label "tabby" --out heat.png
    segscope segment IMAGE... --model NAME --out FILE-OR-FOLDER [--overlay FILE-OR-FOLDER]
    segscope stress IMAGE-OR-FOLDER... --network NAME --out report.html
    segscope train TASK --out FOLDER [--skips off] [--loss dice] ...
    segscope teach IMAGE --strokes FILE --out FILE
    segscope look my_module.py:build [--weights FILE.safetensors] [--photo IMAGE]

The same as ``python -m core`` where SegScope is not installed. ``segscope`` without a command starts the application,
see :mod:`core.cli.program`.

Whatever a person can cure ends in one line on the error output and exit status 2, or 1 where only a part of the work
failed; Ctrl-C ends in one line and status 130. PyTorch is imported by the commands that need it, so that ``--help`` and
a mistyped option answer at once.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from core.cli import console
from core.cli.batch import MISTAKE, SOME
from core.errors import SegScopeError

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

__all__ = ["MISTAKE", "SOME", "STOPPED", "main", "parser"]

STOPPED = 130
"""Exit status after Ctrl-C, as shells have it."""


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib import metadata

        try:
            console.say(f"segscope {metadata.version('segscope')}")
        except metadata.PackageNotFoundError:  # a working copy, run where it lies
            console.say("segscope, not installed")
        parser.exit()


class _Parser(argparse.ArgumentParser):
    """argparse, saying one line instead of usage and line, and not keeping quiet about help that did not arrive."""

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        console.say(self.format_help().rstrip("\n"))

    def error(self, message: str) -> NoReturn:
        self.exit(MISTAKE, f"{self.prog}: {console.shown(message)} (see {self.prog} --help)\n")


def _path(text: str) -> Path:
    """A file or folder as it was named. An empty name would be this folder, and comes from a variable that is unset."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError("an empty name: name a file or a folder")
    return Path(text)


def parser(program: str = "python -m core") -> argparse.ArgumentParser:
    """The grammar of the command line."""
    top = _Parser(
        prog=program,
        description="SegScope on the command line.",
        epilog="Without a command, segscope starts the application, with Streamlit's options: segscope --server.port 80"
        if program == "segscope"
        else None,
        allow_abbrev=False,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="which SegScope is installed")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    models = commands.add_parser("models", help="list the networks", allow_abbrev=False)
    models.add_argument("--json", action="store_true", help="as JSON, with everything the registry knows")

    fetch = commands.add_parser("fetch", help="download a network's weights from torchvision", allow_abbrev=False)
    fetch.add_argument("networks", nargs="+", metavar="network", help='one that "models" lists with "download"')

    heatmap = commands.add_parser("heatmap", help="where in a picture a classifier sees something", allow_abbrev=False)
    heatmap.add_argument("image", type=_path, help="picture: JPEG, PNG, HEIC ...")
    heatmap.add_argument("--model", default="efficientnet-lite0", help="a classifier (default: %(default)s)")
    heatmap.add_argument("--label", required=True, help='a class, its number, or a group: "tabby", 281, "any cat"')
    heatmap.add_argument("--out", type=_path, required=True, help="PNG or JPEG file to write; dark is 0, bright is 1")
    heatmap.add_argument("--crop", choices=("whole", "square"), default="whole", help="all of it, or the middle square")
    heatmap.add_argument("--side", type=int, default=448, help="shorter side of the input, 224 to 640 in steps of 32")

    _add_force(heatmap)

    segment = commands.add_parser("segment", help="which pixel belongs to what", allow_abbrev=False)
    segment.add_argument("images", type=_path, nargs="+", metavar="image", help="pictures: JPEG, PNG, HEIC ...")
    segment.add_argument("--model", default="deeplabv3plus", help="a segmentation network (default: %(default)s)")
    segment.add_argument(
        "--out",
        type=_path,
        required=True,
        help="PNG of class ids (unet-nuclei: of the nuclei's numbers, 16 bits), or a folder for several",
    )
    segment.add_argument("--overlay", type=_path, help="picture with the classes painted over it, or a folder")
    _add_force(segment)

    stress = commands.add_parser("stress", help="how far a network's answers hold on worse photos", allow_abbrev=False)
    stress.add_argument("images", type=_path, nargs="+", metavar="photo", help="photos, or folders of photos")
    stress.add_argument("--network", default="deeplabv3plus", help="a network for photos (default: %(default)s)")
    stress.add_argument("--kinds", nargs="+", metavar="KIND", help="disturbances: blur noise jpeg ... (default: all)")
    stress.add_argument("--out", type=_path, required=True, help="HTML file to write; a CSV of the same name beside it")
    _add_force(stress)
    _add_learning(commands)

    look = commands.add_parser("look", help="your own network, stage by stage (its Python is run)", allow_abbrev=False)
    look.add_argument("network", help="what builds it: my_module.py:build, or package.module:Class")
    look.add_argument("--weights", type=_path, help="safetensors file that fits it")
    look.add_argument("--photo", type=_path, help="a photo (default: the first sample)")
    look.add_argument("--size", type=int, choices=range(32, 2049), metavar="32..2048", help="side of a square input")
    look.add_argument("--mean", type=float, nargs="+", default=[0.485, 0.456, 0.406], help="of pixels from 0 to 1")
    look.add_argument("--std", type=float, nargs="+", default=[0.229, 0.224, 0.225], help="(default: ImageNet's)")
    look.add_argument("--json", action="store_true", help="everything as JSON")
    look.add_argument("--out", type=_path, help="PNG or JPEG file for the photo with its mask")
    _add_force(look)
    return top


def _add_learning(commands: argparse._SubParsersAction[_Parser]) -> None:
    train = commands.add_parser("train", help="let a small network learn from made pictures", allow_abbrev=False)
    train.add_argument("task", help="shapes, rare or nuclei")
    train.add_argument("--out", type=_path, required=True, help="folder for curve.png, curve.csv, masks.gif, weights")
    train.add_argument("--steps", type=int, default=600, help="1 to 2000 (default: %(default)s)")
    train.add_argument("--skips", choices=("on", "off"), default="on", help="skip connections (default: %(default)s)")
    train.add_argument("--loss", default="cross-entropy", help="cross-entropy, weighted, dice or focal")
    train.add_argument("--depth", type=int, default=2, help="poolings, 1 to 4 (default: %(default)s)")
    train.add_argument("--width", type=int, default=8, help="channels of the first block: 4, 8 or 16")
    train.add_argument("--rate", type=float, default=0.005, help="learning rate (default: %(default)s)")
    train.add_argument("--pictures", type=int, default=256, help="how many teach, 1 to 256 (default: %(default)s)")
    train.add_argument("--augment", action="store_true", help="turn and mirror them each time")
    train.add_argument("--seed", type=int, default=0, help="the same seed gives the same run (default: %(default)s)")
    _add_force(train)

    teach = commands.add_parser("teach", help="cut an object out after a few strokes", allow_abbrev=False)
    teach.add_argument("image", type=_path, help="picture: JPEG, PNG, HEIC ...")
    teach.add_argument(
        "--strokes", type=_path, required=True,
        help="PNG of the picture's size: 0 on background, 1 to 5 on objects, 255 elsewhere",
    )  # fmt: skip
    teach.add_argument("--out", type=_path, required=True, help="PNG of class ids to write")
    _add_force(teach)


def _add_force(command: argparse.ArgumentParser) -> None:
    command.add_argument("--force", action="store_true", help="overwrite results that are there already")


def main(arguments: Sequence[str] | None = None, program: str = "python -m core") -> int:
    """Run one command; returns the exit status.

    Args:
        arguments: without the program's name; those of the process by default.
        program: how it was called, which begins every complaint.
    """
    console.prepare()
    try:
        options = parser(program).parse_args(arguments)
        command = options.command
        options.program = f"{program} {command}"
        status = _run(options)
    except SystemExit as stop:  # argparse has said why
        command, status = "models", int(stop.code or 0)
    if (reason := console.finish()) is not None:
        console.complain(f"{program}: the output cannot be written ({reason}).")
        status = status or (MISTAKE if command == "models" else SOME)  # elsewhere the files are there
    return status


def _run(options: argparse.Namespace) -> int:
    try:
        status: int = importlib.import_module(f"core.cli.{options.command}").run(options)
        return status
    except SegScopeError as error:
        console.complain(f"{options.program}: {error}")
        return MISTAKE
    except KeyboardInterrupt as stop:
        console.complain(f"{options.program}: {str(stop) or 'stopped: what was written is whole.'}")
        return STOPPED
