"""The installed command ``segscope``: the application, or with a command the command line of :mod:`core.cli`."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from core.cli import main as command_line

APP = Path(__file__).parents[2] / "app.py"


def starts_application(arguments: Sequence[str]) -> bool:
    """Whether ``arguments`` are the application's: none, or first an option of Streamlit's, such as
    ``--server.port``."""
    return not arguments or (arguments[0].startswith("--") and arguments[0] not in ("--help", "--version", "--"))


def main() -> int:
    """Start what was asked for; returns the exit status."""
    arguments = sys.argv[1:]
    if not starts_application(arguments):
        return command_line(arguments, "segscope")
    # As `streamlit run app.py` does, wherever app.py was installed: Streamlit finds its configuration beside it.
    sys.argv = ["streamlit", "run", str(APP), *arguments]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return 0
