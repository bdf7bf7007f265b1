"""A guess about the parts of a decoder: without which one does the mask change most?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from core.passes import without_parts
from core.passes.without_parts import Answer
from core.ui import guesses, page
from core.ui.language import gettext as _

SHOW = "show"
"""Stands for "just show me" among the guesses."""


def predict(
    name: str, question: str, names: Sequence[str], digest: str, run: Callable[[tuple[bool, ...]], Answer]
) -> None:
    """Ask; once there is a guess, measure every part on the picture and say what was right and why.

    The guess is not in the address: a link that is passed on must not give the answer away.

    Args:
        name: of the guess, as :func:`core.ui.guesses.note` wants it.
        question: in one sentence.
        names: of the parts.
        digest: of the picture: another one asks again.
        run: the decoder's answer with these parts on.
    """
    codes = [*(str(i) for i in range(len(names))), SHOW]
    with page.predict_box(question):
        guess = st.pills(
            _("Your guess"),
            codes,
            format_func=lambda code: _("just show me") if code == SHOW else names[int(code)],
            key=f"which-{name}-{digest}",
            label_visibility="collapsed",
        )
        if guess is None:
            return
        everything = run((True,) * len(names))
        single = [
            without_parts.changed(everything, run(tuple(j != i for j in range(len(names))))) for i in range(len(names))
        ]
        if guess != SHOW:
            guesses.note(name, single[int(guess)] == max(single))
        st.markdown(verdict(guess, names, single))
        silent = without_parts.changed(everything, run((False,) * len(names)))
        head = [_("switched off"), _("pixels of another class")]
        lines = ["| " + " | ".join(head) + " |", "| --- | ---: |"]
        lines += [f"| {part} | {share:.1%} |" for part, share in zip(names, single, strict=True)]
        lines.append("| " + _("all of them") + f" | {silent:.1%} |")
        st.markdown("\n".join(lines))
        st.caption(
            _(
                "The {count} single differences add up to {sum:.1%}, all of them off together change {all:.1%}. The two"
                " need not be equal: the layers behind are not linear, and what one part says another may say as well."
            ).format(count=len(names), sum=sum(single), all=silent)
        )


def verdict(guess: str, names: Sequence[str], single: Sequence[float]) -> str:
    """Whether the guess was right, and by how much it was not.

    Args:
        guess: the number of a part, or :data:`SHOW`.
        names: of the parts.
        single: share of the pixels whose class changes without each.
    """
    most = int(np.argmax(single))
    values = {"name": names[most], "share": f"{single[most]:.1%}"}
    if guess == SHOW:
        return _("Most pixels change without {name}: {share}.").format(**values)
    if single[int(guess)] == single[most]:
        return _("**Right.** Most pixels change without {name}: {share}.").format(**values)
    return _("**It is another one.** Without {yours} {less} of the pixels change, without {name} {share}.").format(
        **values, yours=names[int(guess)], less=f"{single[int(guess)]:.1%}"
    )
