"""What a new user does first: the demo, interrupted and repeated, and the commands that look at it."""

import json
import os
import re
import signal
import subprocess
import sys

import httpx
import pytest
from pymongo import MongoClient

from deploy.demo.hosts import HOSTS, PERIOD
from deploy.engines.layout import PROJECT_ROOT
from deploy.stack.people import client_of
from deploy.stack.report import doctor
from deploy.stack.stack import KINDS, Stack
from shared.codelists.plan import NOT_PUBLISHED_SENTENCE
from shared.kernel.tenancy import TenantId, database_name, vhost_name
from tests.kit.ledger import check

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]

EXPECTED = json.loads((PROJECT_ROOT / "deploy/demo/expected.json").read_text(encoding="utf-8"))["hosts"]
INTERRUPT_AT = "The clock is moved to the seal"
# What looking writes: that somebody looked, and what each of two minutes' marks leaves.
MAY_GROW = {"outbox", "entries", "inbox", "streams", "relay", "idempotency", "leases", "marker", "sign_ins"}
MAY_GROW |= {"batches", "waiting", "stretches", "tiles", "heads", "checkpoints"}
# How far the log was read for unusual access, which goes on with each look.
MAY_GROW |= {"unusual_passes"}
STATUS = {
    "id", "name", "nation", "setting", "api", "vhost", "databases", "processes", "restarts", "outbox_depth",
    "outbox_oldest_s", "parked", "last_seal", "credentials", "sandbox",
}  # fmt: skip


class Demo:
    """A stack that make demo made, in a home and with ports of its own."""

    def __init__(self, layout):
        self.layout, self.stack = layout, Stack(layout)

    def popen(self, *words):
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "client.main", *words],
            cwd=PROJECT_ROOT,
            env={
                **os.environ,
                **self.layout.as_environment(),
                "PYTHONPATH": str(PROJECT_ROOT),
                "COLUMNS": "200",
                "ALONGSIDE_DEMO": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def alongside(self, *words, code=0):
        process = self.popen(*words)
        printed, said = process.communicate(timeout=420)
        assert process.returncode == code, f"{words}\n{printed}\n{said}"
        return printed, said

    def json(self, *words, code=0):
        return json.loads(self.alongside(*words, "-o", "json", code=code)[0])

    def interrupted(self, at):
        """Run the demo and end it with SIGINT when it says so; gives what it said until then."""
        process = self.popen("demo")
        said = []
        for line in process.stderr:
            said.append(line)
            if at in line:
                process.send_signal(signal.SIGINT)
                break
        process.communicate(timeout=60)
        return "".join(said)

    def contents(self):
        """Every document of every database that looking does not change, by collection."""
        with MongoClient(self.stack.engines.mongod.admin_uri(), tz_aware=True) as mongo:
            return {
                f"{name}/{collection}": sorted(map(repr, mongo[name][collection].find()))
                for name in mongo.list_database_names()
                if name not in {"admin", "config", "local"}
                for collection in mongo[name].list_collection_names()
                if collection not in MAY_GROW
            }


@pytest.fixture(scope="module")
def demo(make_layout):
    """The demo, interrupted once and run to its end; and what it said and printed."""
    made = Demo(make_layout())
    try:
        made.first_words = made.interrupted(INTERRUPT_AT)
        made.printed, made.said = made.alongside("demo")
        yield made
    finally:
        made.stack.down()


class TestDemo:
    def test_a_banner_says_what_a_demo_is(self, demo):
        """One person plays five roles, and in service that would void the guarantees."""
        assert "one person plays five roles" in demo.first_words
        assert "would void the guarantees" in demo.first_words
        assert INTERRUPT_AT in demo.first_words

    def test_the_table_has_shown_coarser_and_not_published_parts(self, demo):
        """The last with its one fixed sentence."""
        words = " ".join(re.sub(r"[│┃]", " ", demo.printed).split())
        assert "shown more coarsely" in words
        assert NOT_PUBLISHED_SENTENCE in words
        (release,) = demo.json("release", "show")["releases"]
        assert {"SHOWN", "SHOWN_COARSER", "NOT_PUBLISHED"} <= {table["status"] for table in release["tables"]}

    def test_each_host_reads_under_its_own_heading_who_was_left_out_and_why(self, demo):
        """From its own login."""
        for host in HOSTS:
            part = demo.printed.split(f"{host.name} (its own numbers", 1)[1].split("Host ", 1)[0]
            wanted = EXPECTED[host.id]
            left = wanted["reconfirm"] + wanted["refused"] + wanted["unknown"]
            assert f"Counted: {wanted['effective']}. Left out: {left}." in part

    def test_it_says_where_everything_is(self, demo):
        """Each address answers."""
        for tenant in ("board", *(host.id for host in HOSTS)):
            url = demo.stack.url(tenant)
            assert url in demo.printed
            assert httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
        assert httpx.get(demo.stack.url("board"), trust_env=False).status_code == 200

    def test_a_second_run_changes_nothing(self, demo):
        """The same release, and in every database nothing but that somebody looked."""
        before, release = demo.contents(), demo.json("release", "show")
        again = demo.json("demo")
        assert demo.contents() == before
        assert demo.json("release", "show") == release
        assert again["release"] == release["releases"][0]


class TestCommands:
    def test_status_has_the_shape_that_is_promised(self, demo):
        """Of each tenant, of board, custodian and central register."""
        found = demo.json("status")
        assert [set(tenant) for tenant in found["tenants"]] == [STATUS] * len(HOSTS)
        for tenant in found["tenants"]:
            assert tenant["vhost"] == vhost_name(tenant["id"])
            assert set(tenant["processes"]) == set(KINDS)
            assert all(isinstance(pid, int) for pid in tenant["processes"].values())
            assert tenant["outbox_depth"] >= 0
            assert tenant["parked"] == 0
            assert tenant["last_seal"]
            assert {"admin", "dpo", "datalead"} <= set(tenant["credentials"])
        for server in ("board", "custodian", "centre"):
            assert {"url", "api", "vhost", "databases", "processes", "parked"} <= set(found[server])

    def test_nothing_is_wrong(self, demo, eventually):
        """Doctor and the status agree; nothing waits, nothing is parked, nobody's key is missing."""
        eventually(lambda: doctor(demo.stack) == [], within_s=60)
        # Other tests here kill processes; that one was started again stays told for a while, and is no finding.
        assert demo.json("doctor")["findings"] == []
        assert demo.json("status")["findings"] == []

    @pytest.mark.parametrize(
        ("words", "key"),
        [
            (["tenant", "list"], "tenants"),
            (["parked", "list", "-t", "alder"], "items"),
            (["audit", "list", "-t", "alder"], "items"),
            (["events", "catalogue", "-t", "alder"], "items"),
            (["events", "consumers", "-t", "alder"], "items"),
            (["release", "show"], "releases"),
            (["period", "preview", PERIOD, "-t", "alder"], "figures"),
            (["migrate", "status"], "databases"),
            (["erase", "status", "-t", "alder"], "step"),
        ],
    )
    def test_each_shows_json(self, demo, words, key):
        """For machines, on standard output alone."""
        assert key in demo.json(*words)

    def test_events_are_one_a_line(self, demo):
        """Ids and codes only, in the order in which they were recorded."""
        printed, _ = demo.alongside("events", "tail", "-t", "alder", "-o", "json")
        assert "alongside.reporting.share_submitted.v1" in printed
        assert "SYNTHETIC" not in printed


def test_a_process_that_was_killed_is_named_and_started_again(demo, eventually):
    """One of each kind, by SIGKILL: the supervisor starts each, and doctor and status say that it had to."""
    eventually(lambda: doctor(demo.stack) == [], within_s=60)
    victims = [("alder", kind) for kind in KINDS] + [("board", "worker"), ("custodian", "worker")]
    killed = {victim: demo.stack.process(*victim).pid() for victim in victims}
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: all(demo.stack.process(*v).pid() not in {None, pid} for v, pid in killed.items()), within_s=60)
    eventually(lambda: doctor(demo.stack) == [], within_s=90)
    said = demo.json("doctor")
    assert said["findings"] == []
    assert all(any(f"{tenant}-{kind} ended" in note for note in said["notes"]) for tenant, kind in victims)
    shown = demo.json("status")
    assert next(t for t in shown["tenants"] if t["id"] == "alder")["restarts"] == len(KINDS)


def test_what_nobody_starts_again_is_a_finding_and_up_mends_it(demo, eventually):
    """Without the supervisor: doctor and status name what was killed and end with 1, and ``up`` starts everything."""
    os.kill(demo.stack.supervisor().pid(), signal.SIGKILL)
    demo.stack.supervisor().kill()
    worker = demo.stack.process("alder", "worker")
    os.kill(worker.pid(), signal.SIGKILL)
    worker.kill()
    what = [f["what"] for f in demo.json("doctor", code=1)["findings"]]
    assert any("alder: not running: worker" in one for one in what)
    assert any("supervisor" in one for one in what)
    assert demo.json("status", code=1)["findings"]
    demo.alongside("up")
    eventually(lambda: doctor(demo.stack) == [], within_s=90)
    assert demo.stack.supervisor().pid() is not None


def test_an_engine_that_was_killed_comes_again(demo, eventually):
    """By SIGKILL: nobody runs ``up``, and nothing that was recorded is lost."""
    release = demo.json("release", "show")
    mongod = demo.stack.engines.mongod
    os.kill(mongod.pid(), signal.SIGKILL)
    mongod.kill()
    eventually(lambda: mongod.pid() is not None, within_s=60)
    eventually(lambda: doctor(demo.stack) == [], within_s=120)
    assert demo.json("release", "show") == release


def test_commands_are_accepted_while_the_broker_is_away(demo, eventually):
    """Facts wait in the outbox, readiness stays, and after the broker's return each takes effect once."""
    eventually(lambda: doctor(demo.stack) == [], within_s=60)
    person = client_of(demo.stack, "alder", "supervisor")
    demo.stack.engines.rabbit.stop()
    made = [person.post("/v1/survivors", {"name": f"Invented {n}"})["id"] for n in range(20)]
    assert httpx.get(f"{demo.stack.url('alder')}/readyz", trust_env=False).status_code == 200
    assert "message broker" in demo.json("doctor", code=3)["findings"][0]["what"]
    demo.alongside("status", code=3)
    demo.stack.engines.rabbit.start()
    demo.alongside("up")

    def registered():
        with MongoClient(demo.stack.engines.mongod.admin_uri(), tz_aware=True) as mongo:
            found = mongo[database_name(TenantId("alder"), "audit")]["entries"]
            return [
                e["object_id"] for e in found.find({"action": "case:survivor:register", "object_id": {"$in": made}})
            ]

    eventually(lambda: len(registered()) >= len(made), within_s=90)
    eventually(lambda: doctor(demo.stack) == [], within_s=90)
    assert not check(acknowledged=made, effects=registered(), audited=registered())


def test_a_second_stack_runs_beside_it(demo, make_layout):
    """Other home, other ports: neither sees the other's tenants, and the end of one leaves the other running."""
    other = Demo(make_layout())
    try:
        other.alongside("up")
        other.alongside("tenant", "add", "heron", "--name", "Host Heron", "--nation", "WALES")
        listed = other.json("tenant", "list")
        assert [t["id"] for t in listed["tenants"]] == ["heron"]
        # Where each answers, whether or not it does: a script that asks for an address ends for nobody's hiccup.
        assert {name: listed["centre"][name] for name in ("board", "centre")} == {
            name: other.json("status")[name]["url"] for name in ("board", "centre")
        }
        assert "heron" not in {t["id"] for t in demo.json("tenant", "list")["tenants"]}
        # In service there are no invented people and no credentials in the status.
        (heron,) = other.json("status")["tenants"]
        assert "credentials" not in heron
        other.alongside("clock", "advance", "1", code=1)
    finally:
        other.alongside("down")
    assert httpx.get(f"{demo.stack.url('alder')}/readyz", trust_env=False).status_code == 200
    other.alongside("reset", "--yes")
    assert not other.layout.home.exists()


def test_down_and_up_keep_everything(demo):
    """Also after the machine's engines were stopped. Last, for it takes everything away for a while."""
    release = demo.json("release", "show")
    demo.alongside("down")
    assert demo.json("doctor", code=3)["findings"]
    demo.alongside("up")
    assert demo.json("release", "show") == release
