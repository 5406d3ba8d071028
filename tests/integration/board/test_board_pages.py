"""The board's pages and files: released figures, the same everywhere, and nothing that was not released."""

import base64
import csv
import io
import json
import re
import secrets
import shutil
from datetime import timedelta

import openpyxl
import pytest

from services.board.releases.rules import release_message
from services.identity.people.rules import CENTRE_ROLES
from shared.codelists.lists import get
from shared.codelists.periods import Period
from shared.codelists.plan import NOT_PUBLISHED_SENTENCE
from shared.contracts.task import RosterHost
from shared.keys.signing import HostRegister, check_signature
from shared.transparency.notes import VerifierKey
from tests.kit.board_place import YEAR_TABLES

pytestmark = pytest.mark.integration
OPEN = ("/", "/report", "/release?period=2026", "/method", "/calendar")


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


class TestOpenPages:
    @pytest.mark.parametrize("path", OPEN)
    def test_anybody_may_read_them_and_they_ask_nothing_of_others(self, place, path):
        """No token, no script, no address outside, no inline style, a strict policy, and a heading."""
        place.publish()
        answer = place.http.get(path)
        html = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert html.count("<h1") == 1
        assert not re.search(r"<script|style=|https?://(?!www\.w3\.org)", html)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]

    def test_shown_coarser_and_not_published_stand_side_by_side(self, place):
        """A shown table has its figures, a coarser one says so, a hidden one has the one fixed sentence."""
        place.publish()
        text = words(place.http.get("/").get_data(as_text=True))
        assert "Female about 56 % 75" in text
        assert "Shown more coarsely" in text
        assert text.count(NOT_PUBLISHED_SENTENCE) == 1

    def test_a_table_has_its_key_as_description(self, place):
        """Whoever hears a table hears what its counts are."""
        place.publish()
        html = place.http.get("/").get_data(as_text=True)
        described = set(re.findall(r'<table[^>]*aria-describedby="([^"]+)"', html))
        assert described == {"key-2026"}
        assert 'id="key-2026"' in html

    def test_people_to_date_add_up_released_numbers_once(self, place):
        """Quarters inside a year that has its own total are not added again."""
        place.publish("2026", people=135)
        place.publish("2026-Q1", people=40, tables=[], plan="quarter-v1")
        place.publish("2027-Q1", people=35, tables=[], plan="quarter-v1", days=90)
        assert "about 170 people counted so far" in words(place.http.get("/").get_data(as_text=True)).replace(
            "people counted so far, in released figures about 170", "about 170 people counted so far"
        )

    def test_no_share_below_a_hundred(self, place):
        """With fewer than 100 people no per cent is said."""
        small = [
            {
                "table": "GENDER",
                "status": "SHOWN",
                "level": 1,
                "cells": {"FEMALE": 40, "MALE_OR_OTHER_OR_NOT_STATED": 50},
            }
        ]
        rest = [{"table": t, "status": "NOT_PUBLISHED", "level": 0, "cells": {}} for t in (
            "EXPLOITATION_LABOUR", "EXPLOITATION_SEXUAL", "EXPLOITATION_CRIMINAL", "EXPLOITATION_DOMESTIC",
            "REGION_OF_NATIONALITY")]  # fmt: skip
        place.publish(people=90, tables=small + rest)
        assert not re.search(r"\d %", words(place.http.get("/").get_data(as_text=True)))

    def test_hosts_are_on_time_late_not_sent_or_need_attention_and_nothing_more(self, place):
        """A host's row has its name and one of these words."""
        task = place.protected()
        names = ["alder", "birch", "cedar", "damson"]
        place.database["tasks"].update_one({"_id": task["_id"]}, {"$set": {"roster": names}})
        outcomes = [
            ("RECEIVED", "NONE"),
            ("REFUSED", "LATE"),
            ("NOT_RECEIVED", "NOT_RECEIVED"),
            ("LEFT_OUT", "NOT_IN_COHORT"),
        ]
        for host, (outcome, reason) in zip(names, outcomes, strict=True):
            place.database["judgements"].insert_one(
                {"_id": host, "task_id": task["_id"], "host": host, "outcome": outcome, "reason": reason}
            )
        text = words(place.http.get("/").get_data(as_text=True))
        for host, word in zip(names, ("On time", "Late", "Not sent", "Needs attention"), strict=True):
            assert f"{host} {word}" in text

    def test_a_host_is_called_by_its_name(self, place, tmp_path):
        """As its agreement calls it; one without a name by its id."""
        task = place.protected()
        place.database["tasks"].update_one({"_id": task["_id"]}, {"$set": {"roster": ["alder", "birch"]}})
        register = HostRegister(path=tmp_path / "hosts.json")
        register.put(RosterHost(host="alder", nation="WALES", setting="OTHER", signing_key="1" * 64), name="Alder & Co")
        file = place.board.trust.hosts.path.with_name("host_names.json")
        before = file.read_bytes() if file.exists() else None
        shutil.copy(tmp_path / "host_names.json", file)
        try:
            text = words(place.http.get("/").get_data(as_text=True))
        finally:
            file.unlink() if before is None else file.write_bytes(before)
        assert "Alder &amp; Co Not sent" in text
        assert "birch Not sent" in text

    def test_it_says_what_it_cannot_say_of_the_model(self, place):
        """Whether advocacy works stands on no page of counts, and the pages say so, for the board and the funder."""
        place.publish()
        for path in ("/", "/report"):
            text = words(place.http.get(path).get_data(as_text=True))
            assert "Is the model working? These figures alone cannot tell you." in text

    def test_an_unknown_period_is_one_plain_page(self, place):
        """A period without a release is answered kindly and repeats nothing of the address."""
        answer = place.http.get("/release?period=<b>2031</b>")
        assert answer.status_code == 404
        assert "2031" not in answer.get_data(as_text=True)

    def test_nothing_unreleased_is_anywhere(self, place):
        """Figures of a protected task, and of a draft, stand on no open page, in no header and in no file."""
        place.protected("2027")
        place.publish("2028", people=995, state="DRAFT", drafted_by="x", drafted_at=None, lapses_at=None)
        for path in ("/", "/report", "/calendar", "/release?period=2028", "/download?period=2028&format=json"):
            answer = place.http.get(path)
            assert "995" not in answer.get_data(as_text=True)
            assert "135" not in answer.get_data(as_text=True)
            assert "ETag" not in answer.headers


class TestFiles:
    def figures(self, place):
        """Every figure of the page, by table title and category words."""
        html = place.http.get("/release?period=2026").get_data(as_text=True)
        found = {}
        for table in re.findall(r"<table.*?</table>", html, flags=re.DOTALL):
            title = re.search(r"<caption[^>]*>(.*?),", table)[1]
            cell = r'<th scope="row"[^>]*>([^<]*).*?</th>\s*<td[^>]*numeric">(?:<strong>)?(\d+)'
            for label, value in re.findall(cell, table, flags=re.DOTALL):
                found[title, label] = int(value)
        return found

    def test_page_csv_json_and_workbook_say_the_same(self, place):
        """Each figure of the page stands in every file, and no file has another."""
        place.publish()
        on_page = self.figures(place)
        assert len(on_page) == 16
        rows = list(
            csv.DictReader(io.StringIO(place.http.get("/download?period=2026&format=csv").get_data(as_text=True)))
        )
        in_csv = {(r["title"], r["label"]): int(r["people"]) for r in rows if r["people"] and r["table"] != "PEOPLE"}
        assert in_csv == on_page
        content = json.loads(place.http.get("/download?period=2026&format=json").get_data(as_text=True))
        in_json = {(t["title"], c["label"]): c["value"] for t in content["tables"] for c in t["cells"]}
        in_json |= {(t["title"], "All"): t["total"] for t in content["tables"] if t["cells"]}
        assert in_json == on_page
        book = openpyxl.load_workbook(io.BytesIO(place.http.get("/download?period=2026&format=xlsx").get_data()))
        numbers = [c.value for sheet in book for row in sheet.iter_rows() for c in row if isinstance(c.value, int)]
        in_book = sorted(n for n in numbers if n >= 10)
        assert in_book == sorted(on_page.values())

    def test_a_hidden_figure_is_empty_with_its_symbol(self, place):
        """Not published: an empty cell, the symbol [c], and no level."""
        place.publish()
        text = place.http.get("/download?period=2026&format=csv").get_data(as_text=True)
        hidden = [r for r in csv.DictReader(io.StringIO(text)) if r["table"] == "EXPLOITATION_CRIMINAL"]
        assert [(r["people"], r["status"], r["level"]) for r in hidden] == [("", "[c]", "0")]

    @pytest.mark.parametrize("hidden", [False, True])
    def test_a_symbol_is_explained_only_where_it_stands(self, place, hidden):
        """On the sheets that have it, on the cover if any has, in the report's list if a total is hidden."""
        shown = [t for t in YEAR_TABLES if t["cells"]]
        rest = {"table": "EXPLOITATION_CRIMINAL", "status": "SHOWN", "level": 1, "cells": {"YES": 20, "NO": 115}}
        place.publish(tables=YEAR_TABLES if hidden else [*shown, rest])
        book = openpyxl.load_workbook(io.BytesIO(place.http.get("/download?period=2026&format=xlsx").get_data()))
        texts = {sheet.title: [str(c.value) for row in sheet.iter_rows() for c in row if c.value] for sheet in book}
        for title, found in texts.items():
            stands = "[c]" in found
            assert any("[c] confidential" in text for text in found) is (stands or (title == "Cover" and hidden)), title
        assert any("[c]" in found for found in texts.values()) is hidden
        assert "[c]" not in place.http.get("/report").get_data(as_text=True)

    def test_page_workbook_and_file_name_the_same_london_days(self, place):
        """A seal at midnight in summer is of the next day in London, whatever UTC says."""
        seal, received = Period.parse("2026-Q3").seal_at(), Period.parse("2026-Q3").closes_at()
        place.publish("2026-Q3", people=40, tables=[], plan="quarter-v1", seal_at=seal, received_at=received)
        page = words(place.http.get("/release?period=2026-Q3").get_data(as_text=True))
        book = openpyxl.load_workbook(io.BytesIO(place.http.get("/download?period=2026-Q3&format=xlsx").get_data()))
        cover = " ".join(str(c.value) for row in book["Cover"].iter_rows() for c in row)
        content = json.loads(place.http.get("/download?period=2026-Q3&format=json").get_data(as_text=True))
        assert "Recorded up to 15 October 2026" in page
        assert "Data recorded up to 15 October 2026, received up to 18 October 2026" in cover
        assert (content["seal_at"][:10], content["received_at"][:10]) == ("2026-10-15", "2026-10-18")

    def test_the_calendar_s_last_days_follow_one_rule(self, place):
        """Fourteen days after 18 October and after 18 January, by London's calendar."""
        for period in ("2026-Q3", "2026-Q4"):
            task = place.protected(period)
            dates = {"seal_at": Period.parse(period).seal_at(), "closes_at": Period.parse(period).closes_at()}
            place.database["tasks"].update_one({"_id": task["_id"]}, {"$set": dates})
        text = words(place.http.get("/calendar").get_data(as_text=True))
        assert "July to September 2026 15 October 2026 1 November 2026" in text
        assert "October to December 2026 15 January 2027 1 February 2027" in text

    def test_a_refused_draft_stands_on_no_calendar(self, place):
        """It was never announced to anybody."""
        task = place.protected("2031")
        place.database["tasks"].update_one({"_id": task["_id"]}, {"$set": {"state": "REFUSED"}})
        assert "2031" not in place.http.get("/calendar").get_data(as_text=True)
        assert place.http.get("/").status_code == 200

    def test_metadata_describes_every_column(self, place):
        """The CSV's columns are those of its CSVW metadata, in order."""
        place.publish()
        header = place.http.get("/download?period=2026&format=csv").get_data(as_text=True).splitlines()[0]
        metadata = json.loads(place.http.get("/download?period=2026&format=csvw").get_data(as_text=True))
        assert header.split(",") == [c["name"] for c in metadata["tableSchema"]["columns"]]

    @pytest.mark.parametrize("kind", ["json", "csv", "csvw"])
    def test_one_release_gives_the_same_bytes(self, place, kind):
        """Two downloads of one release are equal to the byte."""
        place.publish()
        first, second = (place.http.get(f"/download?period=2026&format={kind}").get_data() for _ in range(2))
        assert first == second

    def test_a_taken_out_table_stays_out_of_every_file(self, place):
        """A tombstone has no figure anywhere, and its own sentence on the page."""
        tables = [{"table": "GENDER", "status": "TOMBSTONE", "level": 0, "cells": {}}]
        rest = [{"table": t, "status": "NOT_PUBLISHED", "level": 0, "cells": {}} for t in (
            "EXPLOITATION_LABOUR", "EXPLOITATION_SEXUAL", "EXPLOITATION_CRIMINAL", "EXPLOITATION_DOMESTIC",
            "REGION_OF_NATIONALITY")]  # fmt: skip
        place.publish(tables=tables + rest)
        assert "taken out as a whole" in place.http.get("/release?period=2026").get_data(as_text=True)
        content = json.loads(place.http.get("/download?period=2026&format=json").get_data(as_text=True))
        assert all(t["cells"] == [] and t["total"] is None for t in content["tables"])

    def test_the_signature_of_a_download_fits(self, place):
        """Whoever has the board's public key can check the digest that a file names."""
        place.publish()
        content = json.loads(place.http.get("/download?period=2026&format=json").get_data(as_text=True))
        check_signature(content["signing_key"], content["signature"], release_message(content["digest"]))


class TestReleasing:
    def post(self, place, path, role, body, key):
        headers = {**place.token(role), "Idempotency-Key": key}
        return place.http.post(path, json=body, headers=headers)

    def test_draft_approve_and_publish_over_the_api(self, place):
        """A statistician drafts, an approver sees the tables and approves their digest, then everybody sees them."""
        task = place.protected()
        drafted = self.post(place, "/v1/releases", "STATISTICIAN", {"task_id": task["_id"]}, "k1")
        assert drafted.status_code == 201, drafted.json
        waiting = place.http.get("/v1/releases/drafts", headers=place.token("RELEASE_APPROVER")).json["items"]
        assert [w["digest"] for w in waiting] == [drafted.json["digest"]]
        assert place.http.get("/v1/releases", headers=place.token("BOARD_MEMBER")).json["items"] == []
        path = f"/v1/releases/{drafted.json['id']}/approve"
        assert self.post(place, path, "STATISTICIAN", {"digest": waiting[0]["digest"]}, "k2").status_code == 404
        assert self.post(place, path, "RELEASE_APPROVER", {"digest": "0" * 64}, "k3").status_code == 409
        assert self.post(place, path, "DATA_GUARDIAN", {"digest": waiting[0]["digest"]}, "k4").status_code == 200
        assert "about 135" in words(place.http.get("/").get_data(as_text=True))

    def test_who_may_take_out_a_table(self, place):
        """The data guardian alone, by an order; the table is gone from every answer and the rest stays."""
        release = place.publish()
        path = f"/v1/releases/{release['_id']}/tables/GENDER/erase"
        order = {"reason": get("erasure_reason").codes[0]}
        for role in sorted({*CENTRE_ROLES} - {"DATA_GUARDIAN"}):
            assert self.post(place, path, role, order, f"no-{role}").status_code == 404, role
        assert place.database["releases"].find_one({"_id": release["_id"]})["tables"] == release["tables"]
        assert self.post(place, path, "DATA_GUARDIAN", order, "yes").status_code == 200
        kept = place.database["releases"].find_one({"_id": release["_id"]})
        assert [t["table"] for t in kept["tables"] if t["status"] == "TOMBSTONE"] == ["GENDER"]

    def test_whoever_drafted_or_wrote_does_not_approve(self, place):
        """Also not after their role was changed: it is the person that counts, not what they are now."""
        approver = place.token("RELEASE_APPROVER")
        token = approver["Authorization"].split(".")[1]
        me = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["sub"]
        drafted = self.post(place, "/v1/releases", "STATISTICIAN", {"task_id": place.protected()["_id"]}, "k8").json
        place.database["releases"].update_one({"_id": drafted["id"]}, {"$set": {"drafted_by": me}})
        written = self.post(place, "/v1/learnings", "STATISTICIAN", {"text": "An advocate early helps."}, "k9").json
        place.database["learnings"].update_one({"_id": written["id"]}, {"$set": {"by": me}})
        for path, body in (
            (f"/v1/releases/{drafted['id']}/approve", {"digest": drafted["digest"]}),
            (f"/v1/learnings/{written['id']}/approve", {}),
        ):
            refused = place.http.post(path, json=body, headers={**approver, "Idempotency-Key": path})
            assert (refused.status_code, refused.json["code"]) == (409, "same-person")
            assert self.post(place, path, "RELEASE_APPROVER", body, f"other-{path}").status_code == 200

    def test_a_draft_that_has_lapsed_is_not_approved(self, place):
        """Fourteen days after the opening it is as if it had never been signed."""
        drafted = self.post(place, "/v1/releases", "STATISTICIAN", {"task_id": place.protected()["_id"]}, "k10").json
        lapsed = place.board.clock.now() - timedelta(seconds=1)
        place.database["releases"].update_one({"_id": drafted["id"]}, {"$set": {"lapses_at": lapsed}})
        path = f"/v1/releases/{drafted['id']}/approve"
        late = self.post(place, path, "RELEASE_APPROVER", {"digest": drafted["digest"]}, "k11")
        assert (late.status_code, late.json["code"]) == (409, "not-a-draft")
        assert "about 135" not in words(place.http.get("/").get_data(as_text=True))

    def test_a_learning_is_words_read_by_two(self, place):
        """A digit or too many words are refused; what another person approved stands on the page, nothing else."""
        bad = self.post(place, "/v1/learnings", "STATISTICIAN", {"text": "In 3 cases it helped."}, "k5")
        assert bad.status_code in {400, 422}
        good = self.post(place, "/v1/learnings", "STATISTICIAN", {"text": "An advocate early helps."}, "k6")
        assert "An advocate early helps." not in place.http.get("/").get_data(as_text=True)
        self.post(place, f"/v1/learnings/{good.json['id']}/approve", "RELEASE_APPROVER", {}, "k7")
        assert "An advocate early helps." in place.http.get("/").get_data(as_text=True)

    def test_work_pages_need_a_session(self, place):
        """Without signing in the work page leads to the sign-in, and a bearer token opens no page."""
        assert place.http.get("/releasing").status_code == 303
        assert place.http.get("/releasing", headers=place.token("STATISTICIAN")).status_code == 303

    def test_how_the_hosts_audit_logs_stand(self, place):
        """Each by a word, with the key that whoever verifies a log asks for; who has no right to it is told nothing."""
        host, seen_at = f"h{secrets.token_hex(8)}", place.board.clock.now().replace(microsecond=0)
        row = {
            "_id": host,
            "size": 4096,
            "root": "00" * 32,
            "at": seen_at,
            "keys": [],
            "seen_at": seen_at,
            "alarm": None,
        }
        place.database["witnessed"].insert_one(row)
        try:
            answer = place.http.get("/v1/host-logs", headers=place.token("BOARD_MEMBER"))
            (one,) = (item for item in answer.json["items"] if item["host"] == host)
            assert (one["state"], one["size"], one["refused"]) == ("SEEN", 4096, 0)
            assert VerifierKey.parse(answer.json["key"]).name == "alongside/board/witness"
            place.database["witnessed"].update_one({"_id": host}, {"$set": {"alarm": "FORKED"}})
            again = place.http.get("/v1/host-logs", headers=place.token("PLATFORM_OPERATOR")).json["items"]
            assert [item["state"] for item in again if item["host"] == host] == ["ALARM"]
        finally:
            place.database["witnessed"].delete_one({"_id": host})
        assert place.http.get("/v1/host-logs").status_code == 401
