"""A whole host: identity, case, consent, audit and reporting in one application over real databases.

Provisioned as a stack does it, without processes: ``pump`` carries facts from outbox to inbox by itself.
"""

import json
import os
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymongo import MongoClient

from deploy.provision.credentials import Vault
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from services.case.imports.jobs import ImportJob
from shared.contracts.marks import AUDITS
from shared.kernel.clock import write_offset
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TENANT_SERVICES, Principal, TenantId, services_of
from shared.runtime.context import open_context
from shared.runtime.serving import build_app
from shared.web.tokens import TokenIssuer
from tests.kit.pump import Pump
from tests.kit.suite import provision_centre, tenant_number

WORDING = "stats-2026-1"
EPISODE = {
    "referral_date": "2026-08-04", "age_band": "AGE_25_34", "gender": "FEMALE", "nationality": "Viet Nam",
    "exploitation_types": ["LABOUR", "DOMESTIC"], "nation": "WALES", "advocacy_area": "HOUSING",
}  # fmt: skip


# What a host states once for all its people: one document of a known id each (tests/architecture counts them).
HOST_WIDE = {
    ("case", "approval_settings"): "approvals", ("case", "caseload_limits"): "limit", ("audit", "paper_policies"): "paper",
    ("case", "leavings"): "leaving",
}  # fmt: skip
ALL_BUT_CASE = tuple(service for service in TENANT_SERVICES if service != "case")


class TenantPlace:
    """One host, its application, and callers of every role.

    Attributes:
        deaf: Services that hear nothing of what is pumped.
        living: Every place of this process that was not closed.
    """

    deaf = ("audit", "integrations")
    living: ClassVar[list["TenantPlace"]] = []

    def __init__(self, engines, folder, *, begins="t"):
        self.tenant = TenantId(begins + secrets.token_hex(5))
        self._provisioner = Provisioner(engines.layout, timings=Timings(retry_delays_ms=(100,)), demo=True)
        provision_centre(self._provisioner, engines.layout)
        self._provisioner.provision(
            TenantSpec(
                id=self.tenant, name="Host <Rowan> & Co", nation="WALES", setting="OTHER", number=tenant_number()
            )
        )
        os.environ["ALONGSIDE_SECRETS"] = str(engines.layout.secrets_dir / "credentials")
        self._clock_file = folder / "clock.json"
        self.contexts = {}
        for service in services_of(self.tenant):
            opened = open_context(self.tenant, service, kind="api")
            self.contexts[service] = replace(opened, settings=replace(opened.settings, clock_file=self._clock_file))
        self._admin = MongoClient(engines.mongod.admin_uri(), tz_aware=True)
        self.app = build_app(self.contexts)
        key = Vault.of(engines.layout.secrets_dir, self.tenant).token_key()[0].read_text(encoding="utf-8").strip()
        self._issuer = TokenIssuer(key, issuer=str(self.tenant))
        self._stranger = TokenIssuer(Ed25519PrivateKey.generate().private_bytes_raw().hex(), issuer="other")
        self._actors = {}
        self._pump = Pump(self.tenant, self.contexts, self.database)
        self.living.append(self)

    def close(self):
        self.living.remove(self)
        for context in self.contexts.values():
            context.committer.close()
            context.client.close()
        self._admin.close()
        self._provisioner.remove(self.tenant)
        self._provisioner.close()

    def database(self, service):
        return self._admin[f"as_{self.tenant}_{service}"]

    def at(self, moment):
        """Set the business clock; None for real time."""
        write_offset(self._clock_file, 0.0 if moment is None else (moment - datetime.now(UTC)).total_seconds())
        for context in self.contexts.values():
            context.clock._read_at = -1.0

    def actor(self, role):
        """The id of the one user of a role that the tests use."""
        return self._actors.setdefault(role, new_id())

    def headers(self, role="SUPERVISOR", *, actor=None, scopes=(), stranger=False):
        """A caller of this host, or of another one."""
        tenant = TenantId("other") if stranger else self.tenant
        who = Principal(
            actor_id=actor or self.actor(role), tenant_id=tenant, organisation_id=str(tenant), role=role,
            scopes=frozenset(scopes),
        )  # fmt: skip
        issuer = self._stranger if stranger else self._issuer
        return {"Authorization": f"Bearer {issuer.issue(who)}"}

    def get(self, path, role="SUPERVISOR", **options):
        return self.app.test_client().get(path, headers=self.headers(role), **options)

    def every(self, path, role="SUPERVISOR"):
        """Every row of a list, page after page: of a host that tests share there are more than one page has."""
        found, after, ask = [], "", f"{path}{'&' if '?' in path else '?'}limit=200"
        while after is not None:
            answer = self.get(f"{ask}{after and f'&after={after}'}", role)
            assert answer.status_code == 200, answer.json
            found += answer.json["items"]
            after = answer.json["next"]
        return found

    def post(self, path, body=None, role="SUPERVISOR", *, key=None, **headers):
        """POST JSON (or a file, as bytes) with a new key; header names have _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**self.headers(role), "Idempotency-Key": key or new_id(), **named}
        if isinstance(body, bytes):
            return self.app.test_client().post(path, data=body, headers=sent, content_type="text/csv")
        return self.app.test_client().post(path, json={} if body is None else body, headers=sent)

    def survivor(self, role="SUPERVISOR", **values):
        """Register somebody, of whom consent has heard when this returns."""
        survivor_id = self.post("/v1/survivors", values, role).json["id"]
        self.pump(silent=ALL_BUT_CASE)
        return survivor_id

    def episode(self, role="SUPERVISOR", **values):
        """Open an episode of a new survivor, of whom consent has heard when this returns; gives its row."""
        survivor_id = values.pop("survivor_id", None) or self.survivor(role)
        answer = self.post("/v1/episodes", {**EPISODE, "survivor_id": survivor_id, **values}, role)
        assert answer.status_code == 201, answer.json
        self.pump(silent=ALL_BUT_CASE)
        return self.get(f"/v1/episodes/{answer.json['id']}", role).json

    def register_wording(self, code=WORDING, **values):
        body = {
            "code": code, "purpose": "AGGREGATE_STATISTICS", "recipient_class": "PROJECT_BOARD", "languages": [],
            "valid_from": "2026-01-01T00:00:00Z", "text": "Invented words of a test.",
        }  # fmt: skip
        return self.post("/v1/consent-wordings", {**body, **values}, "HOST_DPO")

    def know_words(self, code, **values):
        """Register words unless they are; those that only a file named are kept too, and are not registered."""
        kept = self.database("consent")["wordings"].find_one({"_id": code})
        if kept is None or not kept["registrations"]:
            answer = self.register_wording(code, **values)
            assert answer.status_code == 201, answer.json

    def give(self, survivor_id, **values):
        """Record a yes to statistics."""
        body = {
            "survivor_id": survivor_id, "purpose": "AGGREGATE_STATISTICS", "decision": "GIVEN",
            "wording_code": WORDING, "language": "en", "method": "VERBAL_IN_PERSON", "setting_private": True,
        }  # fmt: skip
        return self.post("/v1/consents", {**body, **values})

    def run_imports(self):
        ImportJob(self.contexts["case"]).run()

    def upload(self, content, role="HOST_DPO", query=""):
        """Upload a file, let the job carry it out, and give the report."""
        answer = self.post(f"/v1/imports{query}", content, role)
        assert answer.status_code == 202, answer.json
        self.run_imports()
        return self.get(f"/v1/imports/{answer.json['id']}", role).json

    def plan(self, content, role="HOST_DPO", query=""):
        """Upload a file to be planned, let the job plan it, and give the report."""
        answer = self.post(f"/v1/imports{query}{'&' if query else '?'}mode=plan", content, role)
        assert answer.status_code == 202, answer.json
        self.run_imports()
        return self.get(f"/v1/imports/{answer.json['id']}", role).json

    def plan_rows(self, import_id, query="limit=200", role="HOST_DPO"):
        """What a plan tells of its first rows."""
        return self.get(f"/v1/imports/{import_id}/plan/rows?{query}", role).json["items"]

    def commit(self, planned, role="HOST_DPO"):
        """Commit a plan, let the job carry it out, and give the report."""
        body = {"plan_hash": planned["plan_hash"]}
        answer = self.post(f"/v1/imports/{planned['id']}/commit", body, role)
        assert answer.status_code == 202, answer.json
        self.run_imports()
        return self.get(f"/v1/imports/{planned['id']}", role).json

    def undo(self, report, role="HOST_DPO"):
        """Undo an import, let the job do it, and give the report."""
        answer = self.post(f"/v1/imports/{report['id']}/undo", role=role)
        assert answer.status_code == 202, answer.json
        self.run_imports()
        return self.get(f"/v1/imports/{report['id']}", role).json

    def stated(self, service, event_type=None):
        """Every fact that a service stated so far, oldest first."""
        rows = self.database(service)["outbox"].find().sort("_id", 1)
        return [e for row in rows for e in row["events"] if event_type is None or e["type"].endswith(event_type)]

    def audited(self, service="case", **wanted):
        """Every audited action of a service so far that has these values."""
        bodies = [json.loads(e["body"]) for e in self.stated(service) if e["type"] == AUDITS[service].event_type]
        actions = [action for body in bodies for action in body["actions"]]
        return [a for a in actions if all(a[name] == value for name, value in wanted.items())]

    def pump(self, *, silent=()):
        """Carry every new fact to whoever hears it, until nothing moves; facts of silent services wait."""
        self._pump.pump(silent=silent, deaf=self.deaf)

    def skip_the_untold(self):
        """Let nobody hear what was not pumped: another module's thousands of facts are no test's business."""
        self._pump.skip()

    def forget_what_the_host_decided(self):
        """Take back what is stated once for the whole host, as whether an end of support waits: it is no neighbour's."""
        for service, settings in HOST_WIDE:
            self.database(service)[settings].delete_many({})
        # What one person may do a day is counted, and the actors of the tests are one person for every module.
        self.database("case")["emergency_tries"].delete_many({})
