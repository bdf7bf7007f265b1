"""The 21 classes of PASCAL VOC in words that a page shows, by id: what 8 or 12 in a mask means."""

from __future__ import annotations

from core.errors import N_

VOC = (
    N_("background"), N_("aeroplane"), N_("bicycle"), N_("bird"), N_("boat"), N_("bottle"), N_("bus"), N_("car"),
    N_("cat"), N_("chair"), N_("cow"), N_("dining table"), N_("dog"), N_("horse"), N_("motorbike"), N_("person"),
    N_("potted plant"), N_("sheep"), N_("sofa"), N_("train"), N_("TV monitor"),
)  # fmt: skip
"""Titles by id; 0 is everything that is none of the other twenty. English, marked for translation."""
