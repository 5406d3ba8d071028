"""The board's pages and files: released figures, the same everywhere, and nothing that was not released."""

import csv
import io
import json
import re

import openpyxl
import pytest

from services.board.releases import release_message
from shared.codelists.plan import NOT_PUBLISHED_SENTENCE
from shared.keys.signing import check_signature

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
            "people counted so far, by released figures about 170", "about 170 people counted so far"
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
