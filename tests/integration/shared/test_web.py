"""The HTTP edge over a real database: one blueprint of things, real tokens, the real committer."""

import json
import secrets
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import pytest
from flask import request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import Schema, fields, validate

from shared.kernel.clock import real_now
from shared.kernel.errors import InvalidInputError, RuleViolationError, TemporarilyUnavailableError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId
from shared.outbox.commands import Answer, DomainCommand
from shared.web.app import MAX_BODY_BYTES
from shared.web.listing import PageRequest, find_page
from shared.web.paging import PageQuerySchema
from shared.web.problems import kinds_of_problems
from shared.web.routes import ANYBODY, Route, RouteGroup, Told
from shared.web.schemas import AnswerSchema, StrictSchema
from tests.kit.quickest import quickest
from tests.kit.web_place import audited, keyed, web_place

EVERYWHERE = (
    ("GET", "/v1/things"), ("POST", "/v1/things"), ("GET", "/v1/nowhere"), ("DELETE", "/v1/things"), ("GET", "/"),
    ("PATCH", "/x/y"), ("OPTIONS", "/v1/things"), ("PUT", "/healthz/x"), ("GET", "/v1/fail/rule"), ("HEAD", "/v1/things"),
)  # fmt: skip


class PartSchema(StrictSchema):
    kind = fields.String(required=True, validate=validate.OneOf(["GOAL", "NOTE"]))
    weight = fields.Integer(load_default=0)


class ThingSchema(StrictSchema):
    name = fields.String(required=True, validate=validate.Length(max=20))
    born = fields.Date(load_default=None, allow_none=True)
    parts = fields.List(fields.Nested(PartSchema), load_default=list)


class ThingRowSchema(Schema):
    id = fields.String()
    name = fields.String()
    updated_at = fields.AwareDateTime()


class ThingListSchema(Schema):
    items = fields.List(fields.Nested(ThingRowSchema))
    next = fields.String(allow_none=True)


class PlantedError(RuleViolationError):
    code = "planted-rule"


def row(document):
    return {"id": document["_id"], "name": document["name"], "updated_at": document["updated_at"]}


@dataclass(frozen=True, kw_only=True)
class AddThing(DomainCommand):
    action: ClassVar[str] = "case:thing:add"
    thing_id: str
    name: str

    @property
    def object_id(self):
        return self.thing_id


def add_thing(command, work):
    if command.name == "slow":
        time.sleep(0.2)
    work.insert("things", {"_id": command.thing_id, "name": command.name, "updated_at": work.now})
    return Answer(status=201, ids={"id": command.thing_id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class RenameThing(DomainCommand):
    action: ClassVar[str] = "case:thing:rename"
    thing_id: str
    name: str
    version: int

    @property
    def object_id(self):
        return self.thing_id


def rename_thing(command, work):
    document = work.get("things", command.thing_id)
    changed = {"version": command.version, "name": command.name, "updated_at": work.now}
    work.replace("things", {**document, **changed})
    return Answer(status=200, ids={"id": command.thing_id, "version": command.version + 1})


@dataclass(frozen=True, kw_only=True)
class UploadThing(DomainCommand):
    action: ClassVar[str] = "case:thing:upload"
    size: int

    @property
    def object_id(self):
        return "file"


def upload_thing(command, work):
    del work
    return Answer(status=202, ids={"size": command.size})


def fail(asked, web):
    """Fail in one of the ways."""
    del web
    errors = {
        "rule": PlantedError("A rule of the test."),
        "input": InvalidInputError("Not so.", ({"pointer": "#/name", "code": "odd", "detail": "Odd."},)),
        "away": TemporarilyUnavailableError("Away."),
        "fault": ZeroDivisionError("planted-Jane-Doe"),
    }
    raise errors[asked.path["kind"]]


def things(database):
    """The routes of a service of things."""

    def every_thing(asked):
        return find_page(database["things"], PageRequest.of(asked.query), where={"hidden": None}, row=row)

    def one_thing(asked):
        document = database["things"].find_one({"_id": asked.path["thing_id"]})
        return {**row(document), "version": document["version"]}

    return RouteGroup(
        name="things",
        about="Things",
        routes=[
            Route(
                method="POST",
                path="/v1/things",
                says="Add a thing.",
                roles=["IMSA"],
                scope="things:write",
                body=ThingSchema,
                gives=AnswerSchema,
                status=201,
                command=lambda asked: Told(
                    command=AddThing(thing_id=new_id(), name=asked.body["name"]),
                    shown_once=lambda _: {"secret": "only-now"},
                ),
                by=add_thing,
                location="/v1/things/{id}",
            ),
            Route(
                method="GET",
                path="/v1/things",
                says="List things.",
                roles=["IMSA"],
                query=PageQuerySchema,
                gives=ThingListSchema,
                view=every_thing,
                action="case:thing:list",
            ),
            Route(
                method="GET",
                path="/v1/things/<thing_id>",
                says="Read a thing.",
                roles=["IMSA"],
                view=one_thing,
                action="case:thing:read",
            ),
            Route(
                method="PUT",
                path="/v1/things/<thing_id>",
                says="Rename a thing.",
                roles=["IMSA"],
                body=ThingSchema,
                gives=AnswerSchema,
                if_match=True,
                command=lambda asked: RenameThing(
                    thing_id=asked.path["thing_id"], name=asked.body["name"], version=asked.version
                ),
                by=rename_thing,
            ),
            Route(
                method="POST",
                path="/v1/uploads",
                says="Take a file.",
                roles=["IMSA"],
                command=lambda _: UploadThing(size=len(request.get_data(cache=True))),
                by=upload_thing,
            ),
            Route(
                method="GET", path="/v1/fail/<kind>", says="Fail in one of the ways.", roles=ANYBODY, answered_by=fail
            ),
        ],
    )


@pytest.fixture(scope="module")
def stack(engines):
    with web_place(engines, things) as place:
        yield place


@pytest.fixture(scope="module")
def advocate(stack):
    return {"Authorization": f"Bearer {stack.token()}"}


@pytest.fixture
def http(stack):
    return stack.app.test_client()


class TestAuthentication:
    @pytest.mark.parametrize(("method", "path"), EVERYWHERE)
    def test_every_unusable_token_gets_the_very_same_401(self, stack, http, method, path):
        """No token, garbage, a stranger's and another tenant's: one status, one body, one set of headers, anywhere."""
        other = TenantId("other")
        sent = [
            {},
            {"Authorization": "Bearer garbage"},
            {"Authorization": "Basic QTpC"},
            {"Authorization": f"Bearer {stack.token(signed_by=stack.stranger)}"},
            {"Authorization": f"Bearer {stack.token(of=other, signed_by=stack.stranger)}"},
            {"Authorization": f"Bearer {stack.token(of=other)}"},
            {"Authorization": f"Bearer {stack.token()}", "X-Tenant": str(stack.tenant)} | {"Authorization": "Bearer"},
        ]
        reference = http.get("/v1/things")
        expected = {k: v for k, v in reference.headers.items() if k not in ("X-Request-Id", "Date")}
        for headers in sent:
            answer = http.open(path, method=method, headers=headers)
            shown = {k: v for k, v in answer.headers.items() if k not in ("X-Request-Id", "Date")}
            assert (answer.status_code, shown) == (401, expected)
            assert answer.data == (b"" if method == "HEAD" else reference.data)

    def test_the_time_does_not_tell_a_foreign_token_from_garbage_or_none(self, stack, http):
        """One signature is verified whatever was sent."""
        foreign = {"Authorization": f"Bearer {stack.token(signed_by=stack.stranger)}"}
        sent = {"foreign": foreign, "garbage": {"Authorization": "Bearer a.b.c"}, "none": {}}

        def ask(headers):
            # The thread's own time: what else the machine does must not decide.
            began = time.thread_time()
            http.get("/v1/things", headers=headers)
            return time.thread_time() - began

        best = quickest({name: partial(ask, headers) for name, headers in sent.items()}, rounds=150)
        assert max(best.values()) < 1.6 * min(best.values()), best

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/v1/meta", "/docs/", "/docs/errors"])
    def test_the_open_addresses_need_none(self, http, path):
        """Health, version and the API's pages are open."""
        assert http.get(path, buffered=True).status_code == 200


class TestRights:
    def test_a_caller_without_the_right_gets_the_404_of_an_unknown_address_and_is_audited(self, stack, http):
        """Whether a thing exists is told only to those who may see it."""
        actor = new_id()
        headers = {"Authorization": f"Bearer {stack.token('HOST_DPO', actor=actor)}"}
        hidden, unknown = http.get("/v1/things", headers=headers), http.get("/v1/nowhere", headers=headers)
        differing = ("instance", "trace_id")
        bodies = [{k: v for k, v in answer.json.items() if k not in differing} for answer in (hidden, unknown)]
        assert hidden.status_code == unknown.status_code == 404
        assert bodies[0] == bodies[1]
        assert [a["outcome"] for a in audited(stack, actor_id=actor)] == ["REFUSED"]

    def test_a_machine_key_acts_by_its_scopes(self, stack, http):
        """A scope opens what it names and nothing else."""
        machine = {"Authorization": f"Bearer {stack.token('INTEGRATOR', scopes=['things:write'])}"}
        assert http.post("/v1/things", json={"name": "m"}, headers=keyed(machine)).status_code == 201
        assert http.get("/v1/things", headers=machine).status_code == 404


class TestCommands:
    def test_a_command_answers_ids_and_commits_its_audit_with_it(self, stack, http, advocate):
        """201 with id, ETag and Location; the audit intent names what was made."""
        answer = http.post("/v1/things", json={"name": "a"}, headers=keyed(advocate))
        assert answer.status_code == 201
        assert answer.headers["ETag"] == '"1"'
        assert answer.headers["Location"] == f"/v1/things/{answer.json['id']}"
        assert len(audited(stack, object_id=answer.json["id"], outcome="ALLOWED")) == 1

    def test_a_repeat_gives_the_first_answer_again_without_what_is_shown_once(self, stack, http, advocate):
        """The same key and body: one effect, one answer, no stored secret."""
        headers, name = keyed(advocate), secrets.token_hex(4)
        first = http.post("/v1/things", json={"name": name}, headers=headers)
        again = http.post("/v1/things", json={"name": name}, headers=headers)
        assert first.json == again.json | {"secret": "only-now"}
        assert "secret" not in again.json
        assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
        assert again.headers["Location"] == first.headers["Location"]
        assert stack.database["things"].count_documents({"name": name}) == 1
        assert "only-now" not in str(list(stack.database["idempotency"].find()))

    def test_another_body_or_query_under_the_same_key_is_refused(self, http, advocate):
        """A key belongs to one request."""
        headers = keyed(advocate)
        assert http.post("/v1/things", json={"name": "a"}, headers=headers).status_code == 201
        other = http.post("/v1/things", json={"name": "b"}, headers=headers)
        assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")

    @pytest.mark.parametrize("key", ["", "x" * 256, "a b", "naïve"])
    def test_a_post_without_a_usable_key_is_refused(self, stack, http, advocate, key):
        """1 to 255 visible ASCII characters, on every POST."""
        answer = http.post("/v1/things", json={"name": "nokey"}, headers={**advocate, "Idempotency-Key": key})
        assert (answer.status_code, answer.json["code"]) == (400, "idempotency-key-missing")
        assert stack.database["things"].count_documents({"name": "nokey"}) == 0

    @pytest.mark.parametrize("processes", [1, 2])
    def test_racing_requests_with_one_key_have_one_effect(self, stack, advocate, processes):
        """Whatever the interleaving, in one process or two: one thing, and every answer is it or says wait."""
        apps = [stack.app, stack.twin][:processes]
        key, name = new_id(), "slow"
        before = stack.database["things"].count_documents({"name": name})
        answers, start = [], threading.Barrier(6)

        def post(app):
            start.wait()
            answers.append(app.test_client().post("/v1/things", json={"name": name}, headers=keyed(advocate, key)))

        threads = [threading.Thread(target=post, args=(apps[n % processes],)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert stack.database["things"].count_documents({"name": name}) == before + 1
        assert {a.status_code for a in answers} <= {201, 409}
        assert len({a.json["id"] for a in answers if a.status_code == 201}) == 1
        assert sum("Idempotent-Replayed" not in a.headers for a in answers if a.status_code == 201) == 1

    def test_the_outbox_row_carries_the_caller_s_trace(self, stack, http, advocate):
        """The trace that came in goes on; a malformed one begins anew."""
        trace = secrets.token_hex(16)
        headers = {**keyed(advocate), "traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
        http.post("/v1/things", json={"name": "t"}, headers=headers)
        assert stack.database["outbox"].count_documents({"traceparent": {"$regex": f"^00-{trace}-"}}) == 1


class TestReads:
    def test_a_read_is_audited_before_its_answer_leaves(self, stack, http, advocate):
        """Who has the answer finds the entry in the outbox already."""
        thing = http.post("/v1/things", json={"name": "r"}, headers=keyed(advocate)).json["id"]
        answer = http.get(f"/v1/things/{thing}", headers=advocate)
        assert answer.headers["ETag"] == '"1"'
        assert [a["action"] for a in audited(stack, object_id=thing)] == ["case:thing:add", "case:thing:read"]

    def test_instants_are_rfc_3339_in_utc(self, http, advocate):
        """No HTTP dates in a body."""
        thing = http.post("/v1/things", json={"name": "r"}, headers=keyed(advocate)).json["id"]
        assert http.get(f"/v1/things/{thing}", headers=advocate).json["updated_at"].endswith("Z")

    def test_pages_show_each_entry_once_and_link_to_the_next(self, stack, http, advocate):
        """Following next gives everything, oldest change first."""
        at = real_now().replace(microsecond=0)
        prefix = secrets.token_hex(4)
        since = at.replace(year=at.year + 1)
        wanted = [f"{prefix}-{n}" for n in range(7)]
        stack.database["things"].insert_many(
            [{"_id": i, "name": "p", "updated_at": since, "version": 1} for i in wanted]
        )
        path, seen = f"/v1/things?limit=3&updated_since={since.isoformat().replace('+00:00', 'Z')}", []
        while path:
            answer = http.get(path, headers=advocate)
            assert answer.status_code == 200, answer.json
            seen += [item["id"] for item in answer.json["items"]]
            link = answer.headers.get("Link", "")
            assert ('rel="next"' in link) == (answer.json["next"] is not None)
            path = link.partition(">")[0][1:]
        assert seen == wanted

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ("limit=0", "#/limit"), ("limit=201", "#/limit"), ("after=xyz", "#/after"), ("after=MjAyNnw=", "#/after"),
            ("updated_since=2026-01-01", "#/updated_since"), ("limt=5", "#/limt"),
        ],
    )  # fmt: skip
    def test_a_parameter_that_is_wrong_or_unknown_is_named(self, http, advocate, query, pointer):
        """A misspelt filter would silently show everything."""
        answer = http.get(f"/v1/things?{query}", headers=advocate)
        assert answer.status_code == 422
        assert [e["pointer"] for e in answer.json["errors"]] == [pointer]

    def test_a_read_without_parameters_takes_none(self, http, advocate):
        """A query that the route never looks at is refused too."""
        answer = http.get("/v1/meta?x=1", headers=advocate)
        assert (answer.status_code, answer.json["code"]) == (422, "unknown-parameter")


class TestVersions:
    @pytest.fixture
    def thing(self, http, advocate):
        return http.post("/v1/things", json={"name": "v"}, headers=keyed(advocate)).json["id"]

    def put(self, http, advocate, thing, tag):
        headers = advocate if tag is None else {**advocate, "If-Match": tag}
        return http.put(f"/v1/things/{thing}", json={"name": "w"}, headers=headers)

    @pytest.mark.parametrize(
        ("tag", "status"),
        [(None, 428), ("*", 428), ('"1", "2"', 428), ('"7"', 412), ('"abc"', 412), ('W/"1"', 412), ('"1"', 200)],
    )
    def test_a_change_needs_the_version_that_was_read(self, http, advocate, thing, tag, status):
        """Missing or of no use: 428. Another version: 412."""
        answer = self.put(http, advocate, thing, tag)
        assert answer.status_code == status
        if status == 200:
            assert answer.headers["ETag"] == '"2"'
        elif status == 412:
            assert answer.json["code"] == "stale-version"

    def test_of_two_changes_of_one_version_one_wins(self, stack, advocate, thing):
        """The version is compared in the database."""
        start, statuses = threading.Barrier(2), []

        def change(app):
            start.wait()
            statuses.append(self.put(app.test_client(), advocate, thing, '"1"').status_code)

        threads = [threading.Thread(target=change, args=(app,)) for app in (stack.app, stack.twin)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200, 412]


PLANT = "Qzx7-planted"
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from([PLANT, f"{PLANT}\ud800", PLANT * 40])
)
BODIES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "born", "parts", "kind", "weight", PLANT, f"{PLANT}/0"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


class TestProblems:
    @given(body=BODIES, path=st.sampled_from(["/v1/things", f"/v1/{PLANT}", f"/v1/things?{PLANT}={PLANT}"]))
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_no_problem_repeats_what_was_sent(self, stack, advocate, body, path):
        """Neither a value nor an unknown field's name comes back, whatever is sent."""
        answer = stack.app.test_client().post(
            path, data=json.dumps(body), headers=keyed(advocate), content_type="application/json"
        )
        if answer.status_code >= 400:
            assert answer.status_code < 500
            assert answer.content_type == "application/problem+json"
            assert b"planted" not in answer.data

    @pytest.mark.parametrize(
        ("address", "options", "status"),
        [
            ("GET /v1/nowhere", {}, 404),
            ("DELETE /v1/things", {}, 405),
            ("POST /v1/things", {"data": b"{", "content_type": "application/json"}, 400),
            ("POST /v1/things", {"data": b"[" * 100_000, "content_type": "application/json"}, 400),
            ("POST /v1/things", {"data": b"\xff", "content_type": "application/json"}, 400),
            ("POST /v1/things", {"data": b"a=b", "content_type": "text/plain"}, 415),
            ("POST /v1/things", {"data": b"x" * (MAX_BODY_BYTES + 1), "content_type": "application/json"}, 413),
            ("POST /v1/uploads", {"data": b"x" * (MAX_BODY_BYTES + 1), "content_type": "text/csv"}, 413),
            ("GET /v1/fail/rule", {}, 409),
            ("GET /v1/fail/input", {}, 422),
            ("GET /v1/fail/away", {}, 503),
            ("GET /v1/fail/fault", {}, 500),
        ],
    )
    def test_every_error_is_a_problem_document(self, http, advocate, address, options, status):
        """Type, title, status, detail, code and instance, never HTML and never an exception's text."""
        method, _, path = address.partition(" ")
        answer = http.open(path, method=method, headers=keyed(advocate), **options)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        assert answer.json["status"] == status
        assert answer.json["type"] == f"/docs/errors/{answer.json['code']}"
        page = http.get(answer.json["type"])
        assert (page.status_code, page.mimetype) == (200, "text/html")
        assert answer.json["code"] in page.text
        assert answer.json["instance"] == answer.headers["X-Request-Id"]
        assert set(answer.json) <= {"type", "title", "status", "detail", "code", "instance", "trace_id", "errors"}
        assert b"Jane" not in answer.data
        if status == 503:
            assert int(answer.headers["Retry-After"]) > 0
        if status == 405:
            assert "GET" in answer.headers["Allow"]

    def test_errors_point_at_the_place(self, http, advocate):
        """A pointer for each field that is not right."""
        body = {"name": 5, "parts": [{"kind": "GOAL"}, {"kind": "X"}, {}], "surname": "Jane"}
        answer = http.post("/v1/things", json=body, headers=keyed(advocate))
        found = {(e["pointer"], e["code"]) for e in answer.json["errors"]}
        assert found == {
            ("#/name", "invalid"), ("#/parts/1/kind", "invalid"), ("#/parts/2/kind", "required"), ("#", "unknown-field"),
        }  # fmt: skip

    def test_security_headers_stand_on_every_answer(self, http, advocate):
        """Nothing is sniffed, cached or framed; the server does not name itself."""
        for path in ("/v1/things", "/v1/nowhere", "/healthz", "/docs/"):
            headers = http.get(path, headers=advocate, buffered=True).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert "connect-src 'self'" in headers["Content-Security-Policy"]
            assert "Server" not in headers
        assert http.get("/v1/things", headers=advocate).headers["Cache-Control"] == "no-store"


class TestPlainRoutes:
    def test_ready_falls_when_a_check_does_or_while_draining(self, stack, http):
        """503 sends the next request elsewhere; the process still lives."""
        assert http.get("/readyz").json["status"] == "ready"
        stack.checks["up"] = False
        assert http.get("/readyz").status_code == 503
        stack.checks["up"] = True
        stack.app.extensions["draining"] = True
        answer = http.get("/readyz")
        stack.app.extensions["draining"] = False
        assert (answer.status_code, answer.json["draining"]) == (503, True)
        assert http.get("/healthz").json == {"status": "up"}

    def test_the_document_is_openapi_3_1_and_declares_problems_everywhere(self, http):
        """Valid, and each operation has a default problem; each POST wants an Idempotency-Key."""
        document = http.get("/openapi.json").json
        # Its import takes over a second, in each of pytest's workers.
        from openapi_spec_validator import validate as validate_openapi

        validate_openapi(document)
        assert document["openapi"] == "3.1.0"
        for operations in document["paths"].values():
            for method, operation in operations.items():
                if method == "parameters":
                    continue
                assert operation["responses"]["default"] == {"$ref": "#/components/responses/DEFAULT_ERROR"}
                names = [p.get("name") for p in operation.get("parameters", [])]
                assert ("Idempotency-Key" in names) == (method == "post")
        default = document["components"]["responses"]["DEFAULT_ERROR"]
        assert list(default["content"]) == ["application/problem+json"]

    @pytest.mark.parametrize("path", ["/docs", "//v1//things", "/v1/things/"])
    def test_the_router_never_answers_in_html(self, http, advocate, path):
        """Neither a redirect's body nor its address repeats the Host header."""
        answer = http.get(path, headers={**advocate, "Host": "planted.example"})
        assert answer.status_code in (308, 404)
        assert b"<" not in answer.data
        assert "planted" not in answer.text + answer.headers.get("Location", "")

    def test_meta_names_tenant_and_document(self, stack, http):
        """A client sees at once whether the API changed."""
        import hashlib

        meta = http.get("/v1/meta").json
        assert meta["tenant"] == stack.tenant
        assert meta["openapi_sha256"] == hashlib.sha256(http.get("/openapi.json").data).hexdigest()

    def test_the_pages_ask_nothing_of_any_other_server(self, http):
        """Everything that a page loads is ours, and is there."""
        import re

        page = http.get("/docs/", buffered=True).text
        assert "http" not in page
        assert '<meta charset="utf-8">' in page
        for address in re.findall(r'(?:src|href)="([^"#/d][^"]*)"', page):
            assert http.get(f"/docs/{address}", buffered=True).status_code == 200, address
        assert "planted-rule" in http.get("/docs/errors").text
        assert http.get("/docs/errors/no-such-problem").status_code == 404
        for code in kinds_of_problems():
            assert http.get(f"/docs/errors/{code}").status_code == 200, code
        assert "/v1/things" in http.get("/docs/reference").text
