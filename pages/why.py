"""Why a network says what it says of a pixel: maps at every depth, tests of such maps, and mistakes taken apart."""

from core.engine import inference
from core.ui import page, picker, steps
from core.ui.language import gettext as _

page.header(
    _("Why this pixel?"),
    _(
        "Which parts of a photo decided what a network says here, and is a map of them true? Click a pixel, then slide"
        " from the first map to the last."
    ),
)


def walk() -> None:
    """The steps. Their panels are imported here, because they bring PyTorch, for which the page does not wait."""
    from core.concepts.why.screen import board, errs, exactly, truth, ways
    from core.ui.kit import made_for, panes
    from core.ui.kit.panes import Pane

    picture, sample = picker.current(), picker.current_sample()
    board.settle()
    made_for.notice(board.chosen())

    def watch() -> None:
        """The pinned pixel, explained at every depth."""
        if inference.ready():
            board.draw(picture)
        else:
            panes.panes([picture.pixels], [Pane(_("The photo"), [])], key="panes-of-why", pin=board.pin())
            page.waiting_for_torch()

    def ask_otherwise() -> None:
        """Integrated gradients and occlusion."""
        ways.draw(picture)

    def test_it() -> None:
        """Deletion and insertion."""
        truth.draw(picture)

    def shuffle() -> None:
        """A network that has learned nothing."""
        truth.control(picture)

    def take_mistakes_apart() -> None:
        """Where a reference says otherwise."""
        errs.draw(picture)

    def exact() -> None:
        """What a map like these can and cannot say, and the same in PyTorch."""
        exactly.honest_box()
        exactly.code(picture, sample)

    steps.walk(
        steps.Step("why", _("Every depth"), watch),
        steps.Step("ways", _("Ask in other ways"), steps.with_torch(ask_otherwise)),
        steps.Step("true", _("Is the map true?"), steps.with_torch(test_it)),
        steps.Step("learned", _("Has it learned that?"), steps.with_torch(shuffle)),
        steps.Step("errs", _("Why does it err?"), steps.with_torch(take_mistakes_apart)),
        steps.Step("exact", _("To be exact"), steps.with_torch(exact)),
    )


if not page.waiting_for_torch():
    walk()
