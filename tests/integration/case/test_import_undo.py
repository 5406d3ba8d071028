"""An undo takes back what an import did, deletes nothing, and brings nobody back who said no."""

from datetime import timedelta

import pytest

from services.case.imports import undoing
from services.case.imports.jobs import ImportJob
from shared.kernel.clock import real_now
from tests.integration.case.test_import_commit import Mortal
from tests.kit.import_files import WORDS, episodes_of, export, left_out, line, references

pytestmark = pytest.mark.integration


@pytest.fixture
def counted(place):
    """Gives references of adults who said yes in an earlier file and are counted, with their episodes."""
    place.know_words(WORDS, languages=["sq"])

    def make(count):
        refs = references(count)
        report = place.upload(export(*(line(ref) for ref in refs)))
        found = episodes_of(place, report)
        episodes = [found[row] for row in range(2, count + 2)]
        assert {left_out(place, episode) for episode in episodes} == {None}
        return refs, episodes

    return make


def done(place, *rows):
    return place.commit(place.plan(export(*rows)))


class TestWhatIsTakenBack:
    def test_who_was_made_is_recorded_in_error_and_not_counted(self, place, counted):
        """Closed, never deleted; imported again it is the same person, counted once more."""
        counted(1)
        (ref,) = references(1)
        report = done(place, line(ref))
        (episode,) = episodes_of(place, report).values()
        assert left_out(place, episode) is None
        undone = place.undo(report)
        assert (undone["state"], undone["undone"], undone["left_rows"]) == ("UNDONE", 1, [])
        row = place.get(f"/v1/episodes/{episode}").json
        assert (row["status"], row["recorded_in_error"]) == ("CLOSED", True)
        assert left_out(place, episode) is not None
        again = done(place, line(ref))
        assert again["counts"] == {"ACCEPTED": 1, "QUARANTINED": 0}
        row = place.get(f"/v1/episodes/{episode}").json
        assert (row["status"], row["recorded_in_error"], row["closure_reason"]) == ("ACTIVE", False, None)
        assert left_out(place, episode) is None
        told = [e["type"].split(".")[2] for e in place.stated("case") if e["subject"] == episode]
        states = [one for one in told if one.startswith("episode_")]
        # Integrators heard that it ended, and hear that it goes on.
        assert states == ["episode_opened", "episode_closed", "episode_status_changed"]

    def test_what_was_changed_is_as_it_was(self, place, counted):
        """Facts and consent; and the earlier file again changes nothing."""
        (ref, other), (episode, _) = counted(2)
        before = place.get(f"/v1/episodes/{episode}").json
        report = done(place, line(ref, Gender="Male", Exploitation_Type="Sexual"), line(other))
        assert place.get(f"/v1/episodes/{episode}").json["gender"] == "MALE"
        assert place.undo(report)["undone"] == 1
        after = place.get(f"/v1/episodes/{episode}").json
        assert {k: v for k, v in after.items() if k not in ("version", "updated_at")} == {
            k: v for k, v in before.items() if k not in ("version", "updated_at")
        }
        assert left_out(place, episode) is None
        assert place.upload(export(line(ref), line(other)))["counts"] == {"UNCHANGED": 2, "QUARANTINED": 0}

    def test_what_somebody_changed_since_is_left_and_listed(self, place, counted):
        """A caseworker's flag, a later file, an entry: theirs stays as it is, the others are taken back."""
        refs, episodes = counted(3)
        new, worked_with = references(2)
        report = done(place, *(line(ref, Gender="Male") for ref in refs), line(new), line(worked_with))
        made = episodes_of(place, report)
        place.post(f"/v1/episodes/{episodes[0]}/exclude", {"excluded": True}, If_Match='"2"')
        place.upload(export(line(refs[1], Gender="Female")))
        survivor = place.get(f"/v1/episodes/{made[6]}").json["survivor_id"]
        advocates = {"advocate_ids": [place.actor("IMSA")]}
        assert place.post(f"/v1/survivors/{survivor}/advocates", advocates).status_code == 200
        undone = place.undo(report)
        assert (sorted(undone["left_rows"]), undone["undone"]) == ([2, 3, 6], 2)
        rows = [place.get(f"/v1/episodes/{e}").json for e in (*episodes, made[5], made[6])]
        assert [row["gender"] for row in rows] == ["MALE", "FEMALE", "FEMALE", "FEMALE", "FEMALE"]
        assert [row["recorded_in_error"] for row in rows] == [False, False, False, True, False]

    def test_a_row_that_made_nobody_is_nobody_who_was_changed(self, place, counted):
        """One to mend and a possible child, which came again in a later file: nobody has to look at anybody."""
        counted(1)
        new, bad, child = references(3)
        rows = (line(new), line(bad, Nation="Mercia"), line(child, Age_At_Referral="17"))
        report = done(place, *rows)
        done(place, *rows)
        undone = place.undo(report)
        assert (undone["state"], undone["left_rows"]) == ("UNDONE", [])

    def test_several_rows_of_one_reference(self, place, counted):
        """What stood there before the file is what stands there after the undo."""
        (ref,), (episode,) = counted(1)
        report = done(place, line(ref, Gender="Male"), line(ref, Gender="Male", Referral_Date="01/11/2026"))
        assert place.undo(report)["left_rows"] == []
        assert place.get(f"/v1/episodes/{episode}").json["gender"] == "FEMALE"


class TestANoWinsOverAnUndo:
    def test_a_no_that_was_imported_by_mistake_has_to_be_asked_again(self, place, counted):
        """Not back to yes: RECONFIRM_REQUIRED; also when the file with the yes comes again."""
        (ref,), (episode,) = counted(1)
        report = done(place, line(ref, Statistics_Consent="Refused"))
        assert left_out(place, episode) == "REFUSED"
        place.undo(report)
        assert left_out(place, episode) == "RECONFIRM_REQUIRED"
        place.upload(export(line(ref)))
        assert left_out(place, episode) is not None

    def test_who_withdrew_since_stays_withdrawn(self, place, counted):
        """To a caseworker, or in a later file: neither the undo nor the same file again brings them back."""
        counted(1)
        refs = references(2)
        report = done(place, *(line(ref) for ref in refs))
        made = episodes_of(place, report)
        place.pump()
        survivor = place.get(f"/v1/episodes/{made[2]}").json["survivor_id"]
        (consent,) = place.post("/v1/consents/search", {"survivor_id": survivor}).json["items"]
        answer = place.post(f"/v1/consents/{consent['id']}/withdraw")
        assert answer.status_code == 200, answer.json
        place.upload(export(line(refs[1], Statistics_Consent="Withdrawn")))
        place.undo(report)
        done(place, *(line(ref) for ref in refs))
        assert [left_out(place, made[row]) for row in (2, 3)] == ["WITHDRAWN", "WITHDRAWN"]

    def test_a_yes_that_was_imported_by_mistake_counts_no_longer(self, place, counted):
        """Somebody known without a yes; after the undo there is none again."""
        counted(1)
        (ref,) = references(1)
        first = place.upload(export(line(ref, Statistics_Consent="")))
        (episode,) = episodes_of(place, first).values()
        report = done(place, line(ref))
        assert left_out(place, episode) is None
        place.undo(report)
        assert left_out(place, episode) == "RECONFIRM_REQUIRED"

    def test_a_possible_child_stays_out(self, place, counted):
        """Until a caseworker has looked, whatever file said so."""
        (ref,), (episode,) = counted(1)
        report = done(place, line(ref, Age_At_Referral="17"))
        place.undo(report)
        assert place.get(f"/v1/episodes/{episode}").json["left_out"] == ["POSSIBLE_CHILD"]
        assert left_out(place, episode) == "EXCLUDED_BY_IMPORT"

    def test_an_earlier_no_of_another_file_stands(self, place, counted):
        """The mistaken file said yes, later: undone, the earlier no is what counts."""
        (ref,), (episode,) = counted(1)
        place.upload(export(line(ref, Statistics_Consent="Refused", Consent_Date="06/10/2026")))
        report = done(place, line(ref, Consent_Date="08/10/2026"))
        assert left_out(place, episode) is None
        place.undo(report)
        assert left_out(place, episode) == "REFUSED"


class TestWhen:
    def test_within_a_day_and_only_what_was_planned_and_carried_out(self, place):
        """Else 409 with what to do instead."""
        late = done(place, line(references(1)[0]))
        direct = place.upload(export(line(references(1)[0])))
        waiting = place.plan(export(line(references(1)[0])))
        for one in (direct, waiting):
            answer = place.post(f"/v1/imports/{one['id']}/undo", role="HOST_DPO")
            assert (answer.status_code, answer.json["code"]) == (409, "cannot-undo")
        try:
            place.at(real_now() + timedelta(hours=25))
            assert place.post(f"/v1/imports/{late['id']}/undo", role="HOST_DPO").json["code"] == "cannot-undo"
        finally:
            place.at(None)
        assert place.undo(late)["state"] == "UNDONE"
        assert place.post(f"/v1/imports/{late['id']}/undo", role="HOST_DPO").json["code"] == "cannot-undo"

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_killed_at_each_commit_it_goes_on(self, place, counted, monkeypatch, when):
        """In the end each row is taken back once."""
        monkeypatch.setattr(undoing, "CHUNK_ROWS", 2)
        refs, episodes = counted(3)
        for at in range(1, 5):
            report = done(place, *(line(ref, Gender="Male") for ref in refs))
            place.post(f"/v1/imports/{report['id']}/undo", role="HOST_DPO")
            mortal = Mortal(place.contexts["case"], at, when)
            mortal.run_until_done()
            undone = place.get(f"/v1/imports/{report['id']}", "HOST_DPO").json
            assert (undone["state"], undone["undone"]) == ("UNDONE", 3), at
            genders = [place.get(f"/v1/episodes/{episode}").json["gender"] for episode in episodes]
            assert genders == ["FEMALE"] * 3
            assert len(place.audited(action="case:import_row:undone", object_id=episodes[0])) == at
        assert place.database("case")["import_changes"].find_one({"import_id": report["id"]}) is None
        ImportJob(place.contexts["case"]).run()
