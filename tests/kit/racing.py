"""Two processes of consent on one database, and a way to let one pause inside its transaction while the other commits.

No luck: the first transaction has read everything and written nothing yet when the second begins and commits.
"""

import secrets
import threading
from datetime import UTC, datetime, timedelta

import msgspec
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.provision.databases import KERNEL_COLLECTIONS
from services.consent.ledger.commands import RecordDecision, WithdrawConsent, record_decision, withdraw_consent
from services.consent.ledger.jobs import expire
from services.consent.ledger.keys import consent_key
from services.consent.wordings.commands import RegisterWording, register_wording
from shared.bus.topology import topology_of
from shared.contracts.case import EpisodeOpened, ImportConsentStated, StatisticsFactsChanged, SurvivorErased
from shared.contracts.registry import get_event
from shared.kernel.clock import BusinessClock
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.tenancy import TenantId
from shared.outbox.commands import Command
from shared.outbox.committer import Committer, DatabaseAwayError
from shared.runtime.rooms import service_of
from tests.kit.pump import NoBroker, delivery_of, inbox_of

CONSENT = service_of("consent")
PURPOSE = "AGGREGATE_STATISTICS"
WORDS = "w1"
START = datetime(2026, 8, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PATIENCE_S = 30
"""Longer than anything here takes on a busy machine; nothing waits for it when all is well."""


class HandClock(BusinessClock):
    """A business clock that stands where a test sets it."""

    def __init__(self, at):
        super().__init__()
        self.at = at

    def now(self):
        return self.at


class Pause:
    """Runs what it wraps; the first time it then waits, inside the transaction, until it is let go."""

    def __init__(self):
        self.reached, self.go = threading.Event(), threading.Event()
        self.runs = 0

    def around(self, run):
        def paused(*arguments, **named):
            self.runs += 1
            first = self.runs == 1
            answer = run(*arguments, **named)
            if first:
                self.reached.set()
                assert self.go.wait(PATIENCE_S)
            return answer

        return paused


class Counted(Pause):
    """Counts how often what it wraps ran, and says when that was more than once; it does not pause."""

    def around(self, run):
        def counted(*arguments, **named):
            self.runs += 1
            if self.runs > 1:
                self.reached.set()
            return run(*arguments, **named)

        return counted


class ConsentPair:
    """Consent's database, with committers and inboxes as two processes of it have them."""

    def __init__(self, engines):
        self.tenant = TenantId("r" + secrets.token_hex(5))
        self.client = MongoClient(engines.mongod.admin_uri(), tz_aware=True)
        self.database = self.client[f"as_{self.tenant}_consent"]
        for name in (*KERNEL_COLLECTIONS, *CONSENT.collections):
            self.database.create_collection(name)
        for name, indexes in CONSENT.indexes.items():
            self.database[name].create_indexes(indexes)
        self.clock = HandClock(START)
        self.broker = NoBroker()
        self.topology = topology_of(self.tenant)
        self.committers = [self._committer() for _ in range(2)]
        self._sequences = {}

    @property
    def now(self):
        """The business time of everything that is done next."""
        return self.clock.at

    @now.setter
    def now(self, moment):
        self.clock.at = moment

    def close(self):
        for committer in self.committers:
            committer.close()
        self.client.drop_database(self.database.name)
        self.client.close()

    def _committer(self):
        return Committer(
            client=self.client, database=self.database.name, tenant_id=self.tenant, service="consent",
            now=self.clock.now,
        )  # fmt: skip

    # What is done, as functions of a pause; None does it at once.

    def command(self, run, *, process=0, committer=None):
        def act(pause=None):
            wrapped = pause.around(run) if pause is not None else run
            return (committer or self.committers[process]).execute(Command(run=wrapped))

        return act

    def hears(self, *events):
        def act(pause=None):
            hearings = CONSENT.hearings(None)
            if pause is not None:
                hearings = [_paused(hearing, pause) for hearing in hearings]
            inbox = inbox_of(
                client=self.client, database=self.database.name, tenant=self.tenant, service="consent",
                hearings=hearings, now=self.clock.now, broker=self.broker,
            )  # fmt: skip
            subscription = self.topology.subscription("consent", events[0].source)
            inbox.settle(subscription, [self._delivery(event) for event in events])

        return act

    def _delivery(self, event):
        sequence = self._sequences[event.subject] = self._sequences.get(event.subject, 0) + 1
        row = {"id": new_event_id(), "type": event.event_type, "subject": event.subject, "sequence": sequence}
        row["body"] = msgspec.json.encode(event)
        return delivery_of(row, tenant=self.tenant, source=event.source, recorded_at=self.now)

    def facts(self, survivor, episode=None, **values):
        return self.hears(self.facts_event(survivor, episode, **values))

    def facts_event(self, survivor, episode=None, **values):
        said = {
            "referral_month": "2026-07", "gender": "FEMALE", "exploitation_types": ("LABOUR",),
            "region_of_nationality": "ASIA", "facts_recorded_at": self.now, "transfer_in": False, "excluded": False,
            "recorded_in_error": False,
        }  # fmt: skip
        return StatisticsFactsChanged(episode_id=episode or new_id(), survivor_id=survivor, **{**said, **values})

    def opened(self, survivor, advocate=None):
        return self.hears(
            EpisodeOpened(episode_id=new_id(), survivor_id=survivor, advocate_id=advocate, nation_of_support="WALES")
        )

    def erases(self, survivor):
        return self.hears(SurvivorErased(survivor_id=survivor))

    def statement(self, survivor, stated="GIVEN", said=-3, **values):
        return self.hears(self.statement_event(survivor, stated, said, **values))

    def statement_event(self, survivor, stated="GIVEN", said=-3, **values):
        said_at = None if said is None else self.now + said * DAY
        body = {
            "statement_id": new_id(), "survivor_id": survivor, "import_id": new_id(), "purpose": PURPOSE,
            "stated": stated, "said_at": said_at, "wording_code": WORDS, "language": "en",
            "method": "VERBAL_IN_PERSON", "setting_private": True, "stated_recorded_at": self.now,
        }  # fmt: skip
        return ImportConsentStated(**{**body, **values})

    def decides(self, survivor, decision="GIVEN", said_at=None, **values):
        body = {
            "wording_code": WORDS, "language": "en", "method": "VERBAL_IN_PERSON", "setting_private": True,
            "witness_role": None,
        }  # fmt: skip
        command = RecordDecision(
            survivor_id=survivor,
            decision=decision,
            said_at=said_at,
            actor_id="a",
            **{"purpose": PURPOSE, **body, **values},
        )
        return self.command(lambda work: record_decision(command, work))

    def withdraws(self, survivor, said_at=None):
        command = WithdrawConsent(
            consent_id=consent_key(survivor, PURPOSE), survivor_id=survivor, said_at=said_at, method=None, actor_id="a"
        )
        return self.command(lambda work: withdraw_consent(command, work))

    def expires(self, survivor):
        return self.command(lambda work: expire(consent_key(survivor, PURPOSE), work), process=1)

    def registers(self, code=WORDS, *, text="Invented words.", committer=None):
        command = RegisterWording(
            code=code, purpose=PURPOSE, recipient_class="PROJECT_BOARD", languages=(), valid_from=START - 1000 * DAY,
            valid_to=None, text=text, actor_id="dpo",
        )  # fmt: skip
        return self.command(lambda work: register_wording(command, work), process=1, committer=committer)

    # What is asked afterwards.

    def stated(self, survivor):
        """The last that the gate stated of each episode of a survivor: ``RELEASED`` or the reason."""
        documents = list(self.database["episodes"].find({"survivor_id": survivor}))
        newest = self._newest()
        said = [newest[document["contribution_id"]] for document in documents]
        bodies = [msgspec.json.decode(one["body"], type=get_event(one["type"])) for one in said]
        return [getattr(body, "reason", "RELEASED") for body in bodies]

    def said_of(self, contributions):
        """The last that the gate stated of contributions, also of those whose episode is gone."""
        said = [one for subject, one in self._newest().items() if subject in contributions]
        bodies = [msgspec.json.decode(one["body"], type=get_event(one["type"])) for one in said]
        return [getattr(body, "reason", "RELEASED") for body in bodies]

    def contributions(self):
        """Everything that the gate ever stated."""
        return set(self._newest())

    def released(self):
        """How many episodes the gate's last statement releases."""
        return sum(one["type"].endswith("facts_released.v1") for one in self._newest().values())

    def _newest(self):
        newest = {}
        for row in self.database["outbox"].find():
            for event in row["events"]:
                if "facts_" in event["type"]:
                    known = newest.get(event["subject"])
                    if known is None or known["sequence"] < event["sequence"]:
                        newest[event["subject"]] = event
        return newest

    def status(self, survivor):
        found = self.database["consents"].find_one({"_id": consent_key(survivor, PURPOSE)})
        return found["status"] if found is not None else None

    def interleave(self, first, second):
        """Let ``first`` read and pause, let ``second`` come, then let ``first`` go on; give whether the two met.

        Where ``first`` has sent writes before it pauses, ``second`` cannot commit beside it and tries again and again;
        then ``first`` is let go on as soon as ``second`` has tried twice.
        """
        pause, counted = Pause(), Counted()
        one = Running(lambda: first(pause), ended=pause.reached)
        assert pause.reached.wait(PATIENCE_S)
        other = Running(lambda: until_taken(lambda: second(counted)), ended=counted.reached)
        assert counted.reached.wait(PATIENCE_S)
        pause.go.set()
        one.join()
        other.join()
        return pause.runs > 1 or counted.runs > 1


class Running:
    """Something on a thread of its own; what it raised is raised again where it is joined."""

    def __init__(self, run, *, ended):
        self._failure = None
        self._thread = threading.Thread(target=self._run, args=(run, ended))
        self._thread.start()

    def _run(self, run, ended):
        try:
            run()
        except BaseException as error:  # noqa: BLE001  It is raised again by ``join``.
            self._failure = error
        finally:
            ended.set()

    def join(self):
        self._thread.join(2 * PATIENCE_S)
        assert not self._thread.is_alive()
        if self._failure is not None:
            raise self._failure


def until_taken(act):
    """As a consumer offers its batch again, and a client repeats what the database did not take."""
    while True:
        try:
            return act()
        except DatabaseAwayError:
            continue
        except OperationFailure as error:
            if not error.has_error_label("TransientTransactionError"):
                raise


def _paused(hearing, pause):
    return type(hearing)(
        event=hearing.event, handle=pause.around(hearing.handle), order=hearing.order,
        preload=hearing.preload,
    )  # fmt: skip
