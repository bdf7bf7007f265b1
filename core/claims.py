"""What the pages claim in general, and what stands behind each sentence.

They stand in ``claims.toml``; ``python -m core.claims`` writes ``docs/claims.md`` from there, and each page shows its
own part. A sentence that is not there has not been checked in this way.
"""

from __future__ import annotations

import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from core.errors import N_

Kind = Literal["computed", "measured", "cited", "definition"]
KINDS: dict[Kind, str] = {
    "computed": N_("computed: a test compares it with PyTorch or with counting"),
    "measured": N_("measured: made from the record of our training, or from a pass over the picture"),
    "cited": N_("cited: a statement or a figure of a paper"),
    "definition": N_("definition: what a word means here"),
}
"""Kinds of claims, as a reader is told them."""
_ALL = "all with a network"
WITH_NETWORKS = ("fcn", "deconvnet", "sliding_window", "localization", "unet", "pspnet", "deeplab", "compare")


class Claim(NamedTuple):
    """A general sentence of a page.

    Attributes:
        text: the sentence, in short.
        pages: names of the pages that make it; ``README``.
        kind: what it rests on.
        korean: the same in Korean; empty where no page shows it.
        tests: ``file::test`` that compares it.
        source: paper and place, where it rests on one.
    """

    text: str
    pages: tuple[str, ...]
    kind: Kind
    korean: str = ""
    tests: tuple[str, ...] = ()
    source: str = ""


@cache
def claims() -> tuple[Claim, ...]:
    """All of them, in the order of ``claims.toml``."""
    read = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    found = []
    for entry in read["claim"]:
        pages = WITH_NETWORKS if entry["pages"] == [_ALL] else tuple(entry["pages"])
        found.append(Claim(**entry | {"pages": pages, "tests": tuple(entry.get("tests", ()))}))
    return tuple(found)


def of_page(name: str) -> list[Claim]:
    """The claims of one page, in the order of the page."""
    return [claim for claim in claims() if name in claim.pages]


def _row(claim: Claim) -> str:
    pages = ", ".join(page if page == "README" else f"`/{'' if page == 'home' else page}`" for page in claim.pages)
    proof = "; ".join(part for part in (claim.source, ", ".join(f"`{test}`" for test in claim.tests)) if part)
    return f"| {claim.text} | {pages} | {claim.kind} | {proof} |"


def as_markdown() -> str:
    """``docs/claims.md``."""
    kinds = "\n".join(f"- **{kind}**: {text.partition(': ')[2]}." for kind, text in KINDS.items())
    rows = "\n".join(map(_row, claims()))
    return f"""\
# What the pages claim, and how it was checked

A general sentence on a page is worth what stands behind it. This table lists those that were checked, and only those:

{kinds}

Each page shows its part of the table behind *Where do the numbers come from?* in its last step. The table is written by
`python -m core.claims` from `core/claims.toml`; `tests/test_claims.py` holds that it is up to date and that every test
named here exists. Numbers inside sentences have a test of their own: `tests/locale/test_numbers.py` for those that a
sentence holds as a word, `tests/ui/test_pages.py` for all others on a page.

| Claim | Page | Kind | Test or source |
|---|---|---|---|
{rows}
"""


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs" / "claims.md")
    target.write_text(as_markdown(), encoding="utf-8")
