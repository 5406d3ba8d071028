"""Who administers whom, and that no role which guards others, and no password, is in one administrator's hands."""

import contextlib
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from services.identity.people.documents import UserStore
from services.identity.people.errors import SeparatedDutiesError
from services.identity.people.provisioning import create_first_user, invite_first_administrators, open_again
from services.identity.people.rules import GUARDED
from shared.kernel.ids import new_id

PASSWORD = "kettle mango lorry"


def keyed(headers, **more):
    return {**headers, "Idempotency-Key": new_id(), **more}


def a_login():
    return f"{secrets.token_hex(6)}@host.example"


def post(place, headers, path, body=None, **more):
    return place.http.post(path, json={} if body is None else body, headers=keyed(headers, **more))


def invite(place, headers, *roles, **body):
    return post(place, headers, "/v1/users", {"login": a_login(), "roles": list(roles), **body})


def shown(place, headers, user_id):
    return place.http.get(f"/v1/users/{user_id}", headers=headers)


def confirm(place, headers, user_id, *, tag=None):
    tag = tag or shown(place, headers, user_id).headers.get("ETag", '"1"')
    return post(place, headers, f"/v1/users/{user_id}/confirm", **{"If-Match": tag})


def put(place, headers, user_id, *roles, organisation=None):
    tag = shown(place, headers, user_id).headers.get("ETag", '"1"')
    body = {"memberships": [{"organisation_id": organisation or str(place.tenant), "role": r} for r in roles]}
    return place.http.put(f"/v1/users/{user_id}/memberships", json=body, headers={**headers, "If-Match": tag})


@pytest.fixture(scope="module")
def second_administrator(place):
    """One who confirms what the first proposes."""
    return place.person("HOST_ADMIN")


@pytest.fixture
def second(place, second_administrator):
    """A second administrator's headers."""
    return place.headers(second_administrator.login)


def partner_admin(place, admin, second):
    """The invited and enrolled first administrator of a new organisation; gives headers and the organisation."""
    body = {"name": "A partner", "nation": "WALES", "setting": "HEALTH"}
    partner = post(place, admin, "/v1/organisations", body).json["id"]
    login = a_login()
    answer = invite(place, admin, "HOST_ADMIN", login=login, organisation_id=partner)
    code = confirm(place, second, answer.json["id"]).json["confirmation_code"]
    assert place.enrol(answer.json["enrolment_path"], PASSWORD, code=code).status_code == 200
    return place.headers(login, password=PASSWORD), partner


class TestLinks:
    def test_a_link_works_once_and_no_administrator_learns_the_password(self, place, admin):
        """The answer holds the link, a repeat of it does not, and a used link is like none."""
        body, headers = {"login": a_login(), "roles": ["IMSA"]}, keyed(admin)
        answer = place.http.post("/v1/users", json=body, headers=headers)
        again = place.http.post("/v1/users", json=body, headers=headers)
        assert answer.json["status"] == "INVITED"
        assert "enrolment_path" not in again.json
        path = answer.json["enrolment_path"]
        assert place.enrol(path, PASSWORD).status_code == 200
        assert place.password(body["login"], PASSWORD).status_code == 200
        refused = [place.enrol(path, "another long one"), place.enrol("/enrol/unknown", PASSWORD)]
        assert {(a.status_code, a.json["code"]) for a in refused} == {(409, "link-refused")}
        assert place.password(body["login"], PASSWORD).status_code == 200

    def test_an_invited_person_cannot_sign_in_with_anything(self, place, admin):
        """Neither with nothing nor with the link's own text."""
        login = a_login()
        path = invite(place, admin, "IMSA", login=login).json["enrolment_path"]
        for guess in ("", path, path.rpartition("/")[2], "None"):
            assert place.password(login, guess).status_code == 400

    def test_a_link_ends_after_seven_days(self, place, admin):
        """Real time decides, also where MongoDB has not deleted it yet."""
        answer = invite(place, admin, "IMSA")
        place.database["enrolments"].update_one(
            {"user_id": answer.json["id"]}, {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}}
        )
        assert place.enrol(answer.json["enrolment_path"]).json["code"] == "link-refused"

    def test_a_new_link_replaces_the_earlier_one_and_leaves_the_password(self, place, admin):
        """A forgotten password; until the new link is used the present password works."""
        login = a_login()
        answer = invite(place, admin, "IMSA", login=login)
        newer = post(place, admin, f"/v1/users/{answer.json['id']}/enrolment-link").json["enrolment_path"]
        assert place.enrol(answer.json["enrolment_path"]).status_code == 409
        assert place.enrol(newer).status_code == 200
        newest = post(place, admin, f"/v1/users/{answer.json['id']}/enrolment-link").json["enrolment_path"]
        assert place.password(login).status_code == 200
        assert place.enrol(newest, PASSWORD).status_code == 200
        assert place.password(login).status_code == 400

    def test_a_suspended_person_s_link_ends(self, place, admin):
        """Suspending is for emergencies: nothing that is out may open the account."""
        answer = invite(place, admin, "IMSA")
        post(place, admin, f"/v1/users/{answer.json['id']}/suspend")
        assert place.enrol(answer.json["enrolment_path"]).json["code"] == "link-refused"
        resumed = post(place, admin, f"/v1/users/{answer.json['id']}/resume")
        assert resumed.json["status"] == "INVITED"

    @pytest.mark.parametrize("password", ["short", "password1234", "Liverpool2026", "123456789012", "host.example!!"])
    def test_a_weak_password_leaves_the_link_open(self, place, admin, password):
        """422; the person tries another."""
        path = invite(place, admin, "IMSA").json["enrolment_path"]
        answer = place.enrol(path, password)
        assert (answer.status_code, answer.json["code"]) == (422, "weak-password")
        assert password not in answer.text
        assert place.enrol(path, PASSWORD).status_code == 200

    def test_no_password_can_be_given_by_an_administrator(self, place, admin):
        """The field is unknown."""
        assert invite(place, admin, "IMSA", password=PASSWORD).status_code == 422

    def test_two_at_once_use_one_link_once(self, place, admin):
        """A race of threads on the real engine: one password is set, the other caller is refused."""
        path = invite(place, admin, "IMSA").json["enrolment_path"]
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda n: place.enrol(path, f"{PASSWORD} {n}").status_code, range(4)))
        assert sorted(answers) == [200, 409, 409, 409]


class TestSecondAdministrator:
    @pytest.mark.parametrize("role", ["HOST_DATA_LEAD", "HOST_ADMIN"])
    def test_a_host_s_guarded_role_needs_two(self, place, admin, second, role):
        """The proposer cannot confirm; the person needs the one's link and the other's code."""
        login = a_login()
        answer = invite(place, admin, role, login=login)
        user_id, path = answer.json["id"], answer.json["enrolment_path"]
        assert answer.json["confirmation"] == "second-administrator"
        assert shown(place, admin, user_id).json["memberships"] == []
        assert place.enrol(path, PASSWORD).json["code"] == "link-not-confirmed"
        own = confirm(place, admin, user_id)
        assert (own.status_code, own.json["code"]) == (409, "second-administrator")
        code = confirm(place, second, user_id).json["confirmation_code"]
        assert place.enrol(path, PASSWORD).json["code"] == "wrong-code"
        assert place.enrol(path, PASSWORD, code=code.lower().replace("-", " ")).status_code == 200
        assert place.password(login, PASSWORD).json["role"] == role

    @pytest.mark.parametrize("role", ["STATISTICIAN", "RELEASE_APPROVER", "DATA_GUARDIAN", "PLATFORM_OPERATOR"])
    def test_so_does_the_centre_s(self, centre, role):
        """Also where the person had another role before."""
        first, other = (centre.headers(centre.person("PLATFORM_OPERATOR").login) for _ in range(2))
        login = a_login()
        answer = invite(centre, first, "BOARD_MEMBER", login=login)
        centre.enrol(answer.json["enrolment_path"])
        changed = put(centre, first, answer.json["id"], role)
        assert (changed.status_code, changed.json["confirmation"]) == (200, "second-administrator")
        assert centre.password(login, role=role).status_code == 400
        assert confirm(centre, first, answer.json["id"]).json["code"] == "second-administrator"
        code = confirm(centre, other, answer.json["id"]).json["confirmation_code"]
        # One administrator's own link opened this account before, so a password that two stand behind is needed.
        assert centre.password(login, role=role).status_code == 400
        assert centre.enrol(changed.json["enrolment_path"], PASSWORD, code=code).status_code == 200
        assert centre.password(login, PASSWORD).json["role"] == role

    def test_every_guarded_role_is_tried_above(self):
        """The list in the code is the issue's list, and the administrators themselves."""
        assert {
            "STATISTICIAN", "RELEASE_APPROVER", "DATA_GUARDIAN", "HOST_DATA_LEAD", "HOST_ADMIN", "PLATFORM_OPERATOR",
        } == GUARDED  # fmt: skip

    def test_a_new_link_to_a_guarded_account_needs_two_too(self, place, admin, second):
        """Else a forgotten password would be the way around."""
        lead = place.person("HOST_DATA_LEAD")
        path = post(place, admin, f"/v1/users/{lead.id}/enrolment-link").json["enrolment_path"]
        assert place.enrol(path, PASSWORD).json["code"] == "link-not-confirmed"
        assert confirm(place, admin, lead.id).json["code"] == "second-administrator"
        code = confirm(place, second, lead.id).json["confirmation_code"]
        assert place.password(lead.login).status_code == 200
        assert place.enrol(path, PASSWORD, code=code).status_code == 200
        assert place.password(lead.login).status_code == 400

    def test_a_link_made_before_does_not_open_what_became_guarded(self, place, admin, second):
        """A plain link kept back, then a guarded role: the link is dead."""
        person = place.person("IMSA")
        kept = post(place, admin, f"/v1/users/{person.id}/enrolment-link").json["enrolment_path"]
        put(place, admin, person.id, "HOST_DATA_LEAD")
        confirm(place, second, person.id)
        assert place.enrol(kept, PASSWORD).json["code"] == "link-refused"

    def test_a_proposal_takes_away_at_once_and_gives_only_when_confirmed(self, place, admin, second):
        """A no wins: what is taken needs nobody's second word."""
        person = place.person("SUPERVISOR", "IMSA")
        put(place, admin, person.id, "IMSA", "HOST_DATA_LEAD")
        row = shown(place, admin, person.id).json
        assert [m["role"] for m in row["memberships"]] == ["IMSA"]
        assert [m["role"] for m in row["proposed"]["memberships"]] == ["IMSA", "HOST_DATA_LEAD"]
        assert confirm(place, second, person.id).status_code == 200
        assert {m["role"] for m in shown(place, admin, person.id).json["memberships"]} == {"IMSA", "HOST_DATA_LEAD"}

    def test_who_confirms_confirms_what_they_saw(self, place, admin, second):
        """The version they read; 412 where it changed meanwhile."""
        answer = invite(place, admin, "HOST_DATA_LEAD")
        tag = shown(place, second, answer.json["id"]).headers["ETag"]
        put(place, admin, answer.json["id"], "HOST_DATA_LEAD", "IMSA")
        assert confirm(place, second, answer.json["id"], tag=tag).status_code == 412

    def test_nobody_confirms_themself(self, place, admin):
        """Not even what another administrator proposed for them."""
        person = place.person("HOST_ADMIN")
        headers = place.headers(person.login)
        put(place, admin, person.id, "HOST_ADMIN", "SUPERVISOR")
        assert confirm(place, headers, person.id, tag='"2"').json["code"] == "own-account"

    def test_nothing_to_confirm_is_said(self, place, admin):
        """409."""
        assert confirm(place, admin, place.person("IMSA").id).json["code"] == "nothing-to-confirm"

    def test_five_wrong_codes_end_the_link(self, place, admin, second):
        """The code has 40 bits; guessing ends long before."""
        answer = invite(place, admin, "HOST_DATA_LEAD")
        code = confirm(place, second, answer.json["id"]).json["confirmation_code"]
        path = answer.json["enrolment_path"]
        codes = [place.enrol(path, PASSWORD, code="AAAA-AAAA").json["code"] for _ in range(5)]
        assert codes == ["wrong-code"] * 5
        assert place.enrol(path, PASSWORD, code=code).json["code"] == "link-refused"

    def test_both_signing_roles_are_never_one_person_s_by_any_way(self, centre):
        """Neither at once, nor one after the other, nor by a proposal that waits beside a role that is held."""
        first, other = (centre.headers(centre.person("PLATFORM_OPERATOR").login) for _ in range(2))
        assert invite(centre, first, "STATISTICIAN", "RELEASE_APPROVER").json["code"] == "separated-duties"
        with pytest.raises(SeparatedDutiesError):
            create_first_user(
                centre.context, login=a_login(), password=PASSWORD, roles=("STATISTICIAN", "RELEASE_APPROVER")
            )
        person = centre.person("STATISTICIAN")
        both = put(centre, first, person.id, "STATISTICIAN", "RELEASE_APPROVER")
        assert (both.status_code, both.json["code"]) == (409, "separated-duties")
        put(centre, first, person.id, "RELEASE_APPROVER")
        assert shown(centre, first, person.id).json["memberships"] == []
        confirm(centre, other, person.id)
        assert [m["role"] for m in shown(centre, first, person.id).json["memberships"]] == ["RELEASE_APPROVER"]


class TestWhoAdministersWhom:
    def test_at_the_centre_only_the_platform_s_operator(self, centre):
        """A host's administrator who is registered there reads and changes nothing."""
        operator = centre.headers(centre.person("PLATFORM_OPERATOR").login)
        host_admin = centre.headers(centre.person("HOST_ADMIN").login)
        person = centre.person("IMSA")
        answers = [
            centre.http.get("/v1/users", headers=host_admin),
            invite(centre, host_admin, "IMSA"),
            post(centre, host_admin, f"/v1/users/{person.id}/suspend"),
            post(centre, host_admin, f"/v1/users/{person.id}/enrolment-link"),
            confirm(centre, host_admin, person.id),
            put(centre, host_admin, person.id, "SUPERVISOR"),
            centre.http.get("/v1/machine-keys", headers=host_admin),
            post(centre, host_admin, "/v1/machine-keys", {"scopes": ["imports:write"]}),
        ]
        assert {a.status_code for a in answers} == {404}
        assert centre.http.get("/v1/users", headers=operator).status_code == 200

    def test_a_host_s_administrator_sees_and_changes_their_own_organisation_alone(self, place, admin, second):
        """A partner's administrator beside the host's own: each has 404 for the other's people, keys and codes."""
        theirs, partner = partner_admin(place, admin, second)
        ours, helper = place.person("IMSA"), invite(place, theirs, "IMSA")
        assert helper.status_code == 201
        key = post(place, admin, "/v1/machine-keys", {"scopes": ["imports:write"]}).json["id"]
        for headers, user_id in ((theirs, ours.id), (admin, helper.json["id"])):
            answers = [
                shown(place, headers, user_id),
                post(place, headers, f"/v1/users/{user_id}/suspend"),
                post(place, headers, f"/v1/users/{user_id}/resume"),
                post(place, headers, f"/v1/users/{user_id}/enrolment-link"),
                put(place, headers, user_id, "SUPERVISOR"),
            ]
            assert {a.status_code for a in answers} == {404}
            listed = place.http.get("/v1/users?limit=200", headers=headers).json["items"]
            assert user_id not in {row["id"] for row in listed}
        assert post(place, theirs, f"/v1/machine-keys/{key}/revoke").status_code == 404
        assert place.http.get("/v1/machine-keys", headers=theirs).json["items"] == []
        assert [o["id"] for o in place.http.get("/v1/organisations", headers=theirs).json["items"]] == [partner]
        own, unknown = ({"organisation_id": o} for o in (str(place.tenant), new_id()))
        for body in (own, unknown):
            assert invite(place, theirs, "IMSA", **body).json["code"] == "unknown-organisation"
        assert invite(place, admin, "IMSA", organisation_id=partner).json["code"] == "unknown-organisation"
        body = {"name": "B", "nation": "WALES", "setting": "HEALTH"}
        assert post(place, theirs, "/v1/organisations", body).status_code == 404

    def test_a_new_organisation_gets_one_first_administrator_from_the_tenant_s_own(self, place, admin, second):
        """Confirmed by a second one like every administrator; the next come from that organisation."""
        _, partner = partner_admin(place, admin, second)
        assert invite(place, admin, "HOST_ADMIN", organisation_id=partner).json["code"] == "unknown-organisation"

    def test_who_no_longer_administers_is_refused_at_once(self, place, admin, second):
        """A token lives for a quarter of an hour; the right is asked of the person's own document."""
        person = place.person("HOST_ADMIN")
        headers = place.headers(person.login)
        assert invite(place, headers, "IMSA").status_code == 201
        post(place, admin, f"/v1/users/{person.id}/suspend")
        assert invite(place, headers, "IMSA").status_code == 404
        assert place.http.get("/v1/users", headers=headers).status_code == 404
        assert post(place, headers, f"/v1/users/{place.person('IMSA').id}/suspend").status_code == 404

    def test_two_administrators_who_suspend_each_other_do_not_both_succeed(self, make_place, monkeypatch):
        """A race of two processes' committers on the real engine, each reading before the other writes: one remains."""
        place = make_place()
        beside = place.beside()
        one, other = place.person("HOST_ADMIN"), place.person("HOST_ADMIN")
        asked = [(place, place.headers(one.login), other.id), (beside, place.headers(other.login), one.id)]
        both_have_read, get = threading.Barrier(2), UserStore.get

        def get_when_both_have_read(store, user_id):
            found = get(store, user_id)
            with contextlib.suppress(threading.BrokenBarrierError):
                both_have_read.wait(timeout=5)
                both_have_read.abort()
            return found

        monkeypatch.setattr(UserStore, "get", get_when_both_have_read)
        with ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(post, p, headers, f"/v1/users/{whom}/suspend") for p, headers, whom in asked]
            assert sorted(w.result().status_code for w in waiting) == [200, 404]
        assert place.database["users"].count_documents({"status": "ACTIVE"}) == 1

    def test_a_person_of_two_organisations_is_suspended_by_either_and_changed_by_neither(self, place, admin, second):
        """From before the rule; to take away needs less than to give."""
        _, partner = partner_admin(place, admin, second)
        person = place.person("IMSA")
        place.database["users"].update_one(
            {"_id": person.id}, {"$push": {"memberships": {"organisation_id": partner, "role": "IMSA"}}}
        )
        assert put(place, admin, person.id, "SUPERVISOR").status_code == 404
        assert post(place, admin, f"/v1/users/{person.id}/enrolment-link").status_code == 404
        assert post(place, admin, f"/v1/users/{person.id}/suspend").status_code == 200
        assert post(place, admin, f"/v1/users/{person.id}/resume").status_code == 404


class TestFirstAdministrators:
    def test_provisioning_invites_two_and_a_second_run_changes_nobody_who_enrolled(self, make_place):
        """One alone could give no role that guards others; an unused link is replaced."""
        place = make_place()
        links = invite_first_administrators(place.context)
        admin, admin2 = (f"{name}@{place.tenant}.example" for name in ("admin", "admin2"))
        assert set(links) == {admin, admin2}
        assert place.enrol(links[admin], PASSWORD).status_code == 200
        again = invite_first_administrators(place.context)
        assert set(again) == {admin2}
        assert place.enrol(links[admin2], PASSWORD).json["code"] == "link-refused"
        assert place.enrol(again[admin2], PASSWORD).status_code == 200
        answer = invite(place, place.headers(admin, password=PASSWORD), "HOST_DATA_LEAD")
        assert confirm(place, place.headers(admin2, password=PASSWORD), answer.json["id"]).status_code == 200

    def test_the_machine_s_operator_opens_an_administrator_s_account_again(self, make_place):
        """Where two administrators are no longer to be had."""
        place = make_place()
        person = place.person("HOST_ADMIN")
        assert place.enrol(open_again(place.context, login=person.login), PASSWORD).status_code == 200
        assert place.password(person.login, PASSWORD).status_code == 200

    def test_a_user_from_before_the_rule_is_read(self, place, admin, second):
        """Old documents have neither proposal nor word of two; a plain one needs a new password to guard anything."""
        person = place.person("IMSA")
        place.database["users"].update_one({"_id": person.id}, {"$unset": {"proposal": "", "vouched": ""}})
        changed = put(place, admin, person.id, "HOST_DATA_LEAD")
        code = confirm(place, second, person.id).json["confirmation_code"]
        assert place.enrol(changed.json["enrolment_path"], PASSWORD, code=code).status_code == 200
