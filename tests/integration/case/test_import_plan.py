"""A plan tells what a file will do, does nothing of it, and opens a possible child's task at once."""

import pytest

from services.case.imports.rehearsal import Rehearsal, RehearsalError
from services.case.strongroom.documents import strongroom_of
from tests.kit.import_files import COLUMNS, WORDS, episodes_of, export, line, open_data_tasks, references, tasks_of

pytestmark = pytest.mark.integration


@pytest.fixture
def known(place):
    """Gives references of adults who said yes in an earlier file of a system of their own."""

    def make(count):
        refs = references(count)
        report = place.upload(export(*(line(ref) for ref in refs)))
        assert report["counts"] == {"ACCEPTED": count, "QUARANTINED": 0}
        return refs, episodes_of(place, report)

    return make


def state_of(place):
    """Everything that a plan may not change."""
    names = ("episodes", "survivors", "import_rows", "import_changes", "data_tasks")
    found = {name: {d["_id"]: d["version"] for d in place.database("case")[name].find()} for name in names}
    keys = set(place.database("keys")["survivor_keys"].distinct("_id"))
    stated = [e["type"] for e in place.stated("case") if not e["type"].endswith("audit.v1")]
    return found, {key for key in keys if not key.startswith("upload:")}, [t for t in stated if "import_consent" in t]


class TestWhatIsTold:
    def test_each_row_by_number_and_what_it_will_do(self, place, known):
        """Somebody new, changed, unchanged, held, refused, a child, a row twice, and a consent that ends."""
        (changed, same, ends, held), _ = known(4)
        new, child, bad = references(3)
        plan = place.plan(
            export(
                line(new), line(changed, Gender="Male"), line(same), line(ends, Statistics_Consent="Withdrawn"),
                line(held, Age_At_Referral=""), line(bad, Nation="Mercia"), line(child, Age_At_Referral="17"), line(new),
            )
        )  # fmt: skip
        assert plan["state"] == "PLANNED"
        rows = {row["row"]: row for row in place.plan_rows(plan["id"])}
        assert [rows[n]["will"] for n in range(2, 10)] == [
            "CREATE", "UPDATE", "UNCHANGED", "UPDATE", "HELD", "REFUSED", "POSSIBLE_CHILD", "DUPLICATE",
        ]  # fmt: skip
        assert rows[3]["changes"] == ["gender"]
        assert (rows[5]["consent_ended"], rows[5]["says_no"], rows[5]["changes"]) == (True, True, ["consent"])
        (problem,) = rows[7]["problems"]
        assert (problem["column"], problem["name"], problem["code"]) == ("nation", "Nation", "unknown-code")
        told = place.get(f"/v1/imports/{plan['id']}/plan", "HOST_DATA_LEAD").json
        assert told["counts"] == {
            "CREATE": 1, "UPDATE": 2, "UNCHANGED": 1, "HELD": 1, "REFUSED": 1, "POSSIBLE_CHILD": 1, "DUPLICATE": 1,
            "CONSENT_ENDED": 1,
        }  # fmt: skip
        assert (told["possible_children"], told["consents_ended"], told["unassigned"]) == ([8], [5], 1)
        assert {c["name"]: c["filled"] for c in told["columns"]}["Age At Referral"] == 7
        assert plan["plan_hash"] == told["hash"]

    def test_nothing_of_it_is_done_but_a_possible_childs_task(self, place, known):
        """No document, no key and no fact of anybody; the urgent task is there, and planned again it is the same one."""
        (kept,), _ = known(1)
        content = export(
            line(references(1)[0]), line(kept, Gender="Male"), line(references(1)[0] + "C", Age_At_Referral="16")
        )
        before = state_of(place)
        plan = place.plan(content)
        assert state_of(place) == before
        assert tasks_of(place, plan) == [4]
        tasks = place.database("case")["tasks"]
        count = tasks.count_documents({})
        place.plan(content)
        assert tasks.count_documents({}) == count

    def test_which_yeses_will_not_count_and_why(self, place):
        """Each missing part by its first reason; a yes that may count names its words."""
        cells = (
            {"Statistics_Consent": "Yes"}, {"Consent_Date": ""}, {"Consent_Wording": ""}, {"Consent_Language": ""},
            {"Consent_Method": ""}, {"Private_Setting": "No"}, {},
        )  # fmt: skip
        refs = references(len(cells))
        plan = place.plan(export(*(line(ref, **cell) for ref, cell in zip(refs, cells, strict=True))))
        rows = place.plan_rows(plan["id"])
        why = [row["yes_will_not_count"] for row in rows]
        assert why == ["YES_NOT_SPECIFIC", "NO_DATE", "NO_WORDING", "NO_LANGUAGE", "NO_METHOD", "NOT_PRIVATE", None]
        assert rows[-1]["wording"] == WORDS
        told = place.get(f"/v1/imports/{plan['id']}/plan", "HOST_DPO").json
        assert {one["code"]: one["first_rows"] for one in told["yeses_that_will_not_count"]}["NO_DATE"] == [3]
        (words,) = told["wordings"]
        assert (words["code"], words["languages"], words["rows"]) == (WORDS, ["sq"], 1)

    def test_a_yes_after_an_earlier_files_no_of_the_same_day_will_not_count(self, place, known):
        """The file that takes a no back without a later day brings nobody back, and says so beforehand."""
        (ref,), _ = known(1)
        place.upload(export(line(ref, Statistics_Consent="Refused")))
        (row,) = place.plan_rows(place.plan(export(line(ref)))["id"])
        assert row["yes_will_not_count"] == "SAID_NO_BEFORE"

    def test_likely_twins_in_a_file_and_before_it(self, place, known):
        """A reference that only looks different is refused, also where both stand in the file, many rows apart."""
        (ref,), _ = known(1)
        first, start = references(2)
        others = [f"{start}{n}" for n in range(600)]
        plan = place.plan(export(line(ref.lower()), line(first), *(line(o) for o in others), line(first.lower())))
        found = [row["row"] for row in place.plan_rows(plan["id"], "will=REFUSED")]
        assert found == [2, 604]
        told = place.get(f"/v1/imports/{plan['id']}/plan", "HOST_DPO").json
        assert told["likely_twins"] == 2

    def test_problems_of_one_kind_are_told_together_the_urgent_first(self, place):
        """Thirty-seven rows with one fault are one piece of advice."""
        refs = references(40)
        rows = [line(ref, Gender="Q") for ref in refs[:37]]
        plan = place.plan(export(*rows, line(refs[37], Age_At_Referral="17"), *(line(ref) for ref in refs[38:])))
        told = place.get(f"/v1/imports/{plan['id']}/plan", "HOST_DPO").json
        assert [(one["name"], one["rows"], one["urgent"]) for one in told["advice"]] == [
            ("Age At Referral", 1, True), ("Gender", 37, False),
        ]  # fmt: skip

    def test_days_that_are_days_only_the_other_way_round_are_one_group(self, place):
        """And the group says what to do with all of them at once."""
        rows = [line(ref, Referral_Date="09/25/2026") for ref in references(37)]
        told = place.get(f"/v1/imports/{place.plan(export(*rows))['id']}/plan", "HOST_DPO").json
        (group,) = [one for one in told["advice"] if one["code"] == "swapped-date"]
        assert (group["name"], group["rows"]) == ("Referral Date", 37)
        assert "Day and month look swapped" in group["sentence"]
        assert "month-first" in group["sentence"]


class TestWhereItIsKept:
    def test_no_cell_and_no_reference_is_in_a_plan_or_in_the_database(self, place):
        """What is planned is sealed, and tells codes alone."""
        ref = "PLANTED-" + references(1)[0]
        plan = place.plan(export(line(ref, Gender="planted", Advocacy_Need="planted")))
        shown = [place.get(f"/v1/imports/{plan['id']}{end}", "HOST_DPO").text for end in ("", "/plan", "/plan/rows")]
        kept = list(place.database("strongroom")["imports"].find({"of": plan["id"]}))
        assert len(kept) >= 4
        stored = str(kept) + str(list(place.database("case")["imports"].find({"_id": plan["id"]})))
        for text in (*shown, stored):
            assert "planted" not in text.casefold()

    def test_a_rehearsal_can_write_nothing(self, place):
        """Who tries is stopped."""
        context = place.contexts["case"]
        rehearsal = Rehearsal(
            database=context.client[context.database_name], tenant_id=place.tenant, service="case",
            now=context.clock.now(),
        )  # fmt: skip
        rehearsal.insert("episodes", {"_id": "nobody"})
        assert rehearsal.find_where("episodes", {"_id": "nobody"}) == []
        assert rehearsal.get("episodes", "nobody")["version"] == 1
        with pytest.raises(RehearsalError):
            rehearsal.flush()
        assert place.database("case")["episodes"].find_one({"_id": "nobody"}) is None

    def test_a_plan_is_read_page_by_page_and_by_what_rows_do(self, place):
        """Pages of a filter hold the same rows as the whole list."""
        refs = references(9)
        rows = [line(ref, **({"Gender": "Q"} if n % 3 == 0 else {})) for n, ref in enumerate(refs)]
        plan = place.plan(export(*rows))
        path, found, after = f"/v1/imports/{plan['id']}/plan/rows?will=REFUSED&limit=2", [], 0
        while after is not None:
            page = place.get(f"{path}&after={after}", "HOST_DPO").json
            found += [row["row"] for row in page["items"]]
            after = page["next"]
        assert found == [2, 5, 8]

    def test_of_a_file_that_was_imported_at_once_there_is_no_plan(self, place):
        """409, with what to do."""
        report = place.upload(export(line(references(1)[0])))
        answer = place.get(f"/v1/imports/{report['id']}/plan", "HOST_DPO")
        assert (answer.status_code, answer.json["code"]) == (409, "no-plan")
        assert strongroom_of(place.contexts["case"]).get(report["id"], part="about") is None


class TestTheAbsent:
    def test_who_is_known_of_the_source_and_not_in_the_file(self, several_systems):
        """Told in the plan, a task after the commit, nothing deleted; ended support and other sources are not asked about."""
        place, source = several_systems, "?source=absent-one"
        refs = references(4)
        first = place.upload(export(*(line(ref) for ref in refs)), query=source)
        place.upload(export(line(references(1)[0])), query="?source=absent-two")
        episodes = episodes_of(place, first)
        place.post(f"/v1/episodes/{episodes[5]}/close", {"reason": "DECEASED"}, If_Match='"1"')
        plan = place.plan(export(line(refs[0])), query=source)
        told = place.get(f"/v1/imports/{plan['id']}/plan", "HOST_DPO").json
        assert told["absent_count"] == 2
        assert {one["episode_id"] for one in told["absent"]} == {episodes[3], episodes[4]}
        place.commit(plan)
        tasks = open_data_tasks(place)
        asked = [t for t in tasks if t["import_id"] == plan["id"]]
        assert {(t["kind"], t["episode_id"]) for t in asked} == {
            ("GONE_AT_SOURCE", episodes[3]), ("GONE_AT_SOURCE", episodes[4]),
        }  # fmt: skip
        assert place.get(f"/v1/episodes/{episodes[3]}").json["status"] == "ACTIVE"
        assert place.post(f"/v1/data-tasks/{asked[0]['id']}/close", role="HOST_DATA_LEAD").status_code == 200
        tasks = open_data_tasks(place)
        assert asked[0]["id"] not in {t["id"] for t in tasks}

    def test_a_question_that_is_open_stays_and_one_that_was_closed_is_asked_again(self, several_systems):
        """The next file lacks them too: no second question about one person, and none is lost."""
        place, source = several_systems, "?source=absent-four"
        refs = references(3)
        first = place.upload(export(*(line(ref) for ref in refs)), query=source)
        kept = place.database("case")["data_tasks"]

        def lacking_in_a_file(gender):
            report = place.commit(place.plan(export(line(refs[0], Gender=gender)), query=source))
            asked = {task["episode_id"]: task for task in kept.find({"episode_id": {"$in": about}})}
            return report["id"], [asked[episode] for episode in about]

        about = [episodes_of(place, first)[row] for row in (3, 4)]
        _, (stays, closed) = lacking_in_a_file("Male")
        assert place.post(f"/v1/data-tasks/{closed['_id']}/close", role="HOST_DATA_LEAD").status_code == 200
        second, (stayed, again) = lacking_in_a_file("Female")
        assert stayed == stays
        assert (again["state"], again["import_id"]) == ("OPEN", second)
        assert kept.count_documents({"episode_id": {"$in": about}}) == 2

    def test_a_part_of_a_file_tells_of_nobody_absent(self, several_systems):
        """Whoever is not in it is not gone."""
        place, source = several_systems, "?source=absent-three"
        refs = references(2)
        place.upload(export(*(line(ref) for ref in refs)), query=source)
        plan = place.plan(export(line(refs[0])), query=f"{source}&is_part=true")
        told = place.get(f"/v1/imports/{plan['id']}/plan", "HOST_DPO").json
        assert (told["absent"], told["absent_count"]) == ([], None)


def test_history_shows_the_newest_first_page_by_page(place):
    """Each import once, without its lists."""
    # Other tests of this host move its clock.
    place.database("case")["imports"].delete_many({})
    ids = [place.plan(export(line(references(1)[0]), columns=COLUMNS))["id"] for _ in range(3)]
    first = place.get("/v1/imports?limit=2", "HOST_DATA_LEAD").json
    assert [one["id"] for one in first["items"]] == ids[:0:-1]
    second = place.get(f"/v1/imports?limit=2&after={first['next']}", "HOST_DATA_LEAD").json
    assert second["items"][0]["id"] == ids[0]
    assert "problems" not in first["items"][0]
