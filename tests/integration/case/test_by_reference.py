"""Records by the reference of a host's own system: made, corrected, found; on a real engine, against files and threads."""

import json
import secrets
from dataclasses import replace

import pytest

from services.case.imports.jobs import ImportJob
from shared.kernel.ids import new_id
from shared.runtime.serving import build_app
from tests.integration.case.test_import_commit import in_threads
from tests.kit.import_files import export, line, references

pytestmark = pytest.mark.integration

PATH = "/v1/survivors/by-reference"
SYSTEM = "casefile"
RECORD = {
    "referral_date": "2026-10-02", "age_at_referral": 34, "gender": "Female", "nationality": ["ALB"],
    "exploitation": ["LABOUR"], "nation": "England", "consent": "Given", "consent_date": "2026-10-05",
    "consent_wording": "syn-words", "consent_language": "sq", "consent_method": "Interpreter", "consent_private": True,
}  # fmt: skip


@pytest.fixture
def host(several_systems):
    """A host with several systems."""
    return several_systems


def put(host, reference, record=RECORD, *, role="HOST_DATA_LEAD", key=None, **more):
    body = {"source": SYSTEM, "new_source": True, "reference": reference, "record": record, **more}
    return host.post(PATH, body, role, key=key)


def search(host, reference, role="SUPERVISOR", source=SYSTEM):
    return host.post(f"{PATH}/search", {"reference": reference, "source": source}, role).json["items"]


def said(host, survivor_id):
    """What was stated of somebody's consent, oldest first."""
    bodies = [json.loads(e["body"]) for e in host.stated("case", "import_consent_stated.v1")]
    return [body["stated"] for body in bodies if body["survivor_id"] == survivor_id]


def file_of(host, *lines):
    return host.upload(export(*lines), query=f"?source={SYSTEM}")


class TestMakingAndCorrecting:
    def test_a_record_is_made_once_and_then_known(self, host):
        """201 with ids; the same record again changes nothing; the reference stands sealed in the survivor alone."""
        (ref,) = references(1)
        key = new_id()
        made, replayed, again = put(host, ref, key=key), put(host, ref, key=key), put(host, ref)
        assert (made.status_code, made.json["outcome"]) == (201, "CREATED")
        assert (replayed.json, replayed.headers["Idempotent-Replayed"]) == (made.json, "true")
        assert (again.status_code, again.json["outcome"]) == (200, "UNCHANGED")
        assert again.json["id"] == made.json["id"]
        assert host.get(f"/v1/survivors/{made.json['id']}").json["reference"] == ref
        episode = host.get(f"/v1/episodes/{made.json['episode_id']}").json
        assert (episode["gender"], episode["nationality"], episode["nation"]) == ("FEMALE", ["ALB"], "ENGLAND")
        assert said(host, made.json["id"]) == ["GIVEN"]
        stored = str(list(host.database("case")["idempotency"].find({})))
        assert ref not in stored

    def test_what_a_record_does_not_say_stays(self, host):
        """Null, an empty text and a missing field change nothing; what is said changes that alone."""
        (ref,) = references(1)
        made = put(host, ref).json
        answer = put(host, ref, {"age_at_referral": 34, "gender": "Male", "nation": None, "nationality": ""})
        assert (answer.status_code, answer.json["outcome"]) == (200, "CHANGED")
        episode = host.get(f"/v1/episodes/{made['episode_id']}").json
        assert (episode["gender"], episode["nation"], episode["nationality"]) == ("MALE", "ENGLAND", ["ALB"])
        assert said(host, made["id"]) == ["GIVEN"]

    def test_a_file_and_a_record_of_one_system_are_one_person(self, host):
        """Whichever came first: one survivor, and what says the same is unchanged."""
        first, second = references(2)
        put(host, first)
        report = file_of(host, line(first), line(second))
        assert report["counts"].get("ACCEPTED", 0) == 1
        again = put(host, f"  {second}\u200b", {**RECORD, "age_at_referral": "Adult (18 or over)"})
        assert again.json["outcome"] == "UNCHANGED"
        assert len(search(host, first)) == len(search(host, second)) == 1

    def test_another_referral_is_a_question_until_it_is_a_correction(self, host):
        """As in a file: held, and taken where the caller says that known records are corrections."""
        (ref,) = references(1)
        made = put(host, ref).json
        other = {**RECORD, "referral_date": "2026-09-01"}
        asked = put(host, ref, other)
        assert (asked.status_code, asked.json["outcome"]) == (202, "HELD")
        assert [p["code"] for p in asked.json["problems"]] == ["another-referral"]
        assert put(host, ref, other, known_rows="correct").json["outcome"] == "CHANGED"
        assert host.get(f"/v1/episodes/{made['episode_id']}").json["referral_date"] == "2026-09-01"

    def test_one_that_only_looks_different_is_not_made(self, host):
        """Nobody is made a second time under capitals or zeros; unless the caller knows that they are others."""
        (ref,) = references(1)
        put(host, ref)
        held = put(host, ref.lower())
        assert (held.status_code, [p["code"] for p in held.json["problems"]]) == (202, ["likely-twin"])
        assert held.json["id"] is None
        assert put(host, ref.lower(), exact_references=True).status_code == 201


class TestWhatProtectsAPerson:
    def test_a_no_is_heard_whatever_else_is_wrong(self, host):
        """202: the withdrawal is stated, the rest is not taken, and the answer repeats nothing of it."""
        (ref,) = references(1)
        made = put(host, ref).json
        answer = put(host, ref, {**RECORD, "gender": "Jane-Doe", "consent_withdrawn": "2026-10-09"})
        assert (answer.status_code, answer.json["outcome"], answer.json["consent_ended"]) == (202, "HELD", True)
        assert b"Jane-Doe" not in answer.data
        assert said(host, made["id"]) == ["GIVEN", "WITHDRAWN"]

    def test_a_possible_child_opens_one_urgent_task(self, host):
        """Nobody is made; the task names the record's number; the same record again opens no second one."""
        (ref,) = references(1)
        answers = [put(host, ref, {**RECORD, "age_at_referral": 16}) for _ in range(2)]
        assert {(a.status_code, a.json["outcome"]) for a in answers} == {(202, "POSSIBLE_CHILD")}
        assert answers[0].json["id"] is None
        assert search(host, ref) == []
        numbers = {a.json["number"] for a in answers}
        kept = host.database("case")["imports"].find({"source": SYSTEM, "profile": "by-reference"}, {"_id": 1})
        system = [one["_id"] for one in kept]
        tasks = host.database("case")["tasks"].find({"import_id": {"$in": system}, "row": {"$in": list(numbers)}})
        assert (len(numbers), len(list(tasks))) == (1, 1), "a known record keeps its number"

    def test_an_age_that_is_left_out_holds_the_record(self, host):
        """Without an age nobody is known to be an adult: as an empty cell of a file."""
        (ref,) = references(1)
        held = put(host, ref, {name: said for name, said in RECORD.items() if name != "age_at_referral"})
        assert (held.status_code, held.json["problems"][0]["code"]) == (202, "age-not-known")

    def test_who_is_not_made_has_no_key(self, host):
        """However often a record that cannot be taken comes: the key table grows with people alone."""
        first, second = references(2)
        keys = host.database("keys")["survivor_keys"]
        before = keys.count_documents({})
        held = {put(host, first, {**RECORD, "gender": "?!"}).json["outcome"], put(host, first, {}).json["outcome"]}
        assert (held, keys.count_documents({}) - before) == ({"HELD"}, 0)
        put(host, second)
        assert keys.count_documents({}) - before == 1

    def test_nobody_who_was_erased_comes_back(self, host):
        """202, with the reason; and the search finds nobody."""
        (ref,) = references(1)
        made = put(host, ref).json
        host.contexts["case"].survivor_keys.forget(made["id"])
        answer = put(host, ref, {**RECORD, "gender": "Male"})
        assert (answer.status_code, [p["code"] for p in answer.json["problems"]]) == (202, ["erased"])
        assert answer.json["id"] is None
        assert search(host, ref) == []


class TestSystems:
    def test_one_reference_in_two_systems_is_two_people(self, host):
        """And the search says which system each is of."""
        (ref,) = references(1)
        here, there = put(host, ref).json["id"], put(host, ref, source="other-system").json["id"]
        assert here != there
        assert {row["survivor_id"]: row["source"] for row in search(host, ref, source=None)} == {
            here: SYSTEM, there: "other-system",
        }  # fmt: skip

    def test_a_system_must_be_named_and_known(self, host):
        """A slip of the pen would make everybody a second time."""
        (ref,) = references(1)
        put(host, ref)
        put(host, ref, source="other-system")
        none = put(host, ref, source=None)
        slip = put(host, ref, source="casefiel", new_source=False)
        assert (none.status_code, none.json["code"]) == (422, "source-needed")
        assert (slip.status_code, slip.json["code"]) == (422, "source-not-known")

    def test_a_system_that_speaks_record_by_record_stands_among_the_imports(self, host):
        """So a file that names no system is told that there are several, and the history says what came."""
        name = f"s-{secrets.token_hex(4)}"
        (ref,) = references(1)
        put(host, ref, source=name)
        one = next(i for i in host.get("/v1/imports", "HOST_DPO").json["items"] if i["source"] == name)
        assert (one["state"], one["profile"], one["done"]) == ("DONE", "by-reference", 1)
        assert one["counts"]["ACCEPTED"] == 1

    @pytest.mark.parametrize("reference", ["=1+1", "1.23E+11"])
    def test_a_reference_by_which_nobody_is_known_again(self, host, reference):
        """422 that does not repeat it."""
        answer = put(host, reference)
        assert (answer.status_code, answer.json["code"]) == (422, "reference-unusable")
        assert reference not in answer.json["detail"]
        assert put(host, " \u200b ").status_code == 422


class TestWhoMay:
    def test_a_machine_with_the_scope_and_importers(self, host):
        """Nobody else; a refusal is the 404 of an address that is not there."""
        (ref,) = references(1)
        body = {"source": SYSTEM, "new_source": True, "reference": ref, "record": RECORD}
        http = host.app.test_client()
        for scopes, status in (({"events:read"}, 404), ({"imports:write"}, 201)):
            headers = {**host.headers("INTEGRATOR", scopes=scopes), "Idempotency-Key": new_id()}
            assert http.post(PATH, json=body, headers=headers).status_code == status
        assert {role: put(host, ref, role=role).status_code for role in ("IMSA", "SUPERVISOR")} == {
            "IMSA": 404, "SUPERVISOR": 404,
        }  # fmt: skip

    def test_an_advocate_finds_their_own_alone(self, host):
        """Somebody else's is not there."""
        (ref,) = references(1)
        made = put(host, ref).json["id"]
        assert search(host, ref, "IMSA") == []
        host.post(f"/v1/survivors/{made}/advocates", {"advocate_ids": [host.actor("IMSA")]})
        assert [row["survivor_id"] for row in search(host, ref, "IMSA")] == [made]


@pytest.fixture(params=range(3))
def each_time(request):
    """Races are run several times."""
    return request.param


@pytest.mark.usefixtures("each_time")
class TestRaces:
    def test_records_and_a_file_of_one_reference_at_once(self, host):
        """Two APIs and an import's job, each with a committer of its own: one person, whoever was first."""
        refs = references(4)
        context = host.contexts["case"]
        second = build_app({**host.contexts, "case": replace(context)})
        answer = host.post(f"/v1/imports?source={SYSTEM}", export(*(line(ref) for ref in refs)), "HOST_DPO")
        assert answer.status_code == 202
        body = {"source": SYSTEM, "new_source": True, "record": RECORD}

        def by(app, ref):
            headers = {**host.headers("HOST_DATA_LEAD"), "Idempotency-Key": new_id()}
            return app.test_client().post(PATH, json={**body, "reference": ref}, headers=headers)

        calls = [lambda app=app, ref=ref: by(app, ref) for ref in refs for app in (host.app, second)]
        results = in_threads(ImportJob(replace(context)).run, *calls)
        assert [r.status_code for r in results[1:] if r.status_code not in (200, 201)] == []
        ids = {ref: [row["survivor_id"] for row in search(host, ref)] for ref in refs}
        assert all(len(found) == 1 for found in ids.values())
        told = [r.json["id"] for r in results[1:]]
        assert set(told) == {found[0] for found in ids.values()}
        made = [e for e in host.stated("case", "episode_opened.v1") if json.loads(e["body"])["survivor_id"] in told]
        assert len(made) == len(refs)

    def test_references_that_look_alike_at_once(self, host):
        """A record and a file each read whether the other is there: one is made, the other one is a question."""
        context = replace(host.contexts["case"])
        for ref in references(5):
            answer = host.post(f"/v1/imports?source={SYSTEM}", export(line(ref.lower())), "HOST_DPO")
            job = ImportJob(context)
            put_at_once = in_threads(job.run, lambda ref=ref: put(host, ref))
            job.run()
            counts = host.get(f"/v1/imports/{answer.json['id']}", "HOST_DPO").json["counts"]
            outcomes = {put_at_once[1].json["outcome"], "CREATED" if counts.get("ACCEPTED") else "HELD"}
            assert outcomes == {"CREATED", "HELD"}, counts
