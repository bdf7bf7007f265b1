"""Weights that others released, turned into bundled files: ``python -m core.training convert NAME... --data FOLDER``.

To add one: write a function that takes the data folder and the cache, bundles what it makes of the released weights and
returns the file, and enter it in :data:`CONVERSIONS` under the network's name, with what the model card is to say of
it. The network's entry in the registry says ``released="WHOSE"`` (:mod:`core.models.table`), so that whatever misses
its weights names this command. Name the source in ``NOTICE``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import N_, SegScopeError
from core.models import weights
from core.models.googlenet import INCEPTIONS, googlenet
from core.training.recipes import record


class ConversionError(SegScopeError):
    """A name that nothing is converted to, or released weights that are not there or not what they should be."""


@dataclass(frozen=True)
class Origin:
    """Where weights come from, for the model card.

    Attributes:
        source: whose weights, trained on what, and where they were taken from.
        licence: the terms, in the words of those who released them.
        claims: what they report themselves.
        changes: what the conversion does to the numbers.
    """

    source: str
    licence: str
    claims: str
    changes: str


@dataclass(frozen=True)
class Conversion:
    """One line of :data:`CONVERSIONS`.

    Attributes:
        bundle: takes the data folder and the cache of decoded pictures; returns the file that it wrote.
        origin: for the model card.
    """

    bundle: Callable[[Path, Path], Path]
    origin: Origin


def arrays(file: Path) -> dict[str, NDArray[np.float32]]:
    """The arrays of an ``.npz`` file by name, in single precision.

    Raises:
        ConversionError: there is no such file, or it is damaged.
    """
    if not file.is_file():
        raise ConversionError(
            N_("No file {file} in {folder}; give the data folder with --data."), file=file.name, folder=file.parent
        )
    try:
        with file.open("rb") as source, np.load(source, allow_pickle=False) as stored:
            return {name: stored[name].astype(np.float32) for name in stored.files}
    except Exception as error:  # a damaged archive raises whatever its first wrong byte happens to lead to
        raise ConversionError(N_("The file {file} is damaged: fetch it again."), file=file) from error


def fill(network: nn.Module, state: Mapping[str, Tensor], file: Path) -> nn.Module:
    """Give ``network`` exactly the values of ``state``.

    Raises:
        ConversionError: a value is missing, left over, or of another shape.
    """
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise ConversionError(N_("The file {file} holds another network's weights."), file=file) from error
    return network


def _caffes_names() -> dict[str, str]:
    """Modules of :class:`core.models.googlenet.GoogLeNet` by their layers' names in Caffe."""
    stem = {"conv1/7x7_s2": "conv1", "conv2/3x3_reduce": "conv2_reduce", "conv2/3x3": "conv2"}
    branches = {
        "1x1": "one", "3x3_reduce": "three.0", "3x3": "three.1", "5x5_reduce": "five.0", "5x5": "five.1",
        "pool_proj": "pool.1",
    }  # fmt: skip
    modules = stem | {
        f"inception_{module}/{layer}": f"inception_{module}.{branch}"
        for module in INCEPTIONS
        for layer, branch in branches.items()
    }
    # each is a convolution and its ReLU, 0 and 1
    return {layer: f"features.{module}.0" for layer, module in modules.items()} | {"loss3/classifier": "classifier"}


def convert_googlenet(data: Path) -> nn.Module:
    """BVLC GoogLeNet from ``googlenet/weights.npz``: Caffe's names and layout, half precision.

    The first convolution's input channels, blue, green and red, are turned round, so that the network takes RGB.
    """
    file = data / "googlenet" / "weights.npz"
    modules, state = _caffes_names(), {}
    for name, values in arrays(file).items():
        layer, _, part = name.rpartition(".")
        value = torch.from_numpy(values)
        if name == "conv1/7x7_s2.weight":
            value = value.flip(1)  # (64, 3, 7, 7)
        elif name == "loss3/classifier.weight":
            value = value.flatten(1)  # (1000, 1024), which may be stored as 1x1 kernels
        state[f"{modules.get(layer, layer)}.{part}"] = value
    return fill(googlenet(), state, file)


def bundle_mobilenetv2(data: Path, cache: Path) -> Path:
    """The DeepLab authors' MobileNetV2 and its head, two files (:mod:`core.training.released`)."""
    from core.training import released

    network = released.convert(data, cache)
    weights.save_encoder("mobilenetv2", network.encoder)
    return weights.save("deeplabv3-released", network)


CONVERSIONS: dict[str, Conversion] = {
    "deeplabv3-released": Conversion(
        bundle_mobilenetv2,
        Origin(
            source="DeepLabv3 on MobileNetV2, trained by its authors on ImageNet, MS-COCO and PASCAL VOC 2012 trainaug,"
            " as https://github.com/PINTO0309/OpenVINO-DeeplabV3 (commit b6e59554, MIT) converted it from TensorFlow;"
            " its encoder is the one that the compared networks share",
            licence="Apache License 2.0",
            claims="mIoU 75.3 % on VOC 2012's validation pictures",
            changes="maps are handed on less their mean, divided by their deviation, and the head's weights are scaled"
            " to that, so that its answers stay",
        ),
    ),
    "googlenet": Conversion(
        lambda data, _cache: weights.save("googlenet", convert_googlenet(data)),
        Origin(
            source="BVLC GoogLeNet, trained on ILSVRC12 by S. Guadarrama with Caffe"
            " (https://github.com/BVLC/caffe/tree/master/models/bvlc_googlenet), in the half precision of"
            " https://github.com/chaosmail/caffejs (branch gh-pages, commit d161d610, MIT)",
            licence="This model is released for unrestricted use.",
            claims="top-1 68.7 %, top-5 88.9 % on ILSVRC12's validation pictures, centre crop",
            changes="the first convolution takes RGB instead of BGR; no value is changed",
        ),
    ),
}
"""By network."""


def run(names: Sequence[str], data: Path, cache: Path) -> dict[str, Path]:
    """Convert ``names``, or everything: bundle the weights, and write down for the model card where they come from.

    Returns:
        The files, by network.

    Raises:
        ConversionError: nothing is converted to one of the names, or what was released is not there.
    """
    chosen = list(names) or list(CONVERSIONS)
    for name in chosen:
        if name not in CONVERSIONS:
            raise ConversionError(
                N_("Nothing is converted to {name}: choose one of {known}."), name=name, known=", ".join(CONVERSIONS)
            )
    made = {}
    for name in chosen:
        made[name] = CONVERSIONS[name].bundle(data, cache)
        record(name, released=asdict(CONVERSIONS[name].origin))
    return made
