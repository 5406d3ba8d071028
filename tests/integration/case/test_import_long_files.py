"""Files of more rows than one document holds: waiting in pieces, planned and carried out in memory that does not grow."""

import tracemalloc

import pytest

from services.case.imports import staged
from services.case.imports.rules.table import Line, Table
from services.case.strongroom.documents import strongroom_of
from tests.integration.case.test_import_commit import check_equal
from tests.kit.import_files import episodes_of, export, line, references
from tests.kit.tenant_place import TenantPlace

pytestmark = pytest.mark.integration


@pytest.fixture
def short_pieces(monkeypatch):
    """Pieces of three rows."""
    monkeypatch.setattr(staged, "PIECE_ROWS", 3)


def parts(place, import_id):
    # The claim to the upload's key stands there too, under a name of its own.
    found = place.database("strongroom")["imports"].find({"_id": {"$regex": f"^{import_id}/"}}, {"_id": 1})
    return {document["_id"].partition("/")[2].split("/")[0] for document in found}


def test_each_row_of_every_piece_is_planned_and_carried_out(place, short_pieces):
    """Also those that share a reference across pieces; of the file nothing is left, of the plan only the plan."""
    refs = references(8)
    rows = [*(line(ref) for ref in refs), line(refs[0]), line(refs[1].lower())]
    plan = place.plan(export(*rows))
    assert (plan["of"], plan["plan_counts"]) == (10, {"CREATE": 8, "DUPLICATE": 1, "REFUSED": 1})
    assert "file" in parts(place, plan["id"])
    report = place.commit(plan)
    check_equal(plan, report)
    assert len(episodes_of(place, report)) == 8
    assert parts(place, plan["id"]) == {"about", "plan", "errors"}


def test_without_a_plan_too(place, short_pieces):
    """Carried out at once, and nothing left."""
    refs = references(7)
    report = place.upload(export(*(line(ref) for ref in refs)))
    assert report["counts"] == {"ACCEPTED": 7, "QUARANTINED": 0}
    assert parts(place, report["id"]) == set()


def test_a_piece_that_is_missing_is_no_end_of_the_file(place, short_pieces):
    """The import fails and says so; nobody is taken for absent."""
    answer = place.post("/v1/imports?mode=plan", export(*(line(ref) for ref in references(7))), "HOST_DPO")
    place.database("strongroom")["imports"].delete_one({"_id": f"{answer.json['id']}/file/000001"})
    place.run_imports()
    assert place.get(f"/v1/imports/{answer.json['id']}", "HOST_DPO").json["state"] == "FAILED"


@pytest.fixture
def alone(engines, tmp_path):
    """A host in which nothing else waits to be imported or looked after."""
    place = TenantPlace(engines, tmp_path)
    yield place
    place.close()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(alone, monkeypatch):
    """A plan of six times as many rows has a peak that is at most 4 MB higher."""
    peaks = [peak_of(alone, monkeypatch, rows) for rows in (1_000, 6_000)]
    assert peaks[1] - peaks[0] < 4 * 1024 * 1024, peaks


def peak_of(place, monkeypatch, rows):
    """The highest memory while a file of so many rows is planned, in pieces of 500."""
    context = place.contexts["case"]
    room = strongroom_of(context)
    import_id = place.post("/v1/imports?mode=plan", export(line(references(1)[0])), "HOST_DPO").json["id"]
    head = Table.unstage(room.get(import_id))
    (start,) = references(1)
    at = head.fields.index("reference")

    def piece(number):
        cells = [
            (*head.lines[0].cells[:at], f"{start}x{number}y{n}", *head.lines[0].cells[at + 1 :]) for n in range(500)
        ]
        lines = tuple(Line(2 + number * 500 + n, cell) for n, cell in enumerate(cells))
        return Table(profile=head.profile, fields=head.fields, lines=lines, encoding="utf-8", header_row=1).stage()

    count = rows // 500
    for number in range(1, count):
        room.put(import_id, piece(number), part=f"file/{number:06d}")
    room.put(import_id, piece(0), part="whole")

    def found(strongroom, wanted):
        table = Table.unstage(strongroom.get(wanted, part="whole"))
        lines = staged.StagedLines(strongroom=strongroom, import_id=wanted, last=table.lines, pieces=count)
        return staged.msgspec.structs.replace(table, lines=lines), rows

    monkeypatch.setattr("services.case.imports.carrying.find", found)
    tracemalloc.start()
    try:
        place.run_imports()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        monkeypatch.undo()
    report = place.get(f"/v1/imports/{import_id}", "HOST_DPO").json
    assert (report["state"], report["plan_counts"]) == ("PLANNED", {"CREATE": rows}), report
    return peak
