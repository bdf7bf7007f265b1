"""Collecting, updating and compiling the catalogues with Babel, which only development needs.

Both files of a language are kept in the repository, so that SegScope speaks it after a plain ``pip install`` of its
requirements; the tests compare them with the source.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}

HEADER = "# Texts of SegScope in the language {code}. Licensed as SegScope is: Apache-2.0."


def extract() -> Catalog:
    """Every text of ``core`` and ``pages`` that is marked with ``_``, ``N_`` or ``ngettext``."""
    catalogue = Catalog(project="SegScope", charset="utf-8")
    files = [ROOT / "app.py", *(ROOT / "core").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    for file in sorted(files):
        for _line, message, comments, context in extract_from_file("python", file, KEYWORDS, ("i18n:",)):
            catalogue.add(message, None, auto_comments=comments, context=context)
    return catalogue


def po_file(code: str) -> Path:
    """The catalogue of one language as people edit it."""
    return FOLDER / code / "LC_MESSAGES" / "segscope.po"


def read(code: str) -> Catalog:
    """The catalogue of one language; an empty one for a language whose folder has just been made."""
    if not po_file(code).is_file():
        return Catalog(locale=code, project="SegScope", charset="utf-8")
    with po_file(code).open("rb") as file:
        return read_po(file, locale=code)


def compiled(catalogue: Catalog) -> bytes:
    """``catalogue`` as ``gettext`` reads it."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def codes() -> list[str]:
    """Languages that have a catalogue."""
    return sorted(folder.name for folder in FOLDER.iterdir() if (folder / "LC_MESSAGES").is_dir())


def main() -> None:
    """Update and compile every catalogue, and say how many texts wait for a translation."""
    source = extract()
    for code in codes():
        catalogue = read(code)
        catalogue.update(source, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        catalogue.header_comment = HEADER.format(code=code)
        with po_file(code).open("wb") as file:
            write_po(file, catalogue, sort_output=True, ignore_obsolete=True, no_location=True, width=120)
        po_file(code).with_suffix(".mo").write_bytes(compiled(catalogue))
        missing = sum(not m.string or not all(m.string) for m in catalogue if m.id)
        sys.stdout.write(f"{code}: {len(catalogue)} texts, {missing} without translation\n")
