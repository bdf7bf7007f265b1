"""What the command line says: lines for results, lines for mistakes, and one that counts on a terminal.

Nothing here may fail because of where a line goes: a closed or full output is remembered and reported once, by
:func:`finish`, while the work behind the lines goes on.
"""

from __future__ import annotations

import io
import os
import sys
import time
import unicodedata
from pathlib import Path

_lost: str | None = None
"""Why lines for results no longer arrive; empty where their reader has left (``| head``), which is no mistake."""


def shown(path: Path | str) -> str:
    """A file's name as one line can carry it: what would break the line, turn its direction or steer the terminal, and
    bytes that are no text, are written as Python would write them."""
    return "".join(
        c if c.isprintable() or unicodedata.category(c) == "Zs" else c.encode("unicode_escape").decode("ascii")
        for c in str(path)
    )


def prepare() -> None:
    """Make the standard streams safe to write to, whatever they are.

    A descriptor that the caller has closed is opened on nothing: otherwise the next file that is opened, a result
    perhaps, would get its number, and whatever a library prints. Letters that an output cannot encode are spelt out.
    """
    global _lost
    _lost = None
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """A line, or several, for the standard output, at once."""
    global _lost
    if _lost is not None:
        return
    if sys.stdout is None:
        _lost = "it is closed"  # with `>&-`
        return
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _lost = ""
    except OSError as error:
        _lost = error.strerror or type(error).__name__


def complain(text: str) -> None:
    """A line for the error output; if that is closed or full there is nobody left to tell."""
    if sys.stderr is None:
        return  # with `2>&-`; print would take the standard output instead
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        _abandon(sys.stderr)


def finish() -> str | None:
    """Why lines for results were lost, if they were and somebody still expects them. To be called once, at the end."""
    global _lost
    try:
        if sys.stdout is not None:
            sys.stdout.flush()  # what argparse has printed
    except BrokenPipeError:
        _lost = _lost or ""
    except OSError as error:
        _lost = _lost or error.strerror or type(error).__name__
    if _lost is not None and sys.stdout is not None:
        _abandon(sys.stdout)
    return _lost or None


def _abandon(stream: object) -> None:
    """What still waits in ``stream`` goes nowhere: Python would try it again when it ends, and complain."""
    if isinstance(stream, io.TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Progress:
    """One line on the terminal that says how far a batch is and how long the rest takes; silent elsewhere and for a
    single picture, whose result is news enough."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._began = time.monotonic()
        self._width = 0
        self._on = total > 1 and sys.stderr is not None and sys.stderr.isatty()

    def show(self, done: int) -> None:
        """``done`` are behind, the next one is being computed."""
        text = f"picture {done + 1} of {self.total}"
        if done:
            text += f", about {(time.monotonic() - self._began) / done * (self.total - done):.0f} s left"
        self._write(text)

    def clear(self) -> None:
        """Make room for a line that stays."""
        self._write("")

    def _write(self, text: str) -> None:
        if not self._on:
            return
        try:
            print(f"\r{' ' * self._width}\r{text}", end="", file=sys.stderr, flush=True)
        except OSError:
            self._on = False
        self._width = len(text)
