"""``python -m core fetch``: torchvision's weights of a network, with the size before and the progress during."""

from __future__ import annotations

import argparse
import sys

from core.cli.files import CommandError
from core.errors import N_


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\r{done / 2**20:.0f} of {(total or done) / 2**20:.0f} MB", end=end, file=sys.stderr, flush=True)


def run(options: argparse.Namespace) -> None:
    from core.models import pretrained
    from core.models.registry import spec

    names = [spec(name).name for name in options.networks]  # a mistyped one ends it before anything is fetched
    for name in names:
        source = pretrained.remote(name)
        if source is None:
            raise pretrained.DownloadError(N_("{name} needs no download."), name=name)
        if source.present:
            print(f"{name}: here already, {source.path}")
            continue
        print(f"{name}: {source.megabytes:.0f} MB from {source.url}", flush=True)
        try:
            pretrained.fetch(source.url, source.path, _progress)
        except KeyboardInterrupt:
            raise CommandError(N_("{name} was stopped; nothing of it was kept."), name=name) from None
        print(f"{name}: {source.path}")
