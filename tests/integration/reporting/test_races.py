"""Real threads on a real engine: whoever reads what the other writes writes the common document, and begins again.

Each race is staged, not hoped for: the first command stops in its transaction after its reads, the other one runs to
its commit, then the first goes on. Without the common document (the twin) both commit and the outcome is wrong.
"""

import threading
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest

from services.reporting.contributions import facts as contribution_facts
from services.reporting.contributions import turns
from services.reporting.periods import commands
from services.reporting.periods import facts as period_facts
from services.reporting.periods.commands import GiveUp, SealPeriod, SignOff, give_up, seal_period, sign_off
from services.reporting.periods.errors import NotReadyToSealError, PreviewChangedError
from shared.contracts.consent import FactsReleased, FactsWithheld
from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.outbox.commands import Answer, Command
from shared.outbox.committer import Committer
from tests.kit.host_place import ENDED, PERIOD, SEAL

pytestmark = pytest.mark.integration

WAIT_S = 60
"""For a thread that is stuck; no test waits for it when all is well."""


@pytest.fixture
def signed(host):
    """A host after the seal, signed, proven, and with one person; and that person's released contribution."""
    host.at(ENDED + timedelta(days=1))
    host.open_task()
    released = host.release(recorded=-60)
    host.prove(ENDED + timedelta(days=1))
    digest = host.reporting_views.preview(PERIOD)["digest"]
    command = SignOff(period=PERIOD, digest=digest, actor_id="lead")
    host.run(lambda work: sign_off(command, work, key=key_of(host)))
    host.at(SEAL + timedelta(minutes=1))
    host.prove(SEAL + timedelta(minutes=1))
    return host, released


def key_of(host):
    return host.reporting.trust.own


@contextmanager
def another_process(host):
    """A committer as another process of the host has it; two commands of one would never overlap."""
    context = host.reporting
    committer = Committer(
        client=context.client, database=context.database_name, tenant_id=context.tenant_id, service="reporting",
        now=context.clock.now,
    )  # fmt: skip
    try:
        yield committer
    finally:
        committer.close()


def overtaken(host, first, second):
    """Stop ``first`` after its handler, before its commit; let ``second`` run; then let ``first`` go on.

    Where the second one cannot commit beside the first one's open transaction it is done again after that, as inbox
    and caller do.

    Returns:
        (how often one of them met the other and began again, the errors that they ended with).
    """
    reached, go_on = threading.Event(), threading.Event()
    attempts, failures = [], []

    def slowly(work):
        attempts.append(1)
        answer = first(work)
        if len(attempts) == 1:
            reached.set()
            assert go_on.wait(WAIT_S)
        return answer if isinstance(answer, Answer) else Answer(status=200)

    def run():
        try:
            host.reporting.committer.execute(Command(run=slowly))
        except Exception as error:  # noqa: BLE001  Looked at by the test.
            failures.append(error)
        finally:
            reached.set()

    def end_first():
        go_on.set()
        thread.join(WAIT_S)

    met = 0
    thread = threading.Thread(target=run)
    with another_process(host) as other:
        thread.start()
        assert reached.wait(WAIT_S)
        try:
            try:
                execute(other, second)
            except TemporarilyUnavailableError:
                met = 1
                end_first()
                execute(other, second)
        except Exception as error:  # noqa: BLE001  Looked at by the test.
            failures.append(error)
        finally:
            end_first()
    return met + len(attempts) - 1, failures


def execute(committer, step):
    def run(work):
        answer = step(work)
        return answer if isinstance(answer, Answer) else Answer(status=200)

    committer.execute(Command(run=run))


def heard(event, sequence):
    """A step that lets reporting hear what consent states."""
    handle = {FactsReleased: contribution_facts.keep_released, FactsWithheld: contribution_facts.keep_withheld}[
        type(event)
    ]
    received = Received(
        event=event, event_id=new_event_id(), sequence=sequence, stream_n=None, recorded_at=ENDED, sender="consent",
    )  # fmt: skip
    return partial(handle, received)


def withdrawn(released, *, days):
    """The survivor of a released episode withdrew so many days from the seal."""
    return FactsWithheld(
        contribution_id=released.contribution_id, person_id=released.person_id, referral_quarter="2026-Q3",
        reason="WITHDRAWN", effective_at=SEAL + timedelta(days=days), facts_recorded_at=released.facts_recorded_at,
        decided_recorded_at=SEAL + timedelta(days=days),
    )  # fmt: skip


def sealing(host):
    command = SealPeriod.draw(PERIOD)
    return lambda work: seal_period(command, work, key=key_of(host))


def facts_left(host, contribution_id):
    """Versions with facts that reporting still keeps of an episode."""
    document = host.database["contributions"].find_one({"_id": contribution_id})
    return [version for version in document["versions"] if version["facts"] is not None]


def without_turns(monkeypatch):
    """The naive twin: nobody writes the common document."""
    for module in (contribution_facts, period_facts, commands):
        monkeypatch.setattr(module, "take_turn", lambda work: None)


class TestSealAndWhatConsentStates:
    """The seal reads contributions and ends a task; what consent states reads the open tasks and writes them."""

    @pytest.mark.parametrize("order", ["event-first", "seal-first"])
    def test_a_withdrawal_after_the_seal_leaves_no_facts_behind(self, signed, order):
        """Facts stay for a seal that is open; once it is carried out nothing keeps them, whichever came first."""
        host, released = signed
        steps = [heard(withdrawn(released, days=0.0001), 2), sealing(host)]
        met, failures = overtaken(host, *(steps if order == "event-first" else reversed(steps)))
        assert (met, failures) == (1, [])
        assert host.database["vectors"].find_one()["people"] == 1
        assert facts_left(host, released.contribution_id) == []

    def test_twin_without_the_common_document_facts_stay_for_ever(self, signed, monkeypatch):
        """The withdrawal still saw an open seal, the seal saw no withdrawal, and both committed."""
        without_turns(monkeypatch)
        host, released = signed
        assert overtaken(host, heard(withdrawn(released, days=0.0001), 2), sealing(host)) == (0, [])
        assert len(facts_left(host, released.contribution_id)) == 1

    def test_an_episode_that_commits_while_a_seal_counts(self, signed):
        """The seal looks again, and what was signed is no longer what it would seal."""
        host, _ = signed
        assert_not_sealed(host, *overtaken(host, sealing(host), heard(new_episode(days=-9), 1)))

    def test_twin_without_the_common_document_it_is_neither_in_nor_noticed(self, signed, monkeypatch):
        """The seal commits although an episode of before the signature has come."""
        without_turns(monkeypatch)
        host, _ = signed
        assert overtaken(host, sealing(host), heard(new_episode(days=-9), 1)) == (0, [])
        assert host.database["vectors"].find_one()["people"] == 1


class TestSignAndWhatConsentStates:
    @pytest.fixture
    def to_sign(self, host):
        """A host whose one person is to be signed for, the command that signs, and that person's contribution."""
        host.at(ENDED + timedelta(days=1))
        host.open_task()
        released = host.release(recorded=-60)
        host.prove(ENDED + timedelta(days=1))
        command = SignOff(period=PERIOD, digest=host.reporting_views.preview(PERIOD)["digest"], actor_id="lead")
        return host, lambda work: sign_off(command, work, key=key_of(host)), released

    def test_what_is_signed_is_what_was_looked_at(self, to_sign):
        """A withdrawal that commits while a signature is written: the signer is asked to look again."""
        host, sign, released = to_sign
        met, failures = overtaken(host, sign, heard(withdrawn(released, days=-14), 2))
        assert (met, [type(f) for f in failures]) in [(1, [PreviewChangedError]), (1, [])]
        assert host.reporting_views.preview(PERIOD)["figures"]["people"] == 0
        signed = host.database["sign_offs"].find_one()
        # Whichever committed first: no signature says more people than there were when it was written.
        assert signed is None or signed["people"] == 1

    def test_a_signature_and_the_seal(self, to_sign):
        """A signature that is renewed while the period is sealed: the report bears the one that was checked."""
        host, sign, _ = to_sign
        host.run(sign)
        host.at(SEAL - timedelta(minutes=1))
        host.prove(SEAL + timedelta(minutes=1))

        def seal_at_its_time(work):
            work.now = SEAL + timedelta(seconds=1)
            return sealing(host)(work)

        met, failures = overtaken(host, sign, seal_at_its_time)
        assert met == 1
        assert [type(f) for f in failures] == []
        sealed = host.database["vectors"].find_one()
        assert sealed["people"] == host.database["sign_offs"].find_one()["people"]


class TestTwoCommands:
    def test_two_seals_of_one_period_are_one(self, signed):
        """The period clock and a person at the same moment: one report, the same for both."""
        host, _ = signed
        assert overtaken(host, sealing(host), sealing(host)) == (1, [])
        assert host.database["vectors"].count_documents({}) == 1
        assert host.database["outbox"].count_documents({"route": "board"}) == 1

    def test_a_seal_and_giving_up(self, signed):
        """A report is sealed, or the period is noted as not sent: never both."""
        host, _ = signed
        met, failures = overtaken(host, lambda work: give_up(GiveUp(period=PERIOD, reason="LATE"), work), sealing(host))
        assert met == 1
        task, vectors = host.database["tasks"].find_one(), host.database["vectors"].count_documents({})
        assert (task["state"], vectors, len(failures)) in [("SEALED", 1, 0), ("NOT_SENT", 0, 1)]


class TestTaskAndWhatConsentStates:
    @pytest.mark.parametrize("naive", [False, True], ids=["turns", "twin"])
    def test_a_task_that_opens_while_a_state_is_written_is_seen(self, host, monkeypatch, naive):
        """Which states are kept follows from the open tasks: the two take turns; the twin's pass each other unseen."""
        if naive:
            without_turns(monkeypatch)
        host.at(ENDED + timedelta(days=1))
        released = host.release(recorded=-60)
        task = host.task_received(PERIOD)
        keep = partial(period_facts.keep_task, task, trust=host.reporting.trust)
        met, failures = overtaken(host, heard(withdrawn(released, days=1), 2), keep)
        assert (met, failures) == (0 if naive else 1, [])

    def test_the_common_document_is_written_once_a_transaction(self, host):
        """However many messages a batch has: one document, which a batch writes anyway."""
        host.run(turns.take_turn)
        before = host.database["streams"].find_one({"_id": "consent"})["version"]
        host.run(lambda work: [turns.take_turn(work) for _ in range(5)])
        assert host.database["streams"].find_one({"_id": "consent"})["version"] == before + 1


def new_episode(*, days):
    """Another person's episode, recorded and agreed so many days from the seal."""
    at = SEAL + timedelta(days=days)
    return FactsReleased(
        contribution_id=new_id(), person_id=new_id(), referral_month="2026-08", gender="MALE",
        exploitation_types=("LABOUR",), region_of_nationality="ASIA", transfer_in=False, excluded=False,
        effective_from=at, until=None, facts_recorded_at=at, decided_recorded_at=at,
    )  # fmt: skip


def assert_not_sealed(host, met, failures):
    """The seal met the episode: it was sealed before that came, or not at all."""
    vectors = host.database["vectors"].count_documents({})
    assert (met, [type(f) for f in failures], vectors) in [(1, [NotReadyToSealError], 0), (1, [], 1)]
