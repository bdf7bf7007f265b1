"""Training: a network learns while one watches, and a head learns from a few strokes."""

from core.concepts.training.screen import choose, story, teach, under_glass, watch
from core.ui import page, steps
from core.ui.language import gettext as _

page.header(
    _("Watch a network learn"),
    _("How does a network come to give each pixel its class, and what can a few strokes on a photo teach?"),
)


def honest() -> None:
    """What is small here, and what the records of the bundled networks say."""
    story.honest_box()
    story.records()


steps.walk(
    steps.Step("watch", _("Watch it learn"), watch.watch),
    steps.Step("choose", _("Choose what differs"), choose.choose),
    steps.Step("glass", _("One step under the glass"), under_glass.under_glass),
    steps.Step("teach", _("Teach with three strokes"), teach.teach),
    steps.Step("exact", _("To be exact"), honest),
)
