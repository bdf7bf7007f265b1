"""How networks of the controlled comparison learned, in sentences made from the record of their run."""

from __future__ import annotations

from collections.abc import Sequence

from core import facts
from core.models.measured import comparison
from core.models.registry import spec
from core.ui.language import gettext as _


def sentence(names: Sequence[str]) -> str:
    """What ``names`` have in common, with a blank in front; nothing where no record says it of all of them."""
    run = comparison()
    if run is None or not set(names) <= set(run.names):
        return ""
    text = " " + _(
        "{names} learned from the same {batches} batches of {batch} pieces of {pictures} photos, from masks and from"
        " the soft answers of “{teacher}”."
    ).format(
        names=", ".join(_(spec(name).title) for name in names),
        batches=f"{run.batches:,}",
        batch=run.batch,
        pictures=f"{sum(run.pictures.values()):,}",
        teacher=_(spec(run.teacher).title),
    )
    if run.encoder == "at rest":
        text += " " + _(
            "Their encoder rests, so only their decoders learned: MobileNetV2 as the authors of DeepLab released it,"
            " trained by them on {data}."
        ).format(data=", ".join(facts.ENCODER_SAW))
    return text
