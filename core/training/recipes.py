"""Which recipe trains which network, and what becomes of a finished run."""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from core.errors import N_, SegScopeError
from core.models import weights
from core.models.registry import SPECS, ModelSpec, spec
from core.training import curves

STEPS = {
    "together": 4000, "patch": 1100, "unet-em": 1180, "alexnet-slim": 1800, "vgg16-slim": 600, "unet": 8000,
    "deconvnet": 8000, "unet-nuclei": 2400,
}  # fmt: skip
"""Batches, by recipe."""
MEANS = ("together", "patch", "alexnet-slim", "vgg16-slim", "unet", "deconvnet")
"""Recipes whose checkpoints hold a running mean of the weights, and a record."""
RESULTS = weights.FOLDER / "results.json"


class RecipeError(SegScopeError):
    """A network that nothing here trains."""


def results() -> dict[str, dict[str, Any]]:
    """What was measured: by network, then by test list; empty before the first measurement."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}


def record(name: str, **entries: Any) -> None:
    """Add entries to the results of one network."""
    _write(name, results().get(name, {}) | entries)


def renew(name: str, training: Mapping[str, Any]) -> None:
    """Begin the results of one network anew with its run's record: what was measured before is of other weights."""
    _write(name, {"training": dict(training)} if training else {})


def _write(name: str, entry: Mapping[str, Any]) -> None:
    known = results() | {name: entry}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")


def _recipe(entries: Sequence[ModelSpec]) -> str:
    """Which of :data:`STEPS` trains these networks."""
    first = entries[0]
    for entry in entries:
        if entry.released:
            raise RecipeError(
                N_("{title} is not trained here: run python -m core.training convert {name}."),
                title=entry.title,
                name=entry.name,
            )
    if any(entry.weights != "bundled" for entry in entries):
        raise RecipeError(N_("{title} has no recipe here."), title=first.title)
    if {entry.kind for entry in entries} == {"patch"}:
        return "patch"
    if {(entry.kind, entry.encoder) for entry in entries} == {("segmenter", "mobilenetv2")}:
        return "together"
    if len(entries) > 1:
        names = ", ".join(entry.name for entry in entries)
        raise RecipeError(
            N_("Only networks that share an encoder are trained together: name one of {names}."), names=names
        )
    if first.name not in STEPS:
        raise RecipeError(N_("{title} has no recipe here."), title=first.title)
    return first.name


def _expanded(names: Sequence[str]) -> list[str]:
    """``together`` and ``patches`` stand for all networks of one run."""
    if list(names) == ["together"]:
        from core.training.together import NAMES

        return list(NAMES)
    if list(names) == ["patches"]:
        return [name for name, entry in SPECS.items() if entry.kind == "patch"]
    return list(names)


def train(names: Sequence[str], options: argparse.Namespace) -> None:
    """Train, and bundle the result unless ``options.keep``.

    Raises:
        RecipeError: a network has no recipe, or several that share nothing are named together.
        RegistryError: no network has this name.
    """
    torch.set_num_threads(options.threads)
    names = _expanded(names)
    recipe = _recipe([spec(name) for name in names])
    finished: dict[str, nn.Module]
    made: dict[str, Any] = {}
    steps = options.steps or STEPS[recipe]
    folder = _folder(names, recipe, options)
    where = (options.data, options.cache, folder, steps)
    if recipe == "unet-em":
        from core.training import membranes

        finished = {names[0]: membranes.train(names[0], *where)}
    elif recipe == "unet-nuclei":
        from core.training import nuclei

        finished = {names[0]: nuclei.train(names[0], *where)}
        made = nuclei.record(options.data, folder, steps)
    else:
        module = _module(recipe)
        module.train(names, *where, go_on=_behind(names) if options.go_on else None)
        finished, made = module.finished(names, folder), _made(names, recipe, folder, steps, options)
    print(f"curves: {curves.write(folder)}")
    if not options.keep:
        _bundle(finished, made)


_MODULES = {"together": "together", "patch": "patches", "alexnet-slim": "classify", "vgg16-slim": "classify"}
"""Of the recipes; ``photos`` has the others. Each has ``train``, ``finished`` and ``facts``."""


def _module(recipe: str) -> Any:
    return importlib.import_module(f"core.training.{_MODULES.get(recipe, 'photos')}")


def _folder(names: Sequence[str], recipe: str, options: argparse.Namespace) -> Path:
    """Of the run that trains these networks."""
    folder: Path = options.runs / ("patches" if recipe == "patch" else "together" if len(names) > 1 else names[0])
    return folder


def _made(names: Sequence[str], recipe: str, folder: Path, steps: int, options: argparse.Namespace) -> dict[str, Any]:
    """The record of a run: what its recipe says of itself, how far it came, and what the weights before it were."""
    from core.training import run

    facts = _module(recipe).facts(names, options.data, options.cache)
    made = run.record(folder, steps, facts)
    if made["earlier"]:
        before = results().get(names[0], {}).get("training", {})
        made["earlier_recipe"] = before.get("earlier_recipe") or before.get("recipe", "")
    return made


def _bundle(networks: Mapping[str, nn.Module], made: Mapping[str, Any]) -> None:
    """Save weights and the record of the run that made them, in the place of all that was measured on others."""
    for name, network in networks.items():
        print(f"{name}: {weights.save(name, network)}")
        renew(name, made)


def _behind(names: Sequence[str]) -> tuple[int, float]:
    """Batches and seconds that the bundled weights of ``names`` have behind them.

    Processes that shared a comparison (same seed, same crops) took their own minutes each: all of them count.

    Raises:
        RecipeError: there is no record, or not the same for all.
    """
    known = results()
    records = [known.get(name, {}).get("training", {}) for name in names]
    processes = {json.dumps({**record, "minutes": 0}, sort_keys=True) for record in records}
    if len(processes) != 1 or "batches" not in records[0]:
        raise RecipeError(N_("These weights have no common record to go on from: train them without --go-on."))
    minutes = sum({float(record["minutes"]) for record in records})
    return int(records[0]["batches"]), 60 * minutes


def bundle(names: Sequence[str], options: argparse.Namespace) -> None:
    """Bundle what a run that is still under way has taught so far: the mean weights of its last checkpoint.

    Args:
        names: networks that are trained together, or one; none for those of the comparison.
        options: of the command line.

    Raises:
        RecipeError: there is no such run, or it keeps no running mean.
    """
    names = _expanded(names or ["together"])
    recipe = _recipe([spec(name) for name in names])
    folder = _folder(names, recipe, options)
    if recipe not in MEANS or not (folder / "last.pt").is_file():
        raise RecipeError(N_("No run in {folder} has a checkpoint to bundle."), folder=folder)
    steps = options.steps or STEPS[recipe]
    _bundle(_module(recipe).finished(names, folder), _made(names, recipe, folder, steps, options))


def measure(names: Sequence[str], options: argparse.Namespace) -> None:
    """Score bundled networks on the test lists and keep the figures in ``core/weights/results.json``.

    Raises:
        WeightsError: weights are missing or damaged.
    """
    from core.training.measure import latency, membranes, photos, pointing

    torch.set_num_threads(options.threads)
    chosen = list(names) or [name for name, entry in SPECS.items() if weights.present(name)]
    networks = {name: weights.load(name).eval() for name in chosen}
    for name, network in networks.items():
        record(name, parameters=sum(p.numel() for p in network.parameters()))
        if spec(name).labels == "em":
            record(name, membranes=membranes(network, options.data, options.cache))
        elif spec(name).labels == "nuclei":
            from core.training import nuclei

            record(name, nuclei=nuclei.test_scores(network, options.data))
        elif spec(name).kind == "classifier":
            record(name, pointing=pointing(name, network, options.data, options.cache, options.pictures))
        if spec(name).labels not in ("em", "nuclei"):
            record(
                name,
                milliseconds=round(
                    latency(network, 224 if spec(name).kind == "classifier" else spec(name).short_side), 1
                ),
            )
    for family in (("segmenter", "mobilenetv2"), ("segmenter", ""), ("patch", "lite0")):
        photo = {n: m for n, m in networks.items() if (spec(n).kind, spec(n).encoder) == family}
        photo = {n: m for n, m in photo.items() if spec(n).labels == "voc-21"}
        if photo:
            limits = {"voc": options.pictures, "pets": options.pictures}
            for name, scores in photos(photo, options.data, options.cache, limits).items():
                record(name, **scores)
                print(name, *(f"{part}: mIoU {scores[part]['miou']}" for part in scores))
