"""Of two that act on one plan or one person at the same moment, one comes after the other: on a real engine, in threads."""

import time
from dataclasses import replace

import pytest

from services.case.imports.jobs import ImportJob
from shared.kernel.errors import AlongsideError
from tests.integration.case.test_import_commit import check_equal, in_threads
from tests.kit.import_files import WORDS, episodes_of, export, left_out, line, references

pytestmark = pytest.mark.integration


@pytest.fixture(params=range(4))
def each_time(request):
    """Races are run several times."""
    return request.param


def jobs(place, count=2):
    """Jobs as of as many processes, each with a committer and a connection pool of its own."""
    context = place.contexts["case"]
    return [ImportJob(replace(context)) for _ in range(count)]


def run_all(*found):
    """Let each job run until nothing is left, whatever it meets of the other."""

    def run(job):
        for _ in range(40):
            try:
                return job.run()
            except AlongsideError:
                time.sleep(0.05)  # As long as a job that is told to wait waits at least.
        return None

    for result in in_threads(*(lambda job=job: run(job) for job in found)):
        assert not isinstance(result, Exception), result


def commit(place, plan):
    return place.post(f"/v1/imports/{plan['id']}/commit", {"plan_hash": plan["plan_hash"]}, "HOST_DPO")


def report_of(place, one):
    return place.get(f"/v1/imports/{one['id']}", "HOST_DPO").json


@pytest.mark.usefixtures("each_time")
class TestRaces:
    def test_two_commits_of_one_plan(self, place):
        """Both are answered, it is carried out once."""
        refs = references(3)
        plan = place.plan(export(*(line(ref) for ref in refs)))
        answers = in_threads(lambda: commit(place, plan), lambda: commit(place, plan))
        assert [answer.status_code for answer in answers] == [202, 202]
        run_all(*jobs(place))
        report = report_of(place, plan)
        check_equal(plan, report)
        assert len(set(episodes_of(place, report).values())) == 3

    def test_two_files_that_make_the_same_person_under_references_that_look_alike(self, place):
        """Committed at once by two processes: one person is made, the other row is a question."""
        ref, other = references(2)
        plans = [place.plan(export(line(ref), line(other))), place.plan(export(line(ref.lower()), line(other.lower())))]
        for plan in plans:
            commit(place, plan)
        run_all(*jobs(place))
        reports = [report_of(place, plan) for plan in plans]
        made = sum(r["counts"].get("ACCEPTED", 0) for r in reports)
        assert made == 2, reports

    def test_a_commit_against_a_flag_that_a_caseworker_sets(self, place):
        """The flag stands, and each row is taken whole or not at all."""
        (ref,) = references(1)
        (episode,) = episodes_of(place, place.upload(export(line(ref)))).values()
        plan = place.plan(export(line(ref, Gender="Male")))
        commit(place, plan)
        (job,) = jobs(place, 1)

        def flag():
            for version in (1, 2):
                answer = place.post(f"/v1/episodes/{episode}/exclude", {"excluded": True}, If_Match=f'"{version}"')
                if answer.status_code == 200:
                    return True
            return False

        _, flagged = in_threads(job.run, flag)
        assert flagged is True
        row, report = place.get(f"/v1/episodes/{episode}").json, report_of(place, plan)
        assert row["excluded"] is True
        taken = report["state"] == "DONE" and report["counts"].get("CHANGED") == 1
        assert row["gender"] == ("MALE" if taken else "FEMALE")

    def test_a_commit_against_an_undo_and_another_file(self, place):
        """Whichever comes first, who is counted said yes last, and nobody is both undone and changed."""
        place.know_words(WORDS, languages=["sq"])
        refs = references(3)
        first = place.commit(place.plan(export(*(line(ref) for ref in refs))))
        episodes = episodes_of(place, first)
        second = place.plan(export(line(refs[0], Gender="Male"), line(refs[1], Statistics_Consent="Refused")))
        commit(place, second)
        place.post(f"/v1/imports/{first['id']}/undo", role="HOST_DPO")
        run_all(*jobs(place))
        undone, other = report_of(place, first), report_of(place, second)
        assert undone["state"] == "UNDONE"
        assert undone["undone"] + len(undone["left_rows"]) == 3
        if other["state"] == "PLANNED":
            place.commit(other)
        assert left_out(place, episodes[3]) is not None
        assert left_out(place, episodes[4]) is not None
        rows = {row: place.get(f"/v1/episodes/{episode}").json for row, episode in episodes.items()}
        assert all(rows[row]["recorded_in_error"] is False for row in undone["left_rows"])

    def test_an_undo_against_an_advocate_who_is_assigned(self, place):
        """Somebody with whom people work by now is not closed as an error; or the undo came first, and the row says so."""
        (ref,) = references(1)
        report = place.commit(place.plan(export(line(ref))))
        (episode,) = episodes_of(place, report).values()
        survivor = place.get(f"/v1/episodes/{episode}").json["survivor_id"]
        place.post(f"/v1/imports/{report['id']}/undo", role="HOST_DPO")
        (job,) = jobs(place, 1)
        body = {"advocate_ids": [place.actor("IMSA")]}
        _, answer = in_threads(job.run, lambda: place.post(f"/v1/survivors/{survivor}/advocates", body))
        assert answer.status_code in (200, 409)
        job.run()
        undone, row = report_of(place, report), place.get(f"/v1/episodes/{episode}").json
        assert (undone["state"], undone["left_rows"] == [2]) == ("UNDONE", not row["recorded_in_error"])
