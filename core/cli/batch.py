"""Several things one after the other, of which a bad one costs nobody but itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from core.cli.console import Progress, complain
from core.errors import SegScopeError

SOME = 1
"""Exit status when some succeeded and some did not."""
MISTAKE = 2
"""Exit status after bad input, as argparse has it, and when nothing succeeded."""

T = TypeVar("T")


class Batch:
    """Work on several things, in two rounds: what can be said at once, then the long one.

    Args:
        program: what begins every line on the error output.
        noun: what the things are together, for the summary: ``pictures``.
    """

    def __init__(self, program: str, noun: str) -> None:
        self.program, self.noun = program, noun
        self._failed = 0
        self._number = 0

    def check(self, things: Sequence[T], look: Callable[[T], None]) -> list[T]:
        """Those of ``things`` that ``look`` does not refuse; the others are named now, before the work starts.

        Raises:
            SegScopeError: ``look``'s, when there is only one thing.
        """
        self._number = len(things)
        good = []
        for thing in things:
            try:
                look(thing)
                good.append(thing)
            except SegScopeError as error:
                self._fail(error)
        return good

    def work(self, things: Sequence[T], one: Callable[[T], None]) -> int:
        """Do ``one`` after the other; what fails is named at the end. Returns the exit status.

        Raises:
            SegScopeError: the only one's.
            KeyboardInterrupt: with a sentence that says how far it came.
        """
        self._number = max(self._number, len(things))
        errors: list[SegScopeError] = []
        progress = Progress(len(things))
        for done, thing in enumerate(things):
            progress.show(done)
            try:
                one(thing)
            except KeyboardInterrupt as stop:
                progress.clear()
                failed = f", {len(errors)} failed" if errors else ""
                kept = f"{done - len(errors)} of {self._number} {self.noun} are done{failed}"
                raise KeyboardInterrupt(str(stop) or f"stopped: {kept}, and what was written is whole.") from None
            except SegScopeError as error:
                errors.append(error)
        progress.clear()
        for failure in errors:
            self._fail(failure)
        if self._failed and self._number > 1:
            complain(f"{self.program}: {self._failed} of {self._number} {self.noun} failed.")
        return 0 if not self._failed else MISTAKE if self._failed == self._number else SOME

    def _fail(self, error: SegScopeError) -> None:
        if self._number == 1:
            raise error
        self._failed += 1
        complain(f"{self.program}: {error}")
