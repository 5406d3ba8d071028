import socket
import stat

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.engines import mongod as module
from deploy.engines.errors import EngineStartError, PortTakenError, SecretMismatchError
from deploy.engines.layout import Layout
from deploy.engines.mongod import Mongod

pytestmark = pytest.mark.integration


def stranger_on(port):
    stranger = socket.socket()
    stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    stranger.bind(("127.0.0.1", port))
    stranger.listen()
    return stranger


def note(node, text):
    with MongoClient(node.admin_uri()) as admin:
        admin.test.notes.insert_one({"text": text})


def noted(node):
    with MongoClient(node.admin_uri()) as admin:
        return {found["text"] for found in admin.test.notes.find()}


class TestStart:
    def test_gives_a_replica_set_with_transactions(self, mongod):
        """Every command of ours is a transaction, which a lone server refuses."""
        with MongoClient(mongod.admin_uri()) as admin, admin.start_session() as session, session.start_transaction():
            admin.test.start.insert_one({}, session=session)

    def test_twice_is_once(self, mongod):
        """Starting what runs changes nothing."""
        pid = mongod.pid()

        mongod.start()

        assert mongod.pid() == pid

    def test_after_a_power_cut_keeps_what_was_committed(self, mongod):
        """A stale pid record and an unclean data folder are no obstacle."""
        note(mongod, "before the cut")
        pid = mongod.pid()
        mongod.kill()
        assert not mongod.is_running()

        mongod.start()

        assert mongod.pid() != pid
        assert "before the cut" in noted(mongod)

    def test_on_a_taken_port_says_which(self, mongod, own_layout):
        """The engine is not even started; the message names port and mend."""
        mongod.stop()
        with (
            stranger_on(own_layout.mongod_port),
            pytest.raises(PortTakenError, match=f"port {own_layout.mongod_port} .*ALONGSIDE_PORT_BASE"),
        ):
            mongod.start()

    def test_follows_the_home_to_other_ports(self, mongod, own_layout, make_layout):
        """The mend we advise for a taken port keeps the data."""
        note(mongod, "moved")
        mongod.stop()
        elsewhere = make_layout()
        moved = Mongod(Layout(home=own_layout.home, port_base=elsewhere.port_base))
        try:
            moved.start()
            assert "moved" in noted(moved)
        finally:
            moved.stop()

    def test_with_foreign_secrets_says_so(self, mongod, own_layout):
        """Data and secrets that do not belong together are told apart from a slow start."""
        secret = own_layout.secrets_dir / "mongo-admin.password"
        kept = secret.read_text()
        secret.write_text("another")
        try:
            with pytest.raises(SecretMismatchError, match="make reset"):
                mongod.start()
        finally:
            secret.write_text(kept)

    def test_that_fails_names_the_log(self, make_layout, tmp_path, monkeypatch):
        """An engine that ends at once is reported at once, with its last words."""
        dying = tmp_path / "mongod"
        dying.write_text("#!/bin/sh\necho no such luck\n")
        dying.chmod(0o700)
        monkeypatch.setattr(module, "find_mongod", lambda: dying)

        with pytest.raises(EngineStartError, match=r"no such luck.*mongod\.log"):
            Mongod(make_layout()).start()


class TestStop:
    def test_ends_it_and_twice_is_once(self, mongod):
        """Stopping what does not run is no error."""
        mongod.stop()

        assert not mongod.is_running()
        mongod.stop()


class TestAuthentication:
    def test_is_really_on(self, mongod, own_layout):
        """Without a login nothing is read, also from 127.0.0.1."""
        with (
            MongoClient(f"mongodb://127.0.0.1:{own_layout.mongod_port}/?directConnection=true") as nobody,
            pytest.raises(OperationFailure, match="requires authentication"),
        ):
            nobody.test.start.find_one()

    def test_refuses_a_wrong_password(self, mongod):
        """A user's name is not enough."""
        uri = mongod.uri(user=module.ADMIN_USER, password="guess", auth_source="admin")
        with MongoClient(uri) as guesser, pytest.raises(OperationFailure, match="Authentication failed"):
            guesser.admin.command("ping")

    def test_keeps_its_secrets_to_the_owner(self, mongod, own_layout):
        """Password and key are files of mode 0600."""
        for secret in ("mongo-admin.password", "mongo.key"):
            assert stat.S_IMODE((own_layout.secrets_dir / secret).stat().st_mode) == 0o600

    def test_quotes_any_password(self, mongod):
        """A user's own password may hold what a URI reserves."""
        with MongoClient(mongod.admin_uri()) as admin:
            admin.test.command("createUser", "a@b", pwd="p:/?#@%", roles=["read"])
        with MongoClient(mongod.uri(user="a@b", password="p:/?#@%", auth_source="test")) as user:
            user.test.start.find_one()
