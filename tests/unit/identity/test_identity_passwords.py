"""Passwords, logins and sealed names without a database."""

import pytest

from deploy.engines.layout import PROJECT_ROOT
from services.identity.people.enrolment import Enrolment
from services.identity.people.errors import InvalidLoginError
from services.identity.people.names import StaffNames, check_login
from services.identity.sessions.errors import WeakPasswordError
from services.identity.sessions.passwords import Passwords
from shared.kernel.clock import real_now
from shared.kernel.tenancy import TenantId
from shared.keys.fields import CiphertextMovedError
from shared.keys.tenant_key import TenantKeyFile

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def passwords():
    return Passwords(cheap=True)


@pytest.fixture
def names(tmp_path):
    return StaffNames(TenantKeyFile.create(tmp_path / "tenant.key", TenantId("host")), TenantId("host"))


class TestPasswords:
    def test_a_password_fits_its_own_hash_only(self, passwords):
        """Argon2id, a new salt each time."""
        stored = passwords.hash(PASSWORD, login="a@b.example")
        assert stored.startswith("$argon2id$")
        assert stored != passwords.hash(PASSWORD, login="a@b.example")
        assert passwords.fits(PASSWORD, stored)
        assert not passwords.fits(PASSWORD + "x", stored)
        assert not passwords.fits(PASSWORD, None)

    def test_in_service_the_work_is_rfc_9106_s(self):
        """64 MB, three passes."""
        assert "$m=65536,t=3," in Passwords(cheap=False).hash(PASSWORD, login="a@b.example")

    @pytest.mark.parametrize("password", ["", "elevenchars", "x" * 257, "Someone@host.example"])
    def test_a_weak_one_is_refused(self, passwords, password):
        """Too short, too long, or the login."""
        with pytest.raises(WeakPasswordError):
            passwords.hash(password, login="someone@host.example")

    @pytest.mark.parametrize("password", ["\ud800", "x" * 100_000, "\0"])
    def test_any_text_may_be_tried(self, passwords, password):
        """Trying it is a failure, never a fault."""
        assert not passwords.fits(password, passwords.hash(PASSWORD, login="a@b.example"))


class TestStaffNames:
    def test_a_login_is_found_however_it_is_typed(self, names):
        """Case, spaces around it and Unicode's ways of writing do not count."""
        assert names.login_index(" Jos\u00e9@Host.example ") == names.login_index("jose\u0301@host.example")

    def test_another_tenant_s_index_differs(self, names, tmp_path):
        """Two tenants' databases cannot be joined by login."""
        other = StaffNames(TenantKeyFile.create(tmp_path / "other.key", TenantId("other")), TenantId("other"))
        assert names.login_index("a@b.example") != other.login_index("a@b.example")

    def test_a_sealed_name_opens_at_its_place_only(self, names):
        """Moved to another user or field it does not open."""
        sealed = names.seal("Ada", user_id="u-1", field="display_name")
        assert names.open_sealed(sealed, user_id="u-1", field="display_name") == "Ada"
        for place in ({"user_id": "u-2", "field": "display_name"}, {"user_id": "u-1", "field": "login"}):
            with pytest.raises(CiphertextMovedError):
                names.open_sealed(sealed, **place)

    @pytest.mark.parametrize("login", ["", "a", "a@", "@b", "a b@c", "a@b@c", "x" * 250 + "@b.example"])
    def test_what_is_no_address_is_no_login(self, login):
        """And the error does not repeat it."""
        with pytest.raises(InvalidLoginError) as caught:
            check_login(login)
        assert len(login) < 3 or login not in str(caught.value)


class TestEnrolment:
    def test_a_prepared_user_shows_no_secret(self, names, passwords):
        """Neither password nor name stands in what a log or a traceback might print."""
        command = Enrolment(names, passwords, real_now).user(
            login="Ottoline@host.example", display_name="Ottoline Lovelace", password=PASSWORD, memberships=[]
        )
        # Words that no drawn identifier in hexadecimal can spell.
        shown = repr(command).lower()
        assert not any(text in shown for text in ("ottoline", "lovelace", "argon2", PASSWORD))


class TestCommonPasswords:
    @pytest.mark.parametrize(
        "password",
        [
            "password1234", "Password123!", "P@ssw0rd1234", "passwordpassword", "!!!password!!!", "letmeinletmein",
            "Liverpool2026", "iloveyou1234", "123456789012", "987654321098", "qwertyuiop123", "1qaz2wsx3edc",
            "aaaaaaaaaaaa", "abcabcabcabc", "QWERTYqwerty", "monkey123456", "alongside2026", "someone12345!", "11112222333344",
        ],
    )  # fmt: skip
    def test_what_is_tried_first_is_refused(self, passwords, password):
        """Entries of the kept list, their usual changes, counting, walks on the keyboard, and the login's own parts."""
        with pytest.raises(WeakPasswordError):
            passwords.hash(password, login="someone@host.example")

    @pytest.mark.parametrize(
        "password",
        [
            "correct horse battery staple",
            "kettle mango lorry",
            "x9Kq3vTz81Lm",
            "Wir fahren nach Ulm",
            "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643 \u0647\u0646\u0627",
        ],
    )
    def test_words_with_nothing_to_do_with_each_other_are_taken(self, passwords, password):
        """Nobody needs capitals, figures or signs."""
        assert passwords.fits(password, passwords.hash(password, login="someone@host.example"))

    def test_the_list_names_version_source_and_licence(self):
        """A kept list that nobody can renew is none."""
        folder = PROJECT_ROOT / "services/identity/sessions/data"
        head = (folder / "common-passwords.txt").read_text(encoding="utf-8")[:600]
        assert all(word in head for word in ("Version:", "Source:", "Licence: MIT"))
        assert "Permission is hereby granted" in (folder / "common-passwords.LICENCE.txt").read_text(encoding="utf-8")
