"""A guess about the parts of a decoder: without which one does the mask change most?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from core.passes import without_parts
from core.passes.without_parts import Answer
from core.ui import page, state
from core.ui.language import gettext as _


def predict(question: str, names: Sequence[str], run: Callable[[tuple[bool, ...]], Answer]) -> None:
    """Ask, and on demand measure every part on the picture.

    Args:
        question: in one sentence.
        names: of the parts.
        run: the decoder's answer with these parts on.
    """
    with page.predict_box(question):
        codes = [str(i) for i in range(len(names))]
        guess = state.choice(
            _("Your guess"), "most", codes, codes[-1], format_func=lambda code: names[int(code)], look="pills"
        )
        if not state.toggle(_("Reveal"), "told"):
            return
        everything = run((True,) * len(names))
        single = [
            without_parts.changed(everything, run(tuple(j != i for j in range(len(names))))) for i in range(len(names))
        ]
        silent = without_parts.changed(everything, run((False,) * len(names)))
        most = int(np.argmax(single))
        st.markdown(
            (_("Right.") if most == int(guess) else _("It is another one."))
            + " "
            + _(
                "Most pixels change without {name}. The {count} single differences add up to {sum:.1%}, all of them"
                " off together change {all:.1%}. The two need not be equal: the layers behind are not linear."
            ).format(name=names[most], count=len(names), sum=sum(single), all=silent)
        )
        head = [_("switched off"), _("pixels of another class")]
        lines = ["| " + " | ".join(head) + " |", "| --- | ---: |"]
        lines += [f"| {name} | {share:.1%} |" for name, share in zip(names, single, strict=True)]
        st.markdown("\n".join(lines))
