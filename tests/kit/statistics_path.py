"""Board, custodian and hosts over real databases, with the courier played by the test.

Every message crosses as its stored bytes; the test decides order, repeats and losses, and where a process
ends. There is no inbox here, so the handlers meet every repeat themselves.
"""

import json
import random
import secrets
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
from pymongo import MongoClient

from deploy.provision.databases import KERNEL_COLLECTIONS
from services.board.tasks.commands import ProposeTask, propose_task
from services.reporting.periods.commands import SignOff, sign_off
from services.reporting.periods.views import PeriodViews
from shared.codelists.periods import Period
from shared.contracts.consent import FactsReleased, FactsWithheld
from shared.contracts.registry import EVENTS
from shared.contracts.task import RosterHost
from shared.kernel.clock import BusinessClock, Offset
from shared.kernel.errors import AlongsideError
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.kernel.tenancy import BOARD, CUSTODIAN, TenantId
from shared.keys.signing import HostRegister, SigningKey
from shared.outbox.commands import Answer, Command
from shared.runtime.context import ServiceContext, ServiceSettings
from shared.runtime.rooms import service_of
from tests.kit import cheap_proofs
from tests.kit.killer import KilledError, Killer, MortalCommitter

PERIOD = "2026"
HOSTS = ("alder", "birch", "cedar", "damson", "elder", "fir")


def plan_for(period):
    """The plan of a period's kind."""
    return {"QUARTER": "quarter-v1", "YEAR": "year-v1"}[Period.parse(period).kind]


class Clock(BusinessClock):
    """The one business clock of a path."""

    def __init__(self, now):
        super().__init__()
        self.moment = now

    def now(self):
        return self.moment

    def offset(self):
        return Offset()


class Party:
    """One service of one owner, with its own database and data folder."""

    def __init__(self, path, tenant, service):
        self.path, self.tenant, self.service = path, TenantId(tenant), service
        self.folder = Path(path.folder) / tenant
        self.folder.mkdir(exist_ok=True)
        self.context = ServiceContext(self.tenant, service, path.settings(tenant, self.folder))
        composed = service_of(service)
        self.database = _take_database(path.client, service)
        self.context.__dict__.update(clock=path.clock, client=path.client, database_name=self.database.name)
        self.context.__dict__["committer"] = MortalCommitter(self.context.committer, path)
        self.hearings = {h.event.event_type: h for h in composed.hearings(self.context)}
        self.jobs = composed.jobs(self.context)

    def hear(self, row, event):
        """Handle one stored event in one transaction of its own."""
        stated = msgspec.json.decode(event["body"], type=EVENTS[event["type"]])
        if self.path.strip:
            stated = replace(stated, message_signature=None)
        received = Received(
            event=stated,
            event_id=event["id"],
            sequence=event["sequence"],
            stream_n=None,
            recorded_at=row["recorded_at"],
            sender=str(row["tenant_id"]),
        )
        self.take(received)

    def take(self, *batch):
        """Handle messages in one transaction."""

        def handle(work):
            for received in batch:
                self.hearings[received.event.event_type].handle(received, work)

        self.do(handle)

    def do(self, step):
        def run(work):
            answer = step(work)
            return answer if isinstance(answer, Answer) else Answer(status=200)

        return self.context.committer.execute(Command(run=run))

    def work(self):
        """Run the jobs once, as the job process does; one that is killed is started again."""
        for job in self.jobs:
            try:
                job.run()
            except KilledError:
                self.path.kills += 1
                job.run()

    def task(self):
        return self.database["tasks"].find_one({}, sort=[("seal_at", -1)])

    def close(self):
        self.context.committer.close()
        _give_back(self.database, self.service)


class StatisticsPath:
    """Everything between a host's released facts and the board's tables."""

    def __init__(self, client: MongoClient, folder, hosts=HOSTS, *, period=PERIOD, real_proofs=False):
        cheap_proofs.use(real=real_proofs)
        self.client, self.folder, self.hosts, self.period = client, folder, hosts, period
        self.killer = Killer()
        self.kills = 0
        self.calendar = Period.parse(period)
        self.clock = Clock(self.calendar.ends_at() - timedelta(days=1))
        self.keys = {name: SigningKey(secret=secrets.token_bytes(32)) for name in (BOARD, CUSTODIAN, *hosts)}
        for server in (BOARD, CUSTODIAN):
            (Path(folder) / server).mkdir()
            register = HostRegister(path=Path(folder) / server / "hosts.json")
            for host in hosts:
                entry = RosterHost(host=host, nation="ENGLAND", setting="OTHER", signing_key=self.keys[host].public)
                register.put(entry)
        self.board = Party(self, BOARD, "board")
        self.custodian = Party(self, CUSTODIAN, "custodian")
        self.reporting = {host: Party(self, host, "reporting") for host in hosts}
        self.parked = []
        self.delivered = []
        self.strip = False
        """Whether messages cross as an older version states them: without a signature over the whole."""

    @property
    def parties(self):
        return (self.board, self.custodian, *self.reporting.values())

    def settings(self, tenant, folder):
        key_file = folder / "signing.key"
        key_file.write_text(self.keys[tenant].secret.hex(), encoding="utf-8")
        key_file.chmod(0o600)
        return ServiceSettings(
            mongo_uri="", amqp_uri="", vhost="", data_dir=folder, tenant_key_file=folder / "none",
            token_public_keys=(), token_issuer="", clock_file=folder / "none", name=tenant, nation="ENGLAND",
            setting="OTHER", api_port=1, demo=True, mark_settle_s=1.0, mark_every_s=1.0, poll_s=1.0,
            job_every_s=1.0, retry_delays_ms=(100,),
            extra={
                "signing_key_file": str(key_file),
                "board_signing_key": self.keys[BOARD].public,
                "custodian_signing_key": self.keys[CUSTODIAN].public,
            },
        )  # fmt: skip

    def close(self):
        cheap_proofs.use(real=True)
        for party in self.parties:
            party.close()

    # --- the courier ---

    def waiting(self):
        """Every stored event on its way, oldest first: (party that stated it, row, event, target)."""
        found = []
        for party in self.parties:
            for row in party.database["outbox"].find({"status": "NEW"}).sort("_id", 1):
                for event in row["events"]:
                    found += [(party, row, event, target) for target in self.targets(row, event)]
        return sorted(found, key=lambda one: one[1]["_id"])

    def targets(self, row, event):
        if row["route"] == "hosts":
            return list(self.reporting.values())
        if row["route"] == "host":
            return [self.reporting[event["to"]]]
        return {"board": [self.board], "custodian": [self.custodian]}.get(row["route"], [])

    def carry(self, *, rng: random.Random | None = None, repeat=1, lose=lambda event, target: False):
        """Deliver what waits until nothing does; errors are kept as parked, as the inbox would."""
        while waiting := self.waiting():
            if rng is not None:
                rng.shuffle(waiting)
            for _party, row, event, target in waiting:
                if lose(event, target):
                    continue
                for _ in range(repeat):
                    self.deliver(row, event, target)
            for party, row, _event, _target in waiting:
                party.database["outbox"].update_one({"_id": row["_id"]}, {"$set": {"status": "SENT"}})

    def deliver(self, row, event, target):
        self.delivered.append((row, event, target))
        try:
            target.hear(row, event)
        except KilledError:
            # Not acknowledged: the broker offers it again.
            self.kills += 1
            self.deliver(row, event, target)
        except AlongsideError as error:
            self.parked.append((target.tenant, event["type"], error.code))

    # --- the people ---

    def propose(self, period=None, hosts=None, *, plan=None):
        named = period or self.period
        command = ProposeTask(
            task_id=new_id(), period=named, plan_id=plan or plan_for(named), roster=tuple(hosts or self.hosts)
        )
        context = self.board.context
        keys_of = self.keys_of(self.board)
        self.board.do(lambda work: propose_task(command, work, keys_of=keys_of, trust=context.trust))
        return command.task_id

    def keys_of(self, party):
        return party.context.task_keys

    def consent(self, host, people, *, at=None, **facts):
        """So many new survivors of a host agreed, in one batch of the inbox; gives their contribution ids."""
        ids = [new_id() for _ in range(people)]
        if ids:
            self.say(host, *(self._released(contribution, at=at, **facts) for contribution in ids))
        return ids

    def state(self, host, contribution, *, sequence=1, **said):
        """Consent states that an episode's facts are released."""
        self.say(host, self._released(contribution, **said), sequence=sequence)

    def _released(self, contribution, *, at=None, person=None, until=None, **facts):
        recorded = at or self.clock.now()
        values = {
            "referral_month": f"{self.calendar.year}-08",
            "gender": "FEMALE",
            "exploitation_types": ("LABOUR",),
            "region_of_nationality": "ASIA",
            "transfer_in": False,
            "excluded": False,
        }
        return FactsReleased(
            contribution_id=contribution, person_id=person or contribution, effective_from=recorded, until=until,
            facts_recorded_at=recorded, decided_recorded_at=recorded, **{**values, **facts},
        )  # fmt: skip

    def withhold(self, host, contribution, *, at=None, reason="WITHDRAWN", sequence=2, person=None):
        """Consent states that an episode's facts are withheld."""
        recorded = at or self.clock.now()
        event = FactsWithheld(
            contribution_id=contribution, person_id=person or contribution, reason=reason,
            referral_quarter=f"{self.calendar.year}-Q3", effective_at=recorded, facts_recorded_at=recorded,
            decided_recorded_at=recorded,
        )  # fmt: skip
        self.say(host, event, sequence=sequence)

    def say(self, host, *events, sequence=1):
        """Let a host hear consent's facts in one transaction, as its inbox does."""
        at = self.clock.now()
        self.reporting[host].take(
            *(
                Received(
                    event=event, event_id=new_event_id(), sequence=sequence, stream_n=None, recorded_at=at, sender=host,
                )
                for event in events
            )
        )  # fmt: skip

    def prove(self, host, through=None):
        """Consent's mark through a moment has arrived, and case's before it."""
        moment = through or self.calendar.seal_at()
        document = {
            "_id": "consent", "contiguous": 0, "above": [], "applied_through": moment,
            "source_applied": {"case": moment}, "pending": [], "version": 1,
        }  # fmt: skip
        self.reporting[host].database["streams"].replace_one({"_id": "consent"}, document, upsert=True)

    def sign(self, host):
        """The data lead signs what the preview shows now, once consent's mark says that it is complete."""
        party = self.reporting[host]
        self.prove(host, through=self.clock.now())
        digest = PeriodViews(party.context).preview(self.period)["digest"]
        command = SignOff(period=self.period, digest=digest, actor_id="lead")
        key = party.context.trust.own
        party.do(lambda work: sign_off(command, work, key=key))

    # --- whole stretches ---

    def open(self, people=None):
        """Propose, open, and let people agree; by default ten a host, of whom some are male."""
        task_id = self.propose()
        self.carry()
        for host in self.hosts:
            number = (people or {}).get(host, 10)
            self.consent(host, number // 2)
            self.consent(host, number - number // 2, gender="MALE", exploitation_types=("SEXUAL",))
        return task_id

    def sign_all(self, hosts=None):
        self.clock.moment = self.calendar.ends_at() + timedelta(days=1)
        for host in hosts or self.hosts:
            self.sign(host)

    def sign_all_again(self):
        """As ``sign_all``; a data lead whose page went away signs again."""
        self.clock.moment = self.calendar.ends_at() + timedelta(days=1)
        for host in self.hosts:
            try:
                self.sign(host)
            except KilledError:
                self.kills += 1
                self.sign(host)

    def seal_all(self, hosts=None):
        self.clock.moment = self.calendar.seal_at() + timedelta(minutes=1)
        for host in hosts or self.hosts:
            self.prove(host)
            self.reporting[host].work()

    def close_task(self):
        self.clock.moment = self.calendar.closes_at() + timedelta(minutes=1)
        self.board.work()

    def finish(self, **carrying):
        """From the seal to the tables at the board."""
        self.carry(**carrying)
        self.close_task()
        self.carry(**carrying)
        self.custodian.work()
        self.carry(**carrying)
        self.board.work()
        self.carry(**carrying)

    def audited(self, party, action):
        """Outcomes of an audited action at a party."""
        return [
            (entry["actor_id"], entry["outcome"])
            for row in party.database["outbox"].find()
            for event in row["events"]
            if event["type"].endswith(".audit_recorded.v1")
            for entry in json.loads(event["body"])["actions"]
            if entry["action"] == action
        ]


# A dropped collection keeps its file open for minutes, so hundreds of paths in a row must not each make their own.
_FREE: dict[tuple, list[str]] = {}


def _take_database(client, service):
    """An empty database with the service's collections and indexes."""
    free = _FREE.setdefault((client.address, service), [])
    if free:
        return client[free.pop()]
    database = client[f"as_x{secrets.token_hex(4)}_{service}"]
    composed = service_of(service)
    for name in (*KERNEL_COLLECTIONS, *composed.collections):
        database.create_collection(name)
    for name, models in composed.indexes.items():
        database[name].create_indexes(models)
    return database


def _give_back(database, service):
    for name in database.list_collection_names():
        database[name].delete_many({})
    _FREE[database.client.address, service].append(database.name)
