"""One host with identity and reporting, provisioned as a stack does it, whose facts a test states itself."""

import os
import secrets
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from pymongo import MongoClient
from waitress.server import create_server

from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from services.identity.people.provisioning import create_first_user
from services.reporting.contributions.facts import keep_released, keep_withheld
from services.reporting.periods.facts import keep_judgement, keep_task
from services.reporting.periods.jobs import PeriodClock
from services.reporting.periods.views import PeriodViews
from shared.codelists.periods import Period
from shared.contracts.board import ReportJudged
from shared.contracts.consent import FactsReleased, FactsWithheld
from shared.contracts.signed import SignedMessage
from shared.kernel.clock import write_offset
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.kernel.tenancy import BOARD, TenantId
from shared.keys.messages import sign_message
from shared.outbox.commands import Answer, Command
from shared.runtime.context import open_context
from shared.runtime.serving import build_app
from tests.kit.centre_words import PLANS, centre_key, prove, task_received
from tests.kit.suite import provision_centre, tenant_number

PASSWORD = "correct horse battery staple"
ROLES = ("HOST_DATA_LEAD", "HOST_DPO", "HOST_ADMIN", "IMSA")
PLAN = PLANS["YEAR"]
PERIOD, QUARTER = "2026", "2026-Q3"
ENDED, SEAL = Period.parse(PERIOD).ends_at(), Period.parse(PERIOD).seal_at()
_HEARD = {
    FactsReleased: keep_released,
    FactsWithheld: keep_withheld,
}
_OF_THE_BOARD = {ReportJudged: keep_judgement}


class HostPlace:
    """A host whose board, consent and clock are the test's."""

    def __init__(self, engines, folder, *, name="Host <Rowan> & Co"):
        self.tenant = TenantId("h" + secrets.token_hex(5))
        self._provisioner = Provisioner(engines.layout, timings=Timings(retry_delays_ms=(100,)), demo=True)
        provision_centre(self._provisioner, engines.layout)
        self._provisioner.provision(
            TenantSpec(id=self.tenant, name=name, nation="ENGLAND", setting="OTHER", number=tenant_number())
        )
        os.environ["ALONGSIDE_SECRETS"] = str(engines.layout.secrets_dir / "credentials")
        self._secrets = engines.layout.secrets_dir
        self._clock_file = folder / "clock.json"
        self.contexts = {}
        for service in ("identity", "reporting"):
            opened = open_context(self.tenant, service, kind="api")
            self.contexts[service] = replace(opened, settings=replace(opened.settings, clock_file=self._clock_file))
        self.reporting = self.contexts["reporting"]
        self._admin = MongoClient(engines.mongod.admin_uri(), tz_aware=True)
        self.database = self._admin[self.reporting.database_name]
        self.reporting_views = PeriodViews(self.reporting)
        self.app = build_app(self.contexts)
        self.people = {
            role: create_first_user(self.contexts["identity"], login=self.login(role), password=PASSWORD, roles=(role,))
            for role in ROLES
        }
        self._server = None

    def close(self):
        if self._server is not None:
            self._server.close()
        for context in self.contexts.values():
            context.committer.close()
            context.client.close()
        self._admin.close()
        self._provisioner.remove(self.tenant)
        self._provisioner.close()

    def login(self, role):
        return f"{role.lower().replace('_', '')}@{self.tenant}.example"

    def clear(self):
        """Forget every period, decision and message."""
        for collection in ("tasks", "contributions", "sign_offs", "vectors", "streams", "outbox", "judgements"):
            self.database[collection].delete_many({})

    def at(self, moment):
        """Set the business clock."""
        write_offset(self._clock_file, (moment - datetime.now(UTC)).total_seconds())
        for context in self.contexts.values():
            context.clock._read_at = -1.0

    def hear(self, event, *, recorded_at=None):
        """Let reporting hear a fact, without a broker; what the board says, the board signs."""
        if isinstance(event, SignedMessage):
            event = sign_message(event, centre_key(self._secrets, BOARD))
        received = Received(
            event=event, event_id=new_event_id(), sequence=1, stream_n=None, recorded_at=recorded_at or ENDED,
            sender=self.tenant, traceparent=None,
        )  # fmt: skip
        handle = _HEARD.get(type(event)) or partial(_OF_THE_BOARD[type(event)], trust=self.reporting.trust)
        self._execute(partial(handle, received))

    def open_task(self, period=PERIOD):
        """Open the task of a period, as the board does; gives its id."""
        received = self.task_received(period)
        self._execute(lambda work: keep_task(received, work, trust=self.reporting.trust))
        return received.event.task_id

    def task_received(self, period=PERIOD):
        """The board's notice of a period's task, signed by both servers."""
        return task_received(self.tenant, self.reporting.trust.own.public, self._secrets, period)

    def release(self, *, contribution_id=None, person=None, recorded=-30, decided=None, **facts):
        """One more person who agreed; facts and yes are recorded so many days from the seal."""
        said = SEAL + timedelta(days=recorded if decided is None else decided)
        at = SEAL + timedelta(days=recorded)
        values = {
            "referral_month": "2026-08", "gender": "FEMALE", "exploitation_types": ("LABOUR",),
            "region_of_nationality": "ASIA", "transfer_in": False, "excluded": False,
        }  # fmt: skip
        event = FactsReleased(
            contribution_id=contribution_id or new_id(), person_id=person or self._person(contribution_id), effective_from=said,
            until=None, facts_recorded_at=at, decided_recorded_at=said, **{**values, **facts},
        )  # fmt: skip
        self.hear(event)
        return event

    def withhold(self, reason, *, contribution_id=None, recorded=-30, facts_recorded=-30):
        event = FactsWithheld(
            contribution_id=contribution_id or new_id(), person_id=self._person(contribution_id),
            referral_quarter=QUARTER, reason=reason,
            effective_at=SEAL + timedelta(days=recorded), facts_recorded_at=SEAL + timedelta(days=facts_recorded),
            decided_recorded_at=SEAL + timedelta(days=recorded),
        )  # fmt: skip
        self.hear(event)
        return event

    def _person(self, contribution_id):
        known = self.database["contributions"].find_one({"_id": contribution_id})
        return known["person_id"] if known is not None else new_id()

    def populate(self):
        """A period as a middling host has it: 23 people counted, 9 episodes left out."""
        kinds = [
            ("FEMALE", ("SEXUAL",), "ASIA"), ("FEMALE", ("LABOUR", "DOMESTIC"), "AFRICA"),
            ("MALE", ("LABOUR",), "ASIA"), ("MALE", ("CRIMINAL",), "UK"),
            ("FEMALE", ("SEXUAL", "CRIMINAL"), "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN"),
        ]  # fmt: skip
        for number in range(23):
            gender, types, region = kinds[number * 7 % 11 % 5]
            self.release(gender=gender, exploitation_types=types, region_of_nationality=region)
        for reason, times in (("UNKNOWN", 4), ("REFUSED", 2), ("RECONFIRM_REQUIRED", 2), ("WITHDRAWN", 1)):
            for _ in range(times):
                self.withhold(reason)

    def prove(self, through):
        """Let consent's marks prove everything up to a moment."""
        prove(self.database, through)

    def run_clock(self):
        """Let the period clock look once."""
        PeriodClock(self.reporting).run()

    def serve(self):
        """Serve over HTTP on a free port; give the address."""
        if self._server is None:
            self._server = create_server(
                self.app, host="127.0.0.1", port=0, threads=6, ident="", asyncore_use_poll=True
            )
            threading.Thread(target=self._server.run, daemon=True, name="host-place").start()
        return f"http://127.0.0.1:{self._server.effective_port}"

    def run(self, step):
        """Carry out a step in one transaction."""
        self._execute(step)

    def _execute(self, run):
        def whole(work):
            run(work)
            return Answer(status=200)

        self.reporting.committer.execute(Command(run=whole))
