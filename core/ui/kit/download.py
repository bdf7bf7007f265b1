"""Offering a download: size before, progress during, a way to stop, and one sentence when it fails."""

from __future__ import annotations

import streamlit as st

from core import facts
from core.models import pretrained, weights
from core.models.registry import ModelSpec, spec
from core.ui.language import cited, translate_error
from core.ui.language import gettext as _


def available(name: str) -> bool:
    """Whether network ``name`` can be loaded without a download. Needs PyTorch for those that torchvision brings."""
    if spec(name).weights == "bundled":
        return weights.present(name)
    source = pretrained.remote(name)
    return source is None or source.present


def title(name: str, ready: bool) -> str:
    """The name of a network on a widget, translated; with a lock and its size where it has to be fetched first."""
    entry = spec(name)
    here = entry.weights != "torchvision" or (ready and available(name))
    return _(entry.title) if here else f":material/lock: {_(entry.title)} ({entry.download_mb} MB)"


REPORTED = {"googlenet": (facts.GOOGLENET_TOP_1, facts.GOOGLENET_TOP_5)}
"""What those who released weights say of them: right at the first guess, right within five."""


def whose(name: str) -> None:
    """Who trained the weights of ``name``, and how well by their own account, if they are bundled as released."""
    if name not in REPORTED:
        return
    first, five = REPORTED[name]
    st.caption(
        _(
            "{title} is the published network, with the weights that {who} trained and released. They report that the"
            " first guess is right for {first} of the pictures, and one of five guesses for {five} ({data};"
            " {source}, {where})."
        ).format(
            title=_(spec(name).title),
            who=spec(name).released,
            first=first.text,
            five=five.text,
            data=_(first.data),
            source=first.source,
            where=cited(first.where),
        )
    )


@st.fragment(run_every=0.5)
def _progress(name: str) -> None:
    job = pretrained.job(name)
    if job is None or job.state != "running":
        st.rerun()
    st.progress(
        job.share,
        _("{done:.0f} of {total:.0f} MB").format(done=job.done / 2**20, total=(job.total or job.done) / 2**20),
    )
    st.button(_("Stop"), key=f"stop-{name}", on_click=job.stop)


def _fetching(entry: ModelSpec) -> str:
    if entry.kind == "classifier":
        return _("Fetching the ImageNet weights of {title}.").format(title=_(entry.title))
    return _("Fetching torchvision’s weights of {title}.").format(title=_(entry.title))


def _missing(entry: ModelSpec) -> str:
    if entry.kind == "classifier":
        words = _(
            "The ImageNet weights of {title} are {size} MB and not on this machine yet. Everything below that needs"
            " no weights is shown anyway."
        )
    else:
        words = _(
            "Torchvision’s weights of {title} are {size} MB and not on this machine yet. The other networks are"
            " compared anyway."
        )
    return words.format(title=_(entry.title), size=entry.download_mb)


def _instead(entry: ModelSpec) -> str:
    if entry.kind == "classifier":
        return _("EfficientNet-Lite0 and GoogLeNet need no download, nor do the slim networks: choose one of them.")
    return _("The networks above need no download.")


def offer(name: str) -> None:
    """Say what is missing and let the reader fetch it. Reruns the page once the weights are there."""
    entry, job = spec(name), pretrained.job(name)
    if job is not None and job.state == "running":
        st.info(_fetching(entry))
        _progress(name)
        return
    if job is not None and job.error is not None:
        st.warning(f"{translate_error(job.error)} {_instead(entry)}")
    else:
        st.info(_missing(entry))
    if st.button(_("Fetch {size} MB").format(size=entry.download_mb), key=f"fetch-{name}"):
        pretrained.start(name)
        st.rerun()
