"""Sign-in with real argon2id and a real database."""

import base64
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.identity.sessions.passwords import AT_A_TIME, WAITING
from services.identity.sessions.sign_in import FAILURE_LIMIT
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.kernel.tenancy import BOARD, CENTRE
from shared.runtime.rooms import service_of
from shared.web.tokens import TokenVerifier
from tests.kit.quickest import quickest

PASSWORD = "correct horse battery staple"


def keyed(headers, key=None, **more):
    return {**headers, "Idempotency-Key": key or new_id(), **more}


class TestPassword:
    def test_gives_a_token_for_one_organisation_and_one_role(self, place):
        """The token opens this tenant's API as that user in that role."""
        person = place.person("IMSA", display_name="Ada")
        answer = place.password(person.login.upper())
        assert answer.status_code == 200
        assert (answer.json["token_type"], answer.json["role"]) == ("Bearer", "IMSA")
        me = place.http.get("/v1/me", headers={"Authorization": f"Bearer {answer.json['access_token']}"}).json
        assert (me["id"], me["role"], me["organisation_id"]) == (person.id, "IMSA", str(place.tenant))
        assert (me["login"], me["display_name"]) == (person.login, "Ada")

    def test_a_user_of_several_roles_says_which(self, place):
        """A session carries exactly one role; none is chosen silently."""
        person = place.person("IMSA", "SUPERVISOR")
        unsaid = place.password(person.login)
        assert (unsaid.status_code, unsaid.json["error"]) == (400, "invalid_request")
        assert place.password(person.login, role="SUPERVISOR").json["role"] == "SUPERVISOR"
        assert place.password(person.login, role="HOST_DPO").json["error"] == "invalid_request"

    def test_unknown_login_wrong_password_and_suspended_user_are_one_answer(self, place, admin):
        """Nobody learns who has an account here."""
        person, gone = place.person("IMSA"), place.person("IMSA")
        place.http.post(f"/v1/users/{gone.id}/suspend", json={}, headers=keyed(admin))
        answers = [
            place.password(person.login, "wrong wrong wrong"),
            place.password("nobody@host.example"),
            place.password(gone.login),
            place.password("x" * 10_000, "y" * 10_000),
        ]
        shown = {
            (a.status_code, a.data, tuple((k, v) for k, v in a.headers.items() if k != "X-Request-Id")) for a in answers
        }
        assert len(shown) == 1
        assert answers[0].json["error"] == "invalid_grant"

    def test_the_time_does_not_tell_an_unknown_login_from_a_wrong_password(self, place):
        """Both cost one argon2id and one transaction."""

        def ask(login):
            began = time.perf_counter()
            place.password(login(), "wrong wrong wrong")
            return time.perf_counter() - began

        people = iter([place.person("IMSA").login for _ in range(30)])
        nobody = (f"nobody{n}@host.example" for n in itertools.count())
        best = quickest({"known": lambda: ask(people.__next__), "unknown": lambda: ask(nobody.__next__)}, rounds=8)
        assert max(best.values()) < 1.6 * min(best.values()), best

    @pytest.mark.parametrize("known", [True, False])
    def test_ten_failures_close_a_login_for_a_quarter_of_an_hour(self, demo_place, known):
        """Also the right password is refused then, and a login that nobody has closes too."""
        login = demo_place.person("IMSA").login if known else "closing@host.example"
        statuses = [demo_place.password(login, "wrong wrong wrong").status_code for _ in range(FAILURE_LIMIT)]
        closed = demo_place.password(login)
        assert statuses == [400] * FAILURE_LIMIT
        assert (closed.status_code, closed.json["error"]) == (429, "invalid_grant")
        assert 0 < int(closed.headers["Retry-After"]) <= 901
        # The window ends: as if a quarter of an hour had passed.
        demo_place.database["failures"].update_many({}, {"$set": {"expires_at": real_now() - timedelta(seconds=1)}})
        assert demo_place.password(login).status_code == (200 if known else 400)

    def test_many_at_once_do_not_overtake_the_count(self, demo_place):
        """Of forty guesses at once about ten are tried at most; the others are refused for the full queue or the count."""
        login = demo_place.person("IMSA").login
        statuses = []

        def guess():
            statuses.append(demo_place.password(login, "wrong wrong wrong").status_code)

        threads = [threading.Thread(target=guess) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses.count(400) <= FAILURE_LIMIT + 1
        assert set(statuses) == {400, 429}

    def test_a_full_queue_is_refused_at_once(self, demo_place, monkeypatch, eventually):
        """429 with Retry-After while eight are checked or wait; nobody holds a thread, and the next one is let in."""
        person = demo_place.person("IMSA")
        passwords = demo_place.context.built["passwords"]
        let_go, fits = threading.Event(), passwords.fits
        monkeypatch.setattr(passwords, "fits", lambda *asked: let_go.wait(30) and fits(*asked))
        with ThreadPoolExecutor(AT_A_TIME + WAITING) as pool:
            waiting = [pool.submit(demo_place.password, person.login) for _ in range(AT_A_TIME + WAITING)]
            eventually(lambda: passwords._places._value == 0, within_s=30)
            refused = demo_place.password(person.login)
            let_go.set()
            assert {w.result().status_code for w in waiting} <= {200, 429}
        assert (refused.status_code, refused.json["error"]) == (429, "temporarily_unavailable")
        assert refused.headers["Retry-After"] == "5"
        assert demo_place.password(person.login).status_code == 200

    def test_sign_ins_of_nobody_are_counted_and_not_listed(self, make_place):
        """A flood of invented names is one line a minute with its number; a known login's failures are listed."""
        place = make_place()
        known = place.person("IMSA")
        for n in range(7):
            place.password(f"invented-{n}@host.example", "wrong wrong wrong")
        place.grant(grant_type="client_credentials", client_id="as_unknown", client_secret="x")
        place.password(known.login, "wrong wrong wrong")
        refused = [e for e in place.audited(action="identity:session:open") if e["outcome"] == "REFUSED"]
        assert [(e["object_id"], e["count"]) for e in refused] == [(known.id, None)]
        (job,) = (j for j in service_of("identity").jobs(place.context) if j.name == "unknown-sign-ins")
        for _ in range(2):
            job.run()
        counted = place.audited(object_id="unknown")
        assert [(e["actor_id"], e["outcome"], e["count"]) for e in counted] == [("nobody", "REFUSED", 8)]

    def test_sign_ins_are_audited_without_a_name(self, place):
        """Who signed in stands there by id; a refused one has nobody as its actor."""
        person = place.person("IMSA")
        place.password(person.login, "wrong wrong wrong")
        place.password(person.login)
        entries = place.audited(action="identity:session:open", object_id=person.id)
        assert [(e["actor_id"], e["role"], e["outcome"]) for e in entries] == [
            ("nobody", "NONE", "REFUSED"),
            (person.id, "IMSA", "ALLOWED"),
        ]

    @pytest.mark.parametrize(
        ("form", "error"),
        [
            ({}, "invalid_request"),
            ({"username": "a"}, "invalid_request"),
            ({"grant_type": "implicit"}, "unsupported_grant_type"),
            ({"grant_type": "password", "username": "a", "surprise": "x"}, "invalid_request"),
            ({"grant_type": ["password", "password"]}, "invalid_request"),
            ({"grant_type": "password", "audience": "board"}, "invalid_target"),
        ],
    )
    def test_a_form_that_is_not_right_gets_rfc_6749_s_error(self, place, form, error):
        """Errors of the token endpoint are OAuth's, not problem documents."""
        answer = place.http.post("/v1/token", data=form)
        assert (answer.status_code, answer.json["error"]) == (400, error)
        assert set(answer.json) == {"error", "error_description"}
        assert answer.headers["Cache-Control"] == "no-store"

    def test_json_is_no_form(self, place):
        """Credentials come in a form only."""
        answer = place.http.post("/v1/token", json={"grant_type": "password"})
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")

    def test_the_central_register_gives_tokens_for_board_and_custodian(self, centre):
        """The audience says whose API takes it; the board's verifier accepts no other."""
        person = centre.person("BOARD_MEMBER")
        settings = centre.context.settings
        board = TokenVerifier(settings.token_public_keys, tenant_id=BOARD, issuer=str(CENTRE))
        token = centre.password(person.login, audience="board").json["access_token"]
        assert board.verify(f"Bearer {token}").role == "BOARD_MEMBER"
        assert centre.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
        assert centre.password(person.login, audience="elsewhere").json["error"] == "invalid_target"


class TestMachine:
    @pytest.fixture
    def machine(self, place, admin):
        body = {"scopes": ["imports:write", "events:read"]}
        return place.http.post("/v1/machine-keys", json=body, headers=keyed(admin)).json

    def credentials(self, machine):
        return {
            "grant_type": "client_credentials",
            "client_id": machine["client_id"],
            "client_secret": machine["client_secret"],
        }

    def test_client_credentials_give_a_token_with_the_scopes(self, place, machine):
        """All of the key's scopes, or those that were asked for."""
        every = place.grant(**self.credentials(machine))
        assert (every.status_code, every.json["scope"], every.json["role"]) == (
            200, "events:read imports:write", "INTEGRATOR",
        )  # fmt: skip
        assert place.grant(**self.credentials(machine), scope="events:read").json["scope"] == "events:read"
        assert place.grant(**self.credentials(machine), scope="users:write").json["error"] == "invalid_scope"

    def test_http_basic_works_too(self, place, machine):
        """RFC 6749, 2.3.1."""
        pair = base64.b64encode(f"{machine['client_id']}:{machine['client_secret']}".encode()).decode()
        form = {"grant_type": "client_credentials"}
        answer = place.http.post("/v1/token", data=form, headers={"Authorization": f"Basic {pair}"})
        assert answer.status_code == 200

    def test_unknown_wrong_and_revoked_are_one_answer(self, place, admin, machine):
        """401 invalid_client, whatever was wrong."""
        wrong = place.grant(**{**self.credentials(machine), "client_secret": "as_secret_no"})
        unknown = place.grant(**{**self.credentials(machine), "client_id": "as_0"})
        place.http.post(f"/v1/machine-keys/{machine['id']}/revoke", json={}, headers=keyed(admin))
        revoked = place.grant(**self.credentials(machine))
        assert {(a.status_code, a.data) for a in (wrong, unknown, revoked)} == {(401, wrong.data)}
        assert wrong.json["error"] == "invalid_client"

    def test_the_secret_is_shown_once_and_kept_as_a_hash_only(self, place, admin):
        """A repeat gives the key's id without the secret; the database never holds it."""
        headers, body = keyed(admin), {"scopes": ["imports:write"]}
        first = place.http.post("/v1/machine-keys", json=body, headers=headers)
        again = place.http.post("/v1/machine-keys", json=body, headers=headers)
        assert first.status_code == again.status_code == 201
        assert again.json == {k: v for k, v in first.json.items() if k != "client_secret"}
        stored = "".join(str(list(place.database[c].find())) for c in place.database.list_collection_names())
        assert first.json["client_secret"] not in stored
        assert PASSWORD not in stored

    def test_a_rotated_secret_overlaps_and_its_use_is_seen(self, place, admin, machine):
        """Both get tokens until the overlap ends; the list says which secret, until when, and when it was used."""
        path = f"/v1/machine-keys/{machine['id']}/rotate"
        turned = place.http.post(path, json={"overlap_hours": 1}, headers=keyed(admin)).json
        assert turned["client_secret"] != machine["client_secret"]
        for secret in (machine["client_secret"], turned["client_secret"]):
            assert place.grant(**{**self.credentials(machine), "client_secret": secret}).status_code == 200
        assert place.http.post(path, json={}, headers=keyed(admin)).json["code"] == "overlap-open"
        rows = place.http.get("/v1/machine-keys?limit=200", headers=admin).json["items"]
        (row,) = [row for row in rows if row["id"] == machine["id"]]
        assert turned["client_secret"].startswith(row["secret_prefix"])
        assert len(row["secret_prefix"]) < 20
        assert row["last_used_at"] is not None
        assert row["expires_at"] > row["former_until"]
        place.http.post(path, json={"overlap_hours": 0}, headers=keyed(admin))
        for secret in (machine["client_secret"], turned["client_secret"]):
            assert place.grant(**{**self.credentials(machine), "client_secret": secret}).status_code == 401

    def test_a_key_with_networks_gets_and_uses_tokens_from_there_only(self, place, admin):
        """Another address gets the answer of a wrong secret; a token that was carried elsewhere, that of no token."""
        body = {"scopes": ["events:read"], "networks": ["192.0.2.0/24"]}
        machine = place.http.post("/v1/machine-keys", json=body, headers=keyed(admin)).json
        form = self.credentials(machine)
        inside, outside = {"REMOTE_ADDR": "192.0.2.9"}, {"REMOTE_ADDR": "198.51.100.9"}
        refused = place.http.post("/v1/token", data=form, environ_base=outside)
        assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")
        token = place.http.post("/v1/token", data=form, environ_base=inside).json["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert place.http.get("/v1/me", headers=headers, environ_base=inside).status_code == 200
        assert place.http.get("/v1/me", headers=headers, environ_base=outside).status_code == 401

    @pytest.mark.parametrize(
        "body",
        [
            {"scopes": ["everything:write"]}, {"scopes": []}, {"scopes": ["events:read"], "networks": ["here"]},
            {"scopes": ["events:read"], "networks": ["192.0.2.1/24"]},
            {"scopes": ["events:read"], "expires_at": "2020-01-01T00:00:00Z"},
            {"scopes": ["events:read"], "expires_at": "2199-01-01T00:00:00Z"},
        ],
    )  # fmt: skip
    def test_a_key_that_could_not_be_used_or_never_ended_is_refused(self, place, admin, body):
        """An unknown scope, no network, an end in the past or beyond two years."""
        assert place.http.post("/v1/machine-keys", json=body, headers=keyed(admin)).status_code == 422

    def test_the_scopes_are_listed(self, place, admin):
        """With what each opens."""
        items = place.http.get("/v1/machine-key-scopes", headers=admin).json["items"]
        scopes = {"events:read", "episodes:read", "imports:write", "webhooks:manage"}
        assert {item["scope"] for item in items} == scopes

    def test_a_machine_is_no_administrator(self, place, machine):
        """Its scopes open no route of identity."""
        token = place.grant(**self.credentials(machine)).json["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert place.http.get("/v1/users", headers=headers).status_code == 404
        me = place.http.get("/v1/me", headers=headers).json
        assert (me["id"], me["role"]) == (machine["id"], "INTEGRATOR")
