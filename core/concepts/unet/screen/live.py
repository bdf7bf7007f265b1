"""The live part of the page about U-Net: which network, the U, its faders."""

from __future__ import annotations

import streamlit as st

from core.concepts.unet.screen import results
from core.concepts.unet.screen.u_map import View, key_of, u_map
from core.models import weights
from core.models.registry import spec
from core.pictures.images import Picture
from core.pictures.reference import Reference
from core.ui import guesses, kept, own_mask, picker, state
from core.ui.kit import from_scratch, made_for, pointing
from core.ui.language import gettext as _

ALL = ("unet-nuclei", "unet-mobilenetv2", "unet", "unet-em")
NUCLEI = "nuclei"
"""Sample that the network for nuclei is shown with, and kind of such samples."""
FULL = (100,) * 4
_BEGAN = "unet-began"
_EFFECT = "unet-effect"
_WORTH = "unet-worth"
_WANTED = "unet-wanted"


def networks() -> list[str]:
    """The networks whose weights are here."""
    return [name for name in ALL if weights.present(name)]


def choose() -> str:
    """The widget for the network. Until the reader chooses, it is the one that is made for the kind of picture."""
    names, sample = networks(), picker.current_sample()
    nuclei = sample is not None and sample.kind == NUCLEI
    titles = {name: _(spec(name).title) for name in names}
    network = state.choice(
        _("Network"), "net", names, _made_for(nuclei, names), format_func=titles.__getitem__, look="pills"
    )
    if network == "unet" and (known := from_scratch.sentence(network, "unet-mobilenetv2")):
        st.caption(known)
    if network == results.NUCLEI and sample is not None and not nuclei:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(made_for.sentence(network, sample))
            st.button(_("Choose a picture of nuclei"), on_click=picker.choose, args=(NUCLEI,))
    else:
        made_for.notice(network)
    return network


def _made_for(nuclei: bool, names: list[str]) -> str:
    """The network that a kind of picture begins with. One that nobody has chosen makes way for the next one's."""
    wanted = (results.NUCLEI,) if nuclei else ("unet-mobilenetv2", "unet")
    best = next((name for name in wanted if name in names), names[0])
    before = st.session_state.get(_BEGAN)
    if before not in (None, best) and st.session_state.get(state.key("net")) == before:
        st.session_state[state.key("net")] = best
    st.session_state[_BEGAN] = best
    return best


def _count(seen: results.Seen) -> None:
    """What was found and counted, in one line."""
    if seen.nuclei is None:
        return
    found = int(seen.nuclei.max(initial=0))
    if (pairs := seen.agreement) is None:
        st.markdown(_("Found **{found}** nuclei, each in a colour of its own.").format(found=found))
        return
    st.markdown(
        _(
            "Found **{found}** nuclei, each in a colour of its own; people marked **{true}**. {matched} of those are"
            " among the found ones: more than half of the area that either outline holds lies in both."
        ).format(found=found, true=pairs.true, matched=pairs.matched)
    )


def gains() -> tuple[int, ...]:
    """The faders, finest first, in percent."""
    return kept.whole("skips", FULL, 0, 100)


def _fade(key: str) -> None:
    if (found := kept.taken(key, "gains", 4, 0, 100)) is not None:
        kept.put("skips", found, FULL)


def _pin(key: str, photo: state.Photo, size: tuple[int, int]) -> None:
    if (found := kept.taken(key, "pin", 2, 0, max(size) - 1)) is not None:
        kept.put_pin(state.to_pin((found[0], found[1]), photo))


def pinned(seen: results.Seen, picture: Picture) -> tuple[int, int] | None:
    """The pinned pixel (column, row) on what the network was given; ``None`` where that does not show it."""
    if (pin := kept.pin()) == state.NOWHERE:
        return None
    height, width = seen.pixels.shape[:2]
    x, y = state.to_pixel(pin, seen.photo(picture))
    return (x, y) if 0 <= x < width and 0 <= y < height else None


def _open(key: str) -> None:
    if name := kept.code(key, "box", results.STAGES):
        kept.put("box", name, "down1")


def _guess(key: str, worth: list[tuple[float, float]]) -> None:
    if (found := kept.taken(key, "guess", 1, 0, len(worth) - 1)) is not None:
        guesses.note("unet/skip", worth[found[0]][0] == max(each[0] for each in worth))


def _effect(key: str, subject: str) -> None:
    if name := kept.code(key, "effect", results.STAGES):
        st.session_state[_EFFECT] = subject, name


def _counted(network: str, picture: Picture, reference: Reference | None) -> str:
    return f"{network}/{picture.digest}/{reference.digest if reference else ''}"


@st.fragment
def draw(picture: Picture, network: str, view: View) -> None:
    """The U. What each skip connection is worth joins it once :func:`settle` has computed it."""
    faders, key = gains(), key_of(view)
    reference = own_mask.current(picture) if network not in results.UNPADDED else None
    seen = results.seen(network, picture, faders, reference)
    wanted, effects, worth = st.session_state.get(_EFFECT), None, None
    if view == "cut":
        st.session_state[_WANTED] = network
        if st.session_state.get(_WORTH) == _counted(network, picture, reference):
            worth = results.worth(network, picture, reference)
    elif wanted and wanted[0] == seen.subject:
        effects = wanted[1], results.effects(network, picture.digest, wanted[1], picture)
    box = kept.value("box", "down1", lambda: state.read_choice("box", results.STAGES, "down1"))
    height, width = seen.pixels.shape[:2]
    u_map(
        seen,
        faders,
        worth,
        effects,
        view=view,
        box=box,
        pin=pinned(seen, picture),
        given=reference is not None,
        events={
            "on_gains_change": lambda: _fade(key),
            "on_pin_change": lambda: _pin(key, seen.photo(picture), (width, height)),
            "on_box_change": lambda: _open(key),
            "on_effect_change": lambda: _effect(key, seen.subject),
            "on_guess_change": lambda: _guess(key, worth or []),
            "on_missing_change": lambda: None,
        },
    )
    if view == "cut":
        _count(seen)
    pointing.pointing(_says(view))


def _says(view: View) -> str:
    """What there is to see, with its parts to touch."""
    if view == "cut":
        return _(
            "A U-Net halves its map at each depth on the way down and doubles it again on the way up. At every depth a"
            " skip connection hands the map across as it was before it was halved; depth 1 is the finest."
            " [Each fader](part:faders) weakens one of them. Pull one to 0% and look at [the mask](part:mask): places"
            " that were pooled away below do not come back by themselves."
        )
    return _(
        "[The left side](part:down) is the contracting path: it gathers context and loses places. [The right"
        " side](part:up) is the expanding path: with what the skip connections carry across it localizes, and gives"
        " every pixel a class."
    )


def settle(picture: Picture) -> None:
    """At the end of the page: compute what each skip connection is worth, once all else is on screen, and show it."""
    if (network := st.session_state.pop(_WANTED, None)) is None:
        return
    reference = own_mask.current(picture) if network not in results.UNPADDED else None
    counted = _counted(network, picture, reference)
    if st.session_state.get(_WORTH) != counted:
        results.worth(network, picture, reference)
        st.session_state[_WORTH] = counted
        st.rerun()
