"""Drives a whole stack as its people would, for end-to-end tests."""

import time
from datetime import UTC, datetime, timedelta

from deploy.provision.spec import TenantSpec, Timings
from deploy.stack.api_client import ApiRefusedError
from deploy.stack.halves import held_by_custodian
from deploy.stack.people import client_of, make_people
from deploy.stack.report import doctor
from deploy.stack.stack import Stack
from deploy.stack.state import StackState
from shared.codelists.periods import Period
from shared.kernel.clock import write_offset
from shared.kernel.tenancy import BOARD, CENTRE, TenantId

FAST = Timings(mark_settle_s=3.0, mark_every_s=2.0, job_every_s=1.0, retry_delays_ms=(200, 1_000))


class Pilot:
    """A running stack with these hosts; ``close`` stops it."""

    def __init__(self, layout, hosts, *, now=None):
        self.stack = Stack(layout)
        self.hosts = list(hosts)
        state = StackState(demo=True, timings=FAST)
        for number, host in enumerate(self.hosts):
            state = state.with_tenant(
                TenantSpec(id=TenantId(host), name=f"Host {host}", nation="ENGLAND", setting="OTHER", number=number)
            )
        state.save(layout)
        if now is not None:
            self.set_clock(now)
        self.stack.start_engines()
        self.stack.provision()
        self.stack.start_processes()
        for tenant in (CENTRE, *self.hosts):
            make_people(layout, TenantId(tenant))
        self.board = client_of(self.stack, BOARD, "statistician")

    def close(self):
        try:
            self.stack.down()
        finally:
            self.stack.engines.stop()

    def set_clock(self, moment):
        self.stack.layout.make_dirs()
        write_offset(self.stack.layout.clock_file, (moment - datetime.now(UTC)).total_seconds())

    def as_(self, host, name):
        return client_of(self.stack, host, name)

    def until(self, what, condition, within_s=240.0):
        deadline = time.monotonic() + within_s
        while not condition():
            said = what() if callable(what) else what
            assert time.monotonic() < deadline, f"not in time: {said}; {doctor(self.stack)}; {self.warnings()}"
            time.sleep(0.2)

    def warnings(self):
        """The last warnings of every process, for a failing test's message."""
        found = []
        for log in sorted(self.stack.layout.logs_dir.glob("*.out")):
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            found += [f"{log.stem}: {line}" for line in lines if '"warning"' in line or '"error"' in line][-3:]
        return "\n".join(found)

    def register_wording(self, host, code):
        """Register words, on a basis in law without which no host outside a demo can."""
        officer = self.as_(host, "dpo")
        basis = {
            "article6": "LEGITIMATE_INTERESTS_6_1_F", "article9": "EXPLICIT_CONSENT_9_2_A", "controller": "A host",
            "contact": "By telephone, through the office", "keeps_months": 96,
        }  # fmt: skip
        officer.post("/v1/consent-purposes/AGGREGATE_STATISTICS/basis", basis)
        officer.post(
            "/v1/consent-wordings",
            {
                "code": code,
                "purpose": "AGGREGATE_STATISTICS",
                "recipient_class": "PROJECT_BOARD",
                "languages": [],
                "valid_from": "2023-01-01T00:00:00Z",
                "text": "Invented words of a test.",
            },
        )

    def import_file(self, host, content, **parameters):
        dpo = self.as_(host, "dpo")
        started = dpo.upload("/v1/imports", content, **parameters)
        report = {}

        def done():
            report.update(dpo.get(f"/v1/imports/{started['id']}"))
            return report["state"] != "WAITING"

        self.until("an import", done)
        return report

    def preview(self, host, period):
        try:
            return self.as_(host, "datalead").get(f"/v1/periods/{period}/preview")
        except ApiRefusedError as error:
            if error.status == 404:
                return {}
            raise

    def settled_preview(self, host, period, *, episodes):
        """The preview once it accounts for every episode."""
        found = {}

        def complete():
            found.clear()
            found.update(self.preview(host, period))
            if not found:
                return False
            left_out = sum(r["episodes"] for r in found["figures"]["left_out"])
            return found["figures"]["people"] + left_out == episodes

        self.until(lambda: f"{host}'s preview of {episodes}: {found}", complete)
        return found

    def sign(self, host, period):
        """Sign once the figures are proven; what comes between a look and the signature is waited for anew."""
        lead, signed = self.as_(host, "datalead"), []

        def sign():
            looked = self.preview(host, period)
            if not looked["may_be_signed"]:
                return False
            try:
                signed.append(lead.post(f"/v1/periods/{period}/sign-off", {"digest": looked["digest"]}))
            except ApiRefusedError as error:
                if error.document.get("code") != "not-proven-yet":
                    raise
            return bool(signed)

        self.until(f"{host}'s figures to be proven", sign)
        return signed[0]

    def seal_all(self, period):
        self.set_clock(Period.parse(period).seal_at() + timedelta(minutes=1))
        for host in self.hosts:
            self.until(f"{host} to seal", lambda host=host: self.preview(host, period)["state"] == "SEALED")
        self.until(
            "the board to hold every half",
            lambda: all(h["status"] == "ON_TIME" for h in self.board.get("/v1/hosts")["items"]),
        )
        self.until("the custodian to hold every half", lambda: self.custodian_holds(period) >= len(self.hosts))

    def custodian_holds(self, period):
        return held_by_custodian(self.stack, period)

    def close_period(self, period):
        """Move past the closing and give the task's end state."""
        self.set_clock(Period.parse(period).closes_at() + timedelta(minutes=1))
        ended = ("PROTECTED", "NOT_PUBLISHED")
        self.until("the end of the task", lambda: self.task(period)["state"] in ended)
        return self.task(period)

    def task(self, period):
        return next(t for t in self.board.get("/v1/tasks")["items"] if t["period"] == period)

    def publish(self, period):
        answer = self.board.post("/v1/releases", {"task_id": self.task(period)["id"]})
        approver = client_of(self.stack, BOARD, "approver")
        approver.post(f"/v1/releases/{answer['id']}/approve", {"digest": answer["digest"]})
        return self.board.get(f"/v1/releases/{answer['id']}")
