"""``core/weights/MODEL_CARD.md``, written from what was measured (``core/weights/results.json``) and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.models import weights
from core.models.registry import SPECS, ModelSpec
from core.training.recipes import results

FILE = weights.FOLDER / "MODEL_CARD.md"
_FLOORS = {
    "fcn32s": (0.60, 0.91), "fcn16s": (0.64, 0.93), "fcn8s": (0.65, 0.93), "pspnet": (0.68, 0.94),
    "deeplabv3": (0.68, 0.94), "deeplabv3plus": (0.70, 0.95), "unet-mobilenetv2": (0.58, 0.92),
    "deconvnet-mobilenetv2": (0.58, 0.92), "deeplabv3-released": (0.715, 0.945), "unet": (0.12, 0.82),
    "deconvnet": (0.12, 0.82),
}  # fmt: skip
"""mIoU on VOC and on pets that each network is meant to reach."""

_HEAD = """# Model card

Written by `python -m core.training card` from `results.json`; change the measurement, not this file.

**What they are for.** Showing how segmentation networks work, on a person's own photo. They label 20 kinds of objects
(PASCAL VOC's) and background. They are small, they learned from few pictures, and nothing that matters to anybody's
safety, rights or money may depend on them.

**Data.** For photos: PASCAL VOC 2012 and 2007, MS-COCO, Open Images, rooms, things on plain ground and wallpapers (in
all 3,661 pictures; `NOTICE` names sources and terms) and Oxford-IIIT Pet (3,115 pictures; CC BY-SA 4.0). For membranes:
ISBI 2012 (20 sections). For nuclei: the 2018 Data Science Bowl (404 microscope pictures, CC0-1.0). No picture that was
learned from is in this repository. Scores are on the test lists of the same sets, with one pass at the size at which
the app shows a photo to the network, and without any choice of the best checkpoint. VOC here is a subset: the figures
cannot be compared with published ones.

**Weights of others.** What others trained and released is bundled unchanged; its part below names source and terms.

**How to read the tables.** mIoU is the mean over classes of intersection over union, void left out. On pets, whatever
is neither cat nor dog counts as background. Boundary is the F1 score of the outlines with a tolerance of two pixels.
Milliseconds are for one square of the side to which the app brings a photo's shorter side (classifiers: 224), the
median of nine passes on a shared machine.
"""


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _table(title: list[str], rows: list[list[str]]) -> str:
    return _row(title) + _row(["---"] * len(title)) + "".join(_row(row) for row in rows) + "\n"


def _photos(known: Mapping[str, Mapping[str, Any]]) -> str:
    rows, each = [], []
    names = [n for n in SPECS if "voc" in known.get(n, {}) and SPECS[n].kind == "segmenter"]
    for name in names:
        entry = known[name]
        voc, pets = entry["voc"], entry["pets"]
        missed = [
            f"{title} {floor:.3g}"
            for title, floor, part in zip(("VOC", "pets"), _FLOORS[name], (voc, pets), strict=True)
            if part["miou"] < floor
        ]
        reached = f"**missed** ({', '.join(missed)} wanted)" if missed else "reached"
        rows.append([
            SPECS[name].title, f"{entry['parameters']:,}", _percent(voc["miou"]), _percent(voc["boundary"]),
            _percent(pets["miou"]), _percent(pets["boundary"]), reached, f"{entry['milliseconds']:.0f}",
        ])  # fmt: skip
    if not rows:
        return "No network for photos is bundled yet.\n\n"
    pictures = known[names[0]]
    text = (
        f"VOC: {pictures['voc']['pictures']} pictures, pets: {pictures['pets']['pictures']} pictures, spread evenly "
        "over the test lists.\n\n"
    )
    title = ["network", "parameters", "VOC mIoU", "boundary", "pets mIoU", "boundary", "aims", "ms"]
    text += _table(title, rows)
    for label in known[names[0]]["voc"]["iou"]:
        each.append([label, *(_percent(known[name]["voc"]["iou"].get(label)) for name in names)])
    return (
        text + "IoU of each class on VOC, in percent:\n\n" + _table(["class", *(SPECS[n].title for n in names)], each)
    )


def _origin(name: str, origin: Mapping[str, str]) -> str:
    """Where converted weights come from (:class:`core.training.convert.Origin`)."""
    return (
        f"Not trained here: {origin['source']}. Licence: “{origin['licence']}” Reported there: {origin['claims']}. "
        f"Changed: {origin['changes']}. Rebuild: `python -m core.training convert {name}`.\n\n"
    )


def _nuclei(scores: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        [kind, f"{each['pictures']}", _percent(each["iou"]), _percent(each["score"]), _percent(each["count_error"])]
        for kind, each in scores.items()
    ]
    first, each = next(iter(scores.items()))
    return (
        f"Nuclei of {each['pictures']} {first} pictures and those of the other kinds, the whole test list, in percent. "
        "IoU is that of all nucleus pixels of a kind together; the match counts nuclei, TP / (TP + FP + FN) at an "
        "IoU above 0.5, its mean over pictures; the count's error is the median over pictures. Grey pictures are too "
        "few to judge by.\n\n" + _table(["kind", "pictures", "IoU", "match", "error of the count"], rows)
    )


def _run(training: Mapping[str, Any]) -> str:
    """What the record of a run says, in words."""
    if "pictures" not in training:  # runs that did not yet write their own record
        amount = f"{training['batches']:,} batches, {training['minutes']:.0f} minutes"
        return f"{training['recipe']}; {amount} on {training['machine']}"
    recipe = {
        "together": "with the other compared networks, one pass of the resting encoder for all",
        "patches": "the four of them in one pass, the later blocks and the heads",
        "classify": "shares of the classes in all windows of a photo",
        "photos": "from scratch, with the released network’s answers and features",
    }
    words = [recipe.get(training["recipe"], training["recipe"])]
    words.append(f"{training['batches']:,} of {training['planned']:,} planned batches of {training['batch']}")
    if training.get("earlier"):
        words.append(f"of these {training['earlier']:,} before, otherwise: {training['earlier_recipe']}")
    if isinstance(training["pictures"], Mapping):
        counts = ", ".join(f"{name} {count:,}" for name, count in training["pictures"].items())
        words.append(f"pictures: {counts}")
    if training.get("sides"):
        words.append(f"crops of {' and '.join(str(side) for side in training['sides'])} pixels")
    if training.get("teacher"):
        words.append(f"{100 * training['teacher_share']:.0f} % of the loss from `{training['teacher']}`’s answers")
    words.append(f"{training['minutes']:.0f} minutes on one CPU core, shared with other work")
    return "; ".join(words)


def _one(spec: ModelSpec, entry: Mapping[str, Any]) -> str:
    text = f"### {spec.title} (`{spec.name}`)\n\n{spec.paper}.\n\n"
    text += "".join(f"- {departure}\n" for departure in spec.departures) + "\n"
    if "released" in entry:
        text += _origin(spec.name, entry["released"])
    training = entry.get("training")
    if training:
        text += f"Training: {_run(training)}. Rebuild: `python -m core.training {spec.name}`.\n\n"
    if "membranes" in entry:
        scores = entry["membranes"]
        text += f"On {scores['pictures']} test sections: pixel accuracy {_percent(scores['accuracy'])} %, foreground-"
        text += f"restricted Rand score {_percent(scores['rand'])} %, mIoU {_percent(scores['miou'])} %.\n\n"
    if "nuclei" in entry:
        text += _nuclei(entry["nuclei"])
    if spec.kind == "patch" and "voc" in entry:
        text += (
            f"On {entry['voc']['pictures']} test pictures of either list: mIoU {_percent(entry['voc']['miou'])} % on "
        )
        text += f"VOC, {_percent(entry['pets']['miou'])} % on pets; boundary {_percent(entry['voc']['boundary'])} and "
        text += f"{_percent(entry['pets']['boundary'])} %.\n\n"
    if "pointing" in entry:
        scores = entry["pointing"]
        text += f"Read as a heatmap on {scores['pictures']} test pictures of pets, its peak lies inside the animal in "
        text += f"{_percent(scores['inside'])} %.\n\n"
    if spec.kind == "segmenter" and "voc" in entry:
        weakest = sorted((value, label) for label, value in entry["voc"]["iou"].items() if value is not None)[:4]
        text += "Weakest on VOC: " + ", ".join(f"{label} {_percent(value)} %" for value, label in weakest) + ".\n\n"
    for failure in entry.get("fails", []):
        text += f"- Fails: {failure}\n"
    return text + ("\n" if entry.get("fails") else "")


def text() -> str:
    """The card."""
    parts = {name: weights.files(name) if name in SPECS else [name] for name in results()}  # [name]: an encoder alone
    known = {n: entry for n, entry in results().items() if all(weights.path(file).is_file() for file in parts[n])}
    files = {file for name in known for file in parts[name]}
    size = sum(weights.path(file).stat().st_size for file in files)
    out = _HEAD + f"\n{len(files)} files, {size / 1e6:.1f} MB in half precision.\n\n## Networks for photos\n\n"
    out += _photos(known) + "## Each network\n\n"
    out += "".join(_one(SPECS[name], known[name]) for name in SPECS if name in known)
    alone = {name: entry["released"] for name, entry in known.items() if name not in SPECS and "released" in entry}
    return out + "".join(f"### `{name}`\n\n{_origin(name, origin)}" for name, origin in alone.items())


def write(file: Path = FILE) -> None:
    """Write :func:`text` to ``file``."""
    file.write_text(text().rstrip() + "\n", encoding="utf-8")
