"""Uploads of every kind and size: spreadsheets, what is said of a file, long files, and what is refused before it is read."""

import json
import subprocess
import sys

import pytest

from deploy.engines.layout import PROJECT_ROOT
from services.case.imports import taking
from shared.kernel.ids import new_id
from tests.kit.import_files import COLUMNS, export, line, references
from tests.kit.spreadsheets import ods, xlsx

pytestmark = pytest.mark.integration

XLSX, ODS = taking.SPREADSHEETS


def send(place, content, kind="text/csv", query="", role="HOST_DPO", key=None):
    headers = {**place.headers(role), "Idempotency-Key": key or new_id()}
    path = f"/v1/imports?mode=plan{query}"
    return place.app.test_client().post(path, data=content, headers=headers, content_type=kind)


def planned(place, *args, **named):
    answer = send(place, *args, **named)
    assert answer.status_code == 202, answer.json
    place.run_imports()
    return place.get(f"/v1/imports/{answer.json['id']}", "HOST_DPO").json


def table(refs):
    return [list(COLUMNS), *(line(ref).split(",") for ref in refs)]


@pytest.mark.parametrize(("kind", "write"), [(XLSX, lambda rows: xlsx({"Clients": rows})), (ODS, ods)])
def test_a_spreadsheet_is_planned_as_its_csv_is(place, kind, write):
    """Its rows and words; opened by a process of its own."""
    refs = references(3)
    report = planned(place, write(table(refs)), kind)
    assert (report["state"], report["plan_counts"]) == ("PLANNED", {"CREATE": 3}), report
    assert report["encoding"] in {"xlsx", "ods"}
    assert place.commit(report)["counts"]["ACCEPTED"] == 3


@pytest.mark.parametrize(
    ("query", "content", "kind"),
    [
        ("&sheet=Two", lambda refs: xlsx({"One": table(["SYN-other"]), "Two": table(refs)}), XLSX),
        ("&delimiter=%5E", lambda refs: export(line(refs[0])).replace(b",", b"^"), "text/csv"),
        ("&header_row=3", lambda refs: export(*([",".join(COLUMNS), line(refs[0])])), "text/csv"),
        ("&encoding=windows-1250", lambda refs: export(line(refs[0], Notes="\u0141\u00f3d\u017a")).decode().encode("cp1250"), "text/csv"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_file_is_heard(place, query, content, kind):
    """Sheet, delimiter, header and encoding; without it the same file is asked about, or read otherwise."""
    refs = references(1)
    if "header_row" in query:
        content = lambda one: b"\n".join([b"Report", export().rstrip(), export(line(one[0])).rstrip(), b""])  # noqa: E731
    report = planned(place, content(refs), kind, query)
    assert (report["state"], report["plan_counts"]) == ("PLANNED", {"CREATE": 1}), report


@pytest.mark.parametrize(
    "query", ["&encoding=klingon", "&delimiter=ab", "&header_row=0", "&sheet=", "&header_row=x", "&delimiter=q"]
)
def test_what_cannot_be_said_of_a_file_is_refused(place, query):
    """As a wrong parameter, or as the file's refusal; nothing is kept."""
    before = place.database("strongroom")["imports"].count_documents({})
    answer = send(place, export(line(references(1)[0])), query=query)
    if answer.status_code == 202:
        report = place.get(f"/v1/imports/{answer.json['id']}", "HOST_DPO").json
        assert (report["state"], "encoding" in report["why"]) == ("REFUSED", True)
    else:
        assert answer.status_code == 422, answer.json
    assert place.database("strongroom")["imports"].count_documents({}) == before


class TestRefusedUnread:
    @pytest.fixture(autouse=True)
    def unread(self, monkeypatch):
        """Nothing of the body is taken."""
        monkeypatch.setattr(taking, "taken_file", lambda _most: pytest.fail("It was read."))

    @pytest.mark.parametrize("kind", ["application/pdf", "application/json", "image/png"])
    def test_a_kind_that_nobody_reads(self, place, kind):
        """415, with what to send."""
        answer = send(place, b"%PDF-1.7", kind)
        assert (answer.status_code, "text/csv" in answer.json["detail"]) == (415, True)

    @pytest.mark.parametrize("kind", [XLSX, ODS])
    def test_a_spreadsheet_of_more_than_25_mb(self, place, kind):
        """413, and to save it as CSV."""
        answer = send(place, bytes(25 * 1024 * 1024 + 1), kind)
        assert (answer.status_code, "CSV" in answer.json["detail"]) == (413, True)

    def test_a_file_of_more_than_500_mb(self, place):
        """413, and how large it may be; other addresses take 10 MB as before."""

        def said(path, size):
            length = {"CONTENT_LENGTH": str(size * 1024 * 1024)}
            headers = {**place.headers("HOST_DPO"), "Idempotency-Key": new_id()}
            http = place.app.test_client()
            return http.post(path, headers=headers, content_type="text/csv", environ_overrides=length)

        answer = said("/v1/imports", 501)
        assert (answer.status_code, "500 MB" in answer.json["detail"]) == (413, True)
        assert said("/v1/survivors", 11).status_code == 413

    @pytest.mark.parametrize("role", ["SUPERVISOR", "ADVOCATE", "IMSA"])
    def test_whoever_may_not_import(self, place, role):
        """404, however large the file is."""
        assert send(place, bytes(11 * 1024 * 1024), role=role).status_code == 404

    def test_without_an_idempotency_key(self, place):
        """400: it would be read in vain."""
        headers = place.headers("HOST_DPO")
        answer = place.app.test_client().post("/v1/imports", data=b"x", headers=headers, content_type="text/csv")
        assert (answer.status_code, answer.json["code"]) == (400, "idempotency-key-missing")


def test_no_more_than_two_large_ones_are_read_at_once(place):
    """503 with Retry-After, and nothing of it is kept; small ones are read meanwhile."""
    sheet = xlsx({"Clients": table(references(1))})
    with taking._Slot(), taking._Slot():
        answer = send(place, sheet, "application/octet-stream")
        assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "readers-busy", "2")
        assert send(place, export(line(references(1)[0]))).status_code == 202
    assert send(place, sheet, XLSX).status_code == 202


def test_a_repeat_of_a_file_is_known_by_all_of_it(place):
    """The same key and file: the first answer; one other byte: a conflict."""
    key, content = new_id(), export(line(references(1)[0]))
    first, again = send(place, content, key=key), send(place, content, key=key)
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")
    assert send(place, content[:-1] + b" ", key=key).status_code in {409, 422}


_HUGE = """
import json, os, sys, tempfile, threading, time
from services.case.imports.uploads import Upload
from shared.keys.spool import SealedSpool

rows = int(sys.argv[1])
head, row = sys.argv[2], sys.argv[3]

class Body:
    def __init__(self):
        self.at, self.left = 0, b""

    def read(self, size):
        parts, have = [self.left], len(self.left)
        while have < size and self.at <= rows:
            part = (head + "\\n" if self.at == 0 else row.replace("REF", f"SYN-{self.at:07d}") + "\\n").encode()
            parts.append(part)
            have += len(part)
            self.at += 1
        whole = b"".join(parts)
        self.left = whole[size:]
        return whole[:size]

kept = []
began = time.process_time()
spool = SealedSpool.of(Body(), 500 * 1024 * 1024)
upload = Upload.read(spool.reader(), None, keep=lambda number, packed: kept.append(len(packed)))
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({"mb": int(status["VmHWM"].split()[0]) / 1024, "s": time.process_time() - began, "bytes": spool.size,
                  "rows": upload.about.rows, "pieces": upload.about.pieces, "kept": len(kept)}))
"""


def measured(rows):
    """What taking and staging a file of so many rows costs a process of its own."""
    command = [sys.executable, "-W", "ignore", "-c", _HUGE, str(rows), ",".join(COLUMNS), line("REF")]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=500, check=True)
    return json.loads(done.stdout)


@pytest.mark.timeout(600)
def test_taking_a_file_needs_no_memory_for_its_rows():
    """From 20,000 to 60,000 rows: hardly more, and every row is kept in its piece."""
    few, many = measured(20_000), measured(60_000)
    assert (many["rows"], many["pieces"], many["kept"]) == (60_000, 15, 15), many
    assert many["mb"] < few["mb"] + 30, (few, many)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_million_rows_are_taken_in_300_mb():
    """Read, sealed and staged."""
    found = measured(1_000_000)
    assert found["rows"] == 1_000_000
    assert found["mb"] < 300, found
