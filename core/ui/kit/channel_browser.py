"""The texts of ``channel_browser.js``, which shows all channels of a stage of a network."""

from __future__ import annotations

from core.ui.language import gettext as _


def texts() -> dict[str, str]:
    """What the browser half says, in the reader's language."""
    return {
        "channels": _("Channels of this box. Arrow keys move between them."),
        "channelLabel": _("Channel {channel}: {value}"),
        "sort": _("Sort by"),
        "strength": _("strength"),
        "variance": _("variance"),
        "effect": _("effect on the mask"),
        "measuring": _("Each channel is being taken away in turn: order of strength until then."),
        "measured": _("Taken away one by one: the {count} strongest of {all} channels. The others follow."),
        "scale": _("Colours"),
        "own": _("each its own range"),
        "common": _("one range for all"),
        "opacity": _("Map over the photo"),
        "largeAlt": _("The photo in grey under the chosen channel"),
        "said": _(
            "Channel {channel}, row {row}, column {column}: {value}. Mean magnitude {strength}, variance {variance}."
        ),
    }
