"""What visitors of the other pages feel while some train: answers and memory of one process, without browsers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from core.bench.browser import ROOT, process
from core.bench.findings import Load, memory
from core.bench.load import ENVIRONMENT, LEAVE, pages, photo, run, settled, warm
from core.bench.load_session import Session

if TYPE_CHECKING:
    from streamlit.proto.WidgetStates_pb2 import WidgetState

PLAYER = "learning_player-of-watch-shapes"
ROUNDS = 3
"""How often each of the other pages is visited, alone and beside the trainings."""
PHOTO_PAGES = ("fcn", "unet", "pspnet", "deeplab")
"""Pages that let a network see a photo as soon as they are opened."""
_PACE = re.compile(r"Step ([\d,]+), (\d+) steps a second")


class Trainee(Session):
    """A visitor who lets a network learn.

    Attributes:
        paces: steps a second, each time that the page says them.
    """

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.paces: list[float] = []

    def _element(self, element: Any, fragment: str) -> None:
        super()._element(element, fragment)
        if element.WhichOneof("type") == "bidi_component" and element.bidi_component.id.endswith(PLAYER):
            found = _PACE.search(json.loads(element.bidi_component.bytes)["news"])
            if found:
                self.paces.append(float(found[2]))

    async def train(self) -> None:
        """Go to the page and press "Train"."""
        await self.open()
        await self.visit("training")
        await self.shows(PLAYER)
        await self.press(PLAYER, "train")

    async def pause(self) -> None:
        """Stop it again."""
        await self.press(PLAYER, "pause")


async def _visits(visitor: Session, names: Sequence[str]) -> list[tuple[float, str]]:
    """Seconds until each of ``names`` stands, :data:`ROUNDS` times over, with a sample that is known already."""
    for name in names:
        await visitor.visit(name)  # not measured: whoever measures alone would meet colder caches than beside others
    return [(await visitor.visit(name), name) for _ in range(ROUNDS) for name in names]


async def _settings(visitor: Session) -> list[tuple[float, str]]:
    """Seconds of some changes of a setting for which no network runs."""
    await visitor.visit("transposed")
    found = []
    for number in range(10):

        def change(state: WidgetState, kernel: float = 2.0 + number % 2) -> None:
            state.double_value = kernel

        found.append((await visitor.change("/k", change), "transposed"))
    return found


async def _photos(visitor: Session, first: int) -> list[tuple[float, str]]:
    """Seconds until a page stands with a photo that it has never seen, its networks' passes included."""
    found = []
    for number, name in enumerate(PHOTO_PAGES):
        await visitor.visit("transposed")
        await visitor.upload(f"picture-file-{number}", "own.jpg", photo(first + number))
        found.append((await visitor.visit(name), name))
    return found


async def _answers(load: Load, address: str, names: Sequence[str], first: int, who: str, target: float | None) -> None:
    visitor = Session(address)
    await visitor.open()
    for what, found in (
        ("opening another page", await _visits(visitor, names)),
        ("changing a setting", await _settings(visitor)),
        ("another page with a new photo", await _photos(visitor, first)),
    ):
        load.add(f"{what}, {who}, median of {len(found)}", median(seconds for seconds, _ in found), "s")
        slowest, where = max(found)
        load.add(f"{what}, {who}, slowest ({where})", slowest, "s", target)
    load.failures += visitor.failures
    await visitor.close()


async def measure(address: str, pid: int, trainings: int) -> Load:
    """The other pages alone, then beside so many trainings; and memory before, during and after."""
    load, names = Load(), [name for name in pages() if name != "training"]
    await warm(address, [*names, "training"])
    await asyncio.sleep(LEAVE + 10)
    base = await settled([pid], 3)
    load.add("memory of the server when all pages have been seen and nobody is there", base, "MB")
    await _answers(load, address, names, 100, "nobody trains", None)
    before = await settled([pid], 3)
    trainees = [Trainee(address) for _ in range(trainings)]
    await load.all(trainee.train() for trainee in trainees)
    await _answers(load, address, names, 200, f"{trainings} train", 2)
    load.add(f"steps a second of each, {trainings} train", mean(max([0.0, *t.paces[-1:]]) for t in trainees), "")
    load.add("visitors who did not train", sum(not any(t.paces) for t in trainees), "", 0)
    load.add(f"memory for each training, {trainings} train", (memory(pid) - before) / trainings, "MB")
    await load.all(trainee.pause() for trainee in trainees)
    load.failures += [failure for trainee in trainees for failure in trainee.failures]
    await load.all(trainee.close() for trainee in trainees)
    after = await settled([pid], LEAVE + 25)
    load.add("memory after all have left, against before they came", after / base, "times", 1.1)
    return load


def beside_trainings(trainings: int) -> Load:
    """The same with a server of its own, one process that has all cores."""
    with process(ROOT / "app.py", ROOT, "/readyz", ENVIRONMENT) as (address, pid):
        return run(measure(address, pid, trainings))
