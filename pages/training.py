"""Training: a network learns while one watches, and a head learns from a few strokes."""

from importlib import import_module

from core.ui import page, steps
from core.ui.language import gettext as _

page.header(
    _("Watch a network learn"),
    _("How does a network come to give each pixel its class, and what can a few strokes on a photo teach?"),
)


def drawn(panel: str, *parts: str) -> None:
    """The parts of a panel. They are imported here, because some bring PyTorch, for which the page does not wait."""
    here = import_module(f"core.concepts.training.screen.{panel}")
    for part in parts:
        getattr(here, part)()


steps.walk(
    steps.Step("watch", _("Watch it learn"), lambda: drawn("watch", "watch")),
    steps.Step("choose", _("Choose what differs"), steps.with_torch(lambda: drawn("choose", "choose"))),
    steps.Step("glass", _("One step under the glass"), steps.with_torch(lambda: drawn("under_glass", "under_glass"))),
    steps.Step("teach", _("Teach with three strokes"), lambda: drawn("teach", "teach")),
    steps.Step("exact", _("To be exact"), steps.with_torch(lambda: drawn("story", "honest_box", "records"))),
)
