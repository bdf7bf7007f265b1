"""What tells one visitor's pictures from another's, and the record of twenty who look at once."""

from __future__ import annotations

import json

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.bench import crossed
from core.bench.crossed import Seen
from core.bench.findings import RESULTS, Load
from core.pictures import images


def message(text: str) -> ForwardMsg:
    made = ForwardMsg()
    made.delta.new_element.html.body = text
    return made


def test_runs_are_pictures_and_no_words() -> None:
    picture = "data:image/jpeg;base64," + "A1b2+/" * 20
    assert len(crossed.runs(message(f"a sentence of many words, 3.14159 and {picture}"))) == 1
    assert crossed.runs(message(picture)) == crossed.runs(message("elsewhere " + picture))
    assert crossed.runs(message("x" * (crossed.SHORTEST - 8))) == set()
    asked = ForwardMsg()
    asked.file_urls_response.response_id = "x" * 100  # made by chance
    assert crossed.runs(asked) == set()


def test_what_is_anothers_and_what_is_missing_is_counted() -> None:
    alone = [Seen(frozenset({b"all", b"a1", b"a2"}), ()), Seen(frozenset({b"all", b"b1"}), ())]
    assert crossed.own([seen.runs for seen in alone]) == [{b"a1", b"a2"}, {b"b1"}]
    fine, bad = Load(), Load()
    crossed.compare(fine, 1, alone, alone)
    assert [f.value for f in fine.findings] == [3, 1, 0, 0]
    assert all(f.holds is not False for f in fine.findings)
    crossed.compare(bad, 4, alone, [Seen(frozenset({b"all", b"a1", b"b1"}), ("an error",)), alone[1]])
    assert [f.value for f in bad.findings] == [3, 1, 1, 1]
    assert [f.holds for f in bad.findings] == [None, None, False, False]
    assert bad.failures == ["an error"]


def test_twenty_photos_are_twenty_photos() -> None:
    photos = [images.decode(crossed.photo(number)) for number in range(20)]
    assert len({photo.digest for photo in photos}) == 20


def test_the_record_is_of_twenty_visitors_and_one_two_and_four_permits() -> None:
    record = json.loads((RESULTS / "crossed.json").read_text(encoding="utf-8"))
    found = {one["what"]: one for one in record["findings"]}
    assert found["visitors, each with a photo of their own"]["value"] == 20
    for name in ("one at a time", "2 at once", "4 at once"):
        assert found[f"the fewest of one visitor, passes {name}"]["value"] > 0
        assert found[f"runs of another that somebody received, passes {name}"]["value"] == 0
        assert found[f"runs of their own that somebody did not receive, passes {name}"]["value"] == 0
    assert record["failures"] == []
