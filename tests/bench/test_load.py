"""The load driver against a real server: a handful of visitors; and the arithmetic of its reports."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from core.bench import __main__ as program
from core.bench import findings, load, soak
from core.bench.browser import EMPTY, ROOT, process
from core.bench.findings import Finding, Load
from core.bench.load_session import LoadError, Session
from core.bench.soak import Sample


def test_percentile_is_the_nearest_rank() -> None:
    values = [float(v) for v in range(100, 0, -1)]
    assert findings.percentile(values, 95) == 95
    assert findings.percentile(values, 50) == 50
    assert findings.percentile([3.0], 95) == 3
    assert findings.percentile([1.0, 2.0], 95) == 2


def test_a_target_is_kept_missed_or_absent() -> None:
    assert Finding("x", 2, "s", 2).holds is True
    assert Finding("x", 2.1, "s", 2).holds is False
    assert Finding("x", 2.1, "s").holds is None
    assert "MISSED" in findings.line(Finding("x", 2.1, "s", 2))
    assert "at most" not in findings.line(Finding("x", 2.1, "s"))


def test_slope_follows_a_leak_and_not_a_peak() -> None:
    leaking = [Sample(v, 500 + 0.5 * v) for v in range(0, 100, 5)]
    assert soak.slope(leaking) == pytest.approx(0.5)
    peaked = [Sample(v, 900 if v == 50 else 500) for v in range(0, 100, 5)]
    assert soak.slope(peaked) == 0
    assert soak.slope([Sample(3, 1.0), Sample(3, 9.0)]) == 0


def test_a_pass_that_runs_is_not_a_leak() -> None:
    samples = [Sample(v, 500 + 0.1 * v + (300 if v % 3 else 0)) for v in range(48)]
    calm = soak.calm(samples)
    assert [s.visits for s in calm] == [0, 12, 24, 36]
    assert soak.slope(calm) == pytest.approx(0.1)
    assert soak.calm([]) == []


def test_a_soak_tells_what_grew_and_what_came_back() -> None:
    """Memory is compared after the first quarter; what is counted must be as before they came."""
    before = Sample(0, 700, descriptors=14, threads=8)
    flat = [Sample(v, 1000 if v > 20 else 700 + 15 * v, 60, 20, 1, 4.0) for v in range(120)]
    found = Load()
    soak.report(found, flat, before, before, 720)
    assert all(f.holds is not False for f in found.findings)
    values = {f.what: f.value for f in found.findings}
    assert values["memory at the end against after the first quarter"] == 1
    assert values["temporary files at the most"] == 1
    assert values["busy or waiting processes of the machine meanwhile, median"] == 4
    grown = [Sample(v, 1000 + v, 60, 20, 1, 4.0) for v in range(120)]
    found = Load()
    soak.report(found, grown, before, before._replace(descriptors=15, files=2), 720)
    assert sorted(f.what for f in found.findings if f.holds is False) == [
        "descriptors after all have left",
        "growth with each visit after the first quarter",
        "memory at the end against after the first quarter",
        "temporary files after all have left",
    ]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="Linux says it")
def test_a_process_is_looked_at(tmp_path: Path) -> None:
    before = soak.look(os.getpid(), tmp_path)
    with (tmp_path / "file").open("wb"):
        during = soak.look(os.getpid(), tmp_path, 3)
    assert (during.visits, during.files, during.descriptors) == (3, 1, before.descriptors + 1)
    assert during.threads >= 1
    assert during.megabytes > 10


def test_photos_differ_and_can_be_opened() -> None:
    from core.pictures import images

    photos = [load.photo(i) for i in range(20)]
    assert len({images.decode(data).digest for data in photos}) == 20


def test_what_fails_is_noted_and_the_rest_goes_on() -> None:
    async def visit(i: int) -> int:
        if i == 1:
            raise LoadError("lost")
        return i

    found = Load()
    assert asyncio.run(load.in_waves(4, 2, visit, found)) == [0, 2, 3]
    assert found.failures == ["LoadError: lost"]


def test_report_is_written_and_a_missed_target_is_the_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(findings, "RESULTS", tmp_path)
    found = Load([Finding("kept", 1, "s", 2)])
    assert findings.say("load", found, {"CPU": "a 6502"}, as_json=True, keep=True) == 0
    written = json.loads((tmp_path / "load.json").read_text(encoding="utf-8"))
    assert written == json.loads(capsys.readouterr().out)
    assert written["machine"] == {"CPU": "a 6502"}
    assert written["findings"][0]["holds"] is True
    found.findings.append(Finding("missed", 3, "s", 2))
    assert findings.say("load", found, {}, as_json=False, keep=False) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["load", "--sessions", "1"],
        ["load", "--replicas", "0"],
        ["load", "--comparisons", "51"],
        ["soak", "--minutes", "0"],
        ["soak", "--uploads", "1.1"],
        ["fuzz", "--cases", "0"],
        ["crossed", "--visitors", "1"],
        ["crossed", "--permits", "0"],
        ["load", "--lunch"],
    ],
)
def test_program_refuses_nonsense(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        program.main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err


def test_a_few_visitors_open_pages_change_widgets_upload_compare_and_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against a server of its own: what they see is what the pages show, the uploads are told apart, and its log can be
    kept."""

    async def visits(address: str, pid: int) -> None:
        some = [Session(address, locale) for locale in ("en-US", "ko-KR", "en-US")]
        try:
            await asyncio.gather(*(s.open() for s in some))
            assert all("transposed" in s.pages and s.received > 10_000 for s in some)
            await some[0].change("language_switch", lambda w: w.string_array_value.data.append("ko"))
            await asyncio.gather(*(s.visit("transposed") for s in some))
            before = some[0].received
            await some[0].change("/k", lambda w: setattr(w, "double_value", 3.0))  # a fragment
            assert 0 < some[0].received - before < before
            with pytest.raises(LoadError, match="lunch"):
                some[0].widget("lunch")
            await asyncio.gather(*(s.upload("picture-file-0", "own.jpg", load.photo(i)) for i, s in enumerate(some)))
            assert all(s.widget("picture-file-1") for s in some)  # the file was taken: the next widget stands there
            await some[2].close(goodbye=False)  # the connection breaks, and the photo is there afterwards
            await some[2].back()
            assert some[2].widget("picture-file-1")
            comparing = Load()
            monkeypatch.setattr(load, "COMPARED", "compare-stop")  # until it has begun, which is enough here
            await load._compare(comparing, some[:2])
            assert comparing.failures == []
            assert [f.value for f in comparing.findings if f.target == 0] == [0]
            with pytest.raises(LoadError, match="lunch"):
                await some[0].shows("lunch", 0.1)
            assert [f for s in some for f in s.failures] == []
            assert findings.memory(pid) > 20
        finally:
            for session in some:
                await session.close()

    log, loud = tmp_path / "log", load.ENVIRONMENT | {"SEGSCOPE_LOG": "json"}
    with process(ROOT / "app.py", ROOT, "/readyz", loud, log=log) as (address, pid):
        asyncio.run(visits(address, pid))
    assert '"page": "transposed"' in log.read_text(encoding="utf-8")


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="nothing can be tied to a core here")
def test_a_server_can_be_tied_to_a_core(tmp_path: Path) -> None:
    core = max(os.sched_getaffinity(0))
    (tmp_path / "app.py").write_text(EMPTY, encoding="utf-8")
    with process(tmp_path / "app.py", tmp_path, "/_stcore/health", core=core) as (_, pid):
        threads = [int(thread.name) for thread in Path(f"/proc/{pid}/task").iterdir()]
        assert len(threads) > 1
        assert all(os.sched_getaffinity(thread) == {core} for thread in threads)


def test_each_number_of_replicas_has_its_report() -> None:
    own = len(load.cores())
    assert [load.report_of(n) for n in (own, own + 1)] == ["load", f"load_{own + 1}"]
