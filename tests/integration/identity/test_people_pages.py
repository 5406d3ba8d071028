"""The administrators' pages: invitations, roles, links, confirmations and ends, as a person meets them."""

import re
import secrets
import time

import pytest

from services.identity.administering.forms import LONGEST_NAME
from services.identity.people.rules import CENTRE_ROLES, HOST_ROLES
from services.identity.sessions.ending import EndSessions
from tests.kit.identity_place import PASSWORD
from tests.kit.page_browser import Browser, fields_of, words

SHOWN = re.compile(r'id="shown-once">([^<]*)<')


@pytest.fixture
def place(make_place):
    """A host of its own, so that its list of people is short."""
    return make_place()


@pytest.fixture
def ann(place):
    """One administrator, signed in."""
    return Browser(place, login=place.person("HOST_ADMIN", display_name="Ann Lee").login)


@pytest.fixture
def ben(place):
    """A second one."""
    return Browser(place, login=place.person("HOST_ADMIN", display_name="Ben Roe").login)


def login():
    return f"{secrets.token_hex(6)}@host.example"


def invite(browser, name, *roles, path="/people/invite"):
    typed = login()
    return typed, browser.send(path, path, login=typed, name=name, roles=list(roles))


def page_of(browser, name):
    """The address of somebody's page, as the list links it."""
    return re.search(rf'href="(/people/[0-9a-f-]+)">{name}<', browser.get("/people").text)[1]


def act(browser, page, what, **form):
    return browser.send(page, f"{page}/{what}", **form)


def box(browser, page, role):
    """The value of a role's box on somebody's page."""
    return re.search(rf'name="memberships" type="checkbox" value="([^"]*\|{role})"', browser.get(page).text)[1]


class TestInviting:
    def test_a_link_is_shown_once_and_works(self, place, ann):
        """Whoever is invited chooses a password with it and signs in."""
        typed, answer = invite(ann, "Cat Poe", "IMSA")
        link = SHOWN.search(answer.text)[1]
        assert link.startswith("http://127.0.0.1/enrol/")
        assert place.enrol(link).status_code == 200
        assert place.password(typed).status_code == 200
        page = page_of(ann, "Cat Poe")
        assert link.rpartition("/")[2] not in ann.get(page).text + ann.get("/people").text

    def test_loading_the_answer_again_shows_no_link_and_invites_nobody_again(self, place, ann):
        """A browser sends the same form again; the page says what to do."""
        form = fields_of(ann.get("/people/invite").text, "/people/invite")
        typed = {"login": login(), "name": "Dan Fox", "roles": "IMSA"}
        first, again = (ann.post("/people/invite", **form, **typed) for _ in range(2))
        assert SHOWN.search(first.text)
        assert not SHOWN.search(again.text)
        assert "shown once already" in words(again.text)
        assert ann.get("/people").text.count(">Dan Fox<") == 1

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"login": "no address"}, "form of an e-mail address"),
            ({"roles": []}, "Tick at least one role"),
            ({"roles": ["HOST_DATA_LEAD", "HOST_ADMIN"]}, "cannot be both Data lead and Administrator"),
            ({"organisation": "another"}, "not yours to give"),
            ({"name": "n" * (LONGEST_NAME + 1)}, "Shorten the name"),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
    )
    def test_what_is_wrong_is_said_in_plain_words_and_what_was_typed_stays(self, place, ann, typed, sentence):
        """Nobody is invited, and the form needs not be filled in again."""
        before = place.database["users"].count_documents({})
        good = {"login": login(), "name": "Eve Gray", "roles": ["IMSA"]}
        answer = ann.send("/people/invite", "/people/invite", **{**good, **typed})
        assert answer.status_code in (409, 422)
        assert sentence in words(answer.text)
        assert f'value="{ {**good, **typed}["login"] }"' in answer.text
        assert place.database["users"].count_documents({}) == before

    def test_a_login_that_is_taken_leads_to_the_list(self, place, ann):
        """Whoever it is, the page says where to go on."""
        typed, _ = invite(ann, "Fay Hill", "IMSA")
        answer = ann.send("/people/invite", "/people/invite", login=typed, name="Fay", roles="IMSA")
        assert answer.status_code == 409
        assert "user name already" in words(answer.text)


class TestTwoAdministrators:
    def test_a_guarding_role_needs_link_and_code_of_two(self, place, ann, ben):
        """The first sees the link and cannot confirm, the second sees the code; with both the person may act."""
        typed, answer = invite(ann, "Gus Ives", "HOST_DATA_LEAD")
        link = SHOWN.search(answer.text)[1]
        assert "ask another administrator" in words(answer.text)
        page = page_of(ann, "Gus Ives")
        assert f"{page}/confirm" not in ann.get(page).text
        assert "You can confirm this" in words(ben.get("/people").text)
        code = SHOWN.search(act(ben, page, "confirm").text)[1]
        assert place.enrol(link).status_code == 409
        assert place.enrol(link, code=code).status_code == 200
        assert place.password(typed).json["role"] == "HOST_DATA_LEAD"

    def test_who_asked_cannot_confirm_by_a_form_of_their_own_making(self, ann, ben):
        """The form that a colleague's page has is refused in words."""
        invite(ann, "Hal Judd", "HOST_DATA_LEAD")
        page = page_of(ann, "Hal Judd")
        version = fields_of(ben.get(page).text, f"{page}/confirm")["version"]
        own = fields_of(ann.get(page).text, f"{page}/roles")
        answer = ann.post(f"{page}/confirm", **{**own, "version": version})
        assert answer.status_code == 409
        assert "You asked for this yourself" in words(answer.text)

    def test_what_changed_meanwhile_is_shown_before_anything_is_confirmed(self, place, ann, ben):
        """The second administrator confirms what they looked at, or nothing."""
        invite(ann, "Ida King", "HOST_DATA_LEAD")
        page = page_of(ann, "Ida King")
        old = fields_of(ben.get(page).text, f"{page}/confirm")
        act(ann, page, "roles", memberships=[box(ann, page, "HOST_ADMIN")])
        answer = ben.post(f"{page}/confirm", **old)
        assert answer.status_code == 409
        assert "changed this person while you were looking" in words(answer.text)
        assert place.database["users"].find_one({"_id": page.rpartition("/")[2]})["memberships"] == []


class TestEnding:
    def test_roles_change_at_the_next_sign_in(self, place, ann):
        """What is ticked is what they are."""
        typed, answer = invite(ann, "Joy Long", "IMSA")
        place.enrol(SHOWN.search(answer.text)[1])
        page = page_of(ann, "Joy Long")
        done = act(ann, page, "roles", memberships=[box(ann, page, "SUPERVISOR")])
        assert done.headers["Location"] == f"{page}?done=roles"
        assert place.password(typed).json["role"] == "SUPERVISOR"

    def test_a_forgotten_password_is_replaced_by_its_owner_alone(self, place, ann):
        """The old one works until the link is used."""
        typed, answer = invite(ann, "Kim Moss", "IMSA")
        place.enrol(SHOWN.search(answer.text)[1])
        link = SHOWN.search(act(ann, page_of(ann, "Kim Moss"), "link").text)[1]
        assert place.password(typed).status_code == 200
        assert place.enrol(link, password="another pass phrase").status_code == 200
        assert place.password(typed).status_code == 400

    def test_a_suspended_person_signs_in_no_more_and_may_come_back(self, place, ann):
        """Both are a click."""
        who = place.person("IMSA", display_name="Lee Nash")
        page = page_of(ann, "Lee Nash")
        assert act(ann, page, "suspend").headers["Location"].endswith("done=suspended")
        assert place.password(who.login).status_code == 400
        assert act(ann, page, "resume").headers["Location"].endswith("done=resumed")
        assert place.password(who.login).status_code == 200

    def test_ended_sessions_are_not_renewed_and_later_ones_are(self, place, ann, eventually):
        """So each that was open ends with its token, and signing in again works."""
        who = place.person("IMSA", display_name="Max Orr")

        def session():
            return place.password(who.login, session="browser").json["access_token"]

        def renewed(token):
            return place.grant(grant_type="refresh_token", refresh_token=token).status_code

        token = session()
        assert renewed(token) == 200
        assert act(ann, page_of(ann, "Max Orr"), "end-sessions").headers["Location"].endswith("done=ended")
        assert renewed(token) == 400
        ended = place.database["sign_ins"].find_one({"_id": who.id})["ended_at"].timestamp()
        # A session knows its beginning to the second; one of the same second is ended too.
        eventually(lambda: time.time() >= int(ended) + 1)
        assert renewed(session()) == 200
        assert len(place.audited(action=EndSessions.action, object_id=who.id, outcome="ALLOWED")) == 1

    def test_the_last_sign_in_is_shown(self, place, ann):
        """And of somebody who never did: not yet."""
        who = place.person("IMSA", display_name="Ned Park")
        page = page_of(ann, "Ned Park")
        assert "Last sign-in Not yet" in words(ann.get(page).text)
        place.password(who.login)
        assert "Last sign-in Not yet" not in words(ann.get(page).text)

    @pytest.mark.parametrize("what", ["roles", "link", "suspend", "end-sessions"])
    def test_one_s_own_account_is_another_s_to_change(self, place, ann, what):
        """The page offers none of it, and a form made by hand is refused in words."""
        mine = next(re.finditer(r'href="(/people/[0-9a-f-]+)">Ann Lee</a> \(you\)', ann.get("/people").text))[1]
        assert f'action="{mine}' not in ann.get(mine).text
        form = fields_of(ann.get("/people/invite").text, "/people/invite")
        answer = ann.post(f"{mine}/{what}", **form)
        assert answer.status_code == 409
        assert "This is your own account" in words(answer.text)


class TestRights:
    @pytest.mark.parametrize("role", sorted(set(HOST_ROLES) - {"HOST_ADMIN"}))
    def test_to_others_there_is_no_such_page(self, place, role):
        """Neither to look at nor to send."""
        other = Browser(place, login=place.person(role).login)
        person = place.person("IMSA").id
        for path in ("/people", "/people/invite", f"/people/{person}"):
            assert other.get(path).status_code == 404
        form = fields_of(other.get("/start").text, "/sign-out")
        for path in ("/people/invite", f"/people/{person}/suspend", f"/people/{person}/link"):
            number = "0192a3b4-0000-7000-8000-000000000000"
            assert other.post(path, **form, form_number=number).status_code == 404
        assert place.database["users"].find_one({"_id": person})["status"] == "ACTIVE"

    def test_who_stopped_administering_sees_nothing_with_the_old_session(self, place, ann, ben):
        """A token lives a quarter of an hour longer than the role."""
        act(ann, page_of(ann, "Ben Roe"), "suspend")
        assert ben.get("/people").status_code == 404

    def test_every_look_is_audited(self, place):
        """The list, and each person."""
        who = place.person("HOST_ADMIN", display_name="Ora Quin")
        browser, person = Browser(place, login=who.login), place.person("IMSA").id
        browser.get("/people")
        browser.get(f"/people/{person}")
        assert len(place.audited(action="identity:user:list", actor_id=who.id)) == 1
        assert len(place.audited(action="identity:user:read", actor_id=who.id, object_id=person)) == 1

    def test_an_unknown_person_and_a_cursor_that_nobody_gave_are_refused(self, ann):
        """By a page, in words."""
        assert ann.get("/people/0192a3b4-0000-7000-8000-000000000000").status_code == 404
        assert ann.get("/people?after=nonsense").status_code == 400


class TestTheCentre:
    def test_the_platform_operator_gives_the_centre_s_roles(self, centre):
        """The same pages, other roles."""
        operator = Browser(centre, login=centre.person("PLATFORM_OPERATOR", display_name="Pam Ray").login)
        shown = operator.get("/people/invite").text
        offered = re.findall(r'name="roles" type="checkbox" value="(\w+)"', shown)
        assert offered == list(CENTRE_ROLES)
        _, answer = invite(operator, "Quy Sims", "BOARD_MEMBER")
        assert SHOWN.search(answer.text)

    def test_both_signatures_of_a_release_are_never_one_person_s(self, centre):
        """In words, and nobody is invited."""
        operator = Browser(centre, login=centre.person("PLATFORM_OPERATOR").login)
        _, answer = invite(operator, "Rex Tait", "STATISTICIAN", "RELEASE_APPROVER")
        assert "cannot be both Statistician and Release approver" in words(answer.text)
        assert "Rex Tait" not in operator.get("/people").text


def test_a_long_list_is_shown_in_parts(make_place):
    """Each person stands on one of them."""
    place = make_place()
    place.person("HOST_ADMIN", display_name="Ann Lee")
    for number in range(60):
        place.person("IMSA", display_name=f"Person {number:02d}")
    browser = Browser(place, login=place.person("HOST_ADMIN", display_name="Zed").login)
    first = browser.get("/people").text
    second = browser.get(re.search(r'href="(/people\?after=[^"]*)"', first)[1]).text
    shown = re.findall(r">(Person \d\d)<", first + second)
    assert len(shown) == len(set(shown)) == 60
    assert PASSWORD not in first
