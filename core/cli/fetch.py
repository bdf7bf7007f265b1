"""``fetch``: torchvision's weights of a network, with the size before and the progress during."""

from __future__ import annotations

import argparse
import sys

from core.cli.batch import Batch
from core.cli.console import say, shown
from core.errors import N_


def _progress(done: int, total: int) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\r{done / 2**20:.0f} of {(total or done) / 2**20:.0f} MB", end=end, file=sys.stderr, flush=True)


def run(options: argparse.Namespace) -> int:
    """Fetch what is not here yet; returns the exit status."""
    from core.models import downloads, pretrained
    from core.models.registry import spec

    names = [spec(name).name for name in options.networks]  # a mistyped one ends it before anything is fetched
    sources = [pretrained.needed(name) for name in names]

    def one(source: pretrained.Remote) -> None:
        name = source.name
        if source.present:
            say(f"{name}: here already, {shown(source.path)}")
            return
        say(f"{name}: {source.megabytes:.0f} MB from {source.url}")
        try:
            downloads.fetch(source.url, source.path, _progress, source.most)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(N_("{name} was stopped; nothing of it was kept.").format(name=name)) from None
        say(f"{name}: {shown(source.path)}")

    return Batch(options.program, "networks").work(sources, one)
