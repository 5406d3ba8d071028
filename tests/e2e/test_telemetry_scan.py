"""A whole stack with every process exporting: one request is one trace, and nothing of a person is in it."""

import contextlib
import json
import os
import re
from datetime import timedelta

import httpx
import pytest
from pymongo import MongoClient

from deploy.stack.readiness import unready_because
from deploy.stack.report import doctor
from deploy.stack.stack import KINDS
from shared.codelists.periods import Period
from shared.kernel.tenancy import BOARD, CUSTODIAN
from shared.telemetry import metric_names
from tests.kit.absent import provision_absent
from tests.kit.collector import Collector
from tests.kit.pilot import Pilot

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

HOST = "harbour"
PERIOD = "2026"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PLANTED = (
    "Nwachukwu", "Adaeze", "07700900461", "refuge-lane-9", "HRB-77-0042", "HRB-77-0043", "NRM-2026-55512",
    "14/07/2026", "2026-07-14", "1991-02-03", "adaeze.worker", "Eritrea", "tigrinya", "wound in the left arm",
    "stats-hrb-9", "forged-path-Okafor",
)  # fmt: skip
CODES = ("FEMALE", "AGE_35_44", "DOMESTIC", "LABOUR", "SEXUAL", "AFRICA", "ERI", "MENTAL_HEALTH")
SHEET = """\
Client Ref,Referral Date,Age At Referral,Gender,Nationality,Exploitation Type,Nation,Advocacy Need,\
Statistics Consent,Consent Date,Consent Wording,Consent Language,Consent Method,Private Setting,Notes
HRB-77-0042,14/07/2026,34,Female,Eritrean,Domestic,England,Mental health,Given,20/07/2026,stats-hrb-9,ti,\
Interpreter,Yes,wound in the left arm
HRB-77-0043,14/07/2026,34,Nwachukwu,Eritrea,refuge-lane-9,England,Adaeze,Given,1991-02-03,stats-hrb-9,ti,\
Interpreter,Yes,tigrinya
HRB-77-0044,14/07/2026,12,Female,Eritrean,Labour,England,Mental health,Given,20/07/2026,stats-hrb-9,ti,\
Interpreter,Yes,
"""


@pytest.fixture(scope="module")
def seen(make_layout):
    """One host's period up to its seal, with mistakes and intruders, and all that processes said meanwhile."""
    collector = Collector()
    kept = {name: os.environ.get(name) for name in _EXPORT}
    os.environ.update({**_EXPORT, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})
    pilot = None
    try:
        pilot = Pilot(make_layout(), [HOST], now=Period.parse(PERIOD).seal_at() - timedelta(hours=20))
        work_through(pilot)
        # The watch looks every few seconds; on a busy machine that may be later than all else.
        pilot.until("the age of a mark", lambda: any(collector.points(metric_names.MARK_AGE.name)))
        agreement = doctor_beside_readyz(pilot)
        ids = ids_in_databases(pilot)
        queued = headers_outside(pilot)
        pilot.stack.stop_processes()  # What is still to be exported leaves now.
        logs = [
            (log.stem, line)
            for log in sorted(pilot.stack.layout.logs_dir.glob("*.out"))
            for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        ]
        yield {"collector": collector, "logs": logs, "ids": ids, "agreement": agreement, "queued": queued}
    finally:
        if pilot is not None:
            pilot.close()
        collector.close()
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


_EXPORT = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "",
    "OTEL_METRIC_EXPORT_INTERVAL": "2000",
    "OTEL_BSP_SCHEDULE_DELAY": "500",
}


def work_through(pilot):
    """What people of a host do in a period, and what goes wrong meanwhile."""
    provision_absent(pilot, ("b2", "c3", "d4", "e5"))
    pilot.board.post("/v1/tasks", {"period": PERIOD, "plan": "year-v1", "roster": [HOST, "b2", "c3", "d4", "e5"]})
    supervisor = pilot.as_(HOST, "supervisor")
    survivor = supervisor.post(
        "/v1/survivors", {"reference": "NRM-2026-55512", "name": "Adaeze Nwachukwu", "safe_contact": "07700900461"}
    )["id"]
    episode = {
        "survivor_id": survivor,
        "referral_date": "2026-07-14",
        "age_band": "AGE_35_44",
        "gender": "FEMALE",
        "nationality": "Eritrea",
        "exploitation_types": ["DOMESTIC"],
        "nation": "ENGLAND",
    }
    url, token = pilot.stack.url(HOST), supervisor.sign_in()
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "traced-request-1"}
    traced = {**headers, "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    answer = httpx.post(f"{url}/v1/episodes", json=episode, headers=traced, trust_env=False)
    assert answer.status_code == 201, answer.text
    make_mistakes(url, headers, episode)
    pilot.register_wording(HOST, "stats-hrb-9")
    report = pilot.import_file(HOST, SHEET.encode())
    assert report["counts"].get("ACCEPTED") == 1, report
    pilot.settled_preview(HOST, PERIOD, episodes=2)
    pilot.sign(HOST, PERIOD)
    pilot.set_clock(Period.parse(PERIOD).seal_at() + timedelta(minutes=1))
    pilot.until("the seal", lambda: pilot.preview(HOST, PERIOD)["state"] == "SEALED")
    statuses = lambda: {h["host"]: h["status"] for h in pilot.board.get("/v1/hosts")["items"]}  # noqa: E731
    pilot.until("the board to hold the half", lambda: statuses()[HOST] == "ON_TIME")


def make_mistakes(url, headers, episode):
    """Requests that carry personal data where none belongs; whatever the answer, nothing of it is logged."""
    attempts = [
        ("POST", "/v1/episodes", {"json": {**episode, "gender": "Adaeze Nwachukwu"}}),
        ("POST", "/v1/episodes", {"content": b'{"name": "Adaeze Nwachukwu" 1991-02-03'}),
        ("POST", "/v1/token", {"data": {"grant_type": "password", "username": "adaeze.worker", "password": "x"}}),
        ("GET", "/v1/forged-path-Okafor/14/07/2026", {}),
        ("GET", "/v1/episodes?name=Nwachukwu", {}),
        ("NWACHUKWU", "/v1/episodes", {}),
        ("GET", "/v1/survivors/adaeze.worker", {}),
    ]
    for method, path, options in attempts:
        with contextlib.suppress(httpx.HTTPError):
            answer = httpx.request(method, url + path, headers=headers, trust_env=False, **options)
            assert answer.status_code >= 400, (method, path)
    forged = {"Authorization": "Bearer Nwachukwu", "traceparent": "00-Nwachukwu", "User-Agent": "Adaeze"}
    httpx.get(f"{url}/v1/episodes", headers=forged, trust_env=False)


def doctor_beside_readyz(pilot):
    """What readyz and doctor say before, while and after a service's database is another's."""
    found = []
    with MongoClient(pilot.stack.engines.mongod.admin_uri()) as admin:
        marker = admin[f"as_{HOST}_consent"]["marker"]

        def note(tenant, *expected):
            # An answer is given again for half a second, so the first one may still be of before the change.
            marker.update_one({}, {"$set": {"tenant_id": tenant}})
            url = pilot.stack.url(HOST)
            pilot.until(f"readyz to name {expected} only", lambda: unready_because(url) == expected)
            found.append((unready_because(url), [f["what"] for f in doctor(pilot.stack) if "not ready" in f["what"]]))

        note(HOST)
        note("another", "database-consent")
        note(HOST)
    return found


def ids_in_databases(pilot):
    """Every random id of a person, an episode or a contribution."""
    with MongoClient(pilot.stack.engines.mongod.admin_uri()) as admin:
        case, reporting = admin[f"as_{HOST}_case"], admin[f"as_{HOST}_reporting"]
        ids = [d["_id"] for name in ("survivors", "episodes") for d in case[name].find({}, {"_id": 1})]
        for document in reporting["contributions"].find({}, {"person_id": 1}):
            ids += [document["_id"], document["person_id"]]
    return ids


def headers_outside(pilot):
    """The events that board and custodian kept of what hosts sent: their inboxes' rows hold no trace either."""
    with MongoClient(pilot.stack.engines.mongod.admin_uri()) as admin:
        return [
            row.get("traceparent")
            for server in (BOARD, CUSTODIAN)
            for row in admin[f"as_{server}_{server}"]["outbox"].find()
        ]


def leaks(texts, words):
    return sorted({word for word in words for text in texts if word.lower() in text.lower()})


def test_no_log_line_holds_anything_of_a_person(seen):
    """Names, dates, references, contacts and free text, of requests and imports that failed too."""
    lines = [line for _, line in seen["logs"]]
    assert len(lines) > 50
    assert leaks(lines, PLANTED) == []
    assert leaks(["a line with Nwachukwu in it"], PLANTED) == ["Nwachukwu"]
    ours = [(name, line) for name, line in seen["logs"] if name.rpartition("-")[2] in KINDS]
    assert {name.rpartition("-")[2] for name, _ in ours} == set(KINDS)
    for name, line in ours:
        assert isinstance(json.loads(line), dict), name


def test_no_span_and_no_metric_holds_anything_of_a_person(seen):
    """Nor the random ids of people and cases, nor a code about somebody, in any attribute or name."""
    texts = seen["collector"].texts()
    assert len(texts) > 1000
    assert leaks(texts, PLANTED) == []
    assert len(seen["ids"]) >= 6
    assert leaks(texts, seen["ids"]) == []
    words = {word for text in texts for word in re.split(r"[^A-Za-z0-9_]+", text)}
    assert words.isdisjoint(CODES)


def test_one_request_is_one_trace_over_all_kinds_of_process(seen):
    """The caller's own trace goes from HTTP through outbox and broker to the consumers."""
    spans = [(p, s) for p, s in seen["collector"].spans if s.trace_id.hex() == TRACE]
    kinds = {process["alongside.process_kind"] for process, _ in spans}
    names = {span.name for _, span in spans}
    assert kinds >= {"api", "worker"}, names
    assert names >= {"POST /v1/episodes", "case commit", "consent consume"}
    by_id = {span.span_id for _, span in spans}
    orphans = [s.name for _, s in spans if s.parent_span_id not in by_id]
    assert orphans == ["POST /v1/episodes"]
    # The next service hears what consent made of it, still in the request's trace or linked to it.
    reporting = [s for _, s in seen["collector"].spans if s.name == "reporting consume"]
    assert any(s.trace_id.hex() == TRACE or TRACE in {k.trace_id.hex() for k in s.links} for s in reporting)


def test_an_import_belongs_to_the_request_that_uploaded_it(seen):
    """The job goes on with the trace of the upload."""
    spans = list(seen["collector"].spans)
    [upload] = [s for _, s in spans if s.name == "POST /v1/imports"]
    [carried] = [s for _, s in spans if s.name == "import"]
    assert carried.trace_id == upload.trace_id


def test_a_trace_ends_at_the_courier(seen):
    """Host, board and custodian share no trace, though contributions and tasks travelled between them."""
    collector = seen["collector"]
    traces = {tenant: collector.traces_of(tenant) for tenant in (HOST, BOARD, CUSTODIAN)}
    links = {
        tenant: {k.trace_id for p, s in collector.spans if p["alongside.tenant"] == tenant for k in s.links}
        for tenant in traces
    }
    assert all(traces.values())
    for tenant, others in ((HOST, (BOARD, CUSTODIAN)), (BOARD, (CUSTODIAN,))):
        for other in others:
            assert traces[tenant].isdisjoint(traces[other])
            assert traces[tenant].isdisjoint(links[other])
            assert links[tenant].isdisjoint(traces[other])
    assert TRACE not in {value[3:35] for value in seen["queued"] if value}


@pytest.mark.parametrize(
    "metric",
    [
        metric_names.REQUEST_DURATION,
        metric_names.COMMANDS,
        metric_names.COMMIT_DURATION,
        metric_names.COMMIT_GROUP_SIZE,
        metric_names.CONSUMED,
        metric_names.CONSUME_BATCH,
        metric_names.PROCESS_DURATION,
        metric_names.DELIVERY_LATENCY,
        metric_names.PUBLISHED,
        metric_names.PUBLISH_LATENCY,
        metric_names.OUTBOX_DEPTH,
        metric_names.OUTBOX_AGE,
        metric_names.PARKED_DEPTH,
        metric_names.RETRY_DEPTH,
        metric_names.UNROUTED_DEPTH,
        metric_names.LEASE_CHANGES,
        metric_names.MARK_AGE,
        metric_names.CONTRIBUTIONS_MISSING,
        metric_names.VECTORS_SENT,
        metric_names.IMPORT_ROWS,
        metric_names.IMPORT_DURATION,
        metric_names.ERASURE_AGE,
        metric_names.COURIER_PACKETS,
    ],
    ids=lambda metric: metric.name,
)
def test_processes_really_send_it(seen, metric):
    """Every figure that a dashboard or an alert stands on comes from a running stack."""
    points = list(seen["collector"].points(metric.name))
    assert points
    for _, labels, _ in points:
        assert labels.keys() <= metric.labels


def test_doctor_and_readyz_agree(seen):
    """Ready and nothing found; not ready and the failing check is named; ready again."""
    before, broken, after = seen["agreement"]
    assert before == after == ((), [])
    assert broken[0] == ("database-consent",)
    assert len(broken[1]) == 1
    assert "database-consent" in broken[1][0]
