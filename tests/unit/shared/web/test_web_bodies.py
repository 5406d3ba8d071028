"""Rights before bodies, and the bounds of JSON."""

import json
import time
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from marshmallow import fields

from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal, TenantId
from shared.outbox.commands import Answer
from shared.web.app import create_app
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway
from shared.web.schemas import EmptySchema, StrictSchema
from shared.web.tokens import TokenIssuer, TokenVerifier
from tests.kit.named_command import Named

TENANT = TenantId("alder")


class ThingSchema(StrictSchema):
    name = fields.Raw(required=True)


class OneByOne:
    """A committer of nothing but its commands; keeps what it was given."""

    def __init__(self):
        self.commands = []

    def execute(self, command, *, within_s=None):
        self.commands.append(command)
        work = SimpleNamespace(audit=lambda _intent: None, now=real_now())
        return command.run(work)


@pytest.fixture(scope="module")
def place():
    key = Ed25519PrivateKey.generate()
    issuer = TokenIssuer(key.private_bytes_raw().hex(), issuer=str(TENANT))
    committer = OneByOne()
    web = Gateway(committer, fingerprint_key=b"k" * 32)
    blueprint = Blueprint("things", __name__, url_prefix="/v1")

    @blueprint.post("/things")
    @blueprint.arguments(ThingSchema)
    def add(body):
        web.require("IMSA")
        return web.carry_out(
            Named("case:thing:add"), lambda _work: Answer(status=201, ids={"kind": type(body["name"]).__name__})
        )

    @blueprint.post("/things/empty")
    @blueprint.arguments(EmptySchema)
    def empty(body):
        del body
        web.require("IMSA")
        return web.carry_out(Named("case:thing:empty"), lambda _work: Answer(status=200))

    app = create_app(
        title="Things", tenant_id=TENANT, blueprints=[blueprint], ready_checks={},
        verifier=TokenVerifier([key.public_key().public_bytes_raw().hex()], tenant_id=TENANT, issuer=str(TENANT)),
    )  # fmt: skip

    def send(role, path, content, **options):
        who = Principal(actor_id=new_id(), tenant_id=TENANT, organisation_id="alder", role=role)
        headers = {"Authorization": f"Bearer {issuer.issue(who)}", "Idempotency-Key": options.pop("key", new_id())}
        options.setdefault("content_type", "application/json")
        return app.test_client().post(path, data=content, headers=headers, **options)

    return SimpleNamespace(send=send, commands=committer.commands)


WRONG = (
    (b'{"name": ', {}),
    (b'{"surprise": 1}', {}),
    (b"[" * 500, {}),
    (b'{"name": ' + b"9" * 5_000 + b"}", {}),
    (b'"' + b"x" * 300_000 + b'"', {}),
    (b"a=b", {"content_type": "text/plain"}),
    (b'{"name": 1}', {"query_string": {"surprise": "1"}}),
)


class TestRights:
    @pytest.mark.parametrize(("content", "options"), WRONG)
    def test_come_before_the_body(self, place, content, options):
        """Who may not use an address gets the 404 of an unknown one, whatever they send; who may gets the reason."""
        answer = place.send("HOST_DPO", "/v1/things", content, **options)
        nowhere = place.send("HOST_DPO", "/v1/nowhere", content, **options)
        assert (answer.status_code, nowhere.status_code) == (404, 404)
        assert answer.json["detail"] == nowhere.json["detail"]
        assert place.send("IMSA", "/v1/things", content, **options).status_code in (400, 413, 415, 422)

    def test_a_body_that_nobody_looks_at_is_checked_too(self, place):
        """A misspelt field of an empty body is not silently lost."""
        assert place.send("IMSA", "/v1/things/empty", b'{"surprise": 1}').status_code == 422
        assert place.send("IMSA", "/v1/things/empty", b"{}").status_code == 200


class TestJson:
    @pytest.mark.parametrize(
        "content",
        [
            b'{"name": ' + b"9" * 5_000 + b"}", b'{"name": -' + b"9" * 21 + b"}", b'{"name": 0.' + b"1" * 5_000 + b"}",
            b'{"name": ' + b"[" * 40 + b"]" * 40 + b"}", b'{"name": ' + b'{"a":' * 40 + b"1" + b"}" * 40 + b"}",
            b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            b'{"name": 1, "name": 2}', b'{"name": {"a": 1, "a": 1}}', b'{"name": NaN}', b'{"name": Infinity}',
            b'{"name": "\xff"}', '{"name": 1}'.encode("utf-16"), b"\xef\xbb\xbf{}", b'{"name": 1} {}', b"",
        ],
    )  # fmt: skip
    def test_out_of_bounds_cannot_be_read(self, place, content):
        """400 in a moment; an empty body lacks its fields. The same deep inside as outside."""
        began = time.monotonic()
        answer = place.send("IMSA", "/v1/things", content)
        assert answer.status_code == (400 if content else 422)
        assert time.monotonic() - began < 5

    @pytest.mark.parametrize(("length", "status"), [(256 * 1024, 201), (256 * 1024 + 1, 413)])
    def test_a_body_has_at_most_256_kb(self, place, length, status):
        """Counted in bytes, to the byte."""
        content = b'{"name": "' + b"x" * (length - 12) + b'"}'
        assert len(content) == length
        assert place.send("IMSA", "/v1/things", content).status_code == status

    @pytest.mark.parametrize(
        ("value", "kind"),
        [(2**63 - 1, "int"), (-(2**63 - 1), "int"), (1.5, "float"), ("é", "str"), ([[[[1]]]], "list"), (True, "bool")],
    )
    def test_what_is_in_bounds_is_read_as_it_was_meant(self, place, value, kind):
        """Bounds refuse, they change nothing."""
        assert place.send("IMSA", "/v1/things", json.dumps({"name": value})).json["kind"] == kind


def test_a_caller_s_idempotency_key_is_kept_as_an_hmac_only(place):
    """People write names into keys; the earlier form is only looked up, never written."""
    place.send("IMSA", "/v1/things", b'{"name": 1}', key="Ada-Lovelace-1815")
    kept = place.commands[-1].idempotency
    assert "Ada" not in kept.key
    assert len(kept.key) == 64
    assert kept.formerly == "Ada-Lovelace-1815"
