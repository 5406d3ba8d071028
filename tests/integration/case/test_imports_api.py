"""Imports over HTTP and the real import job: shapes, encodings, quarantine, corrections, kills."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from deploy.demo.hosts import HOSTS
from deploy.demo.make_exports import EXPORTS
from deploy.engines.layout import PROJECT_ROOT
from services.case.imports import carrying, jobs, run
from services.case.imports.rules import progress
from services.case.imports.rules.profile import shipped
from services.case.strongroom.documents import UNCLAIMED, strongroom_of
from shared.kernel.clock import real_now
from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.ids import new_id
from shared.outbox.committer import Committer
from shared.runtime.apart import ApartWaitsError

HEADER = list(shipped()["standard"].columns)
GOOD = {
    "Referral Date": "05/06/2026", "Age At Referral": "34", "Gender": "Female", "Nationality": "Viet Nam",
    "Exploitation Type": "Labour & Domestic", "Nation": "Wales", "Advocacy Need": "Housing",
    "Statistics Consent": "Given", "Consent Date": "06/06/2026", "Consent Wording": "w1", "Consent Language": "en",
    "Consent Method": "In person", "Private Setting": "Yes",
}  # fmt: skip


def references(count):
    start = secrets.token_hex(4)
    return [f"{start}-{n}" for n in range(count)]


def rows(refs, **changes):
    return [{"Client Ref": ref, **GOOD, **changes} for ref in refs]


def csv(content, *, delimiter=",", encoding="utf-8"):
    lines = [HEADER, *([row.get(name, "") for name in HEADER] for row in content)]
    return "\r\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines).encode(encoding)


def kept(place, report):
    """What an import left: rows, and the episodes that it opened."""
    found = list(place.database("case")["import_rows"].find({"import_id": report["id"]}))
    return found, [row["episode_id"] for row in found if row["episode_id"]]


class TestShapes:
    @pytest.mark.parametrize("host", HOSTS, ids=lambda h: h.id)
    def test_each_shipped_export_is_read_by_its_own_columns(self, several_systems, host):
        """A Salesforce-like report, a semicolon file in CP1252, a worker's spreadsheet: no profile needs naming."""
        source = f"?source={host.id}"
        report = several_systems.upload((EXPORTS / host.file_name).read_bytes(), query=source)
        assert (report["state"], report["why"], report["profile"]) == ("DONE", None, host.profile)
        assert report["counts"]["ACCEPTED"] > 10
        assert report["done"] == sum(report["counts"].values())
        assert {"Notes", "Comment"} & set(report["dropped_columns"])

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_delimiters_and_encodings(self, place, delimiter, encoding):
        """One row with an accent comes out the same from each."""
        refs = references(1)
        report = place.upload(csv(rows(refs, Nationality="Côte d'Ivoire"), delimiter=delimiter, encoding=encoding))
        assert report["counts"] == {"ACCEPTED": 1, "QUARANTINED": 0}, report
        _, (episode,) = kept(place, report)
        assert place.get(f"/v1/episodes/{episode}").json["nationality"] == ["CIV"]

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"PK\x03\x04\x00\x00", "Save it as CSV"),
            (b"one,two\n1,2\n", "mapping profile"),
            (b"\x81\x8d,\x8f", "CSV UTF-8"),
            (csv([]).replace(b"Age At Referral", b"Age at exploitation"), "age at referral"),
            (csv([]).replace(b"Gender", b"Colour"), "gender"),
        ],
    )
    def test_a_file_that_cannot_be_read_is_refused_whole(self, place, content, words):
        """REFUSED, with why and how to mend it; nothing of it is taken or kept."""
        report = place.upload(content)
        assert report["state"] == "REFUSED"
        assert words in report["why"]
        assert (report["done"], report["counts"]) == (0, {})
        assert strongroom_of(place.contexts["case"]).get(report["id"]) is None

    def test_what_is_wrong_with_the_request_itself_is_told_at_once(self, place):
        """No file, an unknown profile, a source that is no name: 422, and nothing waits."""
        empty = place.post("/v1/imports", b"", "HOST_DPO")
        assert (empty.status_code, empty.json["code"]) == (422, "empty-upload")
        for query, pointer in (("profile=nope", "#/profile"), ("source=a%20b", "#/source"), ("sauce=x", "#/sauce")):
            answer = place.post(f"/v1/imports?{query}", csv(rows(["x"])), "HOST_DPO")
            assert answer.status_code == 422, answer.json
            assert [e["pointer"] for e in answer.json["errors"]] == [pointer]

    def test_a_machine_key_with_the_scope_may_upload_and_read_its_report(self, place):
        """An integration needs no person's login."""
        http, headers = place.app.test_client(), place.headers("INTEGRATOR", scopes=["imports:write"])
        answer = http.post(
            "/v1/imports", data=csv(rows(references(1))), headers={**headers, "Idempotency-Key": new_id()}
        )
        assert answer.status_code == 202
        assert http.get(answer.headers["Location"], headers=headers).json["state"] == "WAITING"
        place.run_imports()
        assert http.get(answer.headers["Location"], headers=headers).json["state"] == "DONE"


class TestRows:
    def test_every_bad_cell_is_told_by_row_and_column_and_never_repeated(self, place):
        """Quarantine: the reason in words a person can act on, without what the cell says."""
        planted = {
            "Referral Date": "31/02/2026", "Gender": "planted-word", "Nationality": "Planted", "Nation": "=PLANTED()",
            "Exploitation Type": "planted", "Advocacy Need": "planted", "Consent Date": "01/01/0001",
            "Consent Wording": "planted words!", "Consent Language": "planted", "Consent Method": "planted",
            "Private Setting": "planted", "Statistics Consent": "planted", "Age At Referral": "planted",
        }  # fmt: skip
        report = place.upload(csv([*rows(references(1)), *rows(references(1), **planted)]))
        assert report["counts"] == {"ACCEPTED": 1, "QUARANTINED": 1}
        assert {p["row"] for p in report["problems"]} == {3}
        assert {p["column"] for p in report["problems"]} == {
            "referral_date", "gender", "nationality", "nation", "exploitation", "advocacy_area", "consent_date",
            "consent_wording", "consent_language", "consent_method", "consent_private", "consent", "age_at_referral",
        }  # fmt: skip
        assert all(len(p["sentence"]) > 15 for p in report["problems"])
        assert "planted" not in str(report).casefold()

    @pytest.mark.parametrize("year", ["0001", "1899", "9999"])
    def test_a_year_that_cannot_be_does_not_stop_the_import(self, place, year):
        """The row is quarantined; its neighbour is taken."""
        refs = references(2)
        content = [*rows(refs[:1], **{"Referral Date": f"05/06/{year}"}), *rows(refs[1:])]
        report = place.upload(csv(content))
        assert (report["state"], report["counts"]) == ("DONE", {"ACCEPTED": 1, "QUARANTINED": 1})
        assert [p["column"] for p in report["problems"]] == ["referral_date"]

    def test_a_possible_child_opens_an_urgent_task_and_no_episode(self, place):
        """The safeguarding lead sees import, row and nation; the report counts it; nothing else is kept."""
        report = place.upload(csv(rows(references(1), **{"Age At Referral": "17"})))
        assert report["counts"] == {"POSSIBLE_CHILD": 1, "QUARANTINED": 0}
        assert [(p["row"], p["code"], p["urgent"]) for p in report["problems"]] == [(2, "possible-child", True)]
        found, path = [], "/v1/safeguarding-tasks?limit=200"
        while path:
            answer = place.get(path, "SAFEGUARDING_LEAD")
            found += answer.json["items"]
            path = answer.headers["Link"].split(">")[0][1:] if answer.json["next"] else None
        (task,) = [t for t in found if t["import_id"] == report["id"]]
        assert (task["urgent"], task["row"], task["nation"]) == (True, 2, "WALES")
        assert kept(place, report)[1] == []

    def test_a_report_of_many_problems_is_cut_and_says_so(self, place, monkeypatch):
        """A wrong mapping must not outgrow a document and hold up every later import."""
        monkeypatch.setattr(progress, "MOST_PROBLEMS", 5)
        report = place.upload(csv(rows(references(8), Gender="planted")))
        assert report["counts"]["QUARANTINED"] == 8
        assert (len(report["problems"]), report["problems_omitted"]) == (5, 3)


class TestAgain:
    def test_the_same_file_again_changes_nothing(self, place):
        """Every row is UNCHANGED: no version, no fact, no statement."""
        refs = references(3)
        first = place.upload(csv(rows(refs)))
        _, episodes = kept(place, first)
        before = len([e for e in place.stated("case") if e["subject"] in episodes])
        again = place.upload(csv(rows(refs)))
        assert again["counts"] == {"UNCHANGED": 3, "QUARANTINED": 0}
        assert [place.get(f"/v1/episodes/{e}").json["version"] for e in episodes] == [1, 1, 1]
        assert len([e for e in place.stated("case") if e["subject"] in episodes]) == before

    def test_a_corrected_file_changes_only_what_changed(self, place):
        """One gender corrected: one episode's next version, one new statement of facts."""
        refs = references(3)
        _, episodes = kept(place, place.upload(csv(rows(refs))))
        report = place.upload(csv([*rows(refs[:2]), *rows(refs[2:], Gender="Male")]))
        assert report["counts"] == {"CHANGED": 1, "UNCHANGED": 2, "QUARANTINED": 0}
        versions = Counter(place.get(f"/v1/episodes/{e}").json["version"] for e in episodes)
        assert versions == {1: 2, 2: 1}

    def test_a_corrected_consent_is_stated_anew_and_the_episode_stays(self, place):
        """Somebody now refuses: consent hears it; the episode's version does not move."""
        refs = references(1)
        _, (episode,) = kept(place, place.upload(csv(rows(refs))))
        place.upload(csv(rows(refs, **{"Statistics Consent": "Refused"})))
        row = place.get(f"/v1/episodes/{episode}").json
        survivor = row["survivor_id"].encode()
        said = [e["body"] for e in place.stated("case", "import_consent_stated.v1") if survivor in e["body"]]
        assert [b'"REFUSED"' in body for body in said] == [False, True]
        assert row["version"] == 1

    def test_a_caseworkers_flag_outlives_every_later_file(self, place):
        """A caseworker's "never count this episode" is somebody's safety; a corrected export does not lift it."""
        refs = references(1)
        _, (episode,) = kept(place, place.upload(csv(rows(refs))))
        place.post(f"/v1/episodes/{episode}/exclude", {"excluded": True}, If_Match='"1"')
        place.upload(csv(rows(refs, Gender="Male")))
        row = place.get(f"/v1/episodes/{episode}").json
        assert (row["excluded"], row["gender"]) == (True, "MALE")
        facts = [e for e in place.stated("case", "statistics_facts_changed.v1") if e["subject"] == episode]
        assert b'"excluded":true' in facts[-1]["body"]

    def test_a_correction_of_an_ended_episode_is_taken_and_holds_nobody_up(self, place):
        """Support has ended; the record may still be put right, and its neighbours are imported."""
        refs = references(2)
        first = place.upload(csv(rows(refs[:1])))
        _, (episode,) = kept(place, first)
        place.post(f"/v1/episodes/{episode}/close", {"reason": "DECEASED"}, If_Match='"1"')
        report = place.upload(csv([*rows(refs[:1], Gender="Male"), *rows(refs[1:])]))
        assert (report["state"], report["counts"]) == ("DONE", {"CHANGED": 1, "ACCEPTED": 1, "QUARANTINED": 0})
        row = place.get(f"/v1/episodes/{episode}").json
        assert (row["status"], row["gender"]) == ("CLOSED", "MALE")

    def test_who_turns_out_to_be_perhaps_a_child_is_counted_no_longer(self, place):
        """A corrected age takes the episode out of the statistics until a caseworker has looked, and the report says so."""
        refs = references(1)
        _, (episode,) = kept(place, place.upload(csv(rows(refs))))
        place.upload(csv(rows(refs, **{"Age At Referral": "17"})))
        row = place.get(f"/v1/episodes/{episode}").json
        assert (row["excluded"], row["excluded_by"], row["left_out"]) == (True, "IMPORT", ["POSSIBLE_CHILD"])
        report = place.upload(csv(rows(refs)))
        assert [p["code"] for p in report["problems"]] == ["stays-left-out"]
        row = place.get(f"/v1/episodes/{episode}").json
        assert row["excluded"] is True
        place.post(f"/v1/episodes/{episode}/exclude", {"excluded": False}, If_Match=f'"{row["version"]}"')
        row = place.get(f"/v1/episodes/{episode}").json
        assert (row["excluded"], row["excluded_by"], row["left_out"]) == (False, None, [])
        assert place.upload(csv(rows(refs)))["problems"] == []

    def test_an_erased_persons_row_is_not_taken_again(self, place):
        """It is quarantined with what to do; the other rows are imported."""
        refs = references(2)
        _, (episode,) = kept(place, place.upload(csv(rows(refs[:1]))))
        survivor = place.get(f"/v1/episodes/{episode}").json["survivor_id"]
        place.contexts["case"].survivor_keys.forget(survivor)
        report = place.upload(csv(rows(refs, Gender="Male")))
        assert (report["state"], report["counts"]) == ("DONE", {"ACCEPTED": 1, "QUARANTINED": 1})
        assert [(p["row"], p["code"]) for p in report["problems"]] == [(2, "erased")]

    def test_what_a_newer_version_keeps_there_stays(self, place):
        """Two versions run side by side while one replaces the other: neither loses what only the other knows."""
        refs, database = references(1), place.database("case")
        first = place.upload(csv(rows(refs)))
        import_id = place.post("/v1/imports", csv(rows(refs, Gender="Male")), "HOST_DPO").json["id"]
        database["import_rows"].update_one({"import_id": first["id"]}, {"$set": {"newer": 1}})
        database["imports"].update_one({"_id": import_id}, {"$set": {"newer": 1}})
        place.run_imports()
        assert place.get(f"/v1/imports/{import_id}", "HOST_DPO").json["counts"] == {"CHANGED": 1, "QUARANTINED": 0}
        assert database["imports"].find_one({"_id": import_id})["newer"] == 1
        assert database["import_rows"].find_one({"import_id": import_id})["newer"] == 1


class TestFaults:
    def test_a_fault_in_one_import_ends_that_one_and_no_other(self, place, monkeypatch):
        """FAILED with the reason; the next import is carried out; the same file may come again."""
        judge = carrying.judge_table
        refs = references(2)

        def faulty(table, *, today):
            if any(refs[0] in line.cells for line in table.lines):
                raise ZeroDivisionError
            return judge(table, today=today)

        monkeypatch.setattr(carrying, "judge_table", faulty)
        ids = [place.post("/v1/imports", csv(rows([ref])), "HOST_DPO").json["id"] for ref in refs]
        place.run_imports()
        failed, done = (place.get(f"/v1/imports/{i}", "HOST_DPO").json for i in ids)
        assert (failed["state"], done["state"]) == ("FAILED", "DONE")
        assert "upload the same file again" in failed["why"]
        monkeypatch.undo()
        assert place.upload(csv(rows(refs[:1])))["counts"] == {"ACCEPTED": 1, "QUARANTINED": 0}

    def test_what_does_not_pass_ends_after_three_attempts_and_holds_nobody_up(self, place, monkeypatch):
        """Each attempt is counted before it is made; the import beside it is carried out at the first."""
        judge, refs = carrying.judge_table, references(2)

        def away(table, *, today):
            if any(refs[0] in line.cells for line in table.lines):
                raise TemporarilyUnavailableError
            return judge(table, today=today)

        monkeypatch.setattr(carrying, "judge_table", away)
        ids = [place.post("/v1/imports", csv(rows([ref])), "HOST_DPO").json["id"] for ref in refs]
        for attempt in range(jobs.MOST_ATTEMPTS):
            with pytest.raises(TemporarilyUnavailableError):
                place.run_imports()
            waiting, done = (place.get(f"/v1/imports/{i}", "HOST_DPO").json for i in ids)
            assert (waiting["state"], done["state"]) == ("WAITING", "DONE"), attempt
        place.run_imports()
        failed = place.get(f"/v1/imports/{ids[0]}", "HOST_DPO").json
        assert (failed["state"], "3 attempts" in failed["why"]) == ("FAILED", True)
        assert strongroom_of(place.contexts["case"]).get(ids[0]) is None
        monkeypatch.undo()
        assert place.upload(csv(rows(refs[:1])))["counts"]["ACCEPTED"] == 1

    def test_what_the_database_will_never_take_is_no_database_that_is_away(self, place, monkeypatch):
        """A document that is too large ends its import at once, with that reason; the next one is carried out."""
        refs = references(2)
        monkeypatch.setattr(run, "ERASED", replace(run.ERASED, sentence="x" * 17 * 1024 * 1024))
        _, (episode,) = kept(place, place.upload(csv(rows(refs[:1]))))
        place.contexts["case"].survivor_keys.forget(place.get(f"/v1/episodes/{episode}").json["survivor_id"])
        ids = [place.post("/v1/imports", csv(rows([ref])), "HOST_DPO").json["id"] for ref in refs]
        place.run_imports()
        failed, done = (place.get(f"/v1/imports/{i}", "HOST_DPO").json for i in ids)
        assert (failed["state"], done["state"]) == ("FAILED", "DONE")
        assert "TooLarge" in failed["why"]

    def test_two_jobs_at_once_take_no_row_twice(self, place, monkeypatch):
        """While one process carries out an import, another that begins too gives way."""
        monkeypatch.setattr(run, "CHUNK_ROWS", 2)
        refs = references(6)
        import_id = place.post("/v1/imports", csv(rows(refs)), "HOST_DPO").json["id"]
        execute, seen = Committer.execute, []

        def interleaved(self, command):
            if import_id in command.aggregates:
                seen.append(command)
                if len(seen) == 2:  # The first notes the attempt, the second is the first chunk of rows.
                    place.run_imports()
            return execute(self, command)

        monkeypatch.setattr(Committer, "execute", interleaved)
        with pytest.raises(run.ImportTakenError):
            place.run_imports()
        monkeypatch.undo()
        report = place.get(f"/v1/imports/{import_id}", "HOST_DPO").json
        assert (report["state"], report["counts"]) == ("DONE", {"ACCEPTED": 6, "QUARANTINED": 0})
        assert len(kept(place, report)[1]) == 6

    def test_a_job_that_looks_too_late_changes_no_ended_import(self, place, monkeypatch):
        """Another process has ended it between the look and the attempt: its report stays as it is."""
        import_id = place.post("/v1/imports", csv(rows(references(1))), "HOST_DPO").json["id"]
        execute, seen = Committer.execute, []

        def interleaved(self, command, **options):
            if import_id in command.aggregates and not seen:
                seen.append(command)
                place.run_imports()
            return execute(self, command, **options)

        monkeypatch.setattr(Committer, "execute", interleaved)
        place.run_imports()
        assert place.get(f"/v1/imports/{import_id}", "HOST_DPO").json["state"] == "DONE"

    def test_what_nobody_waits_for_is_swept_out_of_the_strongroom(self, place):
        """A file left by a killed process goes after a while; a waiting one stays."""
        room = strongroom_of(place.contexts["case"])
        orphan, waiting = new_id(), place.post("/v1/imports", csv(rows(references(1))), "HOST_DPO").json["id"]
        room.put(orphan, b"left behind")
        collection = place.contexts["case"].client[f"as_{place.tenant}_strongroom"]["imports"]
        room.sweep([waiting], [waiting])
        assert (room.get(orphan), room.get(waiting) is not None) == (b"left behind", True)
        old = {"$set": {"put_at": real_now() - UNCLAIMED - timedelta(seconds=1)}}
        collection.update_many({"_id": {"$in": [orphan, waiting]}}, old)
        room.sweep([waiting], [waiting])
        assert room.get(orphan) is None
        assert room.get(waiting) is not None
        place.run_imports()
        assert room.get(waiting) is None

    @pytest.mark.timeout(240)
    def test_after_a_fault_that_passes_an_import_is_left_alone_for_a_while(self, place):
        """Else three attempts were over before the database lets go of what a killed process had left open."""
        tried, now = [], [0.0]

        def waits(service, job, item):
            tried.append(item)
            raise ApartWaitsError

        job = jobs.ImportJob(replace(place.contexts["case"], apart=waits), ticks=lambda: now[0])
        import_id = place.post("/v1/imports", csv(rows(references(1))), "HOST_DPO").json["id"]
        for passed_s, times in ((0.0, 1), (7.9, 1), (8.1, 2), (16.0, 2), (16.2, 3)):
            now[0] = passed_s
            with contextlib.suppress(ApartWaitsError):
                job.run()
            assert tried.count(import_id) == times, passed_s
        place.run_imports()
        assert place.get(f"/v1/imports/{import_id}", "HOST_DPO").json["state"] == "DONE"

    def test_a_killed_job_goes_on_where_it_was(self, place_of_its_own, engines, eventually):
        """SIGKILL in the middle of 4,000 rows, twice: in the end every row once, and the counts exact."""
        place = place_of_its_own
        refs = references(4_000)
        import_id = place.post("/v1/imports", csv(rows(refs)), "HOST_DPO").json["id"]
        imports = place.database("case")["imports"]

        def done():
            return imports.find_one({"_id": import_id})["done"]

        for least in (1, 1_500):
            process = start_job(engines, place.tenant)
            try:
                eventually(lambda least=least: done() >= least, within_s=90)
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()
            assert imports.find_one({"_id": import_id})["state"] == "WAITING"
        process = start_job(engines, place.tenant)
        try:
            eventually(lambda: imports.find_one({"_id": import_id})["state"] == "DONE", within_s=120)
        finally:
            process.terminate()
            assert process.wait(timeout=40) == 0
        report = place.get(f"/v1/imports/{import_id}", "HOST_DPO").json
        assert (report["counts"], report["done"]) == ({"ACCEPTED": 4_000, "QUARANTINED": 0}, 4_000)
        found, episodes = kept(place, report)
        assert len(found) == len(set(episodes)) == 4_000
        opened = Counter(e["subject"] for e in place.stated("case", "episode_opened.v1"))
        assert all(opened[e] == 1 for e in episodes)
        audited = Counter(a["object_id"] for a in place.audited(action="case:import_row:accepted"))
        assert all(audited[e] == 1 for e in episodes)


def start_job(engines, tenant):
    environment = {
        **os.environ,
        "ALONGSIDE_SECRETS": str(engines.layout.secrets_dir / "credentials"),
        "PYTHONPATH": str(PROJECT_ROOT),
        "PYTHONWARNINGS": "ignore",
    }
    arguments = [sys.executable, "-m", "services.run", "job", "--tenant", tenant, "--services", "case"]
    return subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
