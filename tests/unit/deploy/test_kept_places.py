"""What a restore asks of a place, and what it leaves to others there; without engines."""

from types import SimpleNamespace

import pytest

from deploy.keeping.errors import NotEmptyError
from deploy.keeping.inspection import Inspection
from deploy.keeping.writing import Restored, Writing
from deploy.provision.outside import OutsideBroker, OutsideDatabase
from shared.kernel.tenancy import TenantId

TENANT = TenantId("example")


class Place:
    """One whose database is empty."""

    def __init__(self, folder, *, messages=False):
        self._folder, self._messages = folder, messages
        self.unfinished = folder / "restoring.json"

    def admin_uri(self):
        return "mongodb://127.0.0.1:1/?connect=false"

    def has_messages(self, tenant):
        assert tenant == TENANT
        return self._messages

    def key_files(self, tenant):
        return {"tenant.key": self._folder / "volume" / "tenant.key"}


def writing(place):
    made = Writing(place, None, lambda _line: None)
    made._mongo.close()
    made._mongo = SimpleNamespace(list_database_names=list)
    return made


def restored(tmp_path, **files):
    data, keys = Inspection(path=tmp_path / "data"), Inspection(path=tmp_path / "keys")
    keys.files = files
    return Restored(id=TENANT, data=data, keys=keys)


def test_a_place_with_messages_is_not_empty(tmp_path):
    """They would be handled beside what is restored, by whoever starts next."""
    chosen = [restored(tmp_path)]
    writing(Place(tmp_path)).refuse_what_is_here(chosen)
    with pytest.raises(NotEmptyError, match="messages wait"):
        writing(Place(tmp_path, messages=True)).refuse_what_is_here(chosen)


def test_only_the_keys_that_are_the_places_own_are_written(tmp_path, monkeypatch):
    """On a cluster the key that signs tokens is the secret store's; the volume's folder is made for its owner."""
    made = writing(Place(tmp_path))
    monkeypatch.setattr(made, "_insert", lambda *_words: None)
    made._put_keys(restored(tmp_path, **{"tenant.key": b"one", "token.key": b"two"}))
    volume = tmp_path / "volume"
    assert (volume / "tenant.key").read_bytes() == b"one"
    assert volume.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in tmp_path.rglob("token.key*")] == []


def test_an_address_says_its_replica_set_and_its_options(tmp_path):
    """Every process gets the operator's options of TLS with its own user and password."""
    (tmp_path / "password").write_text("p/w\n")
    database = OutsideDatabase(
        address="db.example:27017", password_file=tmp_path / "password", replica_set="far", options="tls=true"
    )
    assert database.uri(user="example.case", password="p", auth_source="as_example_case") == (
        "mongodb://example.case:p@db.example:27017/?replicaSet=far&authSource=as_example_case&tls=true"
    )
    assert database.admin_uri().startswith("mongodb://alongside-admin:p%2Fw@db.example:27017/?replicaSet=far&")
    plain = OutsideDatabase(address="db.example:27017", password_file=tmp_path / "password")
    assert plain.admin_uri().endswith("authSource=admin")


def test_a_broker_may_listen_elsewhere(tmp_path):
    """Both its ports can be said."""
    broker = OutsideBroker(host="b.example", password_file=tmp_path / "p", amqp_port=1, management_port=2)
    assert broker.management_url == "http://b.example:2"
    assert broker.amqp_url(user="u", password="p", vhost="t-x") == "amqp://u:p@b.example:1/t-x"
