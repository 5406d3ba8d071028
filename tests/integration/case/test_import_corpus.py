"""Hostile files through the whole path: refused with a sentence, or planned and carried out as planned; nothing between.

Each goes in over HTTP, is planned, and is committed where there is a plan. No file ends as FAILED, which is what a
fault of ours looks like; of a refused one nobody is made; of a committed one every row has its outcome.
"""

import random
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.bench.long_imports import imported
from services.case.imports.jobs import ImportJob
from shared.runtime.apart import Children
from tests.integration.case.test_import_commit import check_equal
from tests.kit.import_files import COLUMNS, export, line, references
from tests.kit.spreadsheets import ods, packed, xlsx
from tests.kit.tenant_place import TenantPlace
from tests.unit.case.test_import_fuzz import good, spoilt, spreadsheet

pytestmark = pytest.mark.integration

MOST_MB = 500
HEAD = ",".join(COLUMNS)


def hostile(refs):
    """By name; each but the refused ones has good rows around what is broken."""
    first, second, third = refs
    good_rows = [line(first), line(second, Statistics_Consent="Refused")]
    text = export(*good_rows)
    return {
        "nothing below the header": export(),
        "header twice": export(*good_rows, HEAD, line(third)),
        "another header": export(*good_rows, ",".join(reversed(COLUMNS)), line(third)),
        "NUL in a cell": export(*good_rows, line(f"{third}\x00")),
        "NULs only": bytes(10_000),
        "cut in a letter": export(*good_rows, line(third, Notes="\u0142"))[:-3],
        "cut in a cell": text[:-40],
        "UTF-16 cut in half a letter": text.decode().encode("utf-16")[:-1],
        "two encodings": text + line(third, Notes="caf\u00e9").encode("cp1252") + line(third, Notes="caf\u00e9").encode(),
        "a mark that never closes": export(*good_rows, '"' + line(third), *(line(f"{third}{n}") for n in range(50))),
        "a line of 1 MB": export(*good_rows, line(third, Notes="x" * 1_000_000), line(f"{third}-after")),
        "16,384 columns": (HEAD + ",c" * 16_384 + "\n" + line(third) + ",v" * 16_384 + "\n").encode(),
        "a row of 16,384 cells": export(*good_rows, line(third) + ",v" * 16_384),
        "every line end": export(line(first), end="\r") + b"\r\n" + line(second).encode() + b"\n\r" + line(third).encode(),
        "formulas": export(*good_rows, line("=cmd|' /C calc'!A0"), line(third, Gender="=1+1")),
        "not a table": b"%PDF-1.7\n" + bytes(range(256)) * 40,
        "a packed bomb": packed({"xl/workbook.xml": "<a/>", "xl/worksheets/sheet1.xml": b" " * 30_000_000}),
        "a sheet with 16,384 columns": xlsx({"Clients": [COLUMNS, [""] * 16_383 + ["x"]]}),
        "half a spreadsheet": ods([COLUMNS, line(third).split(",")])[:-100],
    }  # fmt: skip


NAMES = tuple(hostile(("a", "b", "c")))


@pytest.fixture(scope="module")
def place(engines, tmp_path_factory):
    """A host of these files alone: what other tests' systems and mappings are must not decide here."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("corpus"))
    yield place
    place.close()


def carried_out(place, content, run=None):
    """Send a file, commit its plan if there is one, and give the state in which it ends."""
    before = place.database("case")["episodes"].count_documents({})
    answer = place.post("/v1/imports?mode=plan&is_part=true", content, "HOST_DPO")
    assert answer.status_code == 202, answer.json
    import_id = answer.json["id"]

    def settled():
        (run or place.run_imports)()
        return place.get(f"/v1/imports/{import_id}", "HOST_DPO").json

    plan = settled()
    assert place.database("case")["episodes"].count_documents({}) == before, "a plan makes nobody"
    if plan["state"] == "REFUSED":
        assert 20 < len(plan["why"]) < 1_500
        return "REFUSED"
    assert plan["state"] == "PLANNED", plan
    sent = place.post(f"/v1/imports/{import_id}/commit", {"plan_hash": plan["plan_hash"]}, "HOST_DPO")
    assert sent.status_code == 202, sent.json
    report = settled()
    assert report["state"] == "DONE", report
    check_equal(plan, report)
    assert report["done"] == plan["of"] == sum(report["counts"].values())
    return "DONE"


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_is_refused_or_carried_out_as_planned(place, name):
    """And the file that comes after it is carried out."""
    refs = references(4)
    carried_out(place, hostile(refs[:3])[name])
    assert carried_out(place, export(line(refs[3]))) == "DONE"


def test_so_is_a_fuzzed_one(place):
    """Encodings, separators, cuts, marks, NULs and bytes of no meaning; both ends are met."""
    draw = random.Random(7)
    ends = {carried_out(place, spoilt(draw, good(draw)[1])) for _ in range(20)}
    assert ends == {"REFUSED", "DONE"}


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_so_are_many_more_and_spreadsheets(place):
    """The same at length."""
    draw = random.Random(8)
    for n in range(300):
        rows = good(draw)[1]
        carried_out(place, spreadsheet(draw, rows) if n % 10 == 0 else spoilt(draw, rows))


def in_a_child(place, most_memory_mb):
    """Run the job with its work in child processes that may have so much memory, as a worker does."""
    context = place.contexts["case"]
    bound = replace(context, apart=Children(str(place.tenant), threading.Event(), most_memory_mb=most_memory_mb))
    return ImportJob(bound)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_a_line_of_100_mb_takes_no_more_than_500(place):
    """Its row has a fault, its neighbours are carried out."""
    first, second, third = references(3)
    content = export(line(first), line(second, Notes="x" * 100_000_000), line(third))
    assert carried_out(place, content, in_a_child(place, MOST_MB).run) == "DONE"


FRESH_MB = 130.0
"""What a process of the service holds before it imports anything, about."""


def own_pss_mb():
    """This process's share of memory, as the kernel counts it."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(one.split()[1]) for one in lines if one.startswith("Pss:")) / 1024


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_memory_stays_flat_through_plan_and_commit(several_systems, tmp_path):
    """From 5,000 to 40,000 rows, the child counted: below 300 MB, and hardly more than for the short file."""
    base = own_pss_mb()
    context = several_systems.contexts["case"]
    bound = replace(context, apart=Children(str(several_systems.tenant), threading.Event(), most_memory_mb=MOST_MB))
    short, long = (imported(bound, tmp_path, rows, source=f"long-{rows}") for rows in (5_000, 40_000))
    # This process counts too, and holds what every earlier module of the worker left; a service's begins with less.
    more = max(0.0, base - FRESH_MB)
    for step in ("upload", "plan", "check_and_commit"):
        assert long[step]["peak_pss_mb"] - more < 300, (long, base)
        assert long[step]["peak_pss_mb"] - short[step]["peak_pss_mb"] < 60, (short, long)
