"""Whether what SegScope brings along is whole: weights and their index, measurements, catalogues.

A damaged download or a checkout without its large files is named when the application starts, with the way to cure
it, and not by the first visitor. Every check reads a few kilobytes; that a file holds the right numbers is only seen
when it is loaded, by its checksum (:mod:`core.models.weights`).
"""

from __future__ import annotations

import gettext
import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import N_, SegScopeError
from core.models import measured, weights

LOCALE = Path(__file__).parents[1] / "locale"


class BundleError(SegScopeError):
    """A file that belongs to SegScope is damaged or missing; the sentence says which and how to get it again."""


def broken() -> list[SegScopeError]:
    """What is wrong with the files that belong to SegScope; nothing where all is well.

    Each is one sentence. Nothing is raised, whatever the files hold.
    """
    found: list[SegScopeError] = []
    try:
        names = weights.names()
    except weights.WeightsError as error:
        found.append(error)
        names = []
    checks: list[tuple[Callable[[Path], object], Path]] = [
        *((_weights, weights.path(name)) for name in names),
        *((_catalogue, file) for file in _catalogues()),
    ]
    for check, file in checks:
        try:
            check(file)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error, EOFError):
            found.append(
                BundleError(
                    N_(
                        "The file {file} of SegScope is damaged or missing: get it again with git checkout {file}, or"
                        " install SegScope anew."
                    ),
                    file=_name(file),
                )
            )
    try:
        measured.measurements()
        measured.comparison()
    except measured.MeasuredError as error:
        found.append(error)
    return found


def _name(file: Path) -> str:
    """As git would have it, seen from the folder above ``core``."""
    above = LOCALE.parents[1]
    return file.relative_to(above).as_posix() if file.is_relative_to(above) else file.name


def _catalogues() -> Iterator[Path]:
    for folder in sorted(LOCALE.glob("*/LC_MESSAGES")):
        yield folder / "segscope.mo"


def _catalogue(file: Path) -> None:
    with file.open("rb") as data:
        gettext.GNUTranslations(data)


def _weights(file: Path) -> None:
    """A safetensors file has as many bytes as its header says: the header's length, the header, the numbers."""
    with file.open("rb") as data:
        (length,) = struct.unpack("<Q", data.read(8))
        if length > 10**7:  # another kind of file, such as the pointer that stands in for a large one
            raise ValueError(length)
        header = json.loads(data.read(length))
    numbers = max((entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"), default=0)
    if file.stat().st_size != 8 + length + numbers:
        raise ValueError(file)
