"""How the bundled weights are made and measured.

    python -m core.training NAME... [--data FOLDER] [--steps N] [--threads N] [--runs FOLDER]
    python -m core.training convert [NAME...] [--data FOLDER]
    python -m core.training measure [NAME...] [--pictures N]
    python -m core.training card
    python -m core.training bundle [NAME...]

Networks that share the encoder may be named together; they then cost little more than one. A run that was interrupted
goes on where it stood; a finished one bundles its weights in ``core/weights``, and ``bundle`` does so before it has
finished. With ``--go-on`` a run of which only bundled weights and record are left goes on from there, on any machine.
Networks that others trained and released are converted instead.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.errors import SegScopeError


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    top = argparse.ArgumentParser(
        prog="python -m core.training", description="Train, measure and describe the bundled networks."
    )
    top.add_argument(
        "names",
        nargs="+",
        metavar="NAME",
        help="networks; together (the compared ones); patches (all four); or convert, measure, card, bundle",
    )
    top.add_argument("--data", type=Path, default=Path("../shared/data"), help="data folder (default: %(default)s)")
    top.add_argument("--cache", type=Path, default=Path(".cache/training"), help="for decoded pictures")
    top.add_argument("--runs", type=Path, default=Path(".cache/runs"), help="for checkpoints and logs of losses")
    top.add_argument("--steps", type=int, help="batches in all (default: the recipe's)")
    top.add_argument("--threads", type=int, default=2, help="CPU threads (default: %(default)s)")
    top.add_argument(
        "--go-on", action="store_true", help="begin with the bundled weights, at the batch that their record says"
    )
    top.add_argument("--pictures", type=int, default=0, help="measure: pictures per test list (default: all)")
    top.add_argument("--keep", action="store_true", help="leave core/weights alone: only the run's folder changes")
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = parser().parse_args(arguments)
    from core.models.registry import current
    from core.training import recipes

    command, names = options.names[0], [current(name) for name in options.names]
    try:
        if command == "measure":
            recipes.measure(names[1:], options)
        elif command == "bundle":
            recipes.bundle(names[1:], options)
        elif command == "convert":
            from core.training import convert

            for name, file in convert.run(names[1:], options.data, options.cache).items():
                print(f"{name}: {file}")
        elif options.names == ["card"]:
            from core.training import card

            card.write()
        else:
            recipes.train(names, options)
    except SegScopeError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
