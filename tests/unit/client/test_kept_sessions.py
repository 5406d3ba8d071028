"""What is kept of a sign-in: where, for how long, and for whose eyes."""

import errno
import json
import os
import sys
import time
from types import SimpleNamespace

import pytest

from client import sessions
from client.alongside_client import Token
from client.sessions import LONGEST_S, Session, SessionsOpenError, find, forget, keep

PLACE = "https://host.example"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of sessions, not made yet."""
    monkeypatch.setenv("ALONGSIDE_SESSIONS", str(tmp_path / "kept"))
    return tmp_path / "kept"


def session(place=PLACE, *, left_s=900.0, began=None, word="most-secret"):
    given = Token(access_token=word, ends_at=time.time() + left_s, lifetime_s=900, role="IMSA", scopes=("a",))
    return Session(place=place, tenant="alder", login="a@alder.example", began=began or time.time(), token=given)


def test_what_is_kept_is_found_again(folder):
    """Whole, and each API's own."""
    first, other = session(), session("https://other.example", word="another")
    keep(first)
    keep(other)
    assert (find(PLACE), find("https://other.example")) == (first, other)
    assert find("https://third.example") is None


def test_only_its_owner_reads_it(folder):
    """0700 and 0600, whatever the umask; and no name tells whose API it is."""
    before = os.umask(0)
    try:
        keep(session())
    finally:
        os.umask(before)
    (file,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    assert "example" not in file.name


@pytest.mark.parametrize("which", ["folder", "file"])
@pytest.mark.parametrize("mode", [0o040, 0o004, 0o002])
def test_what_others_may_read_is_not_used(folder, which, mode):
    """It is refused with what mends it, not quietly mended."""
    keep(session())
    place = folder if which == "folder" else next(folder.iterdir())
    place.chmod(place.stat().st_mode | mode)
    with pytest.raises(SessionsOpenError, match="Delete it, and sign in again"):
        find(PLACE)


def test_a_link_is_not_followed(folder, tmp_path):
    """Somebody else's file is not taken for ours."""
    keep(session())
    (file,) = folder.iterdir()
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=str(errno.ELOOP)):
        find(PLACE)


@pytest.mark.parametrize(
    "ended", [session(left_s=-1), session(began=time.time() - LONGEST_S - 1)], ids=["token", "working day"]
)
def test_what_has_ended_is_deleted(folder, ended):
    """A quarter of an hour after the last command, or eight hours after the sign-in."""
    keep(ended)
    assert find(PLACE) is None
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"place": 1}', "[" * 5_000, "\x00"])
def test_what_cannot_be_read_is_nobody(folder, text):
    """Half a file, or another program's."""
    keep(session())
    (file,) = folder.iterdir()
    file.write_text(text, encoding="utf-8")
    assert find(PLACE) is None


@pytest.mark.parametrize(
    ("name", "value"), [("began", "now"), ("place", "https://other.example"), ("token", {}), ("token", None)]
)
def test_what_has_another_form_is_nobody(folder, name, value):
    """Also a session that was moved to another API's name."""
    keep(session())
    (file,) = folder.iterdir()
    file.write_text(json.dumps({**json.loads(file.read_text(encoding="utf-8")), name: value}), encoding="utf-8")
    assert find(PLACE) is None


def test_forgetting_says_whether_there_was_anything(folder):
    """Twice is no error."""
    keep(session())
    assert [forget(PLACE), forget(PLACE), find(PLACE)] == [True, False, None]


class TestKeyring:
    @pytest.fixture
    def ring(self, monkeypatch, tmp_path):
        """A system with a keyring, and none of a folder."""
        held = {}
        ring = SimpleNamespace(
            get_keyring=lambda: SimpleNamespace(priority=5),
            get_password=lambda service, name: held.get((service, name)),
            set_password=lambda service, name, text: held.__setitem__((service, name), text),
            delete_password=lambda service, name: held.pop((service, name)),
            held=held,
        )
        monkeypatch.delenv("ALONGSIDE_SESSIONS", raising=False)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        monkeypatch.setitem(sys.modules, "keyring", ring)
        return ring

    def test_it_is_used_where_there_is_one(self, ring, tmp_path):
        """And no file is written."""
        kept = session()
        keep(kept)
        assert find(PLACE) == kept
        assert list(tmp_path.rglob("*")) == []
        assert [forget(PLACE), forget(PLACE), find(PLACE)] == [True, False, None]

    def test_without_a_usable_one_the_file_is_used(self, ring, tmp_path):
        """A server has the package at most, and nobody to unlock it."""
        ring.get_keyring = lambda: SimpleNamespace(priority=0)
        keep(session())
        assert ring.held == {}
        assert find(PLACE) is not None
        assert sessions._folder() == tmp_path / "alongside" / "sessions"
