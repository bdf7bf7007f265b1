"""The command line: list the networks, fetch weights, draw a heatmap, cut a picture into objects.

    python -m core models [--json]
    python -m core fetch NAME...
    python -m core heatmap IMAGE --model NAME --label "tabby" --out heat.png
    python -m core segment IMAGE... --model NAME --out FILE-OR-FOLDER [--overlay FILE-OR-FOLDER]

Whatever a person can cure ends in one line on the error output and exit status 2. PyTorch is imported by the commands
that need it, so that ``--help`` and a mistyped option answer at once.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from core.errors import SegScopeError

MISTAKE = 2
"""Exit status after bad input, as argparse has it."""


class _Parser(argparse.ArgumentParser):
    """argparse, saying one line instead of usage and line."""

    def error(self, message: str) -> NoReturn:
        self.exit(MISTAKE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    top = _Parser(prog="python -m core", description="SegScope on the command line.", allow_abbrev=False)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    models = commands.add_parser("models", help="list the networks", allow_abbrev=False)
    models.add_argument("--json", action="store_true", help="as JSON, with everything the registry knows")

    fetch = commands.add_parser("fetch", help="download a network's weights from torchvision", allow_abbrev=False)
    fetch.add_argument("networks", nargs="+", metavar="network", help='one that "models" lists with "download"')

    heatmap = commands.add_parser("heatmap", help="where in a picture a classifier sees something", allow_abbrev=False)
    heatmap.add_argument("image", type=Path, help="picture: JPEG, PNG, HEIC ...")
    heatmap.add_argument("--model", default="efficientnet-lite0", help="a classifier (default: %(default)s)")
    heatmap.add_argument("--label", required=True, help='a class, its number, or a group: "tabby", 281, "any cat"')
    heatmap.add_argument("--out", type=Path, required=True, help="PNG or JPEG file to write; dark is 0, bright is 1")
    heatmap.add_argument("--crop", choices=("whole", "square"), default="whole", help="all of it, or the middle square")
    heatmap.add_argument("--side", type=int, default=448, help="shorter side of the input, 224 to 640 in steps of 32")

    segment = commands.add_parser("segment", help="which pixel belongs to what", allow_abbrev=False)
    segment.add_argument("images", type=Path, nargs="+", metavar="image", help="pictures: JPEG, PNG, HEIC ...")
    segment.add_argument("--model", default="deeplabv3plus", help="a segmentation network (default: %(default)s)")
    segment.add_argument(
        "--out",
        type=Path,
        required=True,
        help="PNG of class ids (unet-nuclei: of the nuclei's numbers, 16 bits), or a folder for several",
    )
    segment.add_argument("--overlay", type=Path, help="picture with the classes painted over it, or a folder")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status.

    Args:
        arguments: without the program's name; those of the process by default.
    """
    try:
        options = parser().parse_args(arguments)
    except SystemExit as stop:  # argparse has said why
        return int(stop.code or 0)
    try:
        importlib.import_module(f"core.cli.{options.command}").run(options)
        sys.stdout.flush()
    except SegScopeError as error:
        print(f"python -m core {options.command}: {error}", file=sys.stderr)
        return MISTAKE
    except BrokenPipeError:  # `| head` has seen enough, and the rest must go nowhere, also what is flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
