"""A guess before the formula: how many cells come out?"""

from __future__ import annotations

from core.maths.transposed import Axis
from core.ui import guesses, kept
from core.ui.component import register
from core.ui.kit.grid import size_formula
from core.ui.language import gettext as _

_mount = register(__file__, room=(128, 104))

QUESTIONS = (
    Axis(4, 2, 2),
    Axis(5, 3, 1, 1),
    Axis(4, 3, 2),
    Axis(8, 4, 2, 1),
    Axis(7, 3, 2, 1, 1),
    Axis(5, 3, 1, 0, 0, 2),
    Axis(1, 7, 1),
    Axis(16, 64, 32, 16),
)
"""From U-Net, DeconvNet (whose first deconvolution makes 7 x 7 of one cell) and FCN-32s (enlarged 32 times)."""


KEY = "size_quiz"


def _guessed() -> None:
    match kept.sent(KEY, "guess"):
        case [int(number), int(cells)] if 0 <= number < len(QUESTIONS):
            guesses.note(f"transposed/size-{number + 1}", cells == QUESTIONS[number].out)


def size_quiz() -> None:
    """Draw the questions, one at a time; the browser knows the answers, and the visit's count hears of the guess."""
    _mount(
        key=KEY,
        on_guess_change=_guessed,
        data={
            "questions": [
                {
                    "i": q.size,
                    "k": q.kernel,
                    "s": q.stride,
                    "p": q.padding,
                    "o": q.output_padding,
                    "d": q.dilation,
                    "answer": q.out,
                    "formula": size_formula(q),
                }
                for q in QUESTIONS
            ],
            "text": {
                "ask": _(
                    "{i} × {i} cells go in; kernel {k}, stride {s}, padding {p}, output padding {o}, dilation {d}."
                    " How many cells along one side come out?"
                ),
                "label": _("Your guess"),
                "check": _("Reveal"),
                "next": _("Next question"),
                "right": _("Right."),
                "wrong": _("Not quite: {answer}, {off} away."),
            },
        },
    )
