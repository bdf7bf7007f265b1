"""Each page on its own: the first full picture against the bare pass, the bytes of a first view, players' frames."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from statistics import median
from typing import TYPE_CHECKING

from core.bench.browser import PATIENCE, READY, ROOT, chromium, server
from core.bench.forward import in_turns
from core.bench.report import Measurement

if TYPE_CHECKING:
    from torch import Tensor

    from core.engine.inference import LoadedModel
    from core.pictures.images import Picture

PLAYERS = ("fcn", "transposed", "deconvnet", "deeplab")
"""Pages whose first player has the usual buttons."""
FRAMES = """async (milliseconds) => {
  const times = [], end = performance.now() + milliseconds;
  await new Promise((done) => {
    const look = (now) => { times.push(now); now < end ? requestAnimationFrame(look) : done(); };
    requestAnimationFrame(look);
  });
  return (1000 * (times.length - 1)) / (times.at(-1) - times[0]);
}"""
"""Frames per second that the browser shows in so many milliseconds."""


# ---------------------------------------------------------------------------------------- from a photo to its picture


def _deconvnet(model: LoadedModel, picture: Picture) -> tuple[Tensor, Callable[[], object]]:
    from core.concepts.deconvnet import hourglass
    from core.concepts.deconvnet.screen.hourglass import payload
    from core.ui.kit.feature_sheets import Gallery

    def whole() -> object:
        glass = hourglass.look(model, picture)
        return payload(glass, Gallery(glass.stages))

    return model.prepare(hourglass.given(model.spec, picture)), whole


def _unet(model: LoadedModel, picture: Picture) -> tuple[Tensor, Callable[[], object]]:
    from core.concepts.unet import skips
    from core.concepts.unet.screen import results

    def whole() -> object:
        seen = results.look(model.spec.name, picture)
        return seen.describe(None), seen.fields

    return skips.prepare(model, picture)[2], whole


def _pspnet(model: LoadedModel, picture: Picture) -> tuple[Tensor, Callable[[], object]]:
    from core.passes import without_parts

    return _input(model, picture), lambda: without_parts.pspnet(without_parts.look(model, picture))


def _deeplab(model: LoadedModel, picture: Picture) -> tuple[Tensor, Callable[[], object]]:
    from core.passes import without_parts

    return _input(model, picture), lambda: without_parts.deeplab(without_parts.look(model, picture))


def _input(model: LoadedModel, picture: Picture) -> Tensor:
    from core.passes.segmentation import brought_to_size

    return model.prepare(brought_to_size(model.spec, picture.pixels))


FIRST = {"deconvnet-mobilenetv2": _deconvnet, "unet": _unet, "pspnet": _pspnet, "deeplabv3plus": _deeplab}
"""Network -> everything that its page needs before its first full picture stands, and what the pass alone is given."""


def first_pictures(repeats: int, sample: str = "kitten") -> Iterator[Measurement]:
    """From a photo to all that the page sends for it, every map of every depth included, against the pass alone."""
    from core.engine import inference
    from core.pictures import images

    picture = images.sample(sample)
    for name, prepare in FIRST.items():
        model = inference.load(name)
        x, whole = prepare(model, picture)

        def bare(network: object = model.module, x: Tensor = x) -> object:
            return inference.run(network, x)  # type: ignore[arg-type]

        ours, theirs = in_turns(repeats, whole, bare)
        yield Measurement(
            f"first full picture ({name})",
            1000 * median(ours),
            "ms",
            "bare forward pass",
            1000 * median(theirs),
            repeats,
        )


# -------------------------------------------------------------------------------------------------- bytes and frames


async def _first_view(address: str, page: str) -> int:
    from core.bench.load_session import Session

    session = Session(address)
    try:
        await session.open(page)
        return session.received
    finally:
        await session.close()


def payloads(_repeats: int) -> Iterator[Measurement]:
    """Bytes of the messages of each page's first view, when networks and caches are warm. They are sent compressed;
    maps and photos that the browser asks for at addresses of their own come on top."""
    from core.ui.story import available

    with server(ROOT / "app.py", ROOT, "/readyz") as address:
        for i, entry in enumerate(available()):
            page = entry.name if i else ""
            asyncio.run(_first_view(address, page))
            kilobytes = asyncio.run(_first_view(address, page)) / 1000
            yield Measurement(f"messages of the first view of {entry.name}", kilobytes, "kB")


def frames(repeats: int) -> Iterator[Measurement]:
    """Frames per second while the first player of a page plays, against the same page at rest."""
    with server(ROOT / "app.py", ROOT, "/readyz") as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-US")
        page.set_default_timeout(1000 * PATIENCE)
        for name in PLAYERS:
            page.goto(f"{address}/{name}")
            page.wait_for_selector(READY)
            play, first = (page.locator(f'[data-act="{act}"]').first for act in ("play", "first"))
            play.scroll_into_view_if_needed()
            rest: list[float] = []
            moving: list[float] = []
            for _ in range(max(1, repeats // 3)):
                rest.append(float(page.evaluate(FRAMES, 1000)))
                first.click()
                play.click()
                moving.append(float(page.evaluate(FRAMES, 1500)))
                if "Pause" in (play.text_content() or ""):
                    play.click()
            yield Measurement(
                f"frames of the first player on {name}",
                median(moving),
                "/s",
                "the same page at rest",
                median(rest),
                len(moving),
            )
