"""Every pair of case's transactions that read what the other writes (docs/explanation/serialising.md), both ways round."""

import threading
from datetime import date

import msgspec
import pytest

from services.case.contacts.commands import CorrectContact, RecordContact, correct_contact, record_contact
from services.case.contacts.errors import ContactCorrectedError
from services.case.episodes.commands import (
    CloseEpisode,
    ExcludeEpisode,
    MoveEpisode,
    OpenEpisode,
    close_episode,
    exclude_episode,
    move_episode,
    open_episode,
)
from services.case.episodes.errors import EpisodeClosedError
from services.case.goals.commands import SetGoal, set_goal
from services.case.nrm.commands import CorrectNrm, PlanDeadline, RecordNrm, correct_nrm, plan_deadline, record_nrm
from services.case.nrm.errors import NoSuchDeadlineError, NrmCorrectedError, PlannedAlreadyError
from services.case.outcomes.commands import CorrectRating, RateOutcomes
from services.case.outcomes.errors import AlreadyCorrectedError
from services.case.outcomes.keeping import correct_kept, write_kept
from services.case.survivors.commands import AssignAdvocates, assign_advocates
from services.case.survivors.documents import SURVIVOR, SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.kernel.ids import new_id
from shared.outbox.commands import Command
from shared.outbox.committer import Committer
from shared.outbox.unit_of_work import StaleVersionError
from tests.kit.tenant_place import EPISODE

PATIENCE_S = 60


@pytest.fixture(scope="module")
def processes(tenant_place):
    """Two committers, as two processes of case have them."""
    context = tenant_place.contexts["case"]
    made = [
        Committer(
            client=context.client, database=context.database_name, tenant_id=context.tenant_id, service="case",
            now=context.clock.now,
        )
        for _ in range(2)
    ]  # fmt: skip
    yield made
    for committer in made:
        committer.close()


class Case:
    """One survivor with an episode, and what two processes do to them."""

    def __init__(self, place):
        self.place, self.row = place, place.episode()
        self.survivor_id, self.episode_id = self.row["survivor_id"], self.row["id"]
        self.sealer = Sealer.of_known(place.contexts["case"], [self.survivor_id])

    def opens(self, advocate_id):
        codes = {**EPISODE, "exploitation_types": tuple(EPISODE["exploitation_types"])}
        command = OpenEpisode(
            episode_id=new_id(), survivor_id=self.survivor_id, advocate_id=advocate_id, transfer_in=False,
            excluded=False, **{**codes, "referral_date": date.fromisoformat(EPISODE["referral_date"])},
        )  # fmt: skip
        return lambda work: open_episode(command, work, sealer=self.sealer)

    def assigns(self, *advocates):
        command = AssignAdvocates(survivor_id=self.survivor_id, advocate_ids=advocates)
        return lambda work: assign_advocates(command, work)

    def rates(self, kept_id):
        said = {"outcome": "MSCOS_6_ACCESS_EDUCATION", "rating": "FULLY", "rated_by": "SURVIVOR", "point": "REVIEW"}
        command = RateOutcomes(**self.about_kept(kept_id), written={kept_id: said})
        return lambda work: write_kept(command, work, sealer=self.sealer)

    def corrects_rating(self, kept_id, rating):
        said = {"rating": rating}
        command = CorrectRating(**self.about_kept(kept_id), said=said, cleared=frozenset(), why="WRITTEN_WRONGLY")
        return lambda work: correct_kept(command, work, sealer=self.sealer)

    def about_kept(self, kept_id):
        return {
            "episode_id": self.episode_id, "survivor_id": self.survivor_id, "kept_id": kept_id, "actor_id": "a",
            "role": "IMSA",
        }  # fmt: skip

    def ratings(self):
        return self.place.database("case")["outcome_ratings"].count_documents({"episode_id": self.episode_id})

    def closes(self, reason="DECEASED"):
        command = CloseEpisode(episode_id=self.episode_id, survivor_id=self.survivor_id, reason=reason, version=1)
        return lambda work: close_episode(command, work, sealer=self.sealer)

    def pauses(self):
        command = MoveEpisode(
            episode_id=self.episode_id, survivor_id=self.survivor_id, version=1, after="ON_HOLD", reason="HEALTH",
            tier=None,
        )  # fmt: skip
        return lambda work: move_episode(command, work, sealer=self.sealer)

    def excludes(self):
        command = ExcludeEpisode(episode_id=self.episode_id, survivor_id=self.survivor_id, excluded=True, version=1)
        return lambda work: exclude_episode(command, work, sealer=self.sealer)

    def sets_goal(self):
        command = SetGoal(
            episode_id=self.episode_id, survivor_id=self.survivor_id, goal_id=new_id(), actor_id="a", area="NRM",
            words="Home", set_by="SURVIVOR",
        )  # fmt: skip
        return lambda work: set_goal(command, work, sealer=self.sealer)

    def records(self, contact_id, on=None):
        command = RecordContact(
            **self.about(contact_id), said={"mode": "PHONE", "interpreter": "NONE_NEEDED", "on": on},
        )  # fmt: skip
        return lambda work: record_contact(command, work, sealer=self.sealer)

    def corrects(self, contact_id, **said):
        command = CorrectContact(**self.about(contact_id), said=said, cleared=frozenset(), why="WRITTEN_WRONGLY")
        return lambda work: correct_contact(command, work, sealer=self.sealer)

    def knows(self, entry_id):
        said = {"stage": "RG_NEGATIVE", "on": "2026-08-10"}
        command = RecordNrm(**self.about_nrm(entry_id), said=said)
        return lambda work: record_nrm(command, work, sealer=self.sealer)

    def knows_better(self, entry_id, **said):
        command = CorrectNrm(**self.about_nrm(entry_id), said=said, cleared=frozenset(), why="WRITTEN_WRONGLY")
        return lambda work: correct_nrm(command, work, sealer=self.sealer)

    def plans(self, entry_id):
        command = PlanDeadline(**self.about_nrm(entry_id), kind="RECONSIDERATION")
        return lambda work: plan_deadline(command, work, sealer=self.sealer)

    def about_nrm(self, entry_id):
        return {"survivor_id": self.survivor_id, "entry_id": entry_id, "actor_id": "a", "role": "IMSA"}

    def about(self, contact_id):
        return {
            "episode_id": self.episode_id, "survivor_id": self.survivor_id, "contact_id": contact_id, "actor_id": "a",
            "role": "IMSA",
        }  # fmt: skip

    def contacts(self):
        return self.place.database("case")["contacts"].count_documents({"episode_id": self.episode_id})

    def last_contact(self):
        document = self.place.database("case")["survivors"].find_one({"_id": self.survivor_id})
        return SURVIVOR.values(document, opened=self.sealer.opening(self.survivor_id))["last_contact_on"]

    def advocates(self):
        return self.place.database("case")["survivors"].find_one({"_id": self.survivor_id})["advocate_ids"]

    def told(self):
        """What case stated last of who may act."""
        mine = [e for e in self.place.stated("case", "survivor_assigned.v1") if e["subject"] == self.survivor_id]
        return msgspec.json.decode(max(mine, key=lambda e: e["sequence"])["body"])["advocate_ids"]


@pytest.fixture
def case(place):
    return Case(place)


def overtaken(processes, first, second):
    """Let ``first`` read and pause, ``second`` come, ``first`` go on; give whether they met, and the errors."""
    reached, tried, go_on = threading.Event(), threading.Event(), threading.Event()
    runs, failures = {"first": 0, "second": 0}, []

    def pausing(work):
        runs["first"] += 1
        answer = first(work)
        if runs["first"] == 1:
            reached.set()
            assert go_on.wait(PATIENCE_S)
        return answer

    def counting(work):
        runs["second"] += 1
        if runs["second"] > 1:
            tried.set()
        return second(work)

    def carry_out(committer, step, ended):
        try:
            committer.execute(Command(run=step))
        except Exception as error:  # noqa: BLE001  Looked at by the test.
            failures.append(error)
        finally:
            ended.set()

    threads = [threading.Thread(target=carry_out, args=(processes[0], pausing, reached))]
    threads.append(threading.Thread(target=carry_out, args=(processes[1], counting, tried)))
    threads[0].start()
    assert reached.wait(PATIENCE_S)
    threads[1].start()
    assert tried.wait(PATIENCE_S)
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    return max(runs.values()) > 1, failures


both_ways = pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])


def race(processes, turned, *steps):
    return overtaken(processes, *(reversed(steps) if turned else steps))


def test_two_supervisors_name_two_advocates(processes, case):
    """Two episodes with two advocates at once: both may act, and consent is told of both."""
    one, other = sorted((new_id(), new_id()))
    assert overtaken(processes, case.opens(one), case.opens(other)) == (True, [])
    assert case.advocates() == case.told() == [one, other]


@both_ways
def test_an_advocate_is_named_while_the_set_is_changed(processes, case, turned):
    """Whichever comes second knows the first: the set is the supervisor's, or it and the episode's advocate."""
    one, other = sorted((new_id(), new_id()))
    assert race(processes, turned, case.opens(one), case.assigns(other)) == (True, [])
    assert case.advocates() == case.told()
    assert case.advocates() in ([other], [one, other])


@both_ways
def test_no_rating_comes_into_a_closed_episode(processes, case, turned):
    """Written down before it was closed, or refused."""
    met, failures = race(processes, turned, case.rates(new_id()), case.closes())
    assert met
    assert (case.ratings(), [type(error) for error in failures]) in ((1, []), (0, [EpisodeClosedError]))


@both_ways
def test_no_contact_comes_into_a_closed_episode(processes, case, turned):
    """Written down before it was closed, or refused."""
    met, failures = race(processes, turned, case.records(new_id()), case.closes())
    assert met
    assert (case.contacts(), [type(error) for error in failures]) in ((1, []), (0, [EpisodeClosedError]))


@both_ways
def test_no_goal_comes_into_a_closed_episode(processes, case, turned):
    """Written down before it was closed, or refused."""
    met, failures = race(processes, turned, case.sets_goal(), case.closes())
    assert met
    goals = case.place.database("case")["goals"].count_documents({"episode_id": case.episode_id})
    assert (goals, [type(error) for error in failures]) in ((1, []), (0, [EpisodeClosedError]))


def test_two_contacts_at_once_leave_the_later_day(processes, case):
    """Whichever commits last."""
    met, failures = overtaken(
        processes, case.records(new_id(), date(2026, 8, 20)), case.records(new_id(), date(2026, 8, 10))
    )
    assert (met, failures) == (True, [])
    assert (case.contacts(), case.last_contact()) == (2, date(2026, 8, 20))


def test_of_two_corrections_at_once_one_is_kept(processes, case):
    """The other is told that there is one already."""
    contact_id = new_id()
    processes[0].execute(Command(run=case.records(contact_id)))
    met, failures = overtaken(processes, case.corrects(contact_id, minutes=1), case.corrects(contact_id, minutes=2))
    assert met
    assert [type(error) for error in failures] == [ContactCorrectedError]
    assert case.contacts() == 2


def test_of_two_corrections_of_a_rating_at_once_one_is_kept(processes, case):
    """The other is told that there is one already."""
    kept_id = new_id()
    processes[0].execute(Command(run=case.rates(kept_id)))
    met, failures = overtaken(
        processes, case.corrects_rating(kept_id, "PARTLY"), case.corrects_rating(kept_id, "A_LITTLE")
    )
    assert met
    assert [type(error) for error in failures] == [AlreadyCorrectedError]
    assert case.ratings() == 2


def test_of_two_corrections_of_the_nrm_at_once_one_is_kept(processes, case):
    """The other is told that there is one already; the first writing stays."""
    entry_id = new_id()
    processes[0].execute(Command(run=case.knows(entry_id)))
    met, failures = overtaken(
        processes, case.knows_better(entry_id, on="2026-08-11"), case.knows_better(entry_id, on="2026-08-12")
    )
    assert met
    assert [type(error) for error in failures] == [NrmCorrectedError]
    assert case.place.database("case")["nrm_entries"].count_documents({"survivor_id": case.survivor_id}) == 2


@both_ways
def test_a_time_is_put_on_the_list_while_its_day_is_corrected(processes, case, turned):
    """Whichever comes second knows the first: the step has the day that stood, or the entry is not there any more."""
    entry_id = new_id()
    processes[0].execute(Command(run=case.knows(entry_id)))
    met, failures = race(processes, turned, case.plans(entry_id), case.knows_better(entry_id, on="2026-08-12"))
    assert met
    steps = case.place.database("case")["steps"].count_documents({"survivor_id": case.survivor_id})
    assert (steps, [type(error) for error in failures]) in ((1, []), (0, [NoSuchDeadlineError]))


def test_a_time_is_put_on_the_list_once(processes, case):
    """Two presses at once make one step."""
    entry_id = new_id()
    processes[0].execute(Command(run=case.knows(entry_id)))
    met, failures = overtaken(processes, case.plans(entry_id), case.plans(entry_id))
    assert met
    assert [type(error) for error in failures] == [PlannedAlreadyError]


def test_twin_without_the_turn_a_rating_comes_into_a_closed_episode(processes, case, monkeypatch):
    """The episode's document alone does not keep them apart: a rating does not write it."""
    monkeypatch.setattr(SurvivorStore, "take_turn", lambda *_: None)
    assert overtaken(processes, case.rates(new_id()), case.closes()) == (False, [])


@both_ways
def test_a_flag_and_a_closing(processes, case, turned):
    """Both write the episode: the second one is told to read again."""
    met, failures = race(processes, turned, case.excludes(), case.closes())
    assert met
    assert [type(error) for error in failures] == [StaleVersionError]


@both_ways
def test_a_pause_and_a_closing(processes, case, turned):
    """The second one is told to read again; history keeps the one step that was taken."""
    met, failures = race(processes, turned, case.pauses(), case.closes())
    assert met
    assert [type(error) for error in failures] == [StaleVersionError]
    assert case.place.database("case")["episode_states"].count_documents({"episode_id": case.episode_id}) == 2


def test_a_closing_keeps_why_and_when_and_an_error_is_never_counted(place):
    """The reason and the moment stay; RECORD_CREATED_IN_ERROR takes the episode out, any other leaves it in."""
    for reason, void in (("DECEASED", False), ("RECORD_CREATED_IN_ERROR", True)):
        row = place.episode()
        path = f"/v1/episodes/{row['id']}"
        assert place.post(f"{path}/close", {"reason": reason}, If_Match='"1"').status_code == 200
        shown = place.get(path).json
        assert (shown["closure_reason"], shown["recorded_in_error"]) == (reason, void)
        assert shown["closed_at"] >= row["updated_at"]
        place.pump()
        episode = place.database("consent")["episodes"].find_one({"_id": row["id"]})
        assert episode["facts"]["recorded_in_error"] is void
        assert episode["stated"]["reason"] == ("RECORDED_IN_ERROR" if void else "UNKNOWN")
