"""What a network that begins with nothing learns from a few thousand photos, in one sentence of measured figures."""

from __future__ import annotations

from core.models import measured
from core.pictures import labels
from core.ui.language import gettext as _

KNOWN = 0.2
"""IoU from which on a network is said to know a class."""


def sentence(name: str, shared: str) -> str:
    """What network ``name``, trained from scratch, can know, beside the one with the same path up on the shared
    encoder; empty where it was not measured."""
    scores = measured.measurements()
    own, other = (scores[network].voc if network in scores else None for network in (name, shared))
    if not own:
        return ""
    pictures = measured.pictures(name)
    amount = _("{count} photos").format(count=f"{pictures:,}") if pictures else _("a few thousand photos")
    beside = _(" ({miou:.0%} on the shared encoder)").format(miou=other.miou) if other else ""
    known = [_(label) for label in labels.VOC[1:] if own.iou.get(label.replace(" ", "").lower(), 0) >= KNOWN]
    return _(
        "It has learned from {amount} and nothing before: on VOC’s test pictures it reaches a mIoU of"
        " {own:.0%}{beside}, and of {all} kinds of objects it knows {count}, with an IoU of {least:.0%} or more:"
        " {names}."
    ).format(
        amount=amount,
        own=own.miou,
        beside=beside,
        all=len(labels.VOC) - 1,
        count=len(known),
        least=KNOWN,
        names=", ".join(known) or "–",
    )
