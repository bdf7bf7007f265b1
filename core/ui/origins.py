"""Where a page's numbers come from: its general sentences, each with what stands behind it, folded away."""

from __future__ import annotations

import streamlit as st

from core import claims
from core.locale.korean import no_break
from core.ui import state
from core.ui.language import current
from core.ui.language import gettext as _


def line(claim: claims.Claim, code: str) -> str:
    """One claim as Markdown in the language ``code``: the sentence, its kind, its source and tests."""
    text = no_break(claim.korean) if code == "ko" else claim.text
    kind = _(claims.KINDS[claim.kind]).partition(":")[0]
    proof = " ".join([*([claim.source] if claim.source else []), *(f"`{test}`" for test in claim.tests)])
    return f"- {text} *({kind})*  \n  {proof}" if proof else f"- {text} *({kind})*"


@st.fragment
def draw(page: str) -> None:
    """The claims of ``page``, which are sent when the box is unfolded; nothing where it has none."""
    found = claims.of_page(page)
    if not found:
        return
    with st.expander(_("Where do the numbers come from?"), key=state.key("origins"), on_change="rerun") as box:
        if box.open:
            kinds = dict.fromkeys(claim.kind for claim in found)
            st.markdown("\n".join(line(claim, current()) for claim in found))
            st.caption(" · ".join(_(claims.KINDS[kind]) for kind in kinds))
            st.caption(
                _(
                    "A number inside a sentence is a value of the code that computes the figure. The table of all pages"
                    " is docs/claims.md in the repository."
                )
            )
