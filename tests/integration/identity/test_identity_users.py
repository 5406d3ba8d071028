"""Users, memberships and organisations through the API."""

import secrets

import pytest

from services.identity.people.errors import LoginTakenError, SeparatedDutiesError
from services.identity.people.provisioning import create_first_user
from shared.kernel.ids import new_id

PASSWORD = "correct horse battery staple"


def keyed(headers, key=None, **more):
    return {**headers, "Idempotency-Key": key or new_id(), **more}


def a_login():
    return f"{secrets.token_hex(6)}@host.example"


def add(place, headers, **body):
    body = {"login": a_login(), "roles": ["IMSA"], **body}
    return place.http.post("/v1/users", json=body, headers=keyed(headers))


# A constant, for a test's name must be the same in every worker.
NOBODY = "0192f0a1-7c3e-7a55-8b1d-3f5e9c2d7a10"
ROUTES = (
    ("GET", "/v1/users", None), ("POST", "/v1/users", {"login": "a@b.example", "roles": ["IMSA"]}),
    ("GET", f"/v1/users/{NOBODY}", None), ("POST", f"/v1/users/{NOBODY}/suspend", {}),
    ("POST", f"/v1/users/{NOBODY}/resume", {}), ("GET", "/v1/machine-keys", None),
    ("PUT", f"/v1/users/{NOBODY}/memberships", {"memberships": [{"organisation_id": "a", "role": "IMSA"}]}),
    ("POST", "/v1/machine-keys", {"scopes": ["imports:write"]}), ("POST", f"/v1/machine-keys/{NOBODY}/revoke", {}),
    ("GET", "/v1/organisations", None),
    ("POST", "/v1/organisations", {"name": "B", "nation": "WALES", "setting": "HEALTH"}),
)  # fmt: skip


class TestRights:
    @pytest.mark.parametrize(("method", "path", "body"), ROUTES)
    def test_only_an_administrator_sees_them(self, place, method, path, body):
        """Everybody else gets the 404 of an unknown address; nothing is done."""
        person = place.person("SUPERVISOR")
        headers = keyed(place.headers(person.login), **{"If-Match": '"1"'})
        before = place.database["users"].count_documents({})
        assert place.http.open(path, method=method, json=body, headers=headers).status_code == 404
        assert place.database["users"].count_documents({}) == before
        assert [e["outcome"] for e in place.audited(actor_id=person.id)][1:] == ["REFUSED"]


class TestUsers:
    def test_an_added_user_can_sign_in_and_is_listed_with_the_name(self, place, admin):
        """The name is opened here and nowhere else; the password comes by the link."""
        login = a_login()
        answer = add(place, admin, login=login, display_name="Grace Hopper")
        assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/users/{answer.json['id']}")
        assert place.password(login).status_code == 400
        assert place.enrol(answer.json["enrolment_path"]).status_code == 200
        assert place.password(login).status_code == 200
        shown = place.http.get(answer.headers["Location"], headers=admin)
        assert (shown.json["login"], shown.json["display_name"]) == (login, "Grace Hopper")
        assert (shown.headers["ETag"], shown.json["status"]) == ('"2"', "ACTIVE")

    def test_the_database_holds_neither_login_nor_name_nor_password(self, place, admin):
        """All three are sealed or hashed, in every collection, outbox and audit included."""
        login = a_login()
        path = add(place, admin, login=login, display_name="Hedy Lamarr").json["enrolment_path"]
        waiting = b"".join(
            str(document).encode()
            for c in place.database.list_collection_names()
            for document in place.database[c].find()
        )
        assert path.rpartition("/")[2].encode() not in waiting
        place.enrol(path)
        raw = b"".join(
            str(document).encode()
            for c in place.database.list_collection_names()
            for document in place.database[c].find()
        )
        for planted in (login, "Hedy", PASSWORD):
            assert planted.encode() not in raw

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"login": "no address"}, "invalid-login"),
            ({"password": PASSWORD}, "invalid-input"),
            ({"roles": ["KING"]}, "unknown-role"),
            ({"roles": ["BOARD_MEMBER"]}, "unknown-role"),
            ({"organisation_id": new_id()}, "unknown-organisation"),
        ],
    )
    def test_what_cannot_be_a_user_is_refused(self, place, admin, body, code):
        """422 with a code, and the sentence repeats nothing that was sent."""
        answer = add(place, admin, **body)
        assert (answer.status_code, answer.json["code"]) == (422, code)
        assert not any(
            str(value) in answer.text for value in body.values() if isinstance(value, str) and value != "password"
        )

    def test_a_login_belongs_to_one_user_however_it_is_capitalised(self, place, admin):
        """409; the first user stays."""
        login = a_login()
        assert add(place, admin, login=login).status_code == 201
        answer = add(place, admin, login=login.upper())
        assert (answer.status_code, answer.json["code"]) == (409, "login-taken")

    def test_a_suspended_user_may_not_sign_in_until_resumed(self, place, admin):
        """Suspending needs no version: it may be urgent."""
        person = place.person("IMSA")
        answer = place.http.post(f"/v1/users/{person.id}/suspend", json={}, headers=keyed(admin))
        assert (answer.status_code, answer.json["status"]) == (200, "SUSPENDED")
        assert place.password(person.login).status_code == 400
        place.http.post(f"/v1/users/{person.id}/resume", json={}, headers=keyed(admin))
        assert place.password(person.login).status_code == 200

    def test_nobody_suspends_or_demotes_themself(self, place):
        """So that one administrator remains."""
        person = place.person("HOST_ADMIN")
        headers = keyed(place.headers(person.login), **{"If-Match": '"1"'})
        suspended = place.http.post(f"/v1/users/{person.id}/suspend", json={}, headers=headers)
        body = {"memberships": [{"organisation_id": str(place.tenant), "role": "IMSA"}]}
        demoted = place.http.put(f"/v1/users/{person.id}/memberships", json=body, headers=headers)
        assert [a.json["code"] for a in (suspended, demoted)] == ["own-account"] * 2

    def test_a_password_is_changed_by_who_knows_the_present_one(self, place):
        """A wrong present password changes nothing; a repeat gives the first answer."""
        person = place.person("IMSA")
        headers, body = place.headers(person.login), {"old_password": PASSWORD, "new_password": "another long one"}
        wrong = {**body, "old_password": "not this one"}
        assert place.http.post("/v1/me/password", json=wrong, headers=keyed(headers)).json["code"] == "wrong-password"
        sent = keyed(headers)
        first = place.http.post("/v1/me/password", json=body, headers=sent)
        again = place.http.post("/v1/me/password", json=body, headers=sent)
        assert (first.status_code, again.status_code, again.headers["Idempotent-Replayed"]) == (200, 200, "true")
        assert place.password(person.login).status_code == 400
        assert place.password(person.login, "another long one").status_code == 200

    def test_lists_go_page_by_page(self, make_place):
        """Every user once."""
        place = make_place()
        admin = place.headers(place.person("HOST_ADMIN").login)
        made = {place.person("IMSA").id for _ in range(3)}
        seen, path = [], "/v1/users?limit=2"
        while path:
            answer = place.http.get(path, headers=admin)
            seen += [user["id"] for user in answer.json["items"]]
            path = answer.headers.get("Link", "").partition(">")[0][1:]
        assert len(seen) == len(set(seen)) == place.database["users"].count_documents({})
        assert made <= set(seen)


class TestMemberships:
    def put(self, place, headers, user_id, memberships, tag='"1"'):
        sent = {**headers, "If-Match": tag} if tag else headers
        return place.http.put(f"/v1/users/{user_id}/memberships", json={"memberships": memberships}, headers=sent)

    def test_one_person_may_act_for_several_organisations(self, centre):
        """Where the whole register has one operator; the sign-in says for which, and the token carries that one."""
        operator = centre.headers(centre.person("PLATFORM_OPERATOR").login)
        body = {"name": "A partner", "nation": "WALES", "setting": "HEALTH"}
        partner = centre.http.post("/v1/organisations", json=body, headers=keyed(operator)).json["id"]
        person = centre.person("IMSA")
        both = [{"organisation_id": o, "role": "IMSA"} for o in (str(centre.tenant), partner)]
        assert self.put(centre, operator, person.id, both).status_code == 200
        assert centre.password(person.login, role="IMSA").json["error"] == "invalid_request"
        assert centre.password(person.login, organisation=partner).json["organisation_id"] == partner
        listed = centre.http.get("/v1/organisations", headers=operator).json["items"]
        assert [o["own"] for o in listed if o["id"] in (partner, str(centre.tenant))] == [True, False]

    def test_a_change_needs_the_version_that_was_read(self, place, admin):
        """428 without, 412 with an older one."""
        person = place.person("IMSA")
        other = [{"organisation_id": str(place.tenant), "role": "SUPERVISOR"}]
        assert self.put(place, admin, person.id, other, tag=None).status_code == 428
        assert self.put(place, admin, person.id, other, tag='"9"').status_code == 412
        assert self.put(place, admin, person.id, other).headers["ETag"] == '"2"'
        assert place.password(person.login).json["role"] == "SUPERVISOR"

    @pytest.mark.parametrize(
        "pair",
        [
            ("STATISTICIAN", "RELEASE_APPROVER"),
            ("HOST_DATA_LEAD", "BOARD_MEMBER"),
            ("HOST_DATA_LEAD", "STATISTICIAN"),
            ("HOST_DATA_LEAD", "HOST_ADMIN"),
        ],
    )
    def test_duties_that_guard_each_other_are_never_one_person_s(self, centre, pair):
        """Neither when a user is added nor by a later membership, in whatever organisation."""
        with pytest.raises(SeparatedDutiesError, match=pair[0]):
            centre.person(*pair)
        operator = centre.headers(centre.person("PLATFORM_OPERATOR").login)
        person = centre.person(pair[0])
        both = [{"organisation_id": str(centre.tenant), "role": role} for role in pair]
        answer = self.put(centre, operator, person.id, both)
        assert (answer.status_code, answer.json["code"]) == (409, "separated-duties")

    def test_not_even_a_demo_joins_both_signatures_of_a_release(self, demo_place):
        """The second signature is another person's, always."""
        admin = demo_place.headers(demo_place.person("HOST_ADMIN").login)
        answer = add(demo_place, admin, roles=["STATISTICIAN", "RELEASE_APPROVER"])
        assert (answer.status_code, answer.json["code"]) == (409, "separated-duties")

    def test_a_demo_may_join_others_and_says_so(self, demo_place):
        """The answer warns and the user is marked."""
        admin = demo_place.headers(demo_place.person("HOST_ADMIN").login)
        answer = add(demo_place, admin, roles=["STATISTICIAN", "DATA_GUARDIAN"])
        assert (answer.status_code, answer.json["warning"]) == (201, "duties-joined-in-demo")
        assert demo_place.http.get(answer.headers["Location"], headers=admin).json["joined_duties"] is True


class TestCreateFirstUser:
    def test_a_second_run_changes_nothing(self, place):
        """Provisioning may run again."""
        person = place.person("HOST_ADMIN")
        with pytest.raises(LoginTakenError):
            create_first_user(place.context, login=person.login, password=PASSWORD, roles=("IMSA",))
        assert place.password(person.login).json["role"] == "HOST_ADMIN"
        assert len(place.audited(object_id=person.id, actor_id="system")) == 1


class TestIsolation:
    def test_a_token_of_another_tenant_opens_nothing_here(self, place, make_place):
        """Two tenants of one register software share no token."""
        other = make_place()
        headers = other.headers(other.person("HOST_ADMIN").login)
        answers = [place.http.open(p, method=m, headers=headers) for m, p, _ in (*ROUTES, ("GET", "/v1/nowhere", None))]
        assert {(a.status_code, a.data) for a in answers} == {(401, place.http.get("/v1/users").data)}
