"""Weights for tests of networks that have none yet, or whose real ones would make a test depend on training."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from core.engine import inference
from core.models import registry, weights


@contextmanager
def random_weights(name: str, folder: Path) -> Iterator[None]:
    """Inside, network ``name`` has weights from a fixed seed, kept in ``folder``; all other networks their own."""
    real = weights.FOLDER
    for file in real.glob("*.safetensors"):
        if file.stem != name:
            (folder / file.name).symlink_to(file)
    index = json.loads((real / "index.json").read_text(encoding="utf-8"))
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")
    weights.FOLDER = folder
    inference.forget(name)
    try:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            network = registry.build(name).train()
            with torch.no_grad():
                for _ in range(2):  # running means and variances that keep activations in a sensible range
                    network(torch.randn(2, 3, 224, 224))
        weights.save(name, network.eval())
        yield
    finally:
        weights.FOLDER = real
        inference.forget(name)
