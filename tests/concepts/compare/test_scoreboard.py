"""The table: where its figures come from, and that a saved one is read back unchanged."""

from __future__ import annotations

import csv
import io
from dataclasses import fields, replace
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import facts
from core.concepts.compare import scoreboard
from core.concepts.compare.scoreboard import Row
from core.models import segmenters
from core.models.costs import Cost, cost
from core.models.measured import measurements
from core.models.registry import spec

NAMES = segmenters.networks()


def read_back(text: str) -> list[Row]:
    """The rows of a saved table, each cell as the kind of value that its field holds."""

    def value(kind: str, cell: str) -> object:
        if kind == "str":
            return cell
        if not cell and "None" in kind:
            return None
        return int(cell) if kind.startswith("int") else float(cell)

    kinds = {field.name: str(field.type) for field in fields(Row)}
    reader = csv.DictReader(io.StringIO(text))
    assert reader.fieldnames == list(kinds)
    return [Row(**{name: value(kind, line[name]) for name, kind in kinds.items()}) for line in reader]


def test_figures_come_from_facts_measurements_and_counts() -> None:
    costs = {name: cost(name, spec(name).short_side) for name in NAMES}
    seconds = {name: [0.3 + i, 0.1 + i, 0.2 + i] for i, name in enumerate(NAMES)}
    known = measurements()
    for row in scoreboard.rows(NAMES, costs, seconds):
        reported, ours = facts.REPORTED.get(row.network), known.get(row.network)
        assert row.paper == (reported.value if reported else None)
        assert row.paper_data == (reported.data if reported else "")
        if reported:
            assert str(reported.source) in row.paper_source
            assert reported.where in row.paper_source
        if ours and ours.voc and ours.pets:
            assert (row.voc_miou, row.voc_boundary) == (ours.voc.miou, ours.voc.boundary)
            assert (row.pets_miou, row.pets_boundary) == (ours.pets.miou, ours.pets.boundary)
        assert row.parameters == costs[row.network].parameters
        assert row.multiply_adds == costs[row.network].multiply_adds
        assert row.milliseconds == pytest.approx(1000 * median(seconds[row.network]))
        assert row.relative == pytest.approx(median(seconds[row.network]) / 0.2)
        assert row.passes == 3
        assert row.output_stride == spec(row.network).output_stride


def test_parameters_are_those_of_the_bundled_weights() -> None:
    """The count on the meta device, against what is really loaded."""
    from core.models import weights

    name = NAMES[0]
    assert cost(name, spec(name).short_side).parameters == sum(p.numel() for p in weights.load(name).parameters())


def test_what_is_not_known_is_empty() -> None:
    for row in scoreboard.rows(NAMES, {}, {}):
        assert row.parameters is None
        assert row.milliseconds is None
        assert row.relative is None
        assert row.passes == 0


text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
share = st.none() | st.floats(0, 1)
row = st.builds(
    Row,
    network=text, title=text, encoder=text, weights=text, output_stride=st.integers(1, 64),
    parameters=st.none() | st.integers(0, 10**9), multiply_adds=st.none() | st.integers(0, 10**12),
    input_side=st.integers(1, 1024), milliseconds=st.none() | st.floats(0, 1e6), passes=st.integers(0, 99),
    relative=st.none() | st.floats(1, 1e3), voc_miou=share, voc_boundary=share, pets_miou=share, pets_boundary=share,
    paper=st.none() | st.floats(0, 100), paper_data=text, paper_source=text,
)  # fmt: skip


@given(st.lists(row, max_size=5))
def test_csv_comes_back_unchanged(table: list[Row]) -> None:
    assert read_back(scoreboard.to_csv(table)) == table


def test_csv_of_the_page_comes_back_unchanged() -> None:
    table = scoreboard.rows(NAMES, {NAMES[0]: Cost(7, 8, 9)}, {NAMES[0]: [0.1, 1 / 3]})
    saved = scoreboard.to_csv(table)
    assert len(saved.splitlines()) == 1 + len(NAMES)
    assert read_back(saved) == table
    assert read_back(saved) != [replace(table[0], passes=5), *table[1:]]


def test_torchvisions_weights_have_their_own_figure_and_none_of_ours() -> None:
    names = segmenters.optional()
    assert set(names) == set(facts.RELEASED)
    table = scoreboard.rows((*NAMES, *names), {name: cost(name, spec(name).short_side) for name in names}, {})
    for row in table[: len(NAMES)]:
        assert row.weights == "bundled"
    for row in table[len(NAMES) :]:
        assert (row.weights, row.encoder, row.voc_miou, row.pets_miou) == ("torchvision", "", None, None)
        assert row.paper == facts.RELEASED[row.network].value
        assert row.input_side == 520
        assert row.parameters == cost(row.network, 520).parameters
        assert row.multiply_adds == cost(row.network, 520).multiply_adds
    assert read_back(scoreboard.to_csv(table)) == table
