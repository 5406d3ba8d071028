"""The client library and the command line against a real API: as a person, as a machine, and without any stack here."""

import json
import sys
import threading

import pytest
import typer
from waitress.server import create_server

from client import main
from client.alongside_client import (
    Client,
    InvalidInputError,
    MachineKey,
    NotFoundError,
    Password,
    PreconditionRequiredError,
    Renewal,
    RuleViolationError,
    SignInRefusedError,
    StaleVersionError,
)
from services.identity.sessions.documents import SIGN_INS
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from tests.kit.identity_place import PASSWORD


def served(app):
    server = create_server(app, host="127.0.0.1", port=0, threads=2, ident="", asyncore_use_poll=True)
    threading.Thread(target=server.run, daemon=True).start()
    return server, f"http://127.0.0.1:{server.effective_port}"


@pytest.fixture(scope="module")
def address(place):
    """Where a host's identity answers."""
    server, url = served(place.app)
    yield url
    server.close()


@pytest.fixture(scope="module")
def register(centre):
    """Where the central register answers."""
    server, url = served(centre.app)
    yield url
    server.close()


@pytest.fixture
def client(place, address):
    """An administrator's client."""
    login = place.person("HOST_ADMIN").login
    with Client(address, Password(login=login, password=PASSWORD, renewable=True)) as made:
        yield made


class TestLibrary:
    def test_a_list_is_read_page_by_page(self, client):
        """Each item once, however small the pages are."""
        made = {client.post("/v1/machine-keys", {"scopes": ["imports:write"]})["id"] for _ in range(5)}
        found = [key["id"] for key in client.items("/v1/machine-keys", limit=2)]
        assert made <= set(found)
        assert len(found) == len(set(found))

    def test_what_changed_is_read_again(self, client):
        """Everything the first time, and what changed meanwhile the next."""
        first = client.changes("/v1/machine-keys")
        made = client.post("/v1/machine-keys", {"scopes": ["imports:write"]})["id"]
        later = client.changes("/v1/machine-keys", since=first.again_from)
        assert made not in [key["id"] for key in first.items]
        assert made in [key["id"] for key in later.items]

    def test_a_key_given_twice_does_it_once(self, client):
        """As a program does that was started again."""
        body, key = {"scopes": ["imports:write"]}, new_id()
        assert len({client.post("/v1/machine-keys", body, key=key)["id"] for _ in range(2)}) == 1

    def test_a_machine_signs_in_with_its_key(self, client, address):
        """And may what its scopes say; a revoked key gets no token."""
        made = client.post("/v1/machine-keys", {"scopes": ["imports:write"]})
        key = MachineKey(client_id=made["client_id"], client_secret=made["client_secret"])
        with Client(address, key) as machine:
            token = machine.sign_in()
            assert (token.role, token.scopes) == ("INTEGRATOR", ("imports:write",))
            assert machine.get("/v1/me")["scopes"] == ["imports:write"]
            client.post(f"/v1/machine-keys/{made['id']}/revoke")
            with pytest.raises(SignInRefusedError) as raised:
                machine.sign_in()
            assert raised.value.error == "invalid_client"

    def test_a_session_goes_on_without_the_password(self, place, client, address):
        """Until an administrator ends it."""
        first = client.sign_in()
        with Client(address, Renewal(), token=first) as later:
            assert later.sign_in().access_token != first.access_token
            who = later.get("/v1/me")["id"]
            place.database[SIGN_INS].update_one({"_id": who}, {"$set": {"ended_at": real_now()}}, upsert=True)
            with pytest.raises(SignInRefusedError):
                later.sign_in()

    def test_each_problem_is_an_error_of_its_own(self, place, client):
        """With the code that the page of errors has."""
        person = place.person("IMSA")
        with pytest.raises(NotFoundError) as missing:
            client.get(f"/v1/users/{new_id()}")
        with pytest.raises(InvalidInputError) as wrong:
            client.post("/v1/machine-keys", {"scopes": "imports:write"})
        path = f"/v1/users/{person.id}/memberships"
        body = {"memberships": [{"organisation_id": str(place.tenant), "role": "SUPERVISOR"}]}
        with pytest.raises(PreconditionRequiredError):
            client.put(path, body)
        with pytest.raises(StaleVersionError):
            client.put(path, body, version=77)
        key = new_id()
        client.post("/v1/machine-keys", {"scopes": ["imports:write"]}, key=key)
        with pytest.raises((RuleViolationError, InvalidInputError)) as reused:
            client.post("/v1/machine-keys", {"scopes": []}, key=key)
        assert missing.value.code == "not-found"
        assert missing.value.instance
        assert [fault.pointer for fault in wrong.value.faults] == ["#/scopes"]
        assert reused.value.type.endswith(f"/{reused.value.code}")

    def test_a_wrong_password_says_so(self, place, address):
        """In OAuth's words, and without the login in its text."""
        login = place.person("IMSA").login
        wrong = Password(login=login, password="not the password")
        with Client(address, wrong) as client, pytest.raises(SignInRefusedError) as raised:
            client.get("/v1/me")
        assert raised.value.error == "invalid_grant"
        assert login not in str(raised.value)


class TestCommandLine:
    @pytest.fixture
    def run(self, monkeypatch, capsys, tmp_path):
        """Runs a command where no stack is; ``typed`` is what a person answers when asked."""
        monkeypatch.setenv("ALONGSIDE_HOME", str(tmp_path / "no-stack"))
        monkeypatch.setenv("ALONGSIDE_SESSIONS", str(tmp_path / "sessions"))
        monkeypatch.setenv("COLUMNS", "200")

        def run(*words, typed=()):
            left = list(typed)
            asked = []

            def prompt(text, *, hide_input=False, err=False):
                asked.append((text, hide_input, err))
                return left.pop(0)

            monkeypatch.setattr(typer, "prompt", prompt)
            monkeypatch.setattr(sys, "argv", ["alongside", *words])
            with pytest.raises(SystemExit) as ended:
                main.main()
            captured = capsys.readouterr()
            run.asked = asked
            assert not (tmp_path / "no-stack").exists()
            return ended.value.code, captured.out, captured.err

        return run

    @pytest.fixture
    def signed_in(self, run, place, address):
        """Signs a person in; gives who it is."""

        def sign_in(*roles, words=()):
            person = place.person(*roles)
            done = run("--url", address, "sign-in", "-t", str(place.tenant), *words, typed=[person.login, PASSWORD])
            assert done[0] == 0, done
            return person

        return sign_in

    def test_a_person_signs_in_acts_and_signs_out(self, run, signed_in, place, address):
        """At an API elsewhere, as themself, with nothing of a stack on this machine."""
        there = ("--url", address)
        who = ("-t", str(place.tenant))
        person = signed_in("HOST_ADMIN")
        code, said, _ = run(*there, "whoami", *who, "-o", "json")
        assert (code, json.loads(said)["login"], json.loads(said)["role"]) == (0, person.login, "HOST_ADMIN")
        code, said, _ = run(*there, "people", "list", *who, "-o", "json")
        assert code == 0
        assert person.login in [one["login"] for one in json.loads(said)["people"]]
        code, said, _ = run(*there, "people", "invite", f"{new_id()}@host.example", "--role", "IMSA", *who)
        assert code == 0
        assert f"{address}/enrol/" in said
        assert place.audited(action="identity:user:invite", actor=person.id) or place.audited(actor_id=person.id)
        assert run(*there, "sign-out", *who)[0] == 0
        code, said, talk = run(*there, "people", "list", *who)
        assert (code, said) == (1, "")
        assert f"alongside --url … sign-in --tenant {place.tenant}" in talk

    def test_the_password_is_asked_for_hidden_and_on_standard_error(self, run, signed_in, tmp_path):
        """So that it stands on no screen and in no file of output; and it is kept nowhere."""
        person = signed_in("IMSA")
        assert run.asked == [("Login", False, True), (f"Password of {person.login}", True, True)]
        kept = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "sessions").iterdir())
        assert "access_token" in kept
        assert PASSWORD not in kept

    def test_a_right_that_one_has_not_is_refused(self, run, signed_in, place, address):
        """The person's own role decides, not the command."""
        signed_in("IMSA")
        code, said, talk = run("--url", address, "people", "list", "-t", str(place.tenant))
        assert (code, said) == (1, "")
        assert "you may not see it" in talk

    def test_who_has_several_roles_says_which(self, run, signed_in, place, address):
        """The API names them."""
        person = place.person("IMSA", "SUPERVISOR")
        there = ("--url", address, "sign-in", "-t", str(place.tenant), "--login", person.login)
        code, _, talk = run(*there, typed=[PASSWORD])
        assert (code, "IMSA, SUPERVISOR" in talk) == (1, True)
        code, said, _ = run(*there, "--role", "IMSA", "-o", "json", typed=[PASSWORD])
        assert (code, json.loads(said)["role"]) == (0, "IMSA")

    def test_a_session_that_was_ended_elsewhere_is_forgotten(self, run, signed_in, place, address, tmp_path):
        """The next renewal says so, in words that lead on."""
        person = signed_in("HOST_ADMIN")
        (file,) = (tmp_path / "sessions").iterdir()
        kept = json.loads(file.read_text(encoding="utf-8"))
        # Half of the token's time is over: it will be renewed.
        kept["token"]["ends_at"] -= 600
        file.write_text(json.dumps(kept), encoding="utf-8")
        place.database[SIGN_INS].update_one({"_id": person.id}, {"$set": {"ended_at": real_now()}}, upsert=True)
        code, _, talk = run("--url", address, "whoami", "-t", str(place.tenant))
        assert (code, "sign-in" in talk) == (1, True)
        assert list((tmp_path / "sessions").iterdir()) == []

    def test_each_renewal_is_kept(self, run, signed_in, place, address, tmp_path):
        """So a session lasts as long as its person works."""
        signed_in("HOST_ADMIN")
        (file,) = (tmp_path / "sessions").iterdir()
        kept = json.loads(file.read_text(encoding="utf-8"))
        first = kept["token"]["access_token"]
        kept["token"]["ends_at"] -= 600
        file.write_text(json.dumps(kept), encoding="utf-8")
        assert run("--url", address, "whoami", "-t", str(place.tenant))[0] == 0
        after = json.loads(file.read_text(encoding="utf-8"))
        assert after["token"]["access_token"] != first
        assert after["began"] == kept["began"]

    def test_another_organisations_api_keeps_nobody(self, run, place, address, tmp_path):
        """The address was mistyped, or is not what it says; no session is kept."""
        person = place.person("IMSA")
        code, _, talk = run("--url", address, "sign-in", "-t", "alder", typed=[person.login, PASSWORD])
        assert (code, "another organisation" in talk) == (1, True)
        assert not (tmp_path / "sessions").exists()

    def test_a_session_is_for_its_own_tenant(self, run, signed_in, address):
        """A command that means another one finds nobody signed in."""
        signed_in("HOST_ADMIN")
        assert run("--url", address, "people", "list", "-t", "alder")[0] == 1

    def test_people_of_the_centre_sign_in_at_the_register(self, run, centre, register):
        """For the board's API, and the session is renewed there."""
        person = centre.person("BOARD_MEMBER")
        board = ("--url", "http://127.0.0.1:1", "sign-in", "-t", "board")
        assert run(*board, typed=[person.login, PASSWORD])[0] == 2
        code, said, talk = run(*board, "--register", register, "-o", "json", typed=[person.login, PASSWORD])
        assert code == 0, talk
        assert json.loads(said)["role"] == "BOARD_MEMBER"
        assert run("--url", "http://127.0.0.1:1", "whoami", "-t", "board")[0] == 0

    @pytest.mark.parametrize(
        "words",
        [
            ("--url", "http://host.example", "whoami", "-t", "alder"),
            ("--url", "https://host.example", "--demo", "whoami", "-t", "alder"),
            ("--url", "nonsense", "whoami", "-t", "alder"),
        ],
    )
    def test_a_wrong_place_is_wrong_usage(self, run, words):
        """Before anything is asked or sent."""
        assert run(*words)[0] == 2
        assert run.asked == []

    @pytest.mark.parametrize(
        "words", [("status",), ("down",), ("clock", "advance", "1"), ("erase", "status", "-t", "alder")]
    )
    def test_what_is_about_this_machine_refuses_an_address(self, run, words):
        """It is not quietly done here instead."""
        code, _, talk = run("--url", "https://host.example", *words)
        assert (code, "Leave out --url" in talk) == (1, True)
