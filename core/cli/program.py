"""The installed command ``segscope``: the application, or with a command the command line of :mod:`core.cli`."""

from __future__ import annotations

import re
import runpy
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from core.cli import main as command_line

APP = Path(__file__).parents[2] / "app.py"


def starts_application(arguments: Sequence[str]) -> bool:
    """Whether ``arguments`` are the application's: none, or first an option of Streamlit's, such as
    ``--server.port``."""
    return not arguments or (arguments[0].startswith("--") and arguments[0] not in ("--help", "--version", "--"))


def port_in_use(arguments: Sequence[str]) -> str:
    """The port that ``arguments`` name, if another program listens there; nothing where it is free or not named.
    Streamlit takes the next free one where none is named."""
    port = next(iter(re.findall(r"--server\.port[= ](\d+)", " ".join(arguments))), "")
    address = next(iter(re.findall(r"--server\.address[= ](\S+)", " ".join(arguments))), "")
    with socket.socket() as probe:
        probe.settimeout(1)
        there = address if address not in ("", "0.0.0.0", "::", "localhost") else "127.0.0.1"
        try:
            return port if port and probe.connect_ex((there, int(port))) == 0 else ""
        except (OSError, OverflowError):  # not an address of ours: Streamlit says so
            return ""


def main() -> int:
    """Start what was asked for; returns the exit status."""
    arguments = sys.argv[1:]
    if not starts_application(arguments):
        return command_line(arguments, "segscope")
    if taken := port_in_use(arguments):
        sys.stderr.write(f"segscope: port {taken} is in use: name another with --server.port, or leave it out.\n")
        return 1
    # As `streamlit run app.py` does, wherever app.py was installed: Streamlit finds its configuration beside it.
    sys.argv = ["streamlit", "run", str(APP), *arguments]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return 0
